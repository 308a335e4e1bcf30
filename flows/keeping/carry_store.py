"""Carry over into a restored copy what the database before it knew, in one transaction.

The copy is `main`, the database before it is attached as `was`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

# Of people a restore brings back the copy's; what is the newsletter's own history is not theirs.
_OF_PEOPLE = {
    "subscribers",
    "wordings",
    "consents",
    "changes",
    "requests",
    "suppressions",
    "erasures",
}
_NOT_CARRIED = _OF_PEOPLE | {"instance", "_sqlite_migrations"}
# What is never deleted: where the copy has one of these that the other lacks, it is the newer.
_HISTORY = (("editions", "key"), ("mailings", "key"), ("batches", "id"))


@contextmanager
def attached(db: Database, was: Path) -> Iterator[None]:
    """Read another database beside this one."""
    # Read-only, so that a transaction here does not ask for the right to write there.
    db.execute("ATTACH ? AS was", [f"{was.resolve().as_uri()}?mode=ro"])
    try:
        yield
    finally:
        db.conn.execute("DETACH was")


def is_same_newsletter(db: Database) -> bool:
    """Whether both databases come from one."""
    [same] = db.execute(
        "SELECT EXISTS (SELECT 1 FROM was.instance w JOIN main.instance m USING (lineage))"
    ).fetchone()
    return bool(same)


def is_newer_copy(db: Database) -> bool:
    """Whether the other database is what became of this one: it has all of its history."""
    return is_same_newsletter(db) and not any(
        _has_more(db, table, name) for table, name in _HISTORY
    )


def _has_more(db: Database, table: str, name: str) -> bool:
    [more] = db.execute(
        f"""SELECT EXISTS (SELECT {name} FROM main.{table}
                           EXCEPT SELECT {name} FROM was.{table})"""  # noqa: S608
    ).fetchone()
    return bool(more)


def carry_history(db: Database) -> None:
    """Take posts, editions, mailings, events and notes over as they were."""
    tables = [
        name
        for (name,) in db.execute(
            "SELECT name FROM was.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        if name not in _NOT_CARRIED
    ]
    for name in tables:
        db.execute(f"DELETE FROM main.{name}")  # noqa: S608
        db.execute(f"INSERT INTO main.{name} SELECT * FROM was.{name}")  # noqa: S608


def carry_refusals(db: Database) -> int:
    """Take over who left, is barred, was erased or rests; give how many of the copy have left.

    Only what means fewer letters: who joined since the copy was made is not in it.
    """
    db.execute("INSERT OR IGNORE INTO main.suppressions SELECT * FROM was.suppressions")
    db.execute("INSERT OR IGNORE INTO main.erasures SELECT * FROM was.erasures")
    db.execute(_CONSENTS)
    db.execute(_WISHES)
    left = db.execute(
        """UPDATE main.subscribers SET status = 'unsubscribed'
            WHERE status <> 'unsubscribed' AND address_key IN
                  (SELECT address_key FROM was.subscribers WHERE status = 'unsubscribed')"""
    )
    return int(left.rowcount)


_CONSENTS = """
    INSERT INTO main.consents (subscriber_id, address, action, basis, basis_expires, at, source,
                               actor, language, ip, agent, request, evidence)
    SELECT subscriber_id, address, action, basis, basis_expires, at, source, actor, language, ip,
           agent, request, evidence
      FROM was.consents w
     WHERE action = 'withdrawn'
       AND subscriber_id IN (SELECT id FROM main.subscribers)
       AND NOT EXISTS (SELECT 1 FROM main.consents m
                        WHERE m.subscriber_id = w.subscriber_id AND m.action = w.action
                          AND m.at = w.at)
     ORDER BY id"""
_WISHES = """
    UPDATE main.subscribers
       SET wants_offers = min(main.subscribers.wants_offers, w.wants_offers),
           paused_until = nullif(max(ifnull(main.subscribers.paused_until, ''),
                                     ifnull(w.paused_until, '')), '')
      FROM was.subscribers w
     WHERE w.address_key = main.subscribers.address_key"""


def only_here(db: Database) -> list[tuple[str, str]]:
    """The id and address key of those whom the copy has and the other database has not."""
    return db.execute(
        """SELECT id, address_key FROM main.subscribers
            WHERE address_key NOT IN (SELECT address_key FROM was.subscribers)"""
    ).fetchall()
