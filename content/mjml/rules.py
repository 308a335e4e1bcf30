"""The table of MJML: which tags there are, where each may stand, what it may say. Pure.

rules.json is made from npm's mjml, the reference compiler, by benchmarks/mjml_rules.py, which also
finds what mrml passes over: an author would see no effect of it, and hear no complaint.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from content.mjml.values import Values

_FILE = Path(__file__).with_name("rules.json")
# In `mj-attributes` these take what any tag takes.
_DEFAULTS = ("mj-all", "mj-class")
_EVERYWHERE = ("css-class", "mj-class")


@dataclass(frozen=True, slots=True)
class TagRule:
    """What MJML says of one tag.

    `attributes` gives the type of each; `html` is whether what stands in it is HTML, which is not
    checked; `passed_over` holds attributes that mrml ignores, or `*`.
    """

    attributes: Mapping[str, str]
    parents: tuple[str, ...]
    html: bool
    passed_over: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """All of MJML: its tags, and the types of its values."""

    tags: Mapping[str, TagRule]
    values: Values


@cache
def load_table() -> Table:
    """Read the table that comes with the package."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))
    tags: dict[str, dict[str, Any]] = read["tags"]
    anything = {name: "string" for said in tags.values() for name in said["attributes"]}
    for tag in _DEFAULTS:
        tags[tag]["attributes"] |= anything
    return Table({tag: _as_rule(tag, tags) for tag in tags}, Values(read["types"]))


def _as_rule(tag: str, tags: dict[str, dict[str, Any]]) -> TagRule:
    said = tags[tag]
    passed_over = frozenset(said.get("passed_over", []))
    parents = [parent for parent, rule in tags.items() if tag in rule["children"]]
    return TagRule(
        attributes=dict.fromkeys(_EVERYWHERE, "string") | said["attributes"],
        parents=tuple(p for p in parents if f"in {p}" not in passed_over),
        html=said["html"],
        passed_over=passed_over,
    )
