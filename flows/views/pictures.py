"""Pictures of a preview's letters, taken by a Chromium on this machine."""

import re
import subprocess
import tempfile
from html import escape
from pathlib import Path

from flows.errors import SettingsWrong
from flows.machine import find_browser
from flows.resources import Resources

WIDTHS = (320, 600, 1200)  # pixels: a phone, a mail program's pane, a wide window
_SECONDS = 60
_OPTIONS = ("--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
_AROUND = """<!doctype html><meta charset="utf-8">
<iframe style="width:{width}px;height:0;border:0" srcdoc="{html}" onload="
  document.title = 'height ' + this.contentDocument.documentElement.scrollHeight"></iframe>"""


def take_pictures(resources: Resources, folder: Path) -> list[Path]:
    """Picture a preview's usual letter, light and dark, at each width, as `letter-600.png`, whole.

    Raises:
        SettingsWrong: no Chromium is on this machine, or it fails.
    """
    browser = find_browser()
    if not browser:
        raise SettingsWrong("--png needs Chromium; on Debian and Ubuntu: apt-get install chromium")
    pictures = []
    for letter in (folder / "letter.html", folder / "letter-dark.html"):
        for width in WIDTHS:
            picture = letter.with_name(f"{letter.stem}-{width}.png")
            _take(browser, letter, picture, width)
            pictures.append(picture)
    return pictures


def _take(browser: list[str], letter: Path, picture: Path, width: int) -> None:
    height = _height(browser, letter, width)
    size = f"--window-size={width},{height}"
    _run(browser, size, f"--screenshot={picture}", letter.as_uri())


def _height(browser: list[str], letter: Path, width: int) -> int:
    """How high a letter is at a width. A page around it tells: no window is that narrow."""
    with tempfile.TemporaryDirectory() as folder:
        around = Path(folder) / "around.html"
        html = escape(letter.read_text(encoding="utf-8"))
        around.write_text(_AROUND.format(width=width, html=html), encoding="utf-8")
        page = _run(browser, "--dump-dom", around.as_uri())
    found = re.search(r"<title>height (\d+)</title>", page)
    return int(found[1]) if found else 2000


def _run(browser: list[str], *arguments: str) -> str:
    command = [*browser, *_OPTIONS, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsWrong(
            f"Chromium took no picture ({type(error).__name__}); try again, or without --png"
        ) from error
    return done.stdout
