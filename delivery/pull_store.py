"""How far each account's own suppression list is known to us."""

from datetime import datetime

from sqlite_utils import Database


def pulled_until(db: Database, account: str) -> datetime | None:
    """Up to when an account's list was read; None where it must be read as a whole."""
    rows = db.query("SELECT until FROM pulls WHERE account = :account", {"account": account})
    return next((datetime.fromisoformat(row["until"]) for row in rows), None)


def keep_pulled(db: Database, account: str, *, until: datetime) -> None:
    """Note that an account's list was read up to a moment."""
    with db.atomic():
        db.execute(
            """INSERT INTO pulls VALUES (:account, :until)
               ON CONFLICT (account) DO UPDATE SET until = :until""",
            {"account": account, "until": until.isoformat()},
        )


def pull_as_a_whole(db: Database) -> None:
    """Read every list as a whole next time: there are new people whom it may name."""
    with db.atomic():
        db.execute("DELETE FROM pulls")
