"""HTML and CSS that major mail programs leave out. Pure, but for the table beside it.

The table (`clients.json`) is distilled from caniemail by `benchmarks/client_support.py`. Most of
what is left out costs nothing: corners are square, a link has no shadow. That is told in notes, a
line for all that the same programs leave out. Where content is lost it is a warning, each on a line
of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from content.preflight.finding import Finding, Level
from content.preflight.page import Page
from content.preflight.sheet import Declaration, Sheet, read_declarations

# What readers lose where one of these is left out; all others are finish.
_LOSSES = {
    "css-at-import": "styles from elsewhere are missing",
    "css-background-image": "the picture behind the words is missing",
    "css-clip-path": "parts that were cut off are seen",
    "css-column-count": "columns become one",
    "css-display-flex": "what stood side by side stands one below the other",
    "css-display-grid": "what stood side by side stands one below the other",
    "css-float": "words do not flow around it",
    "css-function-light-dark": "the colour is missing",
    "css-inset": "things lie where they were not meant to",
    "css-left-right-top-bottom": "things lie where they were not meant to",
    "css-modern-color": "the colour is missing",
    "css-position": "things lie where they were not meant to",
    "css-pseudo-class-checked": "what opens at a click never opens",
    "css-pseudo-element-after": "the words it adds are missing",
    "css-pseudo-element-before": "the words it adds are missing",
    "css-transform": "things lie where they were not meant to",
    "css-unit-calc": "widths are wrong",
    "css-variables": "colours and sizes are missing",
    "css-visibility": "what was hidden is seen",
    "css-writing-mode": "the words run the other way",
    "html-audio": "nothing plays",
    "html-base": "links and pictures lead nowhere",
    "html-button-submit": "the button does nothing",
    "html-dialog": "it cannot be opened, or never closes",
    "html-form": "nobody can fill it in",
    "html-hidden": "what was hidden is seen",
    "html-input-submit": "nobody can fill it in",
    "html-input-text": "nobody can fill it in",
    "html-link": "styles from elsewhere are missing",
    "html-marquee": "the words may be missing",
    "html-object": "it is missing",
    "html-popover": "it cannot be opened",
    "html-select": "nobody can choose",
    "html-svg": "the drawing is missing",
    "html-textarea": "nobody can fill it in",
    "html-video": "nothing plays",
    "image-apng": "the picture does not move, or is missing",
    "image-avif": "the picture is missing",
    "image-base64": "the picture is missing",
    "image-heif": "the picture is missing",
    "image-mp4": "nothing plays",
    "image-svg": "the picture is missing",
    "image-tiff": "the picture is missing",
    "image-webp": "the picture is missing",
}
_WORDS = re.compile(r"(?:^|[\s,(*/+-])[\d.]+([a-z]+)|([a-z-]+)\(")


@dataclass(frozen=True, slots=True)
class Feature:
    """Something of HTML or CSS, and the mail programs that leave it out."""

    slug: str
    title: str
    left_out_by: tuple[str, ...]


def check_clients(page: Page) -> Iterator[Finding]:
    """Tell what some major mail programs leave out, and what readers lose by it."""
    known = _features()
    used = dict.fromkeys(known[key] for key in _keys(page) if key in known)
    finish: dict[str, list[str]] = {}
    for feature in used:
        if loss := _LOSSES.get(feature.slug):
            programs = ", ".join(feature.left_out_by)
            said = f"{feature.title} is left out by {programs}: {loss}"
            yield Finding(Level.WARNING, "client", said, feature.title)
        else:
            finish.setdefault(", ".join(feature.left_out_by), []).append(feature.title)
    for programs, titles in finish.items():
        said = f"left out by {programs}, without harm: {', '.join(titles)}"
        yield Finding(Level.NOTE, "client", said)


@lru_cache(maxsize=1)
def _features() -> dict[str, Feature]:
    """Features by how they are recognised; of several, the one that most programs leave out."""
    table = json.loads(Path(__file__).with_name("clients.json").read_bytes())
    features: dict[str, Feature] = {}
    for slug, said in sorted(table["features"].items(), key=lambda f: len(f[1]["left_out_by"])):
        names = tuple(table["clients"][client] for client in said["left_out_by"])
        features |= dict.fromkeys(said["keys"], Feature(slug, said["title"], names))
    return features


def _keys(page: Page) -> Iterator[str]:
    """Everything the letter uses, as the table names it: `element:form`, `property:float`."""
    yield from _sheet_keys(page.sheet)
    for element in page.root.iter(etree.Element):
        yield f"element:{element.tag!s}"
        yield from (f"attribute:{name!s}" for name in element.attrib)
        for declaration in read_declarations(element.get("style", "")):
            yield from _declaration_keys(declaration)
        if element.tag == "img":
            yield f"image:{_kind(element.get('src', ''))}"


def _sheet_keys(sheet: Sheet) -> Iterator[str]:
    yield from (f"at:{name}" for name in sorted(sheet.at_rules))
    for rule in sheet.rules:
        for condition in rule.media:
            yield from (f"media:{name}" for name in re.findall(r"\(\s*([a-z-]+)", condition))
        yield from (f"pseudo:{name.lower()}" for name in re.findall(r":([a-zA-Z-]+)", rule.written))
        for declaration in rule.declarations:
            yield from _declaration_keys(declaration)


def _declaration_keys(declaration: Declaration) -> Iterator[str]:
    name, value = declaration.name, declaration.value
    yield f"property:{name}"
    yield f"declaration:{name}={value}"
    if name == "background" and "url(" in value:
        yield "property:background-image"
    for unit, function in _WORDS.findall(value):
        yield f"unit:{unit}" if unit else f"function:{function}"


def _kind(source: str) -> str:
    """The kind of a picture by how its address ends; `data` where it has none."""
    if source.startswith("data:"):
        return "data"
    try:
        return urlsplit(source).path.rpartition(".")[2].lower()
    except ValueError:  # no address at all, which another rule tells
        return ""
