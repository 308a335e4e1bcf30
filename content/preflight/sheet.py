"""The CSS of a letter: rules of its `<style>` elements, and what `style` attributes say. Pure.

Conditional comments are for old Outlook alone and are not read.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2
from cssselect import SelectorError
from cssselect import parse as parse_selectors
from lxml import etree
from lxml.cssselect import CSSSelector

# Ours has 40 rules, of 90 characters at most, in one `@media`. These keep a sheet that is out of
# hand from costing minutes, or more depth than Python has.
_MAX_RULES = 300
_MAX_SELECTOR = 1_000
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, both in lower case, without `!important` (which is `important`)."""

    name: str
    value: str
    important: bool


@dataclass(frozen=True, slots=True)
class Selector:
    """Finds the elements a rule is for; the higher `specificity` wins."""

    specificity: tuple[int, int, int]
    find: Callable[[etree._Element], list[etree._Element]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a `<style>`; `media` are the conditions around it, all of which must hold."""

    written: str
    selectors: tuple[Selector, ...]
    declarations: tuple[Declaration, ...]
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rules of a letter in their order, and the at-rules it uses: `media`, `import`."""

    rules: tuple[Rule, ...]
    at_rules: frozenset[str]


def read_sheet(root: etree._Element) -> Sheet:
    """Read every `<style>`; what is broken is left out, as mail programs do."""
    rules: list[Rule] = []
    names: set[str] = set()
    for style in root.iter("style"):
        around = (style.get("media", "").strip().lower(),) if style.get("media") else ()
        nodes = tinycss2.parse_stylesheet(_sane(style.text or ""), skip_comments=True)
        rules += _rules(nodes, around, names)
    return Sheet(tuple(rules[:_MAX_RULES]), frozenset(names))


@lru_cache(maxsize=4096)
def read_declarations(css: str) -> tuple[Declaration, ...]:
    """The declarations of a `style` attribute."""
    return _declarations(tinycss2.parse_blocks_contents(_sane(css), skip_comments=True))


def _rules(nodes: Iterable[Any], media: tuple[str, ...], names: set[str]) -> Iterator[Rule]:
    for node in nodes:
        if node.type == "qualified-rule":
            written = tinycss2.serialize(node.prelude).strip()
            inside = tinycss2.parse_blocks_contents(node.content, skip_comments=True)
            yield Rule(written, _selectors(written), _declarations(inside), media)
        elif node.type == "at-rule":
            names.add(node.lower_at_keyword)
            if node.lower_at_keyword == "media" and node.content is not None:
                condition = tinycss2.serialize(node.prelude).strip().lower()
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True)
                yield from _rules(inner, (*media, condition), names)


def _selectors(written: str) -> tuple[Selector, ...]:
    """Each selector of a group; a group with one that is not understood counts for nothing.

    Neither does one with `~`: few mail programs know it, and it costs the square of the siblings.
    """
    if len(written) > _MAX_SELECTOR:
        return ()
    try:
        return tuple(
            Selector(parsed.specificity(), CSSSelector(parsed.canonical(), translator="html"))
            for parsed in parse_selectors(written)
            if parsed.pseudo_element is None and "~ " not in parsed.canonical()
        )
    except (SelectorError, etree.XPathError):
        return ()


def _declarations(nodes: Iterable[Any]) -> tuple[Declaration, ...]:
    return tuple(
        Declaration(node.lower_name, tinycss2.serialize(node.value).strip().lower(), node.important)
        for node in nodes
        if node.type == "declaration"
    )


def _sane(css: str) -> str:
    """The same CSS, or none where brackets or numbers are such as nobody writes."""
    depth = deepest = 0
    for bracket in re.findall(r"[()\[\]{}]", css):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return "" if deepest > _MAX_DEPTH or re.search(r"\d{100}", css) else css
