"""Render an edition once, into a letter with slots for each reader. Pure but for the templates.

Jinja2 (autoescape) makes MJML, mrml makes HTML of it. What a reader alone may see (a name, the
way out) is a slot: a mark while rendering, a gap between two constant parts afterwards.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
import lxml.html

from content.edition import Edition
from content.errors import TemplateBroken
from content.mjml.compiler import compile_mjml
from content.templates import fill_template, tidy

# Text at even places, the name of a slot at odd ones; so the number of places is odd.
Slotted = tuple[str, ...]
SLOTS = ("first_name", "exit")


@dataclass(frozen=True, slots=True)
class Letter:
    """An edition rendered once: HTML and text of the same words, with the same slots."""

    subject: str
    html: Slotted
    text: Slotted


def render_letter(
    edition: Edition, templates: jinja2.Environment, *, about: Mapping[str, Any]
) -> Letter:
    """Make the letter of an edition; `about` holds what templates say of the newsletter.

    Raises:
        TemplateBroken: the template, or the MJML it makes, is not right. The text names where.
    """
    seed = hashlib.sha256(repr((edition, sorted(about.items()))).encode()).hexdigest()[:12]
    # The mark holds a hash of all that goes into the letter, so nothing in it can contain one.
    marks = {name: f"slot{seed}Z{name}Z" for name in SLOTS}
    values = {"edition": edition, "slot": marks, **about}
    html = compile_mjml(fill_template(templates, "emails/digest.mjml", values))
    text = tidy(fill_template(templates, "emails/digest.txt", values))
    way_out = f"{about['exit_url']}{marks['exit']}"
    _require_exit("emails/digest.mjml", lxml.html.fromstring(html).xpath("//a/@href"), way_out)
    _require_exit("emails/digest.txt", [text], way_out)
    return Letter(
        subject=edition.title,
        html=_split("emails/digest.mjml", html, seed),
        text=_split("emails/digest.txt", text, seed),
    )


def fill(slotted: Slotted, values: Mapping[str, str]) -> str:
    """Put one reader's values into the slots; they must be escaped already where that matters."""
    return "".join(values[part] if place % 2 else part for place, part in enumerate(slotted))


def _require_exit(template: str, shown: Iterable[str], way_out: str) -> None:
    """Every letter has a link that a person can see and that leads out."""
    if not any(way_out in text for text in shown):
        raise TemplateBroken(
            f"{template}: it has no unsubscribe link ({{{{ exit_url }}}}{{{{ slot.exit }}}})"
        )


def _split(template: str, rendered: str, seed: str) -> Slotted:
    parts = tuple(re.split(rf"slot{seed}Z([a-z_]+)Z", rendered))
    if any(f"slot{seed}" in part.lower() for part in parts[::2]):
        raise TemplateBroken(f"{template}: a slot went through a filter; slots are filled later")
    return parts
