"""The step that puts a copy of the database in the place of the one that is there."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from sqlite_utils import Database

from delivery.fence import why_not_ours
from delivery.fence_store import begin_instance, belong_nowhere, call_complete, find_instance
from flows.database import DATABASE, bring_up_to_date, require_known, writing
from flows.errors import CopyUnusable, SettingsWrong, explain_sqlite
from flows.keeping import carry_store
from flows.keeping.copy_store import (
    copy_file,
    find_damage,
    is_lettermill,
    kept_from_others,
    open_alone,
)
from flows.keeping.fence import last_sign_of
from flows.keeping.files import BESIDE, written_aside
from flows.keeping.witness import forget_witness, read_witness
from flows.resources import Resources
from subscribers.leaving.erasure_store import erase, erased_among

_IN_USE = (
    "lettermill.db is in use; stop `lettermill serve` and `up`, and what sends, and restore again"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the database before it is `kept`, if there was one.

    `read`: who left since is known from it. `whole`: so is everything that was sent. `left` and
    `erased` are how many of the copy have left or were erased since it was made.
    """

    kept: Path | None = None
    read: bool = False
    whole: bool = False
    left: int = 0
    erased: int = 0


def restore(resources: Resources, file: Path) -> Restored:
    """Put a copy in the place of the database, which is kept aside; nothing is sent before a claim.

    Where the database before can be read, what it knows comes along: who left, is barred or was
    erased, and, if it is what became of the copy, everything that was sent (ADR 30).

    Raises:
        SettingsWrong: there is no such file, or a newer Lettermill made it.
        CopyUnusable: it is no whole copy, or the database is in use; nothing was changed.
    """
    database = resources.home / DATABASE
    _require_other_file(file, database)
    with _before(database) as before, written_aside(database) as path:
        try:
            copy_file(file, path)
            with open_alone(path) as copy:
                _look_over(copy, file)
                _belong_nowhere(resources, copy)
                found = _carry_over(resources, copy, before, database)
        except sqlite3.Error as error:
            what, _ = explain_sqlite(error)
            raise CopyUnusable(f"{file}: {what}; nothing was changed") from error
        found = replace(found, kept=_keep_aside(resources, database))
    forget_witness(resources.locks)
    return found


def _require_other_file(file: Path, database: Path) -> None:
    if not file.is_file():
        raise SettingsWrong(f"{file}: there is no such file")
    if database.exists() and file.samefile(database):
        raise SettingsWrong(f"{file}: is the database itself; name a backup")


@contextmanager
def _before(database: Path) -> Iterator[Database | None]:
    """The database that is there, kept from others; None where there is none that can be read."""
    with ExitStack() as stack:
        try:
            db = stack.enter_context(kept_from_others(database)) if database.exists() else None
            readable = db is not None and not find_damage(db)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise CopyUnusable(_IN_USE) from error
            readable = False
        except SettingsWrong:  # a newer Lettermill made it; to go back is why people restore
            readable = False
        yield db if readable else None


def _look_over(copy: Database, file: Path) -> None:
    if damage := find_damage(copy):
        raise CopyUnusable(f"{file}: {damage}; nothing was changed. Take an older one")
    if not is_lettermill(copy):
        raise CopyUnusable(f"{file}: is no backup of Lettermill; nothing was changed")
    require_known(copy, file)
    bring_up_to_date(copy)


def _belong_nowhere(resources: Resources, copy: Database) -> None:
    now = resources.clock.now()
    known = last_sign_of(copy) or now
    if (instance := find_instance(copy)) is None:
        begin_instance(copy, secrets.token_hex(8), "", now=now)
    elif instance.known_to is not None:
        known = instance.known_to
    belong_nowhere(copy, known_to=known)


def _carry_over(
    resources: Resources, copy: Database, before: Database | None, database: Path
) -> Restored:
    """Take over what the database before knows, as far as it can be read and is of this copy."""
    if before is None:
        return Restored()
    was_ours = _was_ours(resources, before)
    with carry_store.attached(copy, database), writing(copy):
        same = carry_store.is_same_newsletter(copy)
        newer = carry_store.is_newer_copy(copy)
        if newer:
            carry_store.carry_history(copy)
        left = carry_store.carry_refusals(copy)
        erased = _erase_again(resources, copy)
    if newer and was_ours:
        call_complete(copy, resources.place)
    return Restored(read=same, whole=newer and was_ours, left=left, erased=erased)


def _was_ours(resources: Resources, before: Database) -> bool:
    instance = find_instance(before)
    if instance is None:
        return False
    return not why_not_ours(instance, read_witness(resources.locks), resources.place)


def _erase_again(resources: Resources, copy: Database) -> int:
    """Forget those of the copy who were erased since it was made."""
    people = carry_store.only_here(copy)
    gone = erased_among(copy, resources.fingerprints, [key for _, key in people])
    for subscriber_id, key in people:
        if key in gone:
            erase(copy, subscriber_id, resources.fingerprints, now=resources.clock.now())
    return len(gone)


def _keep_aside(resources: Resources, database: Path) -> Path | None:
    """Give the database that is there a second name, and what lies beside it its own."""
    if not database.exists():
        return None
    moment = f"{resources.clock.now():%Y-%m-%dT%H%M%SZ}"
    names = (f"lettermill.before-{moment}{(n and f'-{n}') or ''}.db" for n in count())
    kept = next(path for path in map(database.with_name, names) if not path.exists())
    try:
        kept.hardlink_to(database)
    except OSError:  # not every file system has links
        shutil.copy2(database, kept)
    for ending in BESIDE:
        beside = Path(f"{database}{ending}")
        if beside.exists():
            beside.rename(f"{kept}{ending}")
    return kept
