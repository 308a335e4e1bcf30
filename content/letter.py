"""Render an edition once, into a letter with slots for each reader. Pure but for the templates.

Jinja2 (autoescape) makes MJML, mrml makes HTML of it. What a reader alone may see (a name, the
way out) is a slot: a mark while rendering, a gap between two constant parts afterwards.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from content.edition import Edition
from content.errors import TemplateBroken

if TYPE_CHECKING:
    import jinja2

# Text at even places, the name of a slot at odd ones; so the number of places is odd.
Slotted = tuple[str, ...]
SLOTS = ("first_name", "exit", "preferences")

_LINKS = {"exit": "unsubscribe", "confirm": "confirmation"}
# Marks hold a number that is new in each process, so nothing in a feed can contain one; and none
# stays in a letter. It has no letters, so a filter that changes their case leaves it to be found.
_SEED = f"{secrets.randbits(64):020}"
_SLOT = re.compile(rf"slot{_SEED}Z([a-z_]+)Z")
# The compiler writes every tag anew: one blank before an attribute, and double quotes.
_LINK = re.compile(r'<a(?: [^\s="]+="[^"]*")*? href="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """An edition rendered once: HTML and text of the same words, with the same slots."""

    subject: str
    html: Slotted
    text: Slotted


@dataclass(frozen=True, slots=True)
class Letters:
    """Every letter of an edition by its variant, and the public copy, which no reader is in."""

    by_variant: Mapping[str, Letter]
    public: str


def render_letters(
    edition: Edition, templates: "jinja2.Environment", *, about: Mapping[str, Any]
) -> Letters:
    """Make the letters of an edition; `about` holds what templates say of the newsletter.

    Raises:
        TemplateBroken: a template, or the MJML it makes, is not right. The text names where.
    """
    by_variant = {
        name: render_letter(variant, templates, about=about)
        for name, variant in edition.variants().items()
    }
    return Letters(by_variant, _render_public(edition, templates, about))


def render_letter(
    edition: Edition, templates: "jinja2.Environment", *, about: Mapping[str, Any]
) -> Letter:
    """Make the letter of an edition with its usual program.

    Raises:
        TemplateBroken: as above.
    """
    values = {"edition": edition, "public": False, **about}
    return render_parts(
        edition.kind,
        values,
        templates,
        subject=edition.title,
        slots=SLOTS,
        link=("exit_url", "exit"),
    )


def _render_public(
    edition: Edition, templates: "jinja2.Environment", about: Mapping[str, Any]
) -> str:
    """The copy for everybody: every slot is filled alike, and no link leads to a reader's page."""
    site = about["newsletter"]["site"]
    nobody = {"exit_url": site, "preferences_url": site, "public": True}
    values = {"edition": edition, **about, **nobody}
    made = render_parts(edition.kind, values, templates, subject=edition.title, slots=SLOTS)
    empty = dict.fromkeys(SLOTS, "")
    return fill(made.html, empty | {"first_name": escape(about["name_if_unknown"])})


def render_parts(
    kind: str,
    values: Mapping[str, Any],
    templates: "jinja2.Environment",
    *,
    subject: str,
    slots: Sequence[str],
    link: tuple[str, str] | None = None,
) -> Letter:
    """Render `emails/KIND.mjml` and its twin `.txt`; a template may use these `slots` only.

    `link` is what both parts must show: the name of an address in `values`, and the slot that
    completes it.

    Raises:
        TemplateBroken: a template, or the MJML it makes, is not right. The text names where.
    """
    marks = {name: f"slot{_SEED}Z{name}Z" for name in slots}
    mjml, plain = f"emails/{kind}.mjml", f"emails/{kind}.txt"
    # Slow to import, and who reads letters that are made needs none of it.
    from content.mjml.compiler import compile_mjml
    from content.templates import fill_template, tidy

    html = compile_mjml(fill_template(templates, mjml, {**values, "slot": marks}))
    text = tidy(fill_template(templates, plain, {**values, "slot": marks}))
    if link:
        address = f"{values[link[0]]}{marks[link[1]]}"
        _require_link(mjml, _links(html), address, link)
        _require_link(plain, [text], address, link)
    return Letter(subject, _split(mjml, html), _split(plain, text))


def fill(slotted: Slotted, values: Mapping[str, str]) -> str:
    """Put one reader's values into the slots; they must be escaped already where that matters."""
    return "".join(values[part] if place % 2 else part for place, part in enumerate(slotted))


def _require_link(template: str, shown: Iterable[str], address: str, link: tuple[str, str]) -> None:
    """A person can see the link, and it leads somewhere: every letter to a reader has a way out."""
    if not any(address in text for text in shown):
        kind = _LINKS[link[1]]
        raise TemplateBroken(
            f"{template}: it has no {kind} link ({{{{ {link[0]} }}}}{{{{ slot.{link[1]} }}}})"
        )


def _links(html: str) -> Iterator[str]:
    """The addresses with a slot that can be clicked; what stands in a comment cannot."""
    for slot in _SLOT.finditer(html):
        start = html.rfind("<", 0, slot.start())
        link = _LINK.match(html, start)
        if link and html.rfind("<!--", 0, start) <= html.rfind("-->", 0, start):
            yield unescape(link[1])


def _split(template: str, rendered: str) -> Slotted:
    parts = tuple(_SLOT.split(rendered))
    if any(_SEED in part for part in parts[::2]):
        raise TemplateBroken(f"{template}: a slot went through a filter; slots are filled later")
    return parts
