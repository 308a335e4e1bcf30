"""The one file that everything is written down in: how it is opened, and what a transaction is."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

import content.schema
import delivery.schema
import subscribers.schema
from flows.errors import SettingsWrong

DATABASE = "lettermill.db"
ROOMS = (content.schema, subscribers.schema, delivery.schema)


def open_database(folder: Path) -> Database:
    """Open lettermill.db and bring its tables up to date; two processes may do so at once."""
    path = folder / DATABASE
    path.touch(mode=0o600)  # it holds people's addresses; SQLite gives its other files the same
    # The site answers from another thread than the one that opened the file.
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    _write_ahead(connection, folder)
    # FULL: what we say is written down must be there after a power cut (promise 3).
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # KiB; SQLite's own 2,000 are little where a million letters go into an index in random order.
    connection.execute("PRAGMA cache_size = -16384")
    # What is deleted is overwritten: who was erased is not to be found in the file.
    connection.execute("PRAGMA secure_delete = ON")
    db = Database(connection)
    try:
        require_known(db, path)
    except SettingsWrong:
        db.close()
        raise
    if any(room.migrations.pending(db) for room in ROOMS):
        with _migrating(folder):
            bring_up_to_date(db)
    return db


def bring_up_to_date(db: Database) -> None:
    """Make the tables that are not there yet."""
    for room in ROOMS:
        room.migrations.apply(db)


def require_known(db: Database, path: Path) -> None:
    """Leave a file alone that a newer Lettermill has changed, in a way that we cannot know.

    Raises:
        SettingsWrong: it was changed so.
    """
    for room in ROOMS:
        applied = [migration.name for migration in room.migrations.applied(db)]
        if strange := [name for name in applied if not hasattr(room, name)]:
            raise SettingsWrong(
                f"{path} was made by a newer Lettermill ({strange[0]}); update Lettermill here, or "
                "restore a copy from before"
            )


def _write_ahead(connection: sqlite3.Connection, folder: Path) -> None:
    """Let readers and a writer work at once; the file keeps it once it is said.

    Saying it does not wait for others as everything else does.
    """
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        with _migrating(folder):
            connection.execute("PRAGMA journal_mode = WAL")


def _migrating(folder: Path) -> FileLock:
    (folder / ".lettermill").mkdir(exist_ok=True)
    return FileLock(folder / ".lettermill" / "migrating.lock")


def checkpoint(db: Database) -> None:
    """Bring the write-ahead log into the file and empty it, as far as nobody reads it."""
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that holds the right to write from its start.

    Who reads first and then finds that another process has written cannot go on (SQLITE_BUSY).
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
