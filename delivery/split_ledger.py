"""A batch that was not taken because of some addresses, in pieces; each is a batch of its own."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from delivery.ledger import begin_batch, end_batch
from delivery.mailing import Batch, BatchState, Delivery


def split_batch(
    db: Database,
    batch: Batch,
    pieces: Iterable[Sequence[Delivery]],
    refused: Mapping[int, str],
    *,
    now: datetime,
) -> list[Batch]:
    """End a batch that was not taken because of some addresses; each piece is a new batch.

    `refused` are the reasons of those who get no letter, by delivery id.
    """
    made = []
    with db.atomic():
        end_batch(db, batch.id, BatchState.RELEASED, "split: an address was refused", now)
        db.conn.executemany(
            "UPDATE deliveries SET state = 'refused', reason = ? WHERE id = ? AND state='claimed'",
            [(reason, i) for i, reason in refused.items()],
        )
        count = {"id": batch.id, "n": len(refused)}
        db.execute("UPDATE batches SET refused = :n WHERE id = :id", count)
        for piece in pieces:
            made.append(_split_off(db, batch, piece, now))
    return made


def _split_off(db: Database, batch: Batch, piece: Sequence[Delivery], now: datetime) -> Batch:
    batch_id = secrets.token_hex(8)
    begin_batch(db, batch_id, batch.mailing_key, batch.account, now)
    db.conn.executemany(
        "UPDATE deliveries SET batch_id = ? WHERE id = ? AND state = 'claimed'",
        [(batch_id, delivery.id) for delivery in piece],
    )
    return Batch(
        batch_id,
        batch.mailing_key,
        batch.account,
        BatchState.PREPARED,
        None,
        tuple(piece),
        batch.variant,
        batch.attempts,
    )
