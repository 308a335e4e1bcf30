"""What the value of an MJML attribute may be: `unit(px,%){1,4}`, `color`, `enum(left,right)`. Pure.

The types and their patterns are npm mjml's own, out of rules.json.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_COLOURS = re.compile(r"\^\(([a-z|]+)\)\$")


class Values:
    """The types of a table, each with the patterns one of which a value must match."""

    def __init__(self, types: Mapping[str, list[str]]) -> None:
        self._patterns = {kind: _any_of(patterns) for kind, patterns in types.items()}
        self._colours = _colours(types["color"])

    def fits(self, kind: str, value: str) -> bool:
        """Whether a value is of a type."""
        pattern = self._patterns.get(kind)
        return pattern is None or pattern.search(value) is not None

    def expected(self, kind: str, value: str) -> str:
        """Say what a value of this type may be, and which the author may have meant."""
        name, _, rest = kind.partition("(")
        options = [option for option in rest.partition(")")[0].split(",") if option]
        if name == "enum":
            return f"it may be {_either(options)}{nearest(value, options)}"
        if name.startswith("unit"):
            return f"it may be {_lengths(kind, options)}"
        if name == "color":
            return f"it may be #rrggbb or the name of a colour{nearest(value, self._colours)}"
        return {"boolean": "it may be true or false", "integer": "it may be a number"}[name]


def nearest(word: str, known: Iterable[str], *, as_tags: bool = False) -> str:
    """Name the known word that an author may have meant, as the end of a sentence."""
    near = get_close_matches(word.lower(), known, n=1)
    shown = f"<{near[0]}>" if near and as_tags else "".join(near)
    return f"; did you mean {shown}?" if near else ""


def _lengths(kind: str, units: list[str]) -> str:
    words = [f"a number with {unit}" for unit in units if unit != "auto"]
    several = "one to four lengths, each " if kind.endswith("{1,4}") else ""
    return several + _either(words + ["auto"] * ("auto" in units))


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _colours(patterns: list[str]) -> list[str]:
    names = (_COLOURS.fullmatch(pattern) for pattern in patterns)
    return [name for found in names if found for name in found[1].split("|")]


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    """One pattern of many; what ignores case does so beside others that do not."""
    alone = [re.sub(r"^\(\?i\)", "(?i:", one) if "(?i)" in one else f"(?:{one}" for one in patterns]
    return re.compile("|".join(f"{one})" for one in alone))
