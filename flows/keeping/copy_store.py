"""Copies of a whole database as files: made while it is used, checked, readable by us only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from flows.database import bring_up_to_date, require_known

_OURS = {"posts", "editions", "subscribers", "suppressions", "mailings", "deliveries"}


@contextmanager
def open_alone(path: Path) -> Iterator[Database]:
    """Open a database as one file, without a log beside it; what is done to it may be undone."""
    with closing(sqlite3.connect(path.resolve().as_uri(), timeout=2, uri=True)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA secure_delete = ON")
        yield Database(connection)


@contextmanager
def kept_from_others(path: Path) -> Iterator[Database]:
    """Hold a database that nobody else has open, so that nobody writes to it.

    Raises:
        sqlite3.OperationalError: somebody has it open.
        sqlite3.DatabaseError: it cannot be read.
        SettingsWrong: a newer Lettermill made it.
    """
    with open_alone(path) as db:
        require_known(db, path)
        bring_up_to_date(db)
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        finally:
            db.rollback()


def copy_into(source: sqlite3.Connection, path: Path) -> None:
    """Copy a database as it is at this moment; those who write to it are not kept waiting.

    All pages in one step: the source keeps a log, in which readers and writers do not meet, and a
    copy in several steps would begin again with each transaction of another process.
    """
    with closing(sqlite3.connect(path)) as copy:
        source.backup(copy)


def copy_file(file: Path, path: Path) -> None:
    """Copy a database from a file that nobody uses, without changing it."""
    with open_read_only(file) as source:
        copy_into(source.conn, path)


@contextmanager
def open_read_only(file: Path) -> Iterator[Database]:
    """Open a database that nobody uses, to look into it, with the log beside it if there is one."""
    has_log = file.with_name(f"{file.name}-wal").exists()
    how = "mode=ro" if has_log else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?{how}", uri=True)) as connection:
        yield Database(connection)


def is_lettermill(db: Database) -> bool:
    """Whether a database has the tables of a newsletter."""
    return set(db.table_names()) >= _OURS


def find_damage(db: Database) -> str:
    """What SQLite finds wrong in a database, in a line, or ''."""
    [(said, *_), *_] = db.execute("PRAGMA integrity_check(1)").fetchall()
    if said != "ok":
        return "it is damaged"
    lost = db.execute("PRAGMA foreign_key_check").fetchone()
    return "rows of it are missing" if lost else ""
