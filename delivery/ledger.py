"""The ledger of deliveries: batches are claimed, handed over and settled here, and nowhere else.

Every function is one transaction. Within a transaction the first statement writes, so SQLite takes
the write lock at once and two processes wait for each other instead of failing.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from delivery.mailing import Batch, BatchState, Delivery
from delivery.message import Answer, Payload, Receipt

# What was handed over may be owed again, but not to who has been erased since.
OWED_AGAIN = """state = iif(address IS NULL, 'skipped', 'pending'), batch_id = NULL,
                reason = iif(address IS NULL, 'erased', '')"""


def claim_batch(
    db: Database, key: str, *, account: str, size: int, now: datetime, sender: str = ""
) -> Batch | None:
    """Take up to `size` pending deliveries so that no other process can; None when there are none.

    None also where the mailing is not being sent any more, or by another sender. They are all of
    one variant, because a provider takes one letter a call, and those that were refused for now
    come last. The batch is `prepared`: should we die now, nothing has left this machine.
    """
    batch_id = secrets.token_hex(8)
    with db.atomic():
        if not _beat(db, key, sender, now):
            return None
        begin_batch(db, batch_id, key, account, now)
        rows = list(db.query(_CLAIM, {"batch_id": batch_id, "key": key, "size": size}))
        if not rows:
            db.execute("DELETE FROM batches WHERE id = :id", {"id": batch_id})
            return None
        count = {"n": len(rows), "id": batch_id}
        db.execute("UPDATE batches SET letters = :n WHERE id = :id", count)
    return _batch(batch_id, key, account, rows)


_CLAIM = """
    UPDATE deliveries SET state = 'claimed', batch_id = :batch_id
     WHERE id IN (SELECT id FROM deliveries
                   WHERE mailing_key = :key AND state = 'pending' AND (attempts, variant) =
                         (SELECT attempts, variant FROM deliveries
                           WHERE mailing_key = :key AND state = 'pending'
                           ORDER BY attempts, variant LIMIT 1)
                   ORDER BY id LIMIT :size)
    RETURNING id, subscriber_id, address, name, attempts, variant"""


def _beat(db: Database, key: str, sender: str, now: datetime) -> bool:
    """Give a sign of life; tell whether the mailing is still ours to send."""
    beat = db.execute(
        """UPDATE mailings SET beat = :now
            WHERE key = :key AND state = 'sending' AND sender = :sender""",
        {"key": key, "sender": sender, "now": now.isoformat()},
    )
    return bool(beat.rowcount == 1)


def beat(db: Database, key: str, sender: str, *, now: datetime) -> None:
    """Give a sign of life while a call takes long."""
    with db.atomic():
        _beat(db, key, sender, now)


def begin_batch(db: Database, batch_id: str, key: str, account: str, now: datetime) -> None:
    """Open a batch, within the caller's transaction."""
    db.execute(
        """INSERT INTO batches (id, mailing_key, account, state, letters, prepared)
           VALUES (:id, :key, :account, 'prepared', 0, :now)""",
        {"id": batch_id, "key": key, "account": account, "now": now.isoformat()},
    )


def skip(db: Database, reasons: Mapping[int, str]) -> None:
    """Settle claimed deliveries that must not be sent any more, by id, each with its reason."""
    with db.atomic():
        db.conn.executemany(
            """UPDATE deliveries SET state = 'skipped', reason = ?, address = NULL, batch_id = NULL
                WHERE id = ? AND state = 'claimed'""",
            [(reason, delivery_id) for delivery_id, reason in reasons.items()],
        )


def mark_in_flight(
    db: Database, batch: Batch, payload: Payload, *, now: datetime, sender: str = ""
) -> bool:
    """Write the intent down, durably, before the socket is used; tell whether it may be used.

    It may not when the mailing was paused or cancelled meanwhile, or has another sender.
    """
    with db.atomic():
        if not _beat(db, batch.mailing_key, sender, now):
            return False
        written = db.execute(
            """UPDATE batches SET state = 'in_flight', posted = :now, letters = :letters,
                                  bytes = :bytes, body_hash = :hash
                WHERE id = :id AND state = 'prepared'""",
            {
                "id": batch.id,
                "now": now.isoformat(),
                "letters": len(payload.messages),
                "bytes": sum(map(len, payload.parts)),
                "hash": payload.hash,
            },
        )
    return bool(written.rowcount == 1)


