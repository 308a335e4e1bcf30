"""Which copy of the database this is, on disk."""

import secrets
from datetime import datetime

from sqlite_utils import Database

from delivery.fence import Instance


def find_instance(db: Database) -> Instance | None:
    """Which copy this is; None before anything was to be sent from it."""
    rows = db.query(
        """SELECT lineage, id, place, generation, claimed, known_to, complete, doubted
             FROM instance"""
    )
    for row in rows:
        moments = ("claimed", "known_to", "doubted")
        read = {name: row[name] and datetime.fromisoformat(row[name]) for name in moments}
        return Instance(**row | read | {"complete": bool(row["complete"])})
    return None


def get_instance(db: Database) -> Instance:
    """Which copy this is, where something was to be sent from it before."""
    found = find_instance(db)
    assert found is not None, "a copy is asked for its generation before it began"
    return found


def begin_instance(db: Database, name: str, place: str, *, now: datetime) -> None:
    """Let a database that never said where it belongs belong here, under an id; once."""
    with db.atomic():
        db.execute(
            """INSERT INTO instance (one, lineage, id, place, generation, claimed)
               VALUES (1, :lineage, :id, :place, 0, :now) ON CONFLICT DO NOTHING""",
            {
                "lineage": secrets.token_hex(8),
                "id": name,
                "place": place,
                "now": now.isoformat(),
            },
        )


def claim_instance(
    db: Database, name: str, place: str, *, doubted: datetime | None, now: datetime
) -> None:
    """Let this copy belong here, under a new id, within the caller's transaction."""
    db.execute(
        """UPDATE instance SET id = :id, place = :place, generation = generation + 1,
                               claimed = :now, known_to = NULL, complete = 0, doubted = :doubted""",
        {
            "id": name,
            "place": place,
            "doubted": doubted and doubted.isoformat(),
            "now": now.isoformat(),
        },
    )


def belong_nowhere(db: Database, *, known_to: datetime) -> None:
    """Make a copy one that may not send before somebody claims it; what was sent after
    `known_to` is not in it.
    """
    with db.atomic():
        db.execute(
            "UPDATE instance SET place = '', complete = 0, known_to = :known_to",
            {"known_to": known_to.isoformat()},
        )


def call_complete(db: Database, place: str) -> None:
    """Say that a restored copy knows everything that was sent from this place."""
    with db.atomic():
        db.execute(
            "UPDATE instance SET place = :place, complete = 1, known_to = NULL", {"place": place}
        )


def last_sign(db: Database) -> datetime | None:
    """The newest moment that the ledgers speak of."""
    rows = db.query(
        """SELECT max(moment) AS newest FROM (
               SELECT max(frozen, ifnull(beat, ''), ifnull(closed, '')) AS moment FROM mailings
               UNION ALL SELECT max(prepared, ifnull(answered, '')) FROM batches
               UNION ALL SELECT max(made, ifnull(claimed, ''), ifnull(answered, '')) FROM notes
               UNION ALL SELECT claimed FROM instance)"""
    )
    newest = next(iter(rows))["newest"]
    return datetime.fromisoformat(newest) if newest else None


def frozen_since_claim(db: Database) -> bool:
    """Whether anything was frozen since this copy was claimed."""
    rows = db.query(
        """SELECT EXISTS (SELECT 1 FROM mailings
                           WHERE frozen > (SELECT claimed FROM instance)) AS is_any"""
    )
    return bool(next(iter(rows))["is_any"])
