"""Begin a newsletter, and write previews of its letters."""

import html
import secrets
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from content.letter import fill
from content.letter_store import load_letters
from flows.errors import SettingsWrong
from flows.resources import OUR_TEMPLATES, Resources
from flows.settings_file import FILE

SAMPLE_READER = "Ada"


@dataclass(frozen=True, slots=True)
class PreviewFiles:
    """Where a preview was written."""

    html: Path
    text: Path


def begin_newsletter(folder: Path, out: Console) -> None:
    """Write a commented lettermill.toml into a folder; never over one that is there.

    Raises:
        SettingsWrong: there is one already, or the folder cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write((OUR_TEMPLATES / "lettermill.toml").read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise SettingsWrong(f"{path}: is there already, and stays as it is") from error
    except OSError as error:
        raise SettingsWrong(f"{path}: cannot be written ({error.strerror})") from error
    out.print(f"Wrote [bold]{escape(str(path))}[/]. Next:\n", soft_wrap=True)
    out.print("  1. Edit it: your name, feed, address.")
    out.print("  2. Keep this key, which signs unsubscribe links, where you keep passwords:")
    out.print(f"     export LETTERMILL_SECRET_KEYS={secrets.token_urlsafe(32)}", soft_wrap=True)
    out.print("  3. lettermill subscribers import readers.csv")
    out.print("  4. lettermill plan")


def write_preview(resources: Resources, key: str) -> PreviewFiles:
    """Write a prepared edition's letter with a sample reader's values in its slots.

    Raises:
        NoSuchEdition: nothing was prepared under this key.
    """
    letter = next(iter(load_letters(resources.db, key).values()))
    values = {"first_name": SAMPLE_READER, "exit": "preview", "preferences": "preview"}
    folder = resources.home / "preview"
    folder.mkdir(exist_ok=True)
    files = PreviewFiles(folder / f"{key}.html", folder / f"{key}.txt")
    escaped = {name: html.escape(value) for name, value in values.items()}
    files.html.write_text(fill(letter.html, escaped), encoding="utf-8")
    files.text.write_text(fill(letter.text, values), encoding="utf-8")
    return files
