"""Plain words out of a blog's HTML. Pure."""

import re

from lxml.etree import strip_elements

from content.markup.tree import parse_html, readable

EXCERPT_CHARS = 260
_MIN_EXCERPT = 80
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*(?=\s)|[。！？]")
_BLOCKS = frozenset(
    """address article aside blockquote caption dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr
    ul""".split()
)
_BLOCK_END = "\u2029"  # paragraph separator; HTML does not use it


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


def _lines(html: str, *, only: str = "") -> list[str]:
    """The words of each block, or of each element `only`, in a line of its own."""
    tree = parse_html(html.replace(_BLOCK_END, " "))
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


def _one_line(text: str) -> str:
    return " ".join(readable(text).split())
