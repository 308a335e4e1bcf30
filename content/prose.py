"""Plain words out of a blog's HTML. Pure."""

import re
from html.parser import HTMLParser

from inscriptis import get_text

EXCERPT_CHARS = 260
# Characters that are no text: controls, and the marks that turn the reading direction of
# what follows (a title with U+202E would turn the rest of the letter round).
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019)]*(?=\s)|[\u3002\uff01\uff1f]")
_MIN_EXCERPT = 80


def as_text(html: str) -> str:
    """The words of a piece of HTML, in one line."""
    return _one_line(get_text(html)) if "<" in html or "&" in html else _one_line(html)


def clean_line(html: str) -> str:
    """A title: markup and entities resolved, one line, no control characters."""
    return as_text(html)


def excerpt(html: str, *, limit: int = EXCERPT_CHARS) -> str:
    """The opening of a post, whole sentences where they fit in `limit` characters.

    Where the first sentence is longer than that it is cut between words, and says so with "…".
    """
    text = as_text(html)
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 1])]
    if ends and ends[-1] >= _MIN_EXCERPT:
        return text[: ends[-1]]
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def first_image(html: str) -> str:
    """The address of the first picture in `html` that is meant to be seen, or nothing."""
    finder = _ImageFinder()
    finder.feed(html)
    return finder.found


class _ImageFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and not self.found and not _is_pixel(dict(attrs)):
            self.found = dict(attrs).get("src") or ""


def _is_pixel(attributes: dict[str, str | None]) -> bool:
    """Counting pixels, spacers and emoji are images, but nobody's lead image."""
    sizes = (attributes.get("width"), attributes.get("height"))
    small = any(
        size and size.strip().rstrip("px").isdigit() and int(size.strip().rstrip("px")) < 80
        for size in sizes
    )
    return small or (attributes.get("src") or "").startswith("data:")


def _one_line(text: str) -> str:
    return " ".join(_NO_TEXT.sub("", text).split())
