"""What the wiring itself can find wrong, and what SQLite's errors mean to who runs it."""

import sqlite3


class SettingsWrong(Exception):
    """lettermill.toml or the environment is not right; the text says file, line, key and cure."""


class Held(Exception):
    """Nothing is broken, but a person must decide before it goes on."""


class Busy(Exception):
    """The site cannot write at this moment; nothing was written, and it may be tried again."""


class CopyUnusable(Exception):
    """A copy of the database could not be made, or is none to go on with; nothing was changed."""


_DAMAGED = "it is no database, or is damaged or encrypted"
# By the beginning of SQLite's name for it (https://www.sqlite.org/rescode.html): what it is, and
# what to do. SQLite says "disk I/O error" of a full disk where it cannot make its other files.
_OF_SQLITE = {
    "SQLITE_FULL": ("the disk is full", "make room, and run it again"),
    "SQLITE_IOERR": ("the disk is full or failing", "make room, and run it again"),
    "SQLITE_BUSY": ("another program keeps it locked", "end that one, and run it again"),
    "SQLITE_READONLY": ("it may not be written", "run it as who owns it"),
    "SQLITE_CANTOPEN": ("it cannot be opened", "look at who owns it, and its folder"),
    "SQLITE_NOTADB": (_DAMAGED, "`lettermill restore` the last backup"),
    "SQLITE_CORRUPT": (_DAMAGED, "`lettermill restore` the last backup"),
}


def explain_sqlite(error: sqlite3.Error) -> tuple[str, str]:
    """What an error of SQLite means, and what to do about it; else its own words, and ''."""
    name = getattr(error, "sqlite_errorname", "")
    known = (meant for start, meant in _OF_SQLITE.items() if name.startswith(start))
    return next(known, (str(error), ""))
