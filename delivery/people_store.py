"""What the ledger knows of single people: what they were sent, owed, and what became of it."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlite_utils import Database

from delivery.mailing import DeliveryState, Letter


def variants_so_far(db: Database, ids: Sequence[str]) -> dict[str, list[str]]:
    """The variants that these people were sent, oldest first; plain letters are left out.

    One that was handed over without an answer counts: they may have it.
    """
    rows = db.query(
        """SELECT subscriber_id, variant FROM deliveries
            WHERE subscriber_id IN (SELECT value FROM json_each(:ids)) AND variant <> ''
              AND state IN ('submitted', 'unknown')
            ORDER BY id""",
        {"ids": orjson.dumps(list(ids)).decode()},
    )
    variants: dict[str, list[str]] = {}
    for row in rows:
        variants.setdefault(row["subscriber_id"], []).append(row["variant"])
    return variants


def who_were_owed(db: Database, ids: Sequence[str], keys: Sequence[str]) -> set[str]:
    """Those of these people who were owed a letter of one of these mailings, sent or not."""
    rows = db.query(
        """SELECT DISTINCT subscriber_id FROM deliveries
            WHERE mailing_key IN (SELECT value FROM json_each(:keys))
              AND subscriber_id IN (SELECT value FROM json_each(:ids)) AND state <> 'skipped'""",
        {"ids": orjson.dumps(list(ids)).decode(), "keys": orjson.dumps(list(keys)).decode()},
    )
    return {row["subscriber_id"] for row in rows}


def count_mailings(
    db: Database, ids: Sequence[str], *, prefix: str, but: str, since: datetime
) -> dict[str, int]:
    """How many mailings whose key begins with `prefix` these people got since a moment, or may
    still get; without the mailing `but`. Those who had none are missing.

    What was handed over without an answer counts: they may have it.
    """
    rows = db.query(
        """SELECT d.subscriber_id AS id, count(*) AS n
             FROM json_each(:ids) asked CROSS JOIN mailings m CROSS JOIN deliveries d
                  ON d.mailing_key = m.key AND d.subscriber_id = asked.value
             LEFT JOIN batches b ON b.id = d.batch_id
            WHERE substr(m.key, 1, length(:prefix)) = :prefix AND m.key <> :but
              AND (m.closed IS NULL OR m.closed > :since)
              AND (d.state IN ('pending', 'claimed')
                   OR d.state IN ('submitted', 'unknown') AND b.posted > :since)
            GROUP BY d.subscriber_id""",
        {
            "ids": orjson.dumps(list(ids)).decode(),
            "prefix": prefix,
            "but": but,
            "since": since.isoformat(),
        },
    )
    return {row["id"]: row["n"] for row in rows}


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
        """SELECT m.key, m.frozen, d.state, d.reason, d.variant, d.heard, b.posted
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
            heard=row["heard"],
            at=datetime.fromisoformat(row["posted"] or row["frozen"]),
        )
        for row in rows
    ]
