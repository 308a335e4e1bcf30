"""Bars on addresses on disk."""

from datetime import datetime

from sqlite_utils import Database

from subscribers.suppression import Reason, Suppression


def suppress(db: Database, key: str, reason: Reason, *, evidence: str, now: datetime) -> bool:
    """Bar an address for a reason; the first evidence of it stands. Tell whether it is new."""
    with db.atomic():
        barred = db.execute(
            """INSERT INTO suppressions VALUES (:key, :reason, :evidence, :now)
               ON CONFLICT DO NOTHING""",
            {"key": key, "reason": reason.value, "evidence": evidence, "now": now.isoformat()},
        )
    return bool(barred.rowcount == 1)


def lift(db: Database, key: str, reason: Reason) -> None:
    """Take one bar away; others stay."""
    with db.atomic():
        db.execute(
            "DELETE FROM suppressions WHERE address_key = :key AND reason = :reason",
            {"key": key, "reason": reason.value},
        )


def suppressions_of(db: Database, key: str) -> list[Suppression]:
    """Every bar on an address, oldest first."""
    rows = db.query(
        "SELECT * FROM suppressions WHERE address_key = :key ORDER BY since, reason", {"key": key}
    )
    return [
        Suppression(Reason(row["reason"]), row["evidence"], datetime.fromisoformat(row["since"]))
        for row in rows
    ]
