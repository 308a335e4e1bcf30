"""Plain words out of a blog's HTML. Pure."""

import re
from collections.abc import Iterator, Mapping

import lxml.html
from inscriptis import get_text
from lxml.etree import LxmlError

EXCERPT_CHARS = 260
# Characters that are no text: controls, and the marks that turn the reading direction of
# what follows (a title with U+202E would turn the rest of the letter round).
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*(?=\s)|[。！？]")
_MIN_EXCERPT = 80
_MIN_IMAGE = 80  # pixels; smaller ones are counters, spacers and emoji


def as_text(html: str) -> str:
    """The words of a piece of HTML, in one line."""
    return _one_line(get_text(html)) if "<" in html or "&" in html else _one_line(html)


def clean_line(html: str) -> str:
    """A title: markup and entities resolved, one line, no control characters."""
    tree = _parse(html)
    return _one_line(html if tree is None else str(tree.text_content()))


def excerpt(html: str, *, title: str = "", limit: int = EXCERPT_CHARS) -> str:
    """The opening of a post, whole sentences where they fit in `limit` characters.

    Paragraphs come before anything else: captions, headings, buttons and code read badly in a
    row. A title that the post repeats is left out, unless it is the post's own first words cut
    short. Where the first sentence is too long it is cut between words, and says so with "…".
    """
    text = " ".join(_paragraphs(html))
    if len(text) < _MIN_EXCERPT:
        text = as_text(html)
    if not title.endswith(("…", "...")):
        text = text.removeprefix(title).lstrip(" .:")
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 1])]
    if ends and ends[-1] >= _MIN_EXCERPT:
        return text[: ends[-1]]
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def first_image(html: str) -> str:
    """The address of the first picture in `html` that is meant to be seen, or nothing."""
    tree = _parse(html)
    images = tree.iter("img") if tree is not None else ()
    return next((i.get("src", "") for i in images if not _is_pixel(dict(i.attrib))), "")


def _paragraphs(html: str) -> Iterator[str]:
    tree = _parse(html)
    if tree is None:
        return
    for line_break in tree.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    for paragraph in tree.iter("p"):
        if text := _one_line(str(paragraph.text_content())):
            yield text


def _parse(html: str) -> lxml.html.HtmlElement | None:
    """The tree of a piece of HTML; None where there is no markup in it."""
    clean = _NO_TEXT.sub("", html)
    if not re.search(r"[<&]", clean):
        return None
    try:
        return lxml.html.fragment_fromstring(clean, create_parent="div")
    except (LxmlError, ValueError):
        return None


def _is_pixel(attributes: Mapping[str, str]) -> bool:
    sizes = [re.match(r"\s*(\d{1,6})", attributes.get(side, "")) for side in ("width", "height")]
    small = any(size and int(size[1]) < _MIN_IMAGE for size in sizes)
    return small or not attributes.get("src") or attributes["src"].startswith("data:")


def _one_line(text: str) -> str:
    return " ".join(_NO_TEXT.sub("", text).split())
