"""What may be done with a mailing under way: pause, go on, cancel, close; take its lease; say what
became of letters without an answer. Each takes effect before the next batch.
"""

from datetime import datetime, timedelta

from sqlite_utils import Database

from delivery.ledger import OWED_AGAIN


def pause(db: Database, key: str, reason: str) -> bool:
    """Keep what is still owed until somebody takes the mailing up again; tell whether it was sent.

    What is on its way is finished and recorded.
    """
    with db.atomic():
        paused = db.execute(
            """UPDATE mailings SET state = 'paused', reason = :reason
                WHERE key = :key AND state = 'sending'""",
            {"key": key, "reason": reason},
        )
    return bool(paused.rowcount == 1)


def take_up(db: Database, key: str, *, now: datetime) -> bool:
    """Take a paused mailing up again; tell whether it was paused. Brakes begin to count anew."""
    with db.atomic():
        taken = db.execute(
            """UPDATE mailings SET state = 'sending', reason = '', taken_up = :now
                WHERE key = :key AND state = 'paused'""",
            {"key": key, "now": now.isoformat()},
        )
    return bool(taken.rowcount == 1)


def close(db: Database, key: str, *, now: datetime) -> None:
    """End a mailing of which nothing is open."""
    with db.atomic():
        db.execute(
            """UPDATE mailings SET state = 'closed', reason = '', closed = :now
                WHERE key = :key AND state IN ('sending','paused')""",
            {"key": key, "now": now.isoformat()},
        )


def cancel(db: Database, key: str, *, now: datetime) -> int:
    """End a mailing: nobody who is still owed a letter gets one. Give how many those are.

    What was handed over stays as it is, known or not.
    """
    with db.atomic():
        db.execute(
            """UPDATE mailings SET state = 'cancelled', reason = 'cancelled', closed = :now
                WHERE key = :key AND state IN ('sending','paused')""",
            {"key": key, "now": now.isoformat()},
        )
        return _skip_cancelled(db, key)


def skip_cancelled(db: Database, key: str) -> int:
    """Settle what came back from a provider after its mailing was cancelled."""
    with db.atomic():
        return _skip_cancelled(db, key)


def _skip_cancelled(db: Database, key: str) -> int:
    skipped = db.execute(
        """UPDATE deliveries SET state = 'skipped', reason = 'cancelled', address = NULL
            WHERE mailing_key = :key AND state = 'pending'
              AND EXISTS (SELECT 1 FROM mailings WHERE key = :key AND state = 'cancelled')""",
        {"key": key},
    )
    return int(skipped.rowcount)


def take_lease(
    db: Database, key: str, sender: str, *, here: str, silence: timedelta, now: datetime
) -> bool:
    """Become a mailing's sender; tell whether nobody else is.

    Another machine's sender must have been silent for `silence`, and so much its clock may be
    ahead; one of this machine (its name begins with `here`) is known to be dead, because the caller
    holds the lock of the file.
    """
    with db.atomic():
        taken = db.execute(
            """UPDATE mailings SET sender = :sender, beat = :now
                WHERE key = :key AND (sender = '' OR substr(sender, 1, length(:here)) = :here
                                      OR beat NOT BETWEEN :expired AND :ahead)""",
            {
                "key": key,
                "sender": sender,
                "here": here,
                "expired": (now - silence).isoformat(),
                "ahead": (now + silence).isoformat(),
                "now": now.isoformat(),
            },
        )
    return bool(taken.rowcount == 1)


def end_lease(db: Database, key: str, sender: str) -> None:
    """Let others send the mailing."""
    with db.atomic():
        db.execute(
            "UPDATE mailings SET sender = '' WHERE key = :key AND sender = :sender",
            {"key": key, "sender": sender},
        )


def decide_unknown(db: Database, key: str, *, as_sent: bool) -> int:
    """Settle every unknown letter of a mailing as a person says; give how many there were.

    As sent, they are submitted; else they are pending, and will be handed over again, unless the
    mailing was cancelled.
    """
    became = "state = 'submitted', reason = 'a person said so'" if as_sent else OWED_AGAIN
    with db.atomic():
        if as_sent:
            _count_as_taken(db, key)
        settled = db.execute(
            f"UPDATE deliveries SET {became}"  # noqa: S608
            " WHERE mailing_key = :key AND state = 'unknown'",
            {"key": key},
        )
        db.execute(
            """UPDATE batches SET state = :state, reason = 'a person said so'
                WHERE mailing_key = :key AND state = 'unknown'""",
            {"key": key, "state": "answered" if as_sent else "released"},
        )
        _skip_cancelled(db, key)
        return int(settled.rowcount)


def _count_as_taken(db: Database, key: str) -> None:
    db.execute(
        """UPDATE batches
              SET taken = taken + (SELECT count(*) FROM deliveries
                                    WHERE batch_id = batches.id AND state = 'unknown')
            WHERE mailing_key = :key AND state = 'unknown'""",
        {"key": key},
    )
