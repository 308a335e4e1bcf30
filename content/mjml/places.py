"""Say where in the author's files a mistake of rendered MJML stands; asked only if there is one."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote
from xml.parsers import expat

from content.mjml.marks import TARGET


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an author's template; line and column count from one."""

    file: str = "the template"
    line: int = 1
    column: int = 1

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `emails/digest.mjml:3:7`."""
        file, line, column = text.rsplit(":", 2)
        return cls(unquote(file), int(line), int(column))

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it was met: its name and the mark before it."""

    name: str
    mark: str = ""

    def place(self, attribute: str = "") -> Place:
        """Where it stands, or its attribute if the author wrote that there."""
        if not self.mark:
            return Place()
        where, *attributes = self.mark.split()
        for name, _, at in (found.partition(":") for found in attributes):
            if name == attribute:
                return Place.read(f"{where.rsplit(':', 2)[0]}:{at}")
        return Place.read(where)


class Walk:
    """Goes through MJML as far as it is well-formed: its tags, the last mark, and what is open.

    `broken` is what expat says where it stops, empty if it never does; `before` and `rest` are the
    text on both sides of there.
    """

    def __init__(self, mjml: str) -> None:
        self.tags: list[Tag] = []
        self.open: list[Tag] = []
        self.mark = ""
        self.broken = self.before = self.rest = ""
        parser = expat.ParserCreate(namespace_separator="}")  # as ElementTree, or they disagree
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        source = mjml.encode()
        try:
            parser.Parse(source, True)
        except expat.ExpatError as error:
            self.broken = expat.errors.messages[error.code]
            halves = source[: parser.ErrorByteIndex], source[parser.ErrorByteIndex :]
            self.before, self.rest = (half.decode(errors="replace") for half in halves)

    @property
    def closing(self) -> str:
        """The name of the end tag that it stops at, if that is what it stops at."""
        is_end = self.broken == expat.errors.XML_ERROR_TAG_MISMATCH
        return self.rest.lstrip("</").partition(">")[0].strip() if is_end else ""

    def _instruction(self, target: str, data: str) -> None:
        if target == TARGET:
            self.mark = data

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = Tag(name, self.mark)
        self.tags.append(tag)
        self.open.append(tag)

    def _end(self, _name: str) -> None:
        self.open.pop()


def place_of(walk: Walk, number: int, attribute: str = "") -> Place:
    """Where the tag with this number stands, counted from zero in the order of reading.

    Where the walk did not come so far, it is the last place it came to.
    """
    known = walk.tags[number] if number < len(walk.tags) else Tag("", walk.mark)
    return known.place(attribute)
