"""Find the first mistake in a tree of MJML. Pure.

What stands in a tag of HTML (`mj-text`, `mj-raw`) is not checked, but for tags of MJML gone astray.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from content.mjml.rules import Table, TagRule, load_table
from content.mjml.values import nearest

_INCLUDE = "mj-include"
_DEFAULTS = "mj-attributes"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with which tag, and with which of its attributes, if with one."""

    element: Element
    text: str
    attribute: str = ""


def find_mistake(root: Element) -> Mistake | None:
    """Give the first mistake in the order of reading, or None."""
    if root.tag != "mjml":
        return Mistake(root, f"an e-mail in MJML begins with <mjml>, not with <{root.tag}>")
    return next(_judge(root, "", load_table().tags), None)


def unknown_tag(tag: str) -> str:
    """Say that there is no such tag in MJML, if it looks like one; else nothing."""
    tags = load_table().tags
    if tag in tags or not tag.lower().startswith("mj"):
        return ""
    if tag == _INCLUDE:
        return '<mj-include> is not read here; write {% include "emails/partials/…" %}'
    return f"MJML has no tag <{tag}>{nearest(tag, tags, as_tags=True)}"


def _judge(element: Element, parent: str, tags: Mapping[str, TagRule]) -> Iterator[Mistake]:
    if found := _wrong_tag(element.tag, parent, tuple(element.items())):
        text, attribute = found
        yield Mistake(element, text, attribute)
    elif parent == _DEFAULTS:
        yield from _not_empty(element)
    elif tags[element.tag].html:
        yield from _astray(element)
    else:
        yield from _lost_words(element)
        for child in element:
            yield from _judge(child, element.tag, tags)


# A letter repeats its tags, and a month its letters.
@lru_cache(4096)
def _wrong_tag(
    tag: str, parent: str, attributes: tuple[tuple[str, str], ...]
) -> tuple[str, str] | None:
    """What is wrong with a start tag in this parent, and with which attribute, if with one."""
    table = load_table()
    if wrong := unknown_tag(tag) or _misplaced(tag, parent, table.tags.get(tag)):
        return wrong, ""
    judged = ((_wrong_attribute(tag, name, value, table), name) for name, value in attributes)
    return next(((wrong, name) for wrong, name in judged if wrong), None)


def _misplaced(tag: str, parent: str, rule: TagRule | None) -> str:
    if rule is None:
        places = "<mj-text>, <mj-table> or <mj-raw>"
        return f"<{tag}> is HTML, which stands in {places}, not in <{parent}>"
    if "*" in rule.passed_over:
        return f"<{tag}> is MJML, but not known to our compiler"
    if parent in rule.parents or not parent or (parent == _DEFAULTS and tag != "mjml"):
        return ""
    places = " or ".join(f"<{name}>" for name in rule.parents) or "no other tag"
    return f"<{tag}> stands in {places}, not in <{parent}>"


def _wrong_attribute(tag: str, name: str, value: str, table: Table) -> str:
    rule = table.tags[tag]
    kind = rule.attributes.get(name)
    if kind is None:
        return f"<{tag}> has no attribute {name}{nearest(name, rule.attributes)}"
    if name in rule.passed_over:
        return f"{name} of <{tag}> is MJML, but our compiler passes over it"
    if table.values.fits(kind, value):
        return ""
    return f'{name}="{value}" is not right for <{tag}>; {table.values.expected(kind, value)}'


def _not_empty(element: Element) -> Iterator[Mistake]:
    if len(element) or (element.text or "").strip():
        yield Mistake(element, f"<{element.tag}> in <{_DEFAULTS}> holds nothing but attributes")


def _astray(element: Element) -> Iterator[Mistake]:
    """Tags of MJML between HTML would reach the reader as they are."""
    for inner in element.iter():
        stray = inner.tag.startswith("mj") and inner is not element
        if stray and (found := _wrong_tag(inner.tag, element.tag, ())):
            yield Mistake(inner, found[0])


def _lost_words(element: Element) -> Iterator[Mistake]:
    between = [element.text, *(child.tail for child in element)]
    if words := "".join(filter(None, between)).split():
        lost = " ".join(words)[:30]
        where = f"words in <{element.tag}> itself are lost; put them in <mj-text>"
        yield Mistake(element, f'"{lost}": {where}')
