"""Doubt what another copy of the database may have handed over meanwhile.

What was not settled when the copy was made may have been sent since, in the batch that is known
here or in one that is not. So it is unknown, and absence at the provider shows nothing.
"""

import secrets
from datetime import datetime

from sqlite_utils import Database

_WHY = "another copy may have sent them"
NOTE_WITHHELD = "another copy of the database may have sent it"


def doubt_letters(db: Database, *, now: datetime) -> int:
    """Make every letter that is not settled an unknown one, within the caller's transaction.

    Give how many letters are in doubt.
    """
    for row in list(db.query(_WITH_PENDING)):
        _doubt_pending(db, row["mailing_key"], now)
    db.execute("UPDATE deliveries SET state = 'unknown' WHERE state = 'claimed'")
    db.execute(
        """UPDATE batches SET state = 'unknown', doubted = 1, reason = :why,
                              posted = ifnull(posted, :now)
            WHERE state IN ('prepared','in_flight','unknown')""",
        {"why": _WHY, "now": now.isoformat()},
    )
    db.execute("UPDATE mailings SET sender = ''")
    rows = db.query("SELECT count(*) AS n FROM deliveries WHERE state = 'unknown'")
    return int(next(iter(rows))["n"])


_WITH_PENDING = """
    SELECT DISTINCT mailing_key FROM deliveries WHERE state = 'pending'"""


def _doubt_pending(db: Database, key: str, now: datetime) -> None:
    """Put all that was still owed of a mailing into one batch, of no account that can be asked."""
    batch = {"id": secrets.token_hex(8), "key": key, "now": now.isoformat()}
    db.execute(
        """INSERT INTO batches (id, mailing_key, account, state, letters, prepared, posted, doubted)
           VALUES (:id, :key, '', 'in_flight', 0, :now, :now, 1)""",
        batch,
    )
    moved = db.execute(
        """UPDATE deliveries SET state = 'unknown', batch_id = :id
            WHERE mailing_key = :key AND state = 'pending'""",
        batch,
    )
    db.execute(
        "UPDATE batches SET letters = :n WHERE id = :id", {"n": moved.rowcount, "id": batch["id"]}
    )


def withhold_notes(db: Database, *, now: datetime) -> int:
    """Send no note that was owed before, within the caller's transaction; give how many."""
    withheld = db.execute(
        """UPDATE notes SET state = 'skipped', reason = :why, answered = :now, body = NULL
            WHERE state IN ('pending','claimed','unknown')""",
        {"why": NOTE_WITHHELD, "now": now.isoformat()},
    )
    return int(withheld.rowcount)


def mailings_begun(db: Database) -> list[str]:
    """The keys of everything that was ever frozen here."""
    return [row["key"] for row in db.query("SELECT key FROM mailings")]
