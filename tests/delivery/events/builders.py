"""A mailing that was handed over, and events about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count

from sqlite_utils import Database

from delivery.events import store
from delivery.events.event import Event, EventKind
from delivery.mailing import Owed
from delivery.notes import ledger as notes
from delivery.notes.note import OwedNote
from delivery.store import freeze
from tests.conftest import NOON
from tests.fakes import LETTER

DIGEST = "digest-2026-11"
_numbers = count()


def owe(db: Database, readers: Sequence[str], key: str = DIGEST) -> None:
    audience = [Owed(reader, f"{reader}@reader.example", reader.title()) for reader in readers]
    freeze(db, key, {"": LETTER}, audience, provider="fake", content_hash="", now=NOON)


def hand_over(
    db: Database, readers: Sequence[str], state: str = "unknown", key: str = DIGEST, batch: str = ""
) -> str:
    """Owed letters in a batch of this state; its name."""
    batch_id = batch or f"batch-{next(_numbers)}"
    letters = {"unknown": "unknown", "in_flight": "claimed", "answered": "submitted"}[state]
    with db.atomic():
        db.execute(
            """INSERT INTO batches
               (id, mailing_key, account, state, letters, prepared, posted)
               VALUES (?, ?, 'one', ?, ?, ?, ?)""",
            [batch_id, key, state, len(readers), NOON.isoformat(), NOON.isoformat()],
        )
        for reader in readers:
            db.execute(
                """UPDATE deliveries SET state = ?, batch_id = ?
                    WHERE mailing_key = ? AND subscriber_id = ?""",
                [letters, batch_id, key, reader],
            )
    return batch_id


def owe_note(db: Database, note_id: str, reader: str, *, claimed: bool = True) -> OwedNote:
    note = OwedNote(id=note_id, kind="confirm", subscriber_id=reader)
    notes.owe_note(db, note, now=NOON)
    db.conn.commit()
    if claimed:
        notes.claim_note(db, note, account="one", now=NOON, body=b"bytes")
    return note


def told(
    kind: EventKind,
    reader: str = "ada",
    *,
    key: str = DIGEST,
    days: float = 0,
    code: str = "",
    batch: str = "",
    dedupe: str = "",
    provider_id: str = "",
) -> Event:
    occurred = NOON + timedelta(days=days)
    return Event(
        dedupe=dedupe or f"event-{next(_numbers)}",
        kind=kind,
        occurred=occurred,
        send_key=f"{key}.{reader}" if reader else "",
        batch_id=batch,
        provider_id=provider_id,
        recipient="ada@reader.example",
        code=code,
        raw='{"to":"ada@reader.example"}',
    )


def keep(db: Database, *events: Event, provider: str = "fake", now: datetime = NOON) -> int:
    with db.atomic():
        return store.keep(db, provider, events, now=now)


def rows(db: Database, table: str, *columns: str) -> list[tuple[object, ...]]:
    found: Iterable[dict[str, object]] = db[table].rows
    return sorted(tuple(row[column] for column in columns) for row in found)
