"""Plain text out of clean HTML, for the text part of a letter: no word and no link is lost. Pure.

A library walks the HTML; here it is told to write mail instead of Markdown, and lines are folded.
"""

import re
from textwrap import indent
from typing import Any

from markdownify import MarkdownConverter

from content.markup.sentences import columns
from content.markup.tags import INLINE

WIDTH = 72
_UNDERLINED = 2  # the level of headings that are
_DEEPEST = 24  # columns of an indentation; a letter is no wider for a list in 60 lists
# What a line begins with, and what is under it: `> ` is repeated, a bullet is not.
_BEGIN = re.compile(r"[ >]*(?:[*+-] +|\d{1,9}\. +)?")
_BULLET = re.compile("[^ >]")
# Stands for a `>` that somebody wrote: nothing that is text has this character in it.
_WRITTEN = "\ufdd0"
# What stays on one line: an address, a word, or one character of scripts that have no spaces, with
# the punctuation that may not be parted from it.
_WIDE = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENS, _CLOSES = "「『（【《〈〔［｛", "」』）】》〉〕］｝、。，．！？：；…ー"
_PIECE = re.compile(
    rf"""[^\s{_WIDE}]*(?:https?://|mailto:|tel:)\S+\s*
    |[{_OPENS}]*[{_WIDE}][{_CLOSES}]*\s*
    |[^\s{_WIDE}]+\s*
    |\s+""",
    re.VERBOSE,
)


def as_plain_text(html: str) -> str:
    """Write HTML that `clean_html` has made as text, in lines of no more than 72 columns.

    An address stands behind the words of its link as RFC 3986, appendix C, advises for plain text:
    `the plan <https://…>`. It stays in one piece, so that its line may be longer. A picture is
    its description in brackets; lists and quotes look as in mail, a table has a line for each row.
    """
    lines = _CONVERTER.convert(html).split("\n")
    text = "\n".join(_fold(line.rstrip()) for line in lines).replace(_WRITTEN, ">")
    return re.sub("\n{3,}", "\n\n", text).strip("\n")


class _Mail(MarkdownConverter):
    """What Markdown has marks for, and mail has not; the library calls a method for each tag."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Tell what somebody wrote from the mark of a quote, until lines are folded."""
        escaped: str = super().escape(text, parent_tags)  # type: ignore[misc]  # it has no stubs
        return escaped.replace(">", _WRITTEN)

    def convert_a(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Write the address once where it is its own words."""
        address, words = str(element.get("href", "")), text.strip()
        if not address or words in (address, address.partition(":")[2]):
            return text
        return f"{text.rstrip()} <{address}>{text[len(text.rstrip()) :]}"

    def convert_img(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Write what a picture shows, as far as somebody said it."""
        alt = " ".join(str(element.get("alt", "")).split())
        return f"[{alt}]" if alt else ""

    def convert_hN(self, n: int, element: Any, text: str, parent_tags: set[str]) -> str:
        """Underline a heading of the first two levels; smaller ones stand by themselves."""
        words = " ".join(text.split())
        line = "\n" + "-" * min(columns(words), WIDTH) if n <= _UNDERLINED else ""
        return f"\n\n{words}{line}\n\n"

    def convert_li(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Number an item by the one before it; the library counts all of them, each time."""
        bullet = "* "
        if element.parent.name == "ol":
            before = element.find_previous_sibling("li")
            element["number"] = before["number"] + 1 if before else 1
            bullet = f"{element['number']}. "
        below = indent(text.strip(), " " * len(bullet))
        return f"{bullet}{below[len(bullet) :]}\n"

    def convert_dd(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Set what a word means under it."""
        return indent(text.strip(), "    ") + "\n\n"

    def convert_pre(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Set code apart by its indentation."""
        return "\n\n" + indent(text.strip("\n"), "    ") + "\n\n"

    def convert_br(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """End a line; in a heading or a cell it is a space."""
        return " " if "_inline" in parent_tags else "\n"

    def convert_td(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Write a cell on one line."""
        return f" {' '.join(text.split())} |"

    convert_th = convert_td

    def convert_tr(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """Write a row without the rules that Markdown needs."""
        return f"{text.removesuffix('|').strip()}\n"


_CONVERTER = _Mail(strip=sorted(INLINE - {"a"}), escape_asterisks=False, escape_underscores=False)


def _fold(line: str) -> str:
    """Break a line between words; what follows stands under what it began with.

    By columns, and where there are no spaces between characters, which textwrap does not know.
    """
    if columns(line) <= WIDTH:
        return line
    begin = _BEGIN.match(line)
    started = begin[0] if begin else ""
    below = _BULLET.sub(" ", started)[-_DEEPEST:]
    folded, empty = [started[-_DEEPEST:]], True
    for piece in _PIECE.findall(line[len(started) :]):
        if not empty and columns(f"{folded[-1]}{piece}".rstrip()) > WIDTH:
            folded.append(below)
        folded[-1] += piece
        empty = False
    return "\n".join(each.rstrip() for each in folded)
