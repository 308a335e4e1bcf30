"""How each feed fares, on disk. Rows become dataclasses; nothing is decided."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from content.fetched import Validators
from content.health import FeedHealth


def load_health(db: Database, source: str) -> FeedHealth:
    """What is known of a feed; of one never tried, its name alone."""
    rows = db.query("SELECT * FROM feeds WHERE source = :source", {"source": source})
    return next(map(_as_health, rows), FeedHealth(source=source))


def list_health(db: Database) -> list[FeedHealth]:
    """How every feed fares that was ever tried, those that the settings name no more as well."""
    return [_as_health(row) for row in db.query("SELECT * FROM feeds ORDER BY source")]


def save_health(db: Database, health: FeedHealth) -> None:
    """Write down how a feed fares."""
    with db.atomic():
        db.execute(
            """INSERT OR REPLACE INTO feeds
               VALUES (:source, :title, :first_read, :last_read, :etag, :last_modified,
                       :moved_to, :body_hash, :failures, :failure, :failing_since, :next_try,
                       :gone, :opens)""",
            _as_row(health),
        )


def open_from(db: Database, source: str, day: datetime) -> None:
    """Let posts from this moment on be mailed, whatever is already open."""
    health = load_health(db, source)
    if health.opens is None or day < health.opens:
        save_health(db, replace(health, opens=day))


_TIMES = ("first_read", "last_read", "failing_since", "next_try", "opens")


def _as_row(health: FeedHealth) -> dict[str, Any]:
    return {
        **{name: (m := getattr(health, name)) and m.isoformat() for name in _TIMES},
        "source": health.source,
        "title": health.title,
        "etag": health.validators.etag,
        "last_modified": health.validators.last_modified,
        "moved_to": health.validators.moved_to,
        "body_hash": health.body_hash,
        "failures": health.failures,
        "failure": health.failure,
        "gone": int(health.gone),
    }


def _as_health(row: dict[str, Any]) -> FeedHealth:
    validators = Validators(
        etag=row.pop("etag"),
        last_modified=row.pop("last_modified"),
        moved_to=row.pop("moved_to"),
    )
    times = {name: row[name] and datetime.fromisoformat(row[name]) for name in _TIMES}
    return FeedHealth(**row | times | {"validators": validators, "gone": bool(row["gone"])})
