"""The words of a piece of HTML, block by block, in the order they are read. Pure."""

from dataclasses import dataclass

from lxml import etree

from content.markup.tree import parse_html, readable

_BLOCKS = frozenset(
    """address article aside blockquote caption center dd details div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th
    tr ul""".split()
)
_UNSEEN = frozenset("iframe script style template title".split())


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one block; whether it is a paragraph; and the words of each link in it."""

    text: str
    in_paragraph: bool = False
    links: tuple[str, ...] = ()


def read_lines(html: str) -> list[Line]:
    """Read what people see, a line for each block; an empty line in a block divides it."""
    tree = parse_html(html)
    if tree is None:
        text = one_line(html)
        return [Line(text)] if text else []
    reader = _Reader()
    reader.read(tree)
    return reader.lines


def one_line(text: str) -> str:
    """The words of a text with one space between them."""
    return " ".join(readable(text).split())


class _Reader:
    """Goes through a tree once, whatever its depth."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._words: list[str] = []
        self._links: list[str] = []
        self._link_start = 0
        self._paragraphs = 0  # how many we are in
        self._breaks = 0  # how many came since the last word

    def read(self, tree: etree._Element) -> None:
        walk = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._leave(element)
                self._add(element.tail or "")
            elif element.tag in _UNSEEN:
                walk.skip_subtree()
            else:
                self._enter(element)
                self._add(element.text or "")
        self._end_line()

    def _enter(self, element: etree._Element) -> None:
        if element.tag in _BLOCKS:
            self._end_line()
            self._paragraphs += element.tag == "p"
        elif element.tag == "br":
            self._breaks += 1
            self._words.append(" ")
            if self._breaks > 1:
                self._end_line()
        elif element.tag == "a":
            self._link_start = len(self._words)

    def _leave(self, element: etree._Element) -> None:
        if element.tag in _BLOCKS:
            self._end_line()
            self._paragraphs -= element.tag == "p"
        elif element.tag == "a":
            self._links.append(one_line("".join(self._words[self._link_start :])))

    def _add(self, text: str) -> None:
        self._words.append(text)
        if text and not text.isspace():
            self._breaks = 0

    def _end_line(self) -> None:
        text = one_line("".join(self._words))
        if text:
            self.lines.append(Line(text, self._paragraphs > 0, tuple(self._links)))
        self._words, self._links, self._link_start = [], [], 0
