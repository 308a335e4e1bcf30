"""Plain words out of a blog's HTML. Pure."""

import re
from collections.abc import Mapping

import lxml.html
from lxml.etree import LxmlError, strip_elements

EXCERPT_CHARS = 260
_MIN_EXCERPT = 80
_MIN_IMAGE = 80  # pixels; smaller ones are counters, spacers and emoji
# What is no text: controls, halves of characters, what XML cannot hold, and the marks that turn
# the reading direction of what follows (a title with U+202E would turn the rest of the letter).
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*(?=\s)|[。！？]")
_BLOCKS = frozenset(
    """address article aside blockquote caption dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr
    ul""".split()
)
_BLOCK_END = "\u2029"  # paragraph separator; HTML does not use it


def readable(text: str) -> str:
    """Leave out what is no text; every word of a feed goes through here."""
    return _NO_TEXT.sub("", text)


def as_text(html: str) -> str:
    """The words of a piece of HTML, in one line."""
    return " ".join(_lines(html))


def excerpt(html: str, *, title: str = "", limit: int = EXCERPT_CHARS) -> str:
    """The opening of a post, whole sentences where they fit in `limit` characters.

    Paragraphs come before anything else: captions, headings, buttons and code read badly in a
    row. A first line that only repeats the title is left out. Where the first sentence is too
    long it is cut between words, and says so with "…".
    """
    lines = _lines(html, only="p")
    if sum(map(len, lines)) < _MIN_EXCERPT:
        lines = _lines(html)
    text = " ".join(lines[1:] if lines[:1] == [title] else lines)
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 1])]
    fitting = [end for end in ends if _MIN_EXCERPT <= end <= limit]
    if fitting:
        return text[: fitting[-1]]
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def first_image(html: str) -> str:
    """The address of the first picture in `html` that is meant to be seen, or nothing."""
    tree = _parse(html)
    for image in tree.iter("img") if tree is not None else ():
        source = image.get("src", "").strip()
        if source and not source.lower().startswith("data:") and not is_pixel(dict(image.attrib)):
            return source
    return ""


def is_pixel(attributes: Mapping[str, str]) -> bool:
    """Tell by its width and height whether an image is too small to be a picture."""
    sizes = [attributes.get("width", ""), attributes.get("height", "")]
    found = [re.fullmatch(r"\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*", size) for size in sizes]
    style = attributes.get("style", "")
    found += re.finditer(r"(?:^|;)\s*(?:width|height)\s*:\s*(\d{1,6})(?:\.\d+)?px", style)
    return any(size and int(size[1]) < _MIN_IMAGE for size in found)


def _lines(html: str, *, only: str = "") -> list[str]:
    """The words of each block, or of each element `only`, in a line of its own."""
    tree = _parse(html)
    if tree is None:
        return [] if only else [line for line in [_one_line(html)] if line]
    strip_elements(tree, "script", "style", "title", with_tail=False)
    for element in tree.iter():
        if element.tag in _BLOCKS or element.tag == "br":
            mark = " " if element.tag == "br" else _BLOCK_END
            element.text = mark + (element.text or "")
            element.tail = mark + (element.tail or "")
    texts = [str(e.text_content()) for e in (tree.iter(only) if only else [tree])]
    lines = [_one_line(line) for text in texts for line in text.split(_BLOCK_END)]
    return [line for line in lines if line]


def _parse(html: str) -> lxml.html.HtmlElement | None:
    """The tree of a piece of HTML; None where there is no markup in it."""
    clean = readable(html).replace(_BLOCK_END, " ")
    if not re.search(r"[<&]", clean):
        return None
    try:
        return lxml.html.document_fromstring(clean, lxml.html.HTMLParser(huge_tree=True))
    except (LxmlError, ValueError):  # nothing but a comment or a broken tag
        return lxml.html.Element("div")


def _one_line(text: str) -> str:
    return " ".join(readable(text).split())
