"""Find the first mistake in a tree of MJML. Pure.

What stands in a tag of HTML (`mj-text`, `mj-raw`) is not checked, but for tags of MJML gone astray.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
    return next(_judge(root, "", load_table()), None)


def _judge(element: Element, parent: str, table: Table) -> Iterator[Mistake]:
    rule = table.tags.get(element.tag)
    if rule is None:
        yield Mistake(element, _unknown(element.tag, parent, table))
        return
    if wrong := _misplaced(element.tag, parent, rule):
        yield Mistake(element, wrong)
    yield from _attributes(element, rule, table)
    if parent == _DEFAULTS:
        yield from _not_empty(element)
    elif rule.html:
        yield from _astray(element, table)
    else:
        yield from _lost_words(element)
        for child in element:
            yield from _judge(child, element.tag, table)


def _unknown(tag: str, parent: str, table: Table) -> str:
    if tag == _INCLUDE:
        return '<mj-include> is not read here; write {% include "emails/partials/…" %}'
    if tag.startswith("mj"):
        return f"MJML has no tag <{tag}>{nearest(tag, table.tags, as_tags=True)}"
    return f"<{tag}> is HTML, which stands in <mj-text>, <mj-table> or <mj-raw>, not in <{parent}>"


def _misplaced(tag: str, parent: str, rule: TagRule) -> str:
    if "*" in rule.passed_over:
        return f"<{tag}> is MJML, but not known to our compiler"
    if parent in rule.parents or not parent or (parent == _DEFAULTS and tag != "mjml"):
        return ""
    places = " or ".join(f"<{name}>" for name in rule.parents) or "no other tag"
    return f"<{tag}> stands in {places}, not in <{parent}>"


def _attributes(element: Element, rule: TagRule, table: Table) -> Iterator[Mistake]:
    for name, value in element.items():
        kind = rule.attributes.get(name) or _free_kind(element.tag, name, table)
        if wrong := _wrong_attribute(element.tag, name, value, kind, rule, table):
            yield Mistake(element, wrong, attribute=name)


def _free_kind(tag: str, name: str, table: Table) -> str | None:
    """`mj-all` and `mj-class` take what any tag takes, of whatever type."""
    if tag not in ("mj-all", "mj-class"):
        return None
    return "string" if any(name in rule.attributes for rule in table.tags.values()) else None


def _wrong_attribute(
    tag: str, name: str, value: str, kind: str | None, rule: TagRule, table: Table
) -> str:
    if kind is None:
        return f"<{tag}> has no attribute {name}{nearest(name, rule.attributes)}"
    if name in rule.passed_over:
        return f"{name} of <{tag}> is MJML, but our compiler passes over it"
    if table.values.fits(kind, value):
        return ""
    return f'{name}="{value}" is not right for <{tag}>; {table.values.expected(kind, value)}'


def _not_empty(element: Element) -> Iterator[Mistake]:
    if len(element) or _words(element.text):
        yield Mistake(
            element, f"<{element.tag}> in <{_DEFAULTS}> says attributes, and holds nothing"
        )


def _astray(element: Element, table: Table) -> Iterator[Mistake]:
    """Tags of MJML between HTML would reach the reader as they are."""
    for inner in element.iter():
        if inner is not element and inner.tag.startswith("mj"):
            rule = table.tags.get(inner.tag)
            wrong = _misplaced(inner.tag, element.tag, rule) if rule else ""
            yield Mistake(inner, wrong or _unknown(inner.tag, element.tag, table))


def _lost_words(element: Element) -> Iterator[Mistake]:
    words = _words(element.text) or next(filter(None, (_words(e.tail) for e in element)), "")
    if words:
        where = f"words in <{element.tag}> itself are lost; put them in <mj-text>"
        yield Mistake(element, f'"{words}": {where}')


def _words(text: str | None) -> str:
    """The beginning of what is more than space."""
    return " ".join((text or "").split())[:30]
