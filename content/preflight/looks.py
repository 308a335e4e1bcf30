"""How the words of a letter look: colour, ground, size, and whether they are seen at all. Pure.

Of CSS it knows what decides these: the cascade, what is inherited, dark and light. Opacity between
hidden and full is taken as full, and behind a picture the colour under it is taken, which is what
a reader without pictures sees.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from content.preflight.colours import BLACK, CLEAR, WHITE, Paint, paint_over, read_colour
from content.preflight.sheet import Declaration, Rule, read_declarations

Values = Mapping[str, str]

_BODY_PIXELS = 16.0
_WINDOW_PIXELS = 800  # a mail program on a desk
_IN_PIXELS = {"px": 1.0, "pt": 4 / 3, "rem": _BODY_PIXELS, "in": 96.0, "cm": 37.8, "mm": 3.78}
_KEYWORDS = {"x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
_HEADINGS = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_BOLD = {"b", "strong", "th", *_HEADINGS}
_NEVER_SHOWN = {"head", "style", "script", "title", "template", "noscript"}
_LINK = read_colour("#0000ee") or BLACK
_ZERO = re.compile(r"0+(\.0*)?(px|em|pt|%)?")
_SIZE = re.compile(r"(\d*\.?\d+)(px|pt|rem|em|%|in|cm|mm)")


class Scheme(StrEnum):
    """What the reader's machine is set to."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Look:
    """How words look that stand in an element; `size` in CSS pixels, `ground` is opaque."""

    colour: Paint
    ground: Paint
    size: float
    bold: bool
    hidden: bool

    @property
    def seen(self) -> bool:
        """Whether a person could see words here, colours aside."""
        return not self.hidden and self.size > 1


_CANVAS = Look(BLACK, WHITE, _BODY_PIXELS, bold=False, hidden=False)


def look_at(
    root: etree._Element, rules: tuple[Rule, ...], scheme: Scheme
) -> dict[etree._Element, Look]:
    """The look of every element, in the order of the letter."""
    matched = _match(root, [rule for rule in rules if _holds(rule.media, scheme)])
    looks: dict[etree._Element, Look] = {}
    for element in root.iter(etree.Element):
        parent = element.getparent()
        around = _CANVAS if parent is None else looks[parent]
        looks[element] = _look(element, _values(element, matched.get(element, [])), around)
    return looks


def _match(
    root: etree._Element, rules: list[Rule]
) -> dict[etree._Element, list[tuple[Declaration, ...]]]:
    """The declarations of the rules for each element, the strongest last."""
    found: dict[etree._Element, list[tuple[tuple[int, int, int], int]]] = {}
    for order, rule in enumerate(rules):
        for selector in rule.selectors:
            for element in selector.find(root):
                found.setdefault(element, []).append((selector.specificity, order))
    return {
        element: [rules[order].declarations for _specificity, order in sorted(weights)]
        for element, weights in found.items()
    }


def _values(element: etree._Element, matched: list[tuple[Declaration, ...]]) -> Values:
    """What holds in the end: attributes, then rules, then `style`; `!important` over them all."""
    layers = [*matched, read_declarations(element.get("style", ""))]
    values = {"color": element.get("color", ""), "background-color": element.get("bgcolor", "")}
    for important in (False, True):
        for layer in layers:
            for declaration in layer:
                if declaration.important is important:
                    values.update(_longhand(declaration))
    return values


def _longhand(declaration: Declaration) -> dict[str, str]:
    """The parts of the shorthands that matter here, out of `background` and `font`."""
    if declaration.name == "background":
        words = re.findall(r"[^\s(]+(?:\([^)]*\))?", declaration.value)
        colour = next((word for word in words if read_colour(word)), "transparent")
        return {"background-color": colour}
    if declaration.name == "font" and (size := _SIZE.search(declaration.value)):
        return {"font-size": size[0]}
    return {declaration.name: declaration.value}


def _look(element: etree._Element, values: Values, around: Look) -> Look:
    ground = read_colour(values["background-color"]) or CLEAR
    weight = values.get("font-weight", "bold" if element.tag in _BOLD else "")
    seen_ground = paint_over(around.ground, ground)
    return Look(
        colour=paint_over(seen_ground, _colour(element, values["color"], around)),
        ground=seen_ground,
        size=_size(values.get("font-size", ""), str(element.tag), around.size),
        bold=_is_bold(weight) if weight else around.bold,
        hidden=around.hidden or _is_hidden(element, values),
    )


def _colour(element: etree._Element, written: str, around: Look) -> Paint:
    own = read_colour(written)
    if own is not None:
        return own
    plain_link = element.tag == "a" and element.get("href") and not written
    return _LINK if plain_link else around.colour


def _size(written: str, tag: str, around: float) -> float:
    if _ZERO.fullmatch(written):
        return 0.0
    if written in _KEYWORDS:
        return _KEYWORDS[written]
    measured = _SIZE.fullmatch(written)
    if measured is None:
        return around * _HEADINGS[tag] if tag in _HEADINGS and not written else around
    number = float(measured[1])
    if measured[2] in ("em", "%"):
        return around * number / (100 if measured[2] == "%" else 1)
    return number * _IN_PIXELS[measured[2]]


def _is_bold(weight: str) -> bool:
    return weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 700)


def _is_hidden(element: etree._Element, values: Values) -> bool:
    closed = any(_ZERO.fullmatch(values.get(name, "")) for name in ("height", "max-height"))
    return (
        element.tag in _NEVER_SHOWN
        or element.get("hidden") is not None
        or values.get("display") == "none"
        or values.get("visibility") in ("hidden", "collapse")
        or bool(_ZERO.fullmatch(values.get("opacity", "")))
        or (closed and values.get("overflow") == "hidden")
    )


def _holds(media: tuple[str, ...], scheme: Scheme) -> bool:
    """Whether conditions hold on a desk with this scheme; what is not understood does not."""
    return all(any(_query(query, scheme) for query in around.split(",")) for around in media)


def _query(query: str, scheme: Scheme) -> bool:
    parts = [part.strip() for part in query.removeprefix("only ").split(" and ")]
    return all(_feature(part.strip(" ()"), scheme) for part in parts)


def _feature(feature: str, scheme: Scheme) -> bool:
    name, _, value = (part.strip() for part in feature.partition(":"))
    if name == "prefers-color-scheme":
        return value == scheme
    width = re.fullmatch(r"([\d]{1,6})(?:\.\d+)?px", value)
    if width and name in ("min-width", "max-width"):
        narrower = int(width[1]) <= _WINDOW_PIXELS
        return narrower if name == "min-width" else not narrower
    return feature in ("screen", "all")
