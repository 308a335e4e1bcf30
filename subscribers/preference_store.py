"""What readers set, on disk, with each change of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Change:
    """One field of somebody's row: what it was, what it became, when, and by what."""

    field: str
    was: str
    became: str
    at: datetime
    source: str


def save_preferences(
    db: Database, subscriber_id: str, wished: Mapping[str, Any], *, source: str, now: datetime
) -> None:
    """Set these fields of somebody on the list, and write down each that changes.

    The fields may be name, language, frequency, paused_until and wants_offers.
    """
    with db.atomic():
        for row in list(db.query("SELECT * FROM subscribers WHERE id = ?", [subscriber_id])):
            changed = {field: to for field, to in wished.items() if row[field] != to}
            for field, became in changed.items():
                was = _said(row[field])
                _note(db, subscriber_id, Change(field, was, _said(became), now, source))
            db.execute(_SET, {**row, **changed})


def save_tags(
    db: Database, subscriber_id: str, tags: Iterable[str], *, source: str, now: datetime
) -> None:
    """Give somebody these tags and no others, and write the change down."""
    became = orjson.dumps(sorted(tags)).decode()
    with db.atomic():
        rows = db.query("SELECT tags FROM subscribers WHERE id = ?", [subscriber_id])
        for was in [row["tags"] for row in rows if row["tags"] != became]:
            _note(db, subscriber_id, Change("tags", was, became, now, source))
            db.execute("UPDATE subscribers SET tags = ? WHERE id = ?", [became, subscriber_id])


_SET = """
    UPDATE subscribers
       SET name = :name, language = :language, frequency = :frequency,
           paused_until = :paused_until, wants_offers = :wants_offers
     WHERE id = :id"""


def changes_of(db: Database, subscriber_id: str) -> list[Change]:
    """Everything that was changed of somebody's row, oldest first."""
    rows = db.query(
        """SELECT field, was, became, at, source FROM changes
            WHERE subscriber_id = :id ORDER BY id""",
        {"id": subscriber_id},
    )
    return [Change(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]


def _note(db: Database, subscriber_id: str, change: Change) -> None:
    db.execute(
        """INSERT INTO changes (subscriber_id, field, was, became, at, source)
           VALUES (:id, :field, :was, :became, :at, :source)""",
        {
            "id": subscriber_id,
            "field": change.field,
            "was": change.was,
            "became": change.became,
            "at": change.at.isoformat(),
            "source": change.source,
        },
    )


def _said(value: object) -> str:
    return "" if value is None else str(value)
