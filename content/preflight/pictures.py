"""Pictures of a letter: words for those who do not see them, and a width for Outlook. Pure."""

from collections.abc import Iterator

from lxml import etree

from content.preflight.finding import Finding, Level, shorten
from content.preflight.page import Page
from content.preflight.sheet import read_declarations

_TRACKER = 2  # pixels; nobody looks at a picture so small


def check_pictures(page: Page) -> Iterator[Finding]:
    """Look at every picture but those of a dot."""
    for image in page.root.iter("img"):
        where = shorten(image.get("src", ""), 100)
        if image.get("width", "").strip() in [str(side) for side in range(_TRACKER + 1)]:
            continue
        yield from _check_source(image.get("src", "").strip(), where)
        yield from _check_words(image, where)
        if not _has_width(image):
            said = "this picture has no width: Outlook on Windows shows it as large as it is"
            yield Finding(Level.WARNING, "picture-width", said, where)


def _check_source(source: str, where: str) -> Iterator[Finding]:
    if source[:5].lower() == "data:":
        said = "this picture is written into the letter, which Gmail and Outlook do not show"
        yield Finding(Level.WARNING, "picture-source", said, shorten(where, 40))
    elif not source.lower().startswith(("http://", "https://", "cid:")):
        said = "this picture has no whole web address, so no mail program finds it"
        yield Finding(Level.ERROR, "picture-source", said, where)


def _check_words(image: etree._Element, where: str) -> Iterator[Finding]:
    """WCAG 2.1, 1.1.1: `alt` is there; of a picture that is a link on its own it says where to."""
    link = next(image.iterancestors("a"), None)
    if image.get("alt") is None:
        said = "this picture has no alternative text for those who do not see pictures"
        yield Finding(Level.WARNING, "picture-alt", said, where)
    elif link is not None and not _is_named(link):
        said = "this picture is a link without words: say in its alternative text where it leads"
        yield Finding(Level.WARNING, "picture-alt", said, where)


def _is_named(link: etree._Element) -> bool:
    words = link.xpath("string()")
    alts = [image.get("alt", "") for image in link.iter("img")]
    return any(str(said).strip() for said in (words, *alts, link.get("aria-label", "")))


def _has_width(image: etree._Element) -> bool:
    styles = {d.name: d.value for d in read_declarations(image.get("style", ""))}
    return bool(image.get("width", "").strip()) or styles.get("width", "auto") != "auto"
