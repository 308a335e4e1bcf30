"""Write content/mjml/rules.json: what npm's mjml allows, and what of it mrml passes over.

    .venv/bin/python -m benchmarks.mjml_rules --npm node_modules

Every tag and attribute of npm's mjml is tried in a small letter. Where a value changes npm's HTML
and none changes mrml's, an author would see no effect and no complaint: the attribute is "passed
over". A tag that mrml fails at is, too (`*`), or in one parent only (`in mjml`). All that is
refused.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from mjml import mjml2html

from benchmarks.npm_mjml import ask, options
from flows.resources import OUR_TEMPLATES

TARGET = OUR_TEMPLATES.parent / "content" / "mjml" / "rules.json"
# npm's mjml reads these as if they held HTML; mrml wants them empty.
EMPTY = {"mj-breakpoint", "mj-carousel-image"}
LENGTHS = ("17px", "37%", "17", "auto", "")
STRINGS = (
    *("Georgia", "3px dashed red", "https://x.example/a.png", "italic", "uppercase", "700", "10px"),
    *("center bottom", "cover", "hamburger", "inline", "desktop", "rtl", "facebook"),
)
Tags = dict[str, Any]


def values(kind: str) -> tuple[str, ...]:
    """Values of a type, so many that one of them must be another than the default."""
    if kind.startswith("enum("):
        return tuple(kind[5:-1].split(","))
    if kind.startswith("unit"):
        return LENGTHS
    known = {"color": ("#123456",), "boolean": ("true", "false"), "integer": ("7",)}
    return known.get(kind, STRINGS)


def letter(tags: Tags, tag: str, attributes: str, parent: str = "") -> str:
    """A small letter with this tag in a place where it may stand, and its class in use."""
    start = f"<{tag} {attributes}>"
    inside = start + _inside(tags, tag) + f"</{tag}>"
    while tag != "mjml":
        tag, parent = parent or parents(tags, tag)[-1], ""
        inside = f"<{tag}>{inside}</{tag}>"
    if "<mj-body" in inside:
        return inside
    column = '<mj-column><mj-text css-class="shown">Hi</mj-text></mj-column>'
    return inside.replace("</mjml>", f"<mj-body><mj-section>{column}</mj-section></mj-body></mjml>")


def parents(tags: Tags, tag: str) -> list[str]:
    return [parent for parent, rule in tags.items() if tag in rule["children"]]


def _inside(tags: Tags, tag: str) -> str:
    if tag in EMPTY or tag == "mj-style":
        return "" if tag in EMPTY else ".shown { color: #abcdef }"
    if tags[tag]["html"]:
        return "words"
    child = min((c for c in tags[tag]["children"] if c != "mj-raw"), key=_plainest, default="")
    return f"<{child}>{_inside(tags, child)}</{child}>" * 2 if child else ""


def _plainest(tag: str) -> int:
    plain = ["mj-body", "mj-section", "mj-column", "mj-text"]
    return plain.index(tag) if tag in plain else len(plain)


def passed_over(tags: Tags, npm: Any) -> Iterator[tuple[str, str]]:
    """Tag, and what of it npm heeds and mrml does not."""
    for tag in tags:
        if tag in ("mj-all", "mj-class", "mj-attributes"):
            continue
        fails = [p for p in parents(tags, tag) if by_mrml(letter(tags, tag, "", p)) is None]
        if fails and fails == parents(tags, tag):
            yield tag, "*"
            continue
        yield from ((tag, f"in {parent}") for parent in fails)
        yield from ((tag, name) for name in _unheeded(tags, tag, letter(tags, tag, ""), npm))


def _unheeded(tags: Tags, tag: str, plain: str, npm: Any) -> list[str]:
    tries = [
        (name, letter(tags, tag, f'{name}="{value}"'))
        for name, kind in tags[tag]["attributes"].items()
        for value in values(kind)
    ]
    theirs, ours = npm([plain] + [mjml for _, mjml in tries]), by_mrml(plain)
    heeded = {name for (name, mjml) in tries if by_mrml(mjml) != ours}
    changes = {name for (name, _), html in zip(tries, theirs[1:], strict=True) if html != theirs[0]}
    return sorted(changes - heeded)


def by_mrml(mjml: str) -> str | None:
    try:
        return str(mjml2html(mjml, fonts={}))
    except ValueError:
        return None


def main() -> None:
    npm = options(__doc__).parse_args().npm
    rules = ask(npm, "rules")
    tags = rules["tags"]
    for tag, name in passed_over(tags, lambda letters: ask(npm, "compile", letters)):
        tags[tag].setdefault("passed_over", []).append(name)
    made = {"mjml": rules["mjml"], "mjml-python": version("mjml-python"), **rules}
    TARGET.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    for tag, rule in tags.items():
        for name in rule.get("passed_over", []):
            print(tag, name)


if __name__ == "__main__":
    main()
