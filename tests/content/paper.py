"""What a letter is printed on: our templates, and what they may say of a newsletter."""

from pathlib import Path
from typing import Any

from flows.resources import OUR_TEMPLATES as OURS
from flows.settings.tables import Theme

__all__ = ["ABOUT", "OURS", "READER", "own_templates"]

READER = {"first_name": "Ada", "exit": "the-token", "preferences": "the-token"}

ABOUT: dict[str, Any] = {
    "newsletter": {
        "name": "Tide & Tendon",
        "language": "en",
        "direction": "ltr",
        "site": "https://tide.example/",
        "site_name": "tide.example",
        "intro": "Two short reads this month, for knees and for nights.",
        "promise": "We don't send spam, and you can unsubscribe at any time.",
        "kicker": "November 2026",
    },
    "sender": {"name": "The clinic by the harbour", "postal_address": "1 Quay, 20457 Hamburg"},
    "theme": Theme().model_dump(),
    "name_if_unknown": "there",
    "exit_url": "https://news.tide.example/unsubscribe/",
    "preferences_url": "https://news.tide.example/preferences/",
    "subscribe_path": "https://news.tide.example/subscribe",
    "find_path": "https://news.tide.example/find-my-link",
    "browser_url": "https://news.tide.example/archive/digest-2026-11",
    "public": False,
}


def own_templates(folder: Path, **files: str | bytes) -> Path:
    """An author's templates: `digest_mjml="..."` becomes emails/digest.mjml."""
    for name, text in files.items():
        *folders, stem, kind = name.split("_")
        path = folder.joinpath("emails", *folders, f"{stem}.{kind}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder
