"""What the author is to know, while it lasts, and when it was last told: one row a topic."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database


def renew_notices(
    db: Database, found: Mapping[str, str], *, now: datetime, again: timedelta
) -> dict[str, bool]:
    """Keep what was found, by topic, forget what is over, and say what is to be told now.

    To be told is what is new, and what has lasted for `again` since it was told; by topic, whether
    it has been told before.
    """
    with db.atomic():
        known = {row["topic"]: row["told"] for row in db.query("SELECT topic, told FROM notices")}
        for topic in known.keys() - found.keys():
            db.execute("DELETE FROM notices WHERE topic = :topic", {"topic": topic})
        db.conn.executemany(
            """INSERT INTO notices (topic, text, since) VALUES (?, ?, ?)
               ON CONFLICT (topic) DO UPDATE SET text = excluded.text""",
            [(topic, text, now.isoformat()) for topic, text in found.items()],
        )
    late = (now - again).isoformat()
    told = {topic: known.get(topic) for topic in found}
    return {topic: when is not None for topic, when in told.items() if when is None or when <= late}


def is_known(db: Database, topic: str) -> bool:
    """Whether this was found before, and is not over."""
    return bool(list(db.query("SELECT 1 FROM notices WHERE topic = :topic", {"topic": topic})))


def mark_told(db: Database, topics: Iterable[str], *, now: datetime) -> None:
    """Note, within the caller's transaction, that the author is told of these."""
    db.conn.executemany(
        "UPDATE notices SET told = ? WHERE topic = ?", [(now.isoformat(), t) for t in topics]
    )
