"""Mark in an author's MJML where each tag stands, before Jinja makes one text of many files.

A mark is a processing instruction, `<?place emails/digest.mjml:3:7 align:3:16?>`: file, line and
column of the tag after it, then its attributes. Nothing of a feed or a setting can bring one, for
Jinja escapes `<` and cleaned HTML has no instructions. The compiler takes them out again.
"""

import re
from bisect import bisect_right
from urllib.parse import quote

from jinja2.ext import Extension

TARGET = "place"
_MARK = re.compile(rf"<\?{TARGET} [^?]*\?>")
# What is never closed runs to the end: Jinja or the compiler will refuse it, and nothing is read
# twice, however long it is. For the same reason no loop here gives back what it has taken (`*+`).
_QUOTED = r"\"(?:\\.|[^\"\\])*+\"|'(?:\\.|[^'\\])*+'"
_EXPRESSION = rf"\{{[{{%](?:(?![}}%]\}})(?:{_QUOTED}|[^\"']))*+(?:[}}%]\}}|.*)"
_JINJA = rf"\{{#.*?(?:#\}}|\Z)|{_EXPRESSION}"
# A tag whose name Jinja makes (`<h{{ size }}>`) goes without a mark.
_TAG = re.compile(
    rf"{_JINJA}|<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    rf"|(?P<tag></?[A-Za-z][\w.:-]*+(?!\{{))",
    re.DOTALL,
)
_IN_TAG = re.compile(
    r"(?<![\w.:-])(?P<name>[\w.:-]++)\s*+=\s*+"
    rf"(?:\"(?:{_JINJA}|[^\"])*+\"|'(?:{_JINJA}|[^'])*+')"
    rf"|{_JINJA}|(?P<end>[<>])",
    re.DOTALL,
)


class PlaceMarks(Extension):
    """Marks the tags of every template that is MJML, and adds no line to it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Put the marks in."""
        return mark_tags(source, name) if name and name.endswith(".mjml") else source


def mark_tags(source: str, name: str) -> str:
    """Put a mark before each tag of a template's source."""
    starts = [0, *(line.end() for line in re.finditer(r"\r\n|\r|\n", source))]

    def at(offset: int) -> str:
        line = bisect_right(starts, offset)
        return f"{line}:{offset - starts[line - 1] + 1}"

    def marked(found: re.Match[str]) -> str:
        if found["tag"] is None:
            return found[0]
        attributes = (f"{name}:{at(offset)}" for name, offset in _attributes(source, found))
        return _mark(name, at(found.start()), *attributes) + found[0]

    return _TAG.sub(marked, source)


def mark_file(rendered: str, name: str) -> str:
    """Say of which file a rendered text is, for what is wrong with all of it."""
    return _mark(name, "1:1") + rendered


def without_marks(mjml: str) -> str:
    """Take all marks out."""
    return _MARK.sub("", mjml)


def _mark(name: str, at: str, *attributes: str) -> str:
    """A file's name may hold a space or a question mark, which would end it or the mark."""
    return f"<?{TARGET} {' '.join([f'{quote(name)}:{at}', *attributes])}?>"


def _attributes(source: str, tag: re.Match[str]) -> list[tuple[str, int]]:
    """Names and offsets of the attributes that the author wrote in a start tag of ours."""
    found: list[tuple[str, int]] = []
    if not tag["tag"].startswith("<mj"):
        return found
    for part in _IN_TAG.finditer(source, tag.end()):
        if part["end"]:
            break
        if part["name"]:
            found.append((part["name"], part.start()))
    return found
