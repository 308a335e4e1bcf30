"""The step that copies the database into one file while it is used."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from delivery.fence_store import belong_nowhere, find_instance
from flows.database import DATABASE
from flows.errors import CopyUnusable, SettingsWrong, explain_sqlite
from flows.keeping.copy_store import (
    copy_into,
    find_damage,
    is_lettermill,
    open_alone,
    open_read_only,
)
from flows.keeping.fence import known_to, settle_in
from flows.keeping.files import written_aside
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made: where, of which moment, and how large, in bytes."""

    file: Path
    at: datetime
    size: int


def back_up(resources: Resources, file: Path, force: bool) -> Backup:
    """Copy the database, also while it is being sent from; the copy can send nothing (ADR 30).

    It is there as a whole and looked over, or not at all.

    Raises:
        SettingsWrong: there is something at the file's place that is no backup.
        CopyUnusable: it could not be written, or the database itself is damaged.
    """
    target = file.absolute()
    _require_free(resources, target, force=force)
    settle_in(resources)
    now, known = resources.clock.now(), known_to(resources)
    try:
        with written_aside(target) as path:
            copy_into(resources.db.conn, path)
            with open_alone(path) as copy:
                _finish(copy, known)
    except sqlite3.Error as error:
        raise CopyUnusable(f"{file}: no backup was made, {explain_sqlite(error)[0]}") from error
    return Backup(target, now, target.stat().st_size)


def _finish(copy: Database, known: datetime) -> None:
    if damage := find_damage(copy):
        raise CopyUnusable(
            f"no backup was made: {DATABASE} itself is not whole, {damage}; "
            "keep the backups there are, and `lettermill restore` the newest"
        )
    belong_nowhere(copy, known_to=known)


def _require_free(resources: Resources, target: Path, *, force: bool) -> None:
    """Only a backup of ours is written over, or what somebody says may go."""
    if str(target.name) == "-" or target.is_dir():
        raise SettingsWrong(f"{target.name}: name a file, such as lettermill-backup.db")
    if not target.parent.is_dir():
        raise SettingsWrong(f"{target.parent}: there is no such folder")
    if not target.exists():
        return
    if target.samefile(resources.home / DATABASE):
        raise SettingsWrong(f"{target}: is the database itself; name another file")
    if not force and not is_backup(target):
        raise SettingsWrong(f"{target}: is no backup of ours, and stays; --force writes over it")


def is_backup(file: Path) -> bool:
    """Whether a file is a copy that belongs nowhere."""
    try:
        with open_read_only(file) as db:
            if not is_lettermill(db):
                return False
            instance = find_instance(db)
    except sqlite3.Error:
        return False
    return instance is not None and not instance.place
