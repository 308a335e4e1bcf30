"""Letters of no edition: confirm a sign-up, welcome a reader, tell the author. Pure but for the
templates, which are rendered as an edition's are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import jinja2

from content.letter import SLOTS, Letter, render_parts

Kind = Literal["confirm", "welcome", "links", "notice", "draft"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# What a note may say to its reader alone, and the link it must show. A confirmation goes to
# somebody who is on no list yet, a notice or a draft to the author: they have no way out.
_SLOTS: Mapping[Kind, tuple[str, ...]] = {
    "confirm": ("confirm",),
    "welcome": SLOTS,
    "links": SLOTS,
    "notice": (),
    "draft": (),
}
_LINKS: Mapping[Kind, tuple[str, str]] = {
    "confirm": ("confirm_url", "confirm"),
    "welcome": ("exit_url", "exit"),
    "links": ("exit_url", "exit"),
}

# Our own letters, which the compiler writes; nothing of a stranger's has such tags in it.
_STYLE = re.compile("<style.*?</style>", re.DOTALL)
_OF_A_WHOLE = {
    ' role="article"': "",
    ' aria-roledescription="email"': "",
    "<h1": "<h2",
    "</h1>": "</h2>",
}
_BODY = re.compile("<body[^>]*>(.*)</body>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a notice: what it says, and the address it leads to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a letter of no edition says; `paragraphs` and `actions` are a notice's and a draft's.

    `posts` are a draft's, each with what leads to leaving it out.
    """

    title: str
    preheader: str
    paragraphs: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    posts: tuple[Action, ...] = ()


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


def enclose(note: Letter, subject: str, html: str, text: str) -> Letter:
    """A note with a whole letter below it, as its readers get it; `subject` is the letter's.

    Both are made by the same frame; the styles that the note has not are added to its own.
    """
    note_html, note_text = "".join(note.html), "".join(note.text)
    styles = [style for style in _STYLE.findall(html) if style not in note_html]
    inside = _BODY.search(html)
    below = _as_a_part(inside[1] if inside else html)
    whole = note_html.replace("</head>", "".join(styles) + "</head>", 1)
    whole = whole.replace("</body>", below + "</body>", 1)
    rule = "=" * 60
    return Letter(note.subject, (whole,), (f"{note_text}\n{rule}\n{subject}\n{rule}\n\n{text}",))


def _as_a_part(html: str) -> str:
    """A letter inside another: it is no article of its own, and its title is no title."""
    for old, new in _OF_A_WHOLE.items():
        html = html.replace(old, new)
    return html