def record_receipts(
    db: Database,
    batch: Batch,
    receipts: Mapping[int, Receipt],
    *,
    now: datetime,
    tried: bool = False,
) -> None:
    """Write down what the provider said, by delivery id; the batch ends with its last answer.

    Who is in another batch by now, because a second sender took us for dead, is left as they are.

    Who was not taken for now is pending again; where that was for their own sake (`tried`) it
    counts as an attempt, and they come last.
    """
    answers = [(r.answer.value, r.reason, r.provider_id, i, batch.id) for i, r in receipts.items()]
    put_off = Answer.NOT_NOW.value
    with db.atomic():
        db.conn.executemany(
            """UPDATE deliveries SET state = ?, reason = ?, provider_id = ?
                 WHERE id = ? AND batch_id = ? AND state IN ('claimed','unknown')""",
            [answer for answer in answers if answer[0] != put_off],
        )
        db.conn.executemany(
            f"UPDATE deliveries SET {OWED_AGAIN}, attempts = attempts + ?"  # noqa: S608
            " WHERE id = ? AND batch_id = ? AND state IN ('claimed','unknown')",
            [(int(tried), i, batch.id) for answer, _, _, i, _ in answers if answer == put_off],
        )
        _end_answered(db, batch.id, receipts.values(), now)


def _end_answered(db: Database, batch_id: str, receipts: Iterable[Receipt], now: datetime) -> None:
    answers = [receipt.answer for receipt in receipts]
    db.execute(
        """UPDATE batches
              SET taken = taken + :taken, refused = refused + :refused, answered = :now,
                  state = (
                      SELECT CASE WHEN sum(state = 'claimed') THEN batches.state
                                  WHEN sum(state = 'unknown') THEN 'unknown' ELSE 'answered' END
                        FROM deliveries WHERE batch_id = :id)
            WHERE id = :id""",
        {
            "id": batch_id,
            "taken": answers.count(Answer.SUBMITTED),
            "refused": answers.count(Answer.REFUSED),
            "now": now.isoformat(),
        },
    )


def release_batch(db: Database, batch_id: str, *, reason: str = "", now: datetime) -> None:
    """Give back the deliveries of a batch that was certainly not taken; they are pending again."""
    with db.atomic():
        db.execute(
            f"UPDATE deliveries SET {OWED_AGAIN}"  # noqa: S608
            " WHERE batch_id = :id AND state IN ('claimed','unknown')",
            {"id": batch_id},
        )
        end_batch(db, batch_id, BatchState.RELEASED, reason, now)


def mark_unknown(db: Database, batch_id: str, *, reason: str = "", now: datetime) -> None:
    """Say that a batch was handed over and nothing was heard, but by events that came first."""
    with db.atomic():
        db.execute(
            "UPDATE deliveries SET state = 'unknown' WHERE batch_id = :id AND state = 'claimed'",
            {"id": batch_id},
        )
        db.execute(
            """UPDATE batches SET answered = :now, reason = :reason,
                                  (taken, state) = (
                      SELECT count(*) FILTER (WHERE state = 'submitted'),
                             iif(total(state = 'unknown'), 'unknown', 'answered')
                        FROM deliveries WHERE batch_id = :id)
                WHERE id = :id AND state = 'in_flight'""",
            {"id": batch_id, "now": now.isoformat(), "reason": reason},
        )


def end_batch(db: Database, batch_id: str, state: BatchState, reason: str, now: datetime) -> None:
    """End a batch, within the caller\'s transaction; its bytes are not kept."""
    db.execute(
        """UPDATE batches SET state = :state, answered = :now, reason = :reason
            WHERE id = :id""",
        {"id": batch_id, "state": state.value, "reason": reason, "now": now.isoformat()},
    )


def open_batches(db: Database, key: str) -> list[Batch]:
    """The batches of a mailing that have no answer yet, oldest first, with their deliveries."""
    rows = db.query(
        """SELECT id, account, state, posted, body_hash, doubted FROM batches
            WHERE mailing_key = :key AND state IN ('prepared', 'in_flight', 'unknown')
            ORDER BY prepared""",
        {"key": key},
    )
    return [_as_batch(db, key, row) for row in list(rows)]


def _as_batch(db: Database, key: str, row: dict[str, Any]) -> Batch:
    """With its deliveries that have no answer; those that have one are no part of it any more."""
    members = db.query(
        """SELECT id, subscriber_id, address, name, attempts, variant FROM deliveries
             WHERE batch_id = :id AND state IN ('claimed','unknown')""",
        {"id": row["id"]},
    )
    posted = row["posted"] and datetime.fromisoformat(row["posted"])
    state = BatchState(row["state"])
    batch = _batch(row["id"], key, row["account"], members, state, posted, row["body_hash"])
    return replace(batch, doubted=bool(row["doubted"]))


def _batch(
    batch_id: str,
    key: str,
    account: str,
    rows: Iterable[dict[str, Any]],
    state: BatchState = BatchState.PREPARED,
    posted: datetime | None = None,
    body_hash: str = "",
) -> Batch:
    """A batch with its deliveries in their order, which RETURNING does not keep."""
    variant, attempts, deliveries = "", 0, []
    for row in rows:
        variant, attempts = row.pop("variant"), row.pop("attempts")
        deliveries.append(Delivery(**row))
    ordered = tuple(sorted(deliveries, key=lambda delivery: delivery.id))
    return Batch(batch_id, key, account, state, posted, ordered, variant, attempts, body_hash)
