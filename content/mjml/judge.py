"""Find the first mistake in a tree of MJML. Pure.

What stands in a tag of HTML (`mj-text`, `mj-raw`) is not checked, but for tags of MJML gone astray.
"""

from collections.abc import Mapping
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
    return _judge(root, "", load_table().tags)


def unknown_tag(tag: str) -> str:
    """Say that there is no such tag in MJML, if it looks like one; else nothing."""
    tags = load_table().tags
    if tag in tags or not tag.lower().startswith("mj"):
        return ""
    if tag == _INCLUDE:
        return '<mj-include> is not read here; write {% include "emails/partials/…" %}'
    return f"MJML has no tag <{tag}>{nearest(tag, tags, as_tags=True)}"


def _judge(element: Element, parent: str, tags: Mapping[str, TagRule]) -> Mistake | None:
    if found := _wrong_tag(element.tag, parent, tuple(element.items())):
        text, attribute = found
        return Mistake(element, text, attribute)
    if parent == _DEFAULTS:
        return _not_empty(element)
    if tags[element.tag].html:
        return _astray(element)
    if lost := _lost_words(element):
        return lost
    for child in element:
        if mistake := _judge(child, element.tag, tags):
            return mistake
    return None


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


def _not_empty(element: Element) -> Mistake | None:
    if len(element) or (element.text or "").strip():
        return Mistake(element, f"<{element.tag}> in <{_DEFAULTS}> holds nothing but attributes")
    return None


def _astray(element: Element) -> Mistake | None:
    """Tags of MJML between HTML would reach the reader as they are."""
    for inner in element.iter():
        stray = inner.tag.startswith("mj") and inner is not element
        if stray and (found := _wrong_tag(inner.tag, element.tag, ())):
            return Mistake(inner, found[0])
    return None


def _lost_words(element: Element) -> Mistake | None:
    between = (element.text or "") + "".join([child.tail or "" for child in element])
    if not between.strip():
        return None
    lost = " ".join(between.split())[:30]
    where = f"words in <{element.tag}> itself are lost; put them in <mj-text>"
    return Mistake(element, f'"{lost}": {where}')
