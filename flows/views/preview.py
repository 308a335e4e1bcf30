"""The preview of an edition: a page with its letters as readers see them, findings and reasons."""

import html
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import content.ledger
import content.store
from content.letter import Letter, fill
from content.letter_store import load_letters
from content.note import Kind
from flows.editions.preflight import look_over
from flows.mailings.notes import kind_of, render_sample, words_of
from flows.resources import Resources

SAMPLE_READER = {"first_name": "Ada"} | dict.fromkeys(("exit", "preferences", "confirm"), "preview")
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")


@dataclass(frozen=True, slots=True)
class PreviewFiles:
    """Where a preview was written: the page, and of the usual variant the letter and its text."""

    page: Path
    html: Path
    text: Path


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """One variant on the preview's page; `light` and `dark` are names of files beside it."""

    program: str
    light: str
    dark: str
    text: str


def write_preview(resources: Resources, key: str) -> PreviewFiles:
    """Write the page of a prepared edition, with a sample reader's values in the slots.

    The key may also be `confirm`, `welcome` or `notice`: those letters belong to no edition.

    Raises:
        NoSuchEdition: nothing was prepared under this key.
    """
    letters, values = _load(resources, key)
    folder = resources.home / "preview" / key
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shown = [_write(folder, n, program, made) for n, (program, made) in enumerate(letters.items())]
    values |= {
        "letters": shown,
        "subject": next(iter(letters.values())).subject,
        "reader": SAMPLE_READER["first_name"],
        "from_address": resources.settings.sender.address,
    }
    page = folder / "index.html"
    page.write_text(resources.render_page("preview.html", values), encoding="utf-8")
    return PreviewFiles(page, folder / shown[0].light, folder / "letter.txt")


def _load(resources: Resources, key: str) -> tuple[Mapping[str, Letter], dict[str, Any]]:
    if kind := kind_of(key):
        return {"": render_sample(resources, kind)}, _about_note(resources, kind)
    return load_letters(resources.db, key), _about_edition(resources, key)


def _write(folder: Path, number: int, program: str, letter: Letter) -> ShownLetter:
    name = f"letter-{number}" if number else "letter"
    made = fill(letter.html, {slot: html.escape(v) for slot, v in SAMPLE_READER.items()})
    text = fill(letter.text, SAMPLE_READER)
    # What a reader's machine decides is decided here, so that both can be seen on one machine.
    (folder / f"{name}.html").write_text(_DARK.sub("not all", made), encoding="utf-8")
    (folder / f"{name}-dark.html").write_text(_DARK.sub("all", made), encoding="utf-8")
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return ShownLetter(program, f"{name}.html", f"{name}-dark.html", text)


def _about_edition(resources: Resources, key: str) -> dict[str, Any]:
    edition = content.store.get_edition(resources.db, key)
    return {
        "edition": edition,
        "from_name": edition.sender_name or resources.settings.sender.name,
        "findings": look_over(resources, key),
        "posts": content.ledger.posts_in(resources.db, key),
        "left_out": content.store.left_out_of(resources.db, key),
    }


def _about_note(resources: Resources, kind: Kind) -> dict[str, Any]:
    note = words_of(resources, kind)
    return {
        "edition": {"key": kind, "state": "a sample", "preheader": note.preheader},
        "from_name": resources.settings.sender.name,
    }
