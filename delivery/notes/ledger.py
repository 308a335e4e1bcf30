"""The ledger of notes: they are owed, claimed and settled here, and nowhere else.

Every function but `owe_note` is one transaction, and each writes only from the states it names.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from delivery.mailing import DeliveryState
from delivery.message import Answer, Receipt
from delivery.notes.note import OwedNote

_Key = Mapping[str, str]


def owe_note(db: Database, note: OwedNote, *, now: datetime) -> bool:
    """Owe a note, within the caller's transaction: what caused it and the debt are one commit.

    Tell whether it is new; a request causes one note of a kind, however often it is told.
    """
    owed = db.execute(
        """INSERT INTO notes (id, kind, subscriber_id, language, details, made, due)
           VALUES (:id, :kind, :subscriber_id, :language, :details, :now, :now)
           ON CONFLICT DO NOTHING""",
        {
            **_key(note),
            "subscriber_id": note.subscriber_id,
            "language": note.language,
            "details": orjson.dumps(dict(note.details)).decode(),
            "now": now.isoformat(),
        },
    )
    return bool(owed.rowcount == 1)


def find_note(db: Database, note_id: str, kind: str) -> OwedNote | None:
    """The note of this kind that this request caused, if there is one."""
    rows = db.query(
        "SELECT * FROM notes WHERE id = :id AND kind = :kind", {"id": note_id, "kind": kind}
    )
    return next(map(_as_note, rows), None)


def next_note(db: Database, *, now: datetime) -> OwedNote | None:
    """The pending note that has waited longest, of those that may be tried now."""
    rows = db.query(
        """SELECT * FROM notes WHERE state = 'pending' AND due <= :now
            ORDER BY due, rowid LIMIT 1""",
        {"now": now.isoformat()},
    )
    return next(map(_as_note, rows), None)


def open_notes(db: Database, *, now: datetime) -> list[OwedNote]:
    """The notes handed over without an answer that it is time to ask about."""
    rows = db.query(
        """SELECT * FROM notes WHERE state IN ('claimed','unknown') AND due <= :now
            ORDER BY due, rowid LIMIT 100""",
        {"now": now.isoformat()},
    )
    return list(map(_as_note, rows))


def is_any_due(db: Database, *, now: datetime) -> bool:
    """Whether there is something to send or to ask about now."""
    rows = db.query(
        """SELECT EXISTS (SELECT 1 FROM notes WHERE state = 'pending' AND due <= :now)
               OR EXISTS (SELECT 1 FROM notes
                           WHERE state IN ('claimed','unknown') AND due <= :now) AS due""",
        {"now": now.isoformat()},
    )
    return any(row["due"] for row in rows)


def count_claimed(db: Database, *, since: datetime) -> int:
    """How many notes were handed over, or about to be, after a moment."""
    rows = db.query(
        "SELECT count(*) AS n FROM notes WHERE claimed > :since", {"since": since.isoformat()}
    )
    return int(next(iter(rows))["n"])


def count_unsettled(db: Database, *, since: datetime) -> dict[tuple[DeliveryState, str], int]:
    """How many notes wait or are unknown, or were refused after a moment, by state and reason."""
    rows = db.query(
        # One SELECT for each index: with OR, SQLite reads every note there ever was.
        """SELECT state, reason, count(*) AS n FROM (
               SELECT state, reason FROM notes WHERE state = 'pending'
               UNION ALL
               SELECT state, reason FROM notes WHERE state IN ('claimed','unknown')
               UNION ALL
               SELECT state, reason FROM notes WHERE state = 'refused' AND answered > :since)
            GROUP BY state, reason""",
        {"since": since.isoformat()},
    )
    return {(DeliveryState(row["state"]), row["reason"]): row["n"] for row in rows}


def claim_note(
    db: Database, note: OwedNote, *, account: str, now: datetime, body: bytes = b""
) -> bool:
    """Write down, durably, that it is handed over now; tell whether it was still pending.

    `body` is kept until there is an answer.
    """
    with db.atomic():
        taken = db.execute(
            """UPDATE notes SET state = 'claimed', claimed = :now, account = :account, due = :now,
                                body = :body
                WHERE id = :id AND kind = :kind AND state = 'pending'""",
            {**_key(note), "account": account, "now": now.isoformat(), "body": body or None},
        )
    return bool(taken.rowcount == 1)


def record_receipt(db: Database, note: OwedNote, receipt: Receipt, *, now: datetime) -> None:
    """Write down that the provider took it, or that it will not."""
    state = DeliveryState(receipt.answer.value)
    _settle(db, note, state, reason=receipt.reason, now=now, provider_id=receipt.provider_id)


def skip_note(db: Database, note: OwedNote, reason: str, *, now: datetime) -> None:
    """Settle a note that must not be sent any more."""
    _settle(db, note, DeliveryState.SKIPPED, reason=reason, now=now)


def refuse(db: Database, note: OwedNote, reason: str, *, now: datetime) -> None:
    """Settle a note that the provider will not take, or has not taken for too long."""
    refused = Receipt(note.send_key, Answer.REFUSED, reason=reason)
    record_receipt(db, note, refused, now=now)


def put_off(db: Database, note: OwedNote, reason: str, *, until: datetime) -> None:
    """Give back a note that certainly was not taken, to be tried again later."""
    with db.atomic():
        db.execute(
            """UPDATE notes SET state = 'pending', reason = :reason, due = :until,
                                attempts = attempts + 1, body = NULL
                WHERE id = :id AND kind = :kind AND state IN ('pending','claimed','unknown')""",
            {**_key(note), "reason": reason, "until": until.isoformat()},
        )


def mark_unknown(db: Database, note: OwedNote, reason: str, *, ask: datetime) -> None:
    """Say that it was handed over and nothing was heard; `ask` is when to look it up."""
    with db.atomic():
        db.execute(
            """UPDATE notes SET state = 'unknown', reason = :reason, due = :ask
                WHERE id = :id AND kind = :kind AND state = 'claimed'""",
            {**_key(note), "reason": reason, "ask": ask.isoformat()},
        )


def ask_later(db: Database, note: OwedNote, *, ask: datetime) -> None:
    """Leave a note unknown, and ask about it again."""
    with db.atomic():
        db.execute(
            """UPDATE notes SET due = :ask, attempts = attempts + 1
                WHERE id = :id AND kind = :kind AND state = 'unknown'""",
            {**_key(note), "ask": ask.isoformat()},
        )


def _settle(
    db: Database,
    note: OwedNote,
    state: DeliveryState,
    *,
    reason: str,
    now: datetime,
    provider_id: str = "",
) -> None:
    with db.atomic():
        db.execute(
            """UPDATE notes SET state = :state, reason = :reason, answered = :now,
                                provider_id = :provider_id, body = NULL
                WHERE id = :id AND kind = :kind AND state IN ('pending','claimed','unknown')""",
            {
                **_key(note),
                "state": state.value,
                "reason": reason,
                "now": now.isoformat(),
                "provider_id": provider_id,
            },
        )


def _key(note: OwedNote) -> _Key:
    return {"id": note.id, "kind": note.kind}


def _as_note(row: dict[str, Any]) -> OwedNote:
    return OwedNote(
        id=row["id"],
        kind=row["kind"],
        subscriber_id=row["subscriber_id"],
        language=row["language"],
        details=orjson.loads(row["details"]),
        state=DeliveryState(row["state"]),
        made=datetime.fromisoformat(row["made"]),
        attempts=row["attempts"],
        account=row["account"],
        claimed=row["claimed"] and datetime.fromisoformat(row["claimed"]),
        body=row["body"] or b"",
    )
