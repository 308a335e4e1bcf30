"""Render an edition once, into a letter with slots for each reader. Pure but for the templates.

Jinja2 (autoescape) makes MJML, mrml makes HTML of it. What a reader alone may see (a name, the
way out) is a slot: a mark while rendering, a gap between two constant parts afterwards.
"""

import hashlib
import re
import textwrap
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape, unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jinja2
import lxml.html
from mjml import mjml2html

from content.edition import Edition
from content.errors import TemplateBroken
from content.markup.fitting import fit

# Text at even places, the name of a slot at odd ones; so the number of places is odd.
Slotted = tuple[str, ...]
SLOTS = ("first_name", "exit", "preferences")

_LINKS = {"exit": "unsubscribe", "confirm": "confirmation"}

# mrml lets any other tag pass, and the mail comes out with a hole (mrml#50).
_TAGS = frozenset(
    """mjml mj-head mj-body mj-attributes mj-all mj-class mj-breakpoint mj-font mj-html-attributes
    mj-preview mj-style mj-title mj-accordion mj-accordion-element mj-accordion-text
    mj-accordion-title mj-button mj-carousel mj-carousel-image mj-column mj-divider mj-group mj-hero
    mj-image mj-navbar mj-navbar-link mj-raw mj-section mj-social mj-social-element mj-spacer
    mj-table mj-text mj-wrapper""".split()
)


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


def open_templates(*folders: Path) -> jinja2.Environment:
    """Find templates in these folders; an earlier folder goes before a later one."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=jinja2.select_autoescape(enabled_extensions=("mjml", "html")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["wrap"] = _wrap
    templates.filters["fit"] = fit
    return templates


def render_letters(
    edition: Edition, templates: jinja2.Environment, *, about: Mapping[str, Any]
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
    edition: Edition, templates: jinja2.Environment, *, about: Mapping[str, Any]
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
    edition: Edition, templates: jinja2.Environment, about: Mapping[str, Any]
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
    templates: jinja2.Environment,
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
    seed = hashlib.sha256(repr((kind, sorted(values.items()))).encode()).hexdigest()[:12]
    # The mark holds a hash of all that goes into the letter, so nothing in it can contain one.
    marks = {name: f"slot{seed}Z{name}Z" for name in slots}
    mjml, plain = f"emails/{kind}.mjml", f"emails/{kind}.txt"
    html = compile_mjml(_fill(templates, mjml, {**values, "slot": marks}))
    text = _tidy(_fill(templates, plain, {**values, "slot": marks}))
    if link:
        address = f"{values[link[0]]}{marks[link[1]]}"
        _require_link(mjml, lxml.html.fromstring(html).xpath("//a/@href"), address, link)
        _require_link(plain, [text], address, link)
    return Letter(subject, _split(mjml, html, seed), _split(plain, text, seed))


def compile_mjml(mjml: str) -> str:
    """Turn MJML into HTML, refusing what the compiler would let pass.

    Raises:
        TemplateBroken: not well-formed, an unknown tag, or nothing comes out.
    """
    try:
        root = ElementTree.fromstring(re.sub(r"&(\w+);", _as_character, mjml))
        for element in root.iter():
            _check_tag(element.tag)
        # Without `fonts` mrml links to a foreign host for some of them, which would see readers.
        html = str(mjml2html(_IN_ATTRIBUTES.sub(_as_references, mjml), fonts={}))
    except (ElementTree.ParseError, ValueError) as error:
        raise TemplateBroken(f"the MJML is not well-formed: {error}") from error
    if "<body" not in html or not ElementTree.tostring(root, method="text").strip():
        raise TemplateBroken("the template makes an empty letter")
    return html


# mrml writes attributes as Rust prints strings: a combining accent comes out as `\u{301}`, and a
# backslash twice. The title becomes an attribute too. As references they pass unchanged.
_IN_ATTRIBUTES = re.compile(r"<mj-title>.*?</mj-title>|<[A-Za-z][^>]*>", re.DOTALL)


def _as_references(found: re.Match[str]) -> str:
    return re.sub(r"[^\x00-\x7f]|\\", lambda character: f"&#{ord(character[0])};", found[0])


def fill(slotted: Slotted, values: Mapping[str, str]) -> str:
    """Put one reader's values into the slots; they must be escaped already where that matters."""
    return "".join(values[part] if place % 2 else part for place, part in enumerate(slotted))


def _fill(templates: jinja2.Environment, name: str, values: Mapping[str, Any]) -> str:
    try:
        return templates.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateBroken(f"{error.name}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise TemplateBroken(f"{error.name}: no such template") from error
    except Exception as error:  # a template is a program of the author's: it may fail in any way
        said = str(error).partition("\n")[0] or type(error).__name__
        raise TemplateBroken(f"{_place(error, name)}: {said}") from error


def _place(error: Exception, name: str) -> str:
    """File and line of a template's mistake, read off the frames that Jinja rewrites."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        _folder, found, part = frame.filename.rpartition("/emails/")
        if found and not part.endswith(".py"):
            return f"emails/{part}, line {frame.lineno}"
    return name


def _require_link(template: str, shown: Iterable[str], address: str, link: tuple[str, str]) -> None:
    """A person can see the link, and it leads somewhere: every letter to a reader has a way out."""
    if not any(address in text for text in shown):
        kind = _LINKS[link[1]]
        raise TemplateBroken(
            f"{template}: it has no {kind} link ({{{{ {link[0]} }}}}{{{{ slot.{link[1]} }}}})"
        )


def _split(template: str, rendered: str, seed: str) -> Slotted:
    parts = tuple(re.split(rf"slot{seed}Z([a-z_]+)Z", rendered))
    if any(f"slot{seed}" in part.lower() for part in parts[::2]):
        raise TemplateBroken(f"{template}: a slot went through a filter; slots are filled later")
    return parts


def _check_tag(tag: str) -> None:
    if tag.startswith("mj") and tag not in _TAGS:
        near = get_close_matches(tag, _TAGS, n=1)
        hint = f"; did you mean <{near[0]}>?" if near else ""
        raise TemplateBroken(f"MJML has no tag <{tag}>{hint}")


def _as_character(entity: re.Match[str]) -> str:
    """XML knows five entities, HTML two thousand; ours stay, the others become characters."""
    return entity[0] if entity[1] in ("amp", "lt", "gt", "quot", "apos") else unescape(entity[0])


def _wrap(text: str) -> str:
    """Fold a paragraph of the text part; an address is never broken."""
    return textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
