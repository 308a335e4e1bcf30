"""The ledger of notes: each is owed once, claimed on disk before it leaves, settled by an answer.

Every function is one transaction; `owe_note` may be part of the caller's, so that what somebody
asked for and the letter that answers it are written down together or not at all.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from delivery.mailing import Batch, DeliveryState
from delivery.message import Answer, Receipt
from delivery.note import MOST_AN_HOUR, NoteTally, OwedNote, as_batch

_FIELDS = ("id", "cause", "kind", "subscriber_id", "language", "variant", "tries")


def owe_note(db: Database, note: OwedNote, *, now: datetime) -> None:
    """Write down that a letter is owed; a second time changes nothing."""
    with db.atomic():
        db.execute(
            """INSERT INTO notes (cause, kind, subscriber_id, language, variant, made, due)
               VALUES (:cause, :kind, :subscriber_id, :language, :variant, :now, :now)
               ON CONFLICT (cause, kind) DO NOTHING""",
            {
                "cause": note.cause,
                "kind": note.kind,
                "subscriber_id": note.subscriber_id,
                "language": note.language,
                "variant": note.variant,
                "now": now.isoformat(),
            },
        )


def next_note(db: Database, *, now: datetime) -> OwedNote | None:
    """The oldest note that is due; None when there is none, or the hour is full."""
    rows = db.query(
        """SELECT * FROM notes
            WHERE state = 'pending' AND due <= :now
              AND (SELECT count(*) FROM notes WHERE claimed > :hour_ago) < :most
            ORDER BY id LIMIT 1""",
        {
            "now": now.isoformat(),
            "hour_ago": (now - timedelta(hours=1)).isoformat(),
            "most": MOST_AN_HOUR,
        },
    )
    return next(map(_as_note, rows), None)


def claim_note(db: Database, note: OwedNote, *, account: str, now: datetime) -> str:
    """Take a pending note; give the name of its hand-over, or '' if another process was quicker."""
    batch_id = secrets.token_hex(8)
    with db.atomic():
        taken = db.execute(
            """UPDATE notes SET state = 'claimed', claimed = :now, tries = tries + 1, reason = '',
                      batch_id = :batch_id, account = :account
                WHERE id = :id AND state = 'pending'""",
            {"id": note.id, "batch_id": batch_id, "account": account, "now": now.isoformat()},
        )
        return batch_id if taken.rowcount == 1 else ""


def record_note(db: Database, note: OwedNote, receipt: Receipt) -> None:
    """Write down the provider's answer."""
    submitted = receipt.answer is Answer.SUBMITTED
    state = DeliveryState.SUBMITTED if submitted else DeliveryState.REFUSED
    reason = "" if submitted else receipt.reason or "refused"
    _settle(db, note, state, reason=reason, provider_id=receipt.provider_id)


def mark_note_unknown(db: Database, note: OwedNote) -> None:
    """It was handed over, and nothing was heard."""
    _settle(db, note, DeliveryState.UNKNOWN)


def skip_note(db: Database, note: OwedNote, reason: str) -> None:
    """It must not be sent, or cannot be any more."""
    _settle(db, note, DeliveryState.SKIPPED, reason=reason)


def release_note(db: Database, note: OwedNote, reason: str, *, due: datetime) -> None:
    """It was certainly not taken: it is owed again, not before `due`."""
    with db.atomic():
        db.execute(
            """UPDATE notes SET state = 'pending', reason = :reason, due = :due, batch_id = NULL
                WHERE id = :id AND state IN ('claimed', 'unknown')""",
            {"id": note.id, "reason": reason, "due": due.isoformat()},
        )


def open_notes(db: Database) -> list[tuple[OwedNote, Batch]]:
    """Notes without an answer, each with the hand-over it may be looked up by."""
    rows = db.query("SELECT * FROM notes WHERE state IN ('claimed', 'unknown') ORDER BY id")
    return [(_as_note(row), _as_batch(row)) for row in rows]


def tally_notes(db: Database) -> NoteTally:
    """Count the notes by state, and those that wait or were not sent by reason."""
    rows = list(db.query("SELECT state, reason, count(*) AS n FROM notes GROUP BY state, reason"))
    states: dict[DeliveryState, int] = {}
    for row in rows:
        state = DeliveryState(row["state"])
        states[state] = states.get(state, 0) + row["n"]
    return NoteTally(states, {row["reason"]: row["n"] for row in rows if row["reason"]})


def _settle(
    db: Database, note: OwedNote, state: DeliveryState, *, reason: str = "", provider_id: str = ""
) -> None:
    facts = {"id": note.id, "state": state.value, "reason": reason, "provider_id": provider_id}
    with db.atomic():
        db.execute(
            """UPDATE notes SET state = :state, reason = :reason, provider_id = :provider_id
                WHERE id = :id AND state IN ('pending', 'claimed', 'unknown')""",
            facts,
        )


def _as_note(row: dict[str, Any]) -> OwedNote:
    return OwedNote(**{field: row[field] for field in _FIELDS})


def _as_batch(row: dict[str, Any]) -> Batch:
    claimed = datetime.fromisoformat(row["claimed"])
    return as_batch(_as_note(row), row["batch_id"], row["account"], claimed)
