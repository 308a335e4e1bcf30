"""The ledger of deliveries: batches are claimed, handed over and settled here, and nowhere else.

Every function is one transaction. Within a transaction the first statement writes, so SQLite takes
the write lock at once and two processes wait for each other instead of failing.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from delivery.mailing import Batch, BatchState, Delivery, DeliveryState, Letter
from delivery.message import Answer, Receipt


def claim_batch(db: Database, key: str, *, account: str, size: int, now: datetime) -> Batch | None:
    """Take up to `size` pending deliveries so that no other process can; None when there are none.

    They are all of one variant, because a provider takes one letter a call. The batch is
    `prepared`: should we die now, nothing has left this machine.
    """
    batch_id = secrets.token_hex(8)
    with db.atomic():
        db.execute(
            """INSERT INTO batches (id, mailing_key, account, state, letters, prepared)
               VALUES (:id, :key, :account, 'prepared', 0, :now)""",
            {"id": batch_id, "key": key, "account": account, "now": now.isoformat()},
        )
        deliveries, variant = _claim(db, key, batch_id, size)
        if not deliveries:
            db.execute("DELETE FROM batches WHERE id = :id", {"id": batch_id})
            return None
        count = {"n": len(deliveries), "id": batch_id}
        db.execute("UPDATE batches SET letters = :n WHERE id = :id", count)
    return Batch(batch_id, key, account, BatchState.PREPARED, None, deliveries, variant)


def _claim(db: Database, key: str, batch_id: str, size: int) -> tuple[tuple[Delivery, ...], str]:
    rows = db.query(
        """UPDATE deliveries SET state = 'claimed', batch_id = :batch_id
            WHERE id IN (SELECT id FROM deliveries
                          WHERE mailing_key = :key AND state = 'pending' AND variant =
                                (SELECT min(variant) FROM deliveries
                                  WHERE mailing_key = :key AND state = 'pending')
                          ORDER BY id LIMIT :size)
           RETURNING id, subscriber_id, address, name, variant""",
        {"batch_id": batch_id, "key": key, "size": size},
    )
    return _as_deliveries(rows)


def skip(db: Database, reasons: Mapping[int, str]) -> None:
    """Settle claimed deliveries that must not be sent any more, by id, each with its reason."""
    with db.atomic():
        db.conn.executemany(
            """UPDATE deliveries SET state = 'skipped', reason = ?, address = NULL, batch_id = NULL
                WHERE id = ? AND state = 'claimed'""",
            [(reason, delivery_id) for delivery_id, reason in reasons.items()],
        )


def mark_in_flight(db: Database, batch_id: str, *, now: datetime) -> None:
    """Write the intent down, durably, before the socket is used."""
    with db.atomic():
        db.execute(
            """UPDATE batches SET state = 'in_flight', posted = :now
                WHERE id = :id AND state IN ('prepared', 'in_flight')""",
            {"id": batch_id, "now": now.isoformat()},
        )


def record_receipts(
    db: Database, batch: Batch, receipts: Mapping[int, Receipt], *, now: datetime
) -> None:
    """Write down what the provider said, by delivery id; the batch ends with its last answer."""
    settled = {i: r for i, r in receipts.items() if r.answer is not Answer.NOT_NOW}
    with db.atomic():
        db.conn.executemany(
            """UPDATE deliveries SET state = ?, reason = ?, provider_id = ?
                WHERE id = ? AND state IN ('claimed', 'unknown')""",
            [(r.answer.value, r.reason, r.provider_id, i) for i, r in settled.items()],
        )
        db.conn.executemany(
            """UPDATE deliveries SET state = 'pending', batch_id = NULL
                WHERE id = ? AND state IN ('claimed', 'unknown')""",
            [(i,) for i in receipts.keys() - settled.keys()],
        )
        db.execute(
            """UPDATE batches SET state = 'answered', answered = :now
                WHERE id = :id AND NOT EXISTS
                      (SELECT 1 FROM deliveries
                        WHERE batch_id = :id AND state IN ('claimed', 'unknown'))""",
            {"id": batch.id, "now": now.isoformat()},
        )


def release_batch(db: Database, batch_id: str, *, now: datetime) -> None:
    """Give back the deliveries of a batch that was certainly not taken; they are pending again."""
    with db.atomic():
        db.execute(
            """UPDATE deliveries SET state = 'pending', batch_id = NULL
                WHERE batch_id = :id AND state IN ('claimed', 'unknown')""",
            {"id": batch_id},
        )
        _end_batch(db, batch_id, BatchState.RELEASED, now)


def mark_unknown(db: Database, batch_id: str, *, now: datetime) -> None:
    """Say that a batch was handed over and nothing was heard."""
    with db.atomic():
        db.execute(
            "UPDATE deliveries SET state = 'unknown' WHERE batch_id = :id AND state = 'claimed'",
            {"id": batch_id},
        )
        _end_batch(db, batch_id, BatchState.UNKNOWN, now)


def _end_batch(db: Database, batch_id: str, state: BatchState, now: datetime) -> None:
    db.execute(
        "UPDATE batches SET state = :state, answered = :now WHERE id = :id",
        {"id": batch_id, "state": state.value, "now": now.isoformat()},
    )


def open_batches(db: Database, key: str) -> list[Batch]:
    """The batches of a mailing that have no answer yet, oldest first, with their deliveries."""
    rows = db.query(
        """SELECT id, account, state, posted FROM batches
            WHERE mailing_key = :key AND state IN ('prepared', 'in_flight', 'unknown')
            ORDER BY prepared""",
        {"key": key},
    )
    return [_as_batch(db, key, row) for row in list(rows)]


def _as_batch(db: Database, key: str, row: dict[str, Any]) -> Batch:
    members = db.query(
        "SELECT id, subscriber_id, address, name, variant FROM deliveries WHERE batch_id = :id",
        {"id": row["id"]},
    )
    posted = row["posted"] and datetime.fromisoformat(row["posted"])
    deliveries, variant = _as_deliveries(members)
    state = BatchState(row["state"])
    return Batch(row["id"], key, row["account"], state, posted, deliveries, variant)


def _as_deliveries(rows: Iterable[dict[str, Any]]) -> tuple[tuple[Delivery, ...], str]:
    """The deliveries of a batch in their order, which RETURNING does not keep, and its variant."""
    variant, deliveries = "", []
    for row in rows:
        variant = row.pop("variant")
        deliveries.append(Delivery(**row))
    return tuple(sorted(deliveries, key=lambda delivery: delivery.id)), variant


def forget(db: Database, subscriber_id: str, *, reason: str) -> int:
    """Take somebody's address and name out of the ledger; what is still owed to them is skipped.

    Gives how many records had them. That letters were sent stays known, without to whom.
    """
    with db.atomic():
        freed = db.execute(
            """UPDATE deliveries
                  SET address = NULL, name = '',
                      reason = iif(state = 'pending', :reason, reason),
                      state = iif(state = 'pending', 'skipped', state)
                WHERE id IN (SELECT d.id FROM mailings m
                               JOIN deliveries d ON d.mailing_key = m.key
                                                AND d.subscriber_id = :id)
                  AND (address IS NOT NULL OR name <> '')""",
            {"id": subscriber_id, "reason": reason},
        )
        return int(freed.rowcount)


def letters_of(db: Database, subscriber_id: str) -> list[Letter]:
    """What became of each mailing for one person, in the order they were frozen."""
    rows = db.query(
        """SELECT m.key, m.frozen, d.state, d.reason, d.variant, b.posted
             FROM mailings m
             JOIN deliveries d ON d.mailing_key = m.key AND d.subscriber_id = :id
             LEFT JOIN batches b ON b.id = d.batch_id
            ORDER BY m.frozen""",
        {"id": subscriber_id},
    )
    return [
        Letter(
            key=row["key"],
            state=DeliveryState(row["state"]),
            reason=row["reason"],
            variant=row["variant"],
            at=datetime.fromisoformat(row["posted"] or row["frozen"]),
        )
        for row in rows
    ]
