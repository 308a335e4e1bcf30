"""The ledger of deliveries: the only writer of mailings, batches and deliveries.

Every function is one transaction. Within a transaction the first statement writes, so SQLite takes
the write lock at once and two processes wait for each other instead of failing.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from delivery.errors import LetterDrift, NoSuchMailing
from delivery.mailing import (
    Batch,
    BatchState,
    Delivery,
    DeliveryState,
    Mailing,
    MailingState,
    Owed,
    Tally,
    audience_hash,
)
from delivery.message import Answer, FormLetter, Receipt


def freeze(
    db: Database,
    key: str,
    letter: FormLetter,
    audience: Iterable[Owed],
    *,
    provider: str,
    content_hash: str,
    now: datetime,
) -> bool:
    """Freeze a letter and its audience as one mailing; tell whether this call did it.

    All of it happens or none. A second call changes nothing: the first one froze it.

    Raises:
        LetterDrift: a mailing with this key froze another letter.
    """
    facts = {
        "key": key,
        "provider": provider,
        "letter": orjson.dumps(asdict(letter)).decode(),
        "content_hash": content_hash,
        "now": now.isoformat(),
    }
    with db.atomic():
        frozen = db.execute(
            """INSERT INTO mailings VALUES
               (:key, 'sending', '', :provider, :letter, :content_hash, '', :now, NULL)
               ON CONFLICT (key) DO NOTHING""",
            facts,
        )
        if frozen.rowcount == 1:
            db.conn.executemany(_OWE, _owe_rows(key, audience))
            db.execute(
                "UPDATE mailings SET audience_hash = :hash WHERE key = :key",
                {"key": key, "hash": audience_hash(_frozen_audience(db, key))},
            )
            return True
    if load_mailing(db, key).content_hash != content_hash:
        raise LetterDrift(f"{key}: the letter is not the one that was frozen; nothing was sent")
    return False


_OWE = """INSERT INTO deliveries (mailing_key, subscriber_id, address, name, state, reason)
          VALUES (?, ?, ?, ?, ?, ?)"""


def _owe_rows(key: str, audience: Iterable[Owed]) -> Iterator[Sequence[str | None]]:
    for owed in audience:
        if owed.skip:
            yield key, owed.subscriber_id, None, "", DeliveryState.SKIPPED, owed.skip
        else:
            yield key, owed.subscriber_id, owed.address, owed.name, DeliveryState.PENDING, ""


def _frozen_audience(db: Database, key: str) -> Iterator[tuple[str, str]]:
    rows = db.query(
        """SELECT subscriber_id, address FROM deliveries
            WHERE mailing_key = :key AND state = 'pending' ORDER BY id""",
        {"key": key},
    )
    return ((row["subscriber_id"], row["address"]) for row in rows)


def load_mailing(db: Database, key: str) -> Mailing:
    """The mailing with this key.

    Raises:
        NoSuchMailing: nothing was frozen under it.
    """
    for row in db.query("SELECT * FROM mailings WHERE key = :key", {"key": key}):
        return _as_mailing(row)
    raise NoSuchMailing(f"no mailing {key}")


def paused_mailings(db: Database) -> dict[str, str]:
    """The mailings that wait for a person, by key, each with its reason."""
    rows = db.query("SELECT key, reason FROM mailings WHERE state = 'paused'")
    return {row["key"]: row["reason"] for row in rows}


def claim_batch(db: Database, key: str, *, account: str, size: int, now: datetime) -> Batch | None:
    """Take up to `size` pending deliveries so that no other process can; None when there are none.

    The batch is `prepared`: should we die now, nothing has left this machine.
    """
    batch_id = secrets.token_hex(8)
    with db.atomic():
        db.execute(
            "INSERT INTO batches VALUES (:id, :key, :account, 'prepared', 0, :now, NULL, NULL)",
            {"id": batch_id, "key": key, "account": account, "now": now.isoformat()},
        )
        rows = db.query(
            """UPDATE deliveries SET state = 'claimed', batch_id = :batch_id
                WHERE id IN (SELECT id FROM deliveries
                              WHERE mailing_key = :key AND state = 'pending'
                              ORDER BY id LIMIT :size)
               RETURNING id, subscriber_id, address, name""",
            {"batch_id": batch_id, "key": key, "size": size},
        )
        # RETURNING has no order of its own.
        deliveries = tuple(sorted((Delivery(**row) for row in rows), key=lambda d: d.id))
        count = {"n": len(deliveries), "id": batch_id}
        if deliveries:
            db.execute("UPDATE batches SET letters = :n WHERE id = :id", count)
        else:
            db.execute("DELETE FROM batches WHERE id = :id", {"id": batch_id})
    if not deliveries:
        return None
    return Batch(batch_id, key, account, BatchState.PREPARED, None, deliveries)


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


def settle(db: Database, key: str, state: MailingState, *, now: datetime, reason: str = "") -> None:
    """Close a mailing, or pause it with a reason."""
    closed = now.isoformat() if state is MailingState.CLOSED else None
    with db.atomic():
        db.execute(
            """UPDATE mailings SET state = :state, reason = :reason, closed = :closed
                WHERE key = :key""",
            {"key": key, "state": state.value, "reason": reason, "closed": closed},
        )


def take_up(db: Database, key: str) -> None:
    """Take a paused mailing up again: a person, or the next run, wants it sent."""
    with db.atomic():
        db.execute(
            """UPDATE mailings SET state = 'sending', reason = ''
                WHERE key = :key AND state = 'paused'""",
            {"key": key},
        )


def tally(db: Database, key: str) -> Tally:
    """Count a mailing's letters by state and reason."""
    rows = db.query(
        """SELECT state, reason, count(*) AS n FROM deliveries
            WHERE mailing_key = :key GROUP BY state, reason""",
        {"key": key},
    )
    states: dict[DeliveryState, int] = {}
    reasons: dict[tuple[DeliveryState, str], int] = {}
    for row in rows:
        state = DeliveryState(row["state"])
        states[state] = states.get(state, 0) + row["n"]
        if row["reason"]:
            reasons[state, row["reason"]] = row["n"]
    return Tally(states, reasons)


def _as_batch(db: Database, key: str, row: dict[str, Any]) -> Batch:
    members = db.query(
        """SELECT id, subscriber_id, address, name FROM deliveries
            WHERE batch_id = :id ORDER BY id""",
        {"id": row["id"]},
    )
    posted = row["posted"] and datetime.fromisoformat(row["posted"])
    deliveries = tuple(Delivery(**member) for member in members)
    return Batch(row["id"], key, row["account"], BatchState(row["state"]), posted, deliveries)


def _as_mailing(row: dict[str, Any]) -> Mailing:
    letter = orjson.loads(row["letter"])
    slotted = {part: tuple(letter[part]) for part in ("html", "text", "exit_url")}
    return Mailing(
        key=row["key"],
        state=MailingState(row["state"]),
        reason=row["reason"],
        provider=row["provider"],
        letter=FormLetter(**(letter | slotted)),
        content_hash=row["content_hash"],
        audience_hash=row["audience_hash"],
        frozen=datetime.fromisoformat(row["frozen"]),
        closed=row["closed"] and datetime.fromisoformat(row["closed"]),
    )
