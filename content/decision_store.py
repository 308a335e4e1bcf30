"""What an author decided about drafts by their links, on disk: each act on each draft once."""

from datetime import datetime

from sqlite_utils import Database


def find_decision(db: Database, key: str, content_hash: str, act: str) -> str | None:
    """The hash that the draft had after this act on it, if that was done before."""
    rows = db.query(
        """SELECT became FROM decisions
            WHERE edition_key = :key AND content_hash = :hash AND act = :act""",
        {"key": key, "hash": content_hash, "act": act},
    )
    return next((row["became"] for row in rows), None)


def record_decision(
    db: Database, key: str, content_hash: str, act: str, became: str, *, now: datetime
) -> None:
    """Write down that this was done to the draft with this hash, and what hash it has now."""
    with db.atomic():
        db.execute(
            """INSERT INTO decisions (edition_key, content_hash, act, became, at)
               VALUES (:key, :hash, :act, :became, :now) ON CONFLICT DO NOTHING""",
            {
                "key": key,
                "hash": content_hash,
                "act": act,
                "became": became,
                "now": now.isoformat(),
            },
        )
