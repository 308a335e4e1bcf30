"""Events on disk: stored as they came, before the provider gets its answer, and applied later."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from delivery.events.bounces import PastEvent
from delivery.events.event import Event, EventKind


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event on disk, without what names a person."""

    id: int
    provider: str
    kind: EventKind
    send_key: str
    batch_id: str
    provider_id: str
    code: str
    occurred: datetime


def keep(db: Database, provider: str, events: Iterable[Event], *, now: datetime) -> int:
    """Store what came, within the caller's transaction; tell how many events are new.

    Only when it is committed may the provider be told that we have them.
    """
    kept = db.conn.executemany(
        """INSERT INTO events
           (provider, dedupe, kind, send_key, batch_id, provider_id, recipient, code, detail,
            occurred, received, raw)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [_as_row(provider, event, now) for event in events],
    )
    return int(kept.rowcount)


def _as_row(provider: str, event: Event, now: datetime) -> Sequence[str | None]:
    return (
        provider,
        event.dedupe,
        event.kind.value,
        event.send_key,
        event.batch_id,
        event.provider_id,
        event.recipient or None,
        event.code,
        event.detail,
        event.occurred.isoformat(),
        now.isoformat(),
        event.raw,
    )


def take(db: Database, size: int, *, now: datetime) -> list[KeptEvent]:
    """The events that have waited longest, marked as applied within the caller's transaction.

    It writes first, so two processes wait for each other, and none gets what the other has.
    """
    rows = db.query(
        """UPDATE events SET applied = :now
            WHERE id IN (SELECT id FROM events WHERE applied IS NULL ORDER BY id LIMIT :size)
           RETURNING id, provider, kind, send_key, batch_id, provider_id, code, occurred""",
        {"now": now.isoformat(), "size": size},
    )
    return sorted(map(_as_event, rows), key=lambda event: event.id)  # RETURNING has no order


def count_waiting(db: Database) -> int:
    """How many events are not applied yet."""
    return int(_first(db, "SELECT count(*) AS found FROM events WHERE applied IS NULL", {}))


def write_whose(db: Database, whose: Iterable[tuple[str, str, int]]) -> None:
    """Write down of which mailing and subscriber events are: both, and the event's id."""
    db.conn.executemany("UPDATE events SET mailing_key = ?, subscriber_id = ? WHERE id = ?", whose)


def events_of(db: Database, subscriber_id: str) -> list[dict[str, str]]:
    """What providers told of somebody's letters, oldest first: all of it that is kept."""
    rows = db.query(
        """SELECT provider, kind, mailing_key, recipient, code, occurred, raw FROM events
            WHERE subscriber_id = :id ORDER BY occurred, id""",
        {"id": subscriber_id},
    )
    return list(rows)


def forget(db: Database, subscriber_id: str) -> None:
    """Take somebody's address out of the events about their letters, with the provider's words.

    What still waits is among them. That it happened stays known.
    """
    with db.atomic():
        db.execute(
            "UPDATE events SET recipient = NULL, raw = NULL WHERE subscriber_id = :id",
            {"id": subscriber_id},
        )
        db.execute(
            """UPDATE events SET recipient = NULL, raw = NULL
                WHERE applied IS NULL AND substr(send_key, -length(:tail)) = :tail""",
            {"tail": f".{subscriber_id}"},
        )


def drop_old_raw(db: Database, *, before: datetime) -> int:
    """Take addresses and the providers' words out of old events; tell out of how many."""
    with db.atomic():
        dropped = db.execute(
            """UPDATE events SET recipient = NULL, raw = NULL
                WHERE received < :before AND raw IS NOT NULL""",
            {"before": before.isoformat()},
        )
        return int(dropped.rowcount)


def histories(db: Database, ids: Collection[str]) -> dict[str, list[PastEvent]]:
    """What came of the letters of some people, by subscriber: arrivals and bounces."""
    rows = db.query(
        """SELECT subscriber_id, mailing_key, kind, occurred, code FROM events
            WHERE subscriber_id IN (SELECT value FROM json_each(:ids)) AND subscriber_id <> ''
              AND kind IN ('delivered', 'soft bounced', 'bounced')""",
        {"ids": orjson.dumps(list(ids)).decode()},
    )
    found: dict[str, list[PastEvent]] = {}
    for row in rows:
        past = PastEvent(row["mailing_key"], EventKind(row["kind"]), _moment(row), row["code"])
        found.setdefault(row["subscriber_id"], []).append(past)
    return found


def count_kinds(
    db: Database, mailing_key: str, kinds: Collection[EventKind], *, since: datetime
) -> dict[EventKind, int]:
    """To how many people's letters of a mailing each of these events happened since a moment."""
    rows = db.query(
        """SELECT kind, count(DISTINCT subscriber_id) AS n FROM events
            WHERE mailing_key = :key AND mailing_key <> '' AND received >= :since
              AND kind IN (SELECT value FROM json_each(:kinds))
            GROUP BY kind""",
        {
            "key": mailing_key,
            "since": since.isoformat(),
            "kinds": orjson.dumps([kind.value for kind in kinds]).decode(),
        },
    )
    return {EventKind(row["kind"]): row["n"] for row in rows}


def last_received(db: Database, provider: str) -> datetime | None:
    """When a provider last told us something; until then its silence says nothing."""
    query = "SELECT max(received) AS found FROM events WHERE provider = :provider"
    found = _first(db, query, {"provider": provider})
    return datetime.fromisoformat(found) if found else None


def _first(db: Database, query: str, given: dict[str, Any]) -> Any:
    return next(iter(db.query(query, given)))["found"]


def _moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["occurred"])


def _as_event(row: dict[str, Any]) -> KeptEvent:
    return KeptEvent(**(row | {"kind": EventKind(row["kind"]), "occurred": _moment(row)}))
