"""The log of a part: its last lines in a file that does not grow without end, with no address."""

import re
from collections import deque
from pathlib import Path

_MOST = 1_000_000  # bytes; as much again is kept of what went before
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NO_WORD = re.compile(r"^[\W_]*$")
_OWN_QUESTION = "GET /healthz 200"
_ERROR = re.compile(r"[\w.]*(Error|Exception): ")  # as Python ends a traceback
_LATEST = 10  # lines; servers say goodbye after an error
_SAID = 160  # characters of a line


class Log:
    """What a part says, line by line.

    Where nothing can be written, as on a full disk, the part goes on without its log, and
    `trouble` says why.
    """

    def __init__(self, path: Path) -> None:
        self.trouble = ""
        self._latest: deque[str] = deque(maxlen=_LATEST)
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._file = path.open("ab", buffering=0)

    @property
    def last_words(self) -> str:
        """The newest error of the last lines; else the newest line that says something, or ''."""
        newest = [*reversed(self._latest)]
        return next(filter(_ERROR.match, newest), newest[0] if newest else "")

    def write(self, line: str) -> None:
        """Add a line; what looks like an address is not written."""
        if _OWN_QUESTION in line:
            return
        line = _ADDRESS.sub("…", _COLOURS.sub("", line)).rstrip()
        if not _NO_WORD.match(line):
            self._latest.append(line.strip()[:_SAID])
        try:
            self._turn_over()
            self._file.write(line.encode() + b"\n")
        except OSError as error:
            self.trouble = f"{self._path.name}: {error.strerror}"
        else:
            self.trouble = ""

    def _turn_over(self) -> None:
        if self._file.tell() < _MOST:
            return
        self._path.replace(self._path.with_suffix(".log.1"))
        newer = self._path.open("ab", buffering=0)
        self._file.close()
        self._file = newer

    def close(self) -> None:
        """Close the file."""
        self._file.close()
