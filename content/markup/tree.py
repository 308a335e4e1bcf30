"""Characters that are text, and the tree of a piece of HTML, whatever it holds."""

import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from lxml import etree

# What is no text: controls, halves of characters, what XML cannot hold, and the marks that turn
# the reading direction of what follows (a title with U+202E would turn the rest of the letter).
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MEANT = {chr(code): bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
# No post needs more. They keep hostile ones from costing minutes.
_MAX_DEPTH = 500
_MAX_ELEMENTS = 20_000
_MAX_ATTRIBUTES = 100
_PIECE = 1 << 14  # bytes
# Elements without inside that libxml2 does not know: it would put what follows into them.
_EMPTY = frozenset("bgsound command embed keygen source track wbr".split())


def readable(text: str) -> str:
    """Leave out what is no text; every word of a feed goes through here.

    Nobody writes the controls U+0080 to U+009F: there a byte of windows-1252 was taken for Latin-1.
    The character that was meant takes its place, an apostrophe that of U+0092.
    """
    return _NO_TEXT.sub(lambda found: _MEANT.get(found[0], ""), text)


def parse_html(html: str) -> etree._Element | None:
    """The tree of a piece of HTML, elements only; None where there is no markup in it.

    What lies deeper than any post goes, or comes after more than any post has, is left out.
    """
    if not re.search("[<&]", html):
        return None
    builder = _Builder()
    target: Any = builder  # lxml calls the methods that are there; its types want them all
    parser = etree.HTMLParser(target=target, huge_tree=True, encoding="utf-8")
    source = readable(html).encode()
    with suppress(_TooMuchError, etree.LxmlError):  # what was read until then is there
        # In pieces, because libxml2 reads to the end of a piece whatever we say.
        for start in range(0, len(source), _PIECE):
            parser.feed(source[start : start + _PIECE])
        parser.close()
    return builder.close()


class _TooMuchError(Exception):
    """Parsing on would take time that grows with the square of what there is."""


class _Builder:
    """Builds a tree of what XML can hold; libxml2 tells it of each thing it reads.

    Its own tree takes a quarter of a minute for 100,000 attributes of one element.
    """

    def __init__(self) -> None:
        self._tree = etree.TreeBuilder()
        self._open: list[str] = []
        self._elements = 0
        self._root: etree._Element | None = None
        self._begin("div", {})

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if len(self._open) > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise _TooMuchError
        named = islice(attributes.items(), _MAX_ATTRIBUTES)
        kept = {name: readable(value) for name, value in named if _NAME.fullmatch(name)}
        self._begin(tag if _NAME.fullmatch(tag) else "span", kept)
        if tag in _EMPTY:
            self._tree.end(self._open.pop())

    def end(self, tag: str) -> None:
        if tag not in _EMPTY:
            self._tree.end(self._open.pop())

    def data(self, text: str) -> None:
        self._tree.data(readable(text))

    def close(self) -> etree._Element:
        while self._open:
            self._tree.end(self._open.pop())
        if self._root is None:
            self._root = self._tree.close()
        return self._root

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._tree.start(tag, attributes)
        self._open.append(tag)
