"""Letters of no edition: confirm a sign-up, welcome a reader, tell the author. Pure but for the
templates, which are rendered as an edition's are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import jinja2

from content.letter import SLOTS, Letter, render_parts

Kind = Literal["confirm", "welcome", "links", "notice"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# What a note may say to its reader alone, and the link it must show. A confirmation goes to
# somebody who is on no list yet, a notice to the author: neither has a way out.
_SLOTS: Mapping[Kind, tuple[str, ...]] = {
    "confirm": ("confirm",),
    "welcome": SLOTS,
    "links": SLOTS,
    "notice": (),
}
_LINKS: Mapping[Kind, tuple[str, str]] = {
    "confirm": ("confirm_url", "confirm"),
    "welcome": ("exit_url", "exit"),
    "links": ("exit_url", "exit"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a notice: what it says, and the address it leads to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a letter of no edition says; `paragraphs` and `actions` are a notice's."""

    title: str
    preheader: str
    paragraphs: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


def render_note(
    kind: Kind, note: Note, templates: jinja2.Environment, *, about: Mapping[str, Any]
) -> Letter:
    """Make the letter of a note; `about` holds what templates say of the newsletter.

    A confirmation also needs `confirm_url` in it, the address up to the reader's token; a welcome
    may have `edition_url` and `edition_title`, of the last edition; `already` in that of somebody's
    links says that they signed up once more.

    Raises:
        TemplateBroken: the template, or the MJML it makes, is not right. The text names where.
    """
    values = {"edition_url": "", "edition_title": "", "already": False, **about, "note": note}
    return render_parts(
        kind,
        values,
        templates,
        subject=note.title,
        slots=_SLOTS[kind],
        link=_LINKS.get(kind),
    )
