"""A file of any encoding, delimiter and damage, as rows of cells. Memory does not grow with it."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from subscribers.errors import BadList

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DELIMITERS = ",;\t"
# What is longer is cut: no cell of it could be taken (csv allows 131,072 characters in one).
_LONGEST_LINE = 2**20


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it stands in the file; `broken` says why its cells cannot be told apart."""

    line: int
    cells: list[str]
    broken: str = ""


def read_cells(file: BinaryIO, name: str) -> Iterator[Cells]:
    """The rows of a file with its header first, without empty ones.

    `line` is the last line of a row, as an editor counts. UTF-8 and UTF-16 are read; bytes that
    are neither become lone surrogates, so that one row can be refused instead of the file.

    Raises:
        BadList: UTF-16 that is cut, or a quote that is never closed.
    """
    head = file.read(4)
    encoding = next((code for bom, code in _BOMS.items() if head.startswith(bom)), "utf-8")
    raw = io.BufferedReader(_Rejoined(head, file))
    # `surrogateescape` cannot be asked of UTF-16, which has no single bytes.
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")
    lines = _lines(text)
    first = next((line for line in lines if line.strip()), "")
    yield from _rows(first, lines, name)


def _rows(first: str, lines: Iterator[str], name: str) -> Iterator[Cells]:
    delimiter = max(_DELIMITERS, key=first.count)
    feed = _Feed(first, lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if feed.ended:  # what follows the quote is lost in it: not one row, but many
                raise BadList(f"{name}: a quote is opened that is never closed") from error
            yield Cells(reader.line_num, [], _reason(error))
            continue
        except UnicodeDecodeError as error:
            line = reader.line_num + 1
            raise BadList(f"{name}, near line {line}: not UTF-16, though it says so") from error
        if any(cells) and any(map(str.strip, cells)):
            yield Cells(reader.line_num, cells)


def _reason(error: csv.Error) -> str:
    too_long = "field larger" in str(error)
    return "a cell without end" if too_long else f"its quotes are not those of CSV ({error})"


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        rest = line
        while len(rest) == _LONGEST_LINE and rest[-1] not in "\r\n":
            rest = text.readline(_LONGEST_LINE)
        yield line


class _Feed:
    """The lines for the reader, which remembers whether the last one has been asked for."""

    def __init__(self, first: str, lines: Iterator[str]) -> None:
        self._first, self._lines, self.ended = first, lines, False

    def __iter__(self) -> Iterator[str]:
        if self._first:
            yield self._first
        yield from self._lines
        self.ended = True


class _Rejoined(io.RawIOBase):
    """A stream whose head was looked at, from its beginning again; a pipe cannot be rewound."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head or self._rest.read(len(buffer))
        taken, self._head = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
