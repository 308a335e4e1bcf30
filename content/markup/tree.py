"""Characters that are text, and the tree of a piece of HTML, whatever it holds."""

import re

import lxml.html
from lxml.etree import LxmlError

# What is no text: controls, halves of characters, what XML cannot hold, and the marks that turn
# the reading direction of what follows (a title with U+202E would turn the rest of the letter).
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def readable(text: str) -> str:
    """Leave out what is no text; every word of a feed goes through here."""
    return _NO_TEXT.sub("", text)


def parse_html(html: str) -> lxml.html.HtmlElement | None:
    """The tree of a piece of HTML; None where there is no markup in it."""
    clean = readable(html)
    if not re.search(r"[<&]", clean):
        return None
    try:
        return lxml.html.document_fromstring(clean, lxml.html.HTMLParser(huge_tree=True))
    except (LxmlError, ValueError):  # nothing but a comment or a broken tag
        return lxml.html.Element("div")
