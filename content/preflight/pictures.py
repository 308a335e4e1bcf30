"""Pictures of a letter: words for those who do not see them, and a width for Outlook. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from content.preflight.finding import Finding, Level, shorten
from content.preflight.page import Page
from content.preflight.sheet import read_declarations

_TRACKER = 2  # pixels; nobody looks at a picture so small


def check_pictures(page: Page) -> Iterator[Finding]:
    """Look at every picture but those of a dot; each fault is told once, with the first picture."""
    sources: dict[Finding, list[str]] = {}
    for image in page.root.iter("img"):
        if not _is_dot(image):
            for found in _faults(image):
                sources.setdefault(found, []).append(image.get("src", ""))
    for found, them in sources.items():
        count = f" ({len(them)} pictures; this is the first)" if len(them) > 1 else ""
        yield replace(found, text=found.text + count, where=shorten(them[0], 100))


def _faults(image: etree._Element) -> Iterator[Finding]:
    source = image.get("src", "").strip().lower()
    if source.startswith("data:"):
        said = "this picture is written into the letter, which Gmail and Outlook do not show"
        yield Finding(Level.WARNING, "picture-source", said)
    elif not source.startswith(("http://", "https://", "cid:")):
        said = "this picture has no whole web address, so no mail program finds it"
        yield Finding(Level.ERROR, "picture-source", said)
    if not _has_width(image):
        said = "this picture has no width: Outlook on Windows shows it as large as it is"
        yield Finding(Level.WARNING, "picture-width", said)
    yield from _faults_in_words(image)


def _faults_in_words(image: etree._Element) -> Iterator[Finding]:
    """WCAG 2.1, 1.1.1: `alt` is there; of a picture that is a link on its own it says where to."""
    link = next(image.iterancestors("a"), None)
    if image.get("alt") is None:
        said = "this picture has no alternative text for those who do not see pictures"
        yield Finding(Level.WARNING, "picture-alt", said)
    elif link is not None and not _is_named(link):
        said = "this picture is a link without words: say in its alternative text where it leads"
        yield Finding(Level.WARNING, "picture-alt", said)


def _is_dot(image: etree._Element) -> bool:
    width = image.get("width", "").strip()
    return width.isdecimal() and int(width[:9]) <= _TRACKER


def _is_named(link: etree._Element) -> bool:
    words = str(link.xpath("string()"))
    alts = [image.get("alt", "") for image in link.iter("img")]
    return any(said.strip() for said in (words, *alts, link.get("aria-label", "")))


def _has_width(image: etree._Element) -> bool:
    styles = {d.name: d.value for d in read_declarations(image.get("style", ""))}
    return bool(image.get("width", "").strip()) or styles.get("width", "auto") != "auto"
