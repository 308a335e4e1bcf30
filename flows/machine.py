"""What there is on this machine beside Python: a browser, a filter of spam."""

import os
import shutil
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> list[str]:
    """The command that starts a Chromium of this machine, or nothing."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    # Root has no sandbox to give; what it opens here are our own letters, without scripts.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [found, *sandbox] if found else []


def find_spam_engine() -> Path | None:
    """SpamAssassin, if it is on this machine."""
    found = shutil.which("spamassassin")
    return Path(found) if found else None
