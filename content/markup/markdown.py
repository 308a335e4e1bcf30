"""Markdown to HTML, with a list of what cannot stand in a letter. Pure.

The HTML is not sanitised yet: people may write tags between their words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from content.markup.lines import one_line
from content.markup.links import absolute, target
from content.markup.tags import ALLOWED, GROUPS, RENAMED
from content.markup.tree import parse_html

# Libxml2 tells of the first three whatever it reads.
_KEPT = {"html", "head", "body"} | ALLOWED | GROUPS - {"form"} | RENAMED.keys()
_NAMES = {"a": "href", "img": "src"}
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
    for tag, address in _addresses(token):
        if not _is_whole(tag, address, base):
            what = "picture" if tag == "img" else "link"
            said = f"the {what} `{one_line(address)[:_SHOWN]}` is no whole address"
            yield Fault(_line_of(address, token, line), f"{said}; begin with https://")


def _is_whole(tag: str, address: str, base: str) -> bool:
    if _NO_SCHEME.match(address):  # else it would be a page of the base
        return False
    return bool(
        absolute(address, base) if tag == "img" else target(address, base=base, post_link="")
    )


def _addresses(token: Token) -> Iterator[tuple[str, str]]:
    """Each address in a token, and whether an `a` or an `img` has it."""
    if token.type == "link_open":
        yield "a", str(token.attrs["href"])
    elif token.type == "image":
        yield "img", str(token.attrs["src"])
    for element in _elements(token):
        name = _NAMES.get(str(element.tag))
        if name and name in element.attrib:
            yield str(element.tag), element.attrib[name]


def _dropped(line: int, token: Token) -> Iterator[Fault]:
    tags = (str(element.tag) for element in _elements(token))
    for tag in dict.fromkeys(tag for tag in tags if tag not in _KEPT):
        yield Fault(
            _line_of(f"<{tag}", token, line), f"<{tag}> is left out: letters cannot show it"
        )


def _elements(token: Token) -> Iterator[etree._Element]:
    """The tags that somebody wrote between the Markdown."""
    tree = parse_html(token.content) if token.type in ("html_block", "html_inline") else None
    return tree.iter() if tree is not None else iter(())


def _line_of(words: str, token: Token, line: int) -> int:
    """The line of the first of these words in a token that begins on `line`."""
    place = token.content.lower().find(words.lower())
    return line + token.content.count("\n", 0, max(place, 0))
