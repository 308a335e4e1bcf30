"""What events change in the ledgers of deliveries and of notes.

Every function but the look-ups writes within the caller's transaction.
An event can only add knowledge: that a message was taken, and the gravest that was heard of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

_NOTE = "note-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What events are about: one delivery, or one note.

    `is_open`: it was handed over, or is about to be, without an answer; `is_batch_open`: its batch
    was, and some of it may be open although this is not. `is_owed`: it is still to be handed over,
    or once more. `is_erased`: its reader was forgotten.
    """

    id: int
    is_note: bool
    mailing_key: str
    subscriber_id: str
    heard: str
    is_open: bool
    batch_id: str = ""
    is_batch_open: bool = False
    is_owed: bool = False
    is_erased: bool = False


def find_subjects(db: Database, send_keys: Collection[str]) -> dict[str, Subject]:
    """The deliveries and notes that have these send keys; for some there is nothing."""
    parts = [(key, *key.rpartition(".")[::2]) for key in send_keys]
    notes = [
        (key, mailing.removeprefix(_NOTE), reader)
        for key, mailing, reader in parts
        if mailing.startswith(_NOTE)
    ]
    return _find_notes(db, notes) | _find_deliveries(db, parts)


def _find_deliveries(db: Database, parts: Collection[tuple[str, ...]]) -> dict[str, Subject]:
    rows = db.query(
        """SELECT k.value ->> 0 AS send_key, d.id, d.mailing_key, d.subscriber_id, d.heard,
                  d.state IN ('claimed','unknown') AS is_open, coalesce(b.id, '') AS batch_id,
                  coalesce(b.state, '') IN ('in_flight','unknown') AS is_batch_open,
                  d.state = 'pending' AS is_owed, d.address IS NULL AS is_erased
             FROM json_each(:parts) k
            CROSS JOIN deliveries d
               ON d.mailing_key = k.value ->> 1 AND d.subscriber_id = k.value ->> 2
             LEFT JOIN batches b ON b.id = d.batch_id""",
        {"parts": _as_json(parts)},
    )
    return {row.pop("send_key"): Subject(**row, is_note=False) for row in rows}


def _find_notes(db: Database, parts: Collection[tuple[str, ...]]) -> dict[str, Subject]:
    rows = db.query(
        """SELECT k.value ->> 0 AS send_key, n.rowid AS id, 'note-' || n.kind AS mailing_key,
                  n.subscriber_id, n.heard, n.state IN ('claimed','unknown') AS is_open
             FROM json_each(:parts) k
            CROSS JOIN notes n ON n.kind = k.value ->> 1 AND n.id = k.value ->> 2""",
        {"parts": _as_json(parts)},
    )
    return {row.pop("send_key"): Subject(**row, is_note=True) for row in rows}


def write_heard(db: Database, heard: Iterable[tuple[Subject, str]]) -> None:
    """Write down the gravest that was heard of deliveries and notes."""
    heard = list(heard)
    db.conn.executemany(
        "UPDATE deliveries SET heard = ? WHERE id = ?",
        [(kind, subject.id) for subject, kind in heard if not subject.is_note],
    )
    db.conn.executemany(
        "UPDATE notes SET heard = ? WHERE rowid = ?",
        [(kind, subject.id) for subject, kind in heard if subject.is_note],
    )


def submit_notes(db: Database, taken: Mapping[int, str], *, now: datetime) -> None:
    """Settle notes that were taken, by row, with the provider's names for them."""
    db.conn.executemany(
        """UPDATE notes SET state = 'submitted', reason = '', provider_id = ?, answered = ?,
                            body = NULL
            WHERE rowid = ? AND state IN ('claimed','unknown')""",
        [(provider_id, now.isoformat(), row) for row, provider_id in taken.items()],
    )


def submit_deliveries(
    db: Database, batch_id: str, taken: Mapping[int, str], *, whole: bool, now: datetime
) -> None:
    """Settle deliveries of one batch that were taken, by id, with the provider's names for them.

    With `whole`, all others of the batch were taken with them. A batch without open deliveries is
    answered.
    """
    settled = db.conn.executemany(
        """UPDATE deliveries SET state = 'submitted', reason = '', provider_id = ?
            WHERE id = ? AND batch_id = ? AND state IN ('claimed','unknown')""",
        [(provider_id, i, batch_id) for i, provider_id in taken.items()],
    ).rowcount
    if whole:
        settled += db.execute(
            """UPDATE deliveries SET state = 'submitted', reason = ''
                WHERE batch_id = :id AND state IN ('claimed','unknown')""",
            {"id": batch_id},
        ).rowcount
    _end_batch(db, batch_id, settled, now)


def submit_given_back(db: Database, taken: Iterable[tuple[str, str, int]]) -> None:
    """Settle deliveries that were given back as not taken, and were taken after all.

    Each with its batch, the provider's name for it, and its id. Nobody is to get a second letter.
    """
    for batch_id, provider_id, delivery_id in taken:
        given = {"batch_id": batch_id, "provider_id": provider_id, "id": delivery_id}
        settled = db.execute(
            """UPDATE deliveries SET state = 'submitted', batch_id = :batch_id,
                                     provider_id = :provider_id, reason = 'taken after all'
                WHERE id = :id AND state = 'pending'
                  AND EXISTS (SELECT 1 FROM batches WHERE id = :batch_id)""",
            given,
        ).rowcount
        count = {"settled": settled, "id": batch_id}
        db.execute("UPDATE batches SET taken = taken + :settled WHERE id = :id", count)


def _end_batch(db: Database, batch_id: str, settled: int, now: datetime) -> None:
    """Count what was settled, and end the batch if that was the last.

    While it is in flight its sender does both: with the answer, or without one.
    """
    given: dict[str, Any] = {"id": batch_id, "settled": settled, "now": now.isoformat()}
    db.execute(
        "UPDATE batches SET taken = taken + :settled WHERE id = :id AND state = 'unknown'", given
    )
    db.execute(
        """UPDATE batches SET state = 'answered', answered = :now
            WHERE id = :id AND state = 'unknown' AND NOT EXISTS
                  (SELECT 1 FROM deliveries
                    WHERE batch_id = :id AND state IN ('claimed','unknown'))""",
        given,
    )


def _as_json(parts: Collection[tuple[str, ...]]) -> str:
    return orjson.dumps(list(parts)).decode()
