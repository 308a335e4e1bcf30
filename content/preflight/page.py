"""The HTML of a letter as rules look at it: its tree, its CSS, the words a person sees. Pure.

A letter is bounded before: what is longer than `READ_BYTES` is far over the size that may go out.
"""

import re
from dataclasses import dataclass, field

import lxml.html
from lxml import etree

from content.preflight.looks import Look, Scheme, look_at
from content.preflight.sheet import Sheet, read_sheet

READ_BYTES = 128 * 1024
# Forty posts have 2,000. Matching rules takes time by the square of this.
MAX_ELEMENTS = 4_000
_WORDS = re.compile(r"[^\s\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that a person sees in one piece; `place` is how many characters come before them."""

    words: str
    element: etree._Element
    place: int


@dataclass(frozen=True, slots=True)
class Page:
    """A letter's HTML, read once for all rules."""

    root: etree._Element
    sheet: Sheet
    runs: tuple[Run, ...]
    looks: dict[Scheme, dict[etree._Element, Look]] = field(repr=False)

    @property
    def length(self) -> int:
        """How many characters a person sees."""
        return self.runs[-1].place + len(self.runs[-1].words) if self.runs else 0


def read_page(html: str) -> Page | None:
    """Read a letter; None where there is nothing, or more than any letter holds."""
    if not html.strip() or len(html.encode(errors="replace")) > READ_BYTES:
        return None
    parser = lxml.html.HTMLParser(encoding="utf-8")
    root = etree.fromstring(html.encode(errors="replace"), parser)
    if root is None or sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        return None
    sheet = read_sheet(root)
    looks = {scheme: look_at(root, sheet.rules, scheme) for scheme in Scheme}
    return Page(root, sheet, _runs(root, looks[Scheme.LIGHT]), looks)


def squeeze(words: str) -> str:
    """Letters and figures only, so that line ends and commas make no difference."""
    return re.sub(r"\W+", "", words).casefold()


def _runs(root: etree._Element, looks: dict[etree._Element, Look]) -> tuple[Run, ...]:
    runs: list[Run] = []
    place = 0
    for text in root.xpath("//text()"):
        # What follows an element or a comment stands in the element around it.
        element = text.getparent().getparent() if text.is_tail else text.getparent()
        words = " ".join(text.split())
        if element in looks and looks[element].seen and _WORDS.search(words):
            runs.append(Run(words, element, place))
            place += len(words)
    return tuple(runs)
