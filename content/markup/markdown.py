"""Markdown to HTML, with a list of what cannot stand in a letter. Pure.

The HTML is not sanitised yet: people may write tags between their words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from content.markup.lines import one_line
from content.markup.links import absolute, target
from content.markup.tags import ALLOWED, GROUPS, RENAMED
from content.markup.tree import parse_html

# Libxml2 tells of the first three whatever it reads.
_KEPT = {"html", "head", "body"} | ALLOWED | GROUPS - {"form"} | RENAMED.keys()
_SHOWN = 80  # characters of an address
_NO_SCHEME = re.compile(r"\s*www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that cannot stand in a letter, and the line it is on."""

    line: int
    said: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """HTML made of Markdown, with the links that lead nowhere, and the tags that are dropped."""

    html: str
    bad_links: tuple[Fault, ...]
    dropped: tuple[Fault, ...]


class _Reader(MarkdownIt):
    """The library shows a link that it holds for dangerous as text; here it is told as a fault."""

    def validateLink(self, url: str) -> bool:
        return True


_COMMONMARK = _Reader("commonmark").enable("table")


def read_markdown(text: str, *, base: str) -> Markdown:
    """Read CommonMark with tables and HTML; addresses are whole, or resolved against `base`."""
    tokens = _COMMONMARK.parse(text)
    placed = list(_placed(tokens))
    return Markdown(
        html=_COMMONMARK.renderer.render(tokens, _COMMONMARK.options, {}),
        bad_links=tuple(fault for line, token in placed for fault in _bad_links(line, token, base)),
        dropped=tuple(fault for line, token in placed for fault in _dropped(line, token)),
    )


def _placed(tokens: list[Token]) -> Iterator[tuple[int, Token]]:
    """Every token that may be a link or a tag, with its line."""
    line = 1
    for block in tokens:
        line = block.map[0] + 1 if block.map else line
        yield line, block
        for child in block.children or ():
            yield line, child
            line += child.type in ("softbreak", "hardbreak")


def _bad_links(line: int, token: Token, base: str) -> Iterator[Fault]:
    for tag, address, after in _addresses(token):
        leads = (
            absolute(address, base) if tag == "img" else target(address, base=base, post_link="")
        )
        if not leads or _NO_SCHEME.match(address):
            what = "picture" if tag == "img" else "link"
            said = f"the {what} `{one_line(address)[:_SHOWN]}` is no whole address"
            yield Fault(line + after, f"{said}; begin with https://")


def _addresses(token: Token) -> Iterator[tuple[str, str, int]]:
    """Each address: of a link or a picture, and how many lines into the token."""
    if token.type == "link_open":
        yield "a", str(token.attrs["href"]), 0
    elif token.type == "image":
        yield "img", str(token.attrs["src"]), 0
    elif token.type in ("html_block", "html_inline"):
        tree = parse_html(token.content)
        for element in tree.iter("a", "img") if tree is not None else ():
            address = element.get("href" if element.tag == "a" else "src")
            if address is not None:
                yield str(element.tag), address, _lines_before(address, token)


def _dropped(line: int, token: Token) -> Iterator[Fault]:
    if token.type in ("html_block", "html_inline"):
        tree = parse_html(token.content)
        for element in tree.iter() if tree is not None else ():
            if element.tag not in _KEPT:
                tag = str(element.tag)
                yield Fault(line + _lines_before(f"<{tag}", token), f"<{tag}>")


def _lines_before(words: str, token: Token) -> int:
    place = token.content.lower().find(words.lower())
    return token.content.count("\n", 0, max(place, 0))
