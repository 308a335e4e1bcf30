"""Tag expressions: whom a letter is for. Pure.

`runner & !bought:hip-rehab` are the readers tagged runner who are not tagged bought:hip-rehab.
`!` binds before `&`, `&` before `|`; a tag with one of these signs stands in double quotes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from subscribers.errors import BadSegment

_LONGEST = 300  # characters
_GRAMMAR = r"""
    ?start: either
    ?either: both ("|" both)*
    ?both: one ("&" one)*
    ?one: tag | "!" one -> without | "(" either ")"
    tag: PLAIN | QUOTED
    PLAIN: /[^\s&|!()"]+(\s+[^\s&|!()"]+)*/
    QUOTED: /"[^"]+"/
    %ignore /\s+/
"""
_EXPECTED = {
    "PLAIN": "a tag",
    "QUOTED": "a tag",
    "BANG": "a tag",
    "LPAR": "a tag",
    "RPAR": "`)`",
    "VBAR": "`|`",
    "AMPERSAND": "`&`",
    "$END": "the end",
}
_Test = Callable[[frozenset[str]], bool]
_Part = tuple[frozenset[str], _Test]  # the tags named in a piece, and its test


@dataclass(frozen=True, slots=True)
class Segment:
    """An expression that was understood: the tags it names, and whether a reader's tags match."""

    text: str
    tags: frozenset[str]
    matches: _Test


def read_segment(text: str) -> Segment:
    """Read an expression; '' is everybody.

    Raises:
        BadSegment: it cannot be understood; the text names the column.
    """
    if not text.strip():
        return Segment("", frozenset(), lambda tags: True)
    if len(text) > _LONGEST:
        raise BadSegment(f"a segment has {_LONGEST} characters at most")
    try:
        tags, test = cast(_Part, _parser().parse(text))
    except UnexpectedInput as error:
        raise BadSegment(_tell(text, error)) from error
    return Segment(text, tags, test)


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Makes the test of each piece from the tests of its pieces, from the inside out."""

    def tag(self, token: Token) -> _Part:
        name = " ".join(token.strip('"').split()).casefold()
        return frozenset({name}), lambda tags: name in tags

    def without(self, part: _Part) -> _Part:
        named, test = part
        return named, lambda tags: not test(tags)

    def both(self, *parts: _Part) -> _Part:
        tests = [test for _, test in parts]
        return _named(parts), lambda tags: all(test(tags) for test in tests)

    def either(self, *parts: _Part) -> _Part:
        tests = [test for _, test in parts]
        return _named(parts), lambda tags: any(test(tags) for test in tests)


def _named(parts: tuple[_Part, ...]) -> frozenset[str]:
    return frozenset().union(*(named for named, _ in parts))


@cache
def _parser() -> Lark:
    # LALR builds while it reads, so no depth of brackets makes Python's stack overflow.
    return Lark(_GRAMMAR, parser="lalr", transformer=_Build())


def _tell(text: str, error: UnexpectedInput) -> str:
    place = "at its end" if error.column in (None, -1) else f"at column {error.column}"
    if isinstance(error, UnexpectedToken):
        wanted = sorted({_EXPECTED.get(name, name) for name in error.expected})
        if error.token.type == "$END":
            place = "at its end"
        return f"the segment {text!r} is not understood {place}: expected {' or '.join(wanted)}"
    return f"the segment {text!r} is not understood {place}: write tags, &, |, ! and brackets"
