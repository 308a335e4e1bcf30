"""What the ledger shows of how well a mailing is taken."""

from datetime import datetime

from sqlite_utils import Database

from delivery.brakes import LAST, Evidence
from delivery.mailing import Mailing


def find_evidence(db: Database, mailing: Mailing) -> Evidence:
    """What came of a mailing's letters since it was last taken up."""
    since = mailing.taken_up or mailing.frozen
    answers, refused = _last_answers(db, mailing.key, since)
    events = _count_events(db, mailing.key, since)
    return Evidence(answers, refused, _count_taken(db, mailing.key, since) if events else 0, events)


def _last_answers(db: Database, key: str, since: datetime) -> tuple[int, int]:
    """How many answers there were of late, 200 or the next whole batch, and refusals among them."""
    rows = db.query(
        """SELECT taken, refused FROM batches
            WHERE mailing_key = :key AND answered >= :since AND taken + refused > 0
            ORDER BY answered DESC LIMIT :most""",
        {"key": key, "since": since.isoformat(), "most": LAST},
    )
    answers = refused = 0
    for row in rows:
        answers += row["taken"] + row["refused"]
        refused += row["refused"]
        if answers >= LAST:
            break
    return answers, refused


def _count_events(db: Database, key: str, since: datetime) -> dict[str, int]:
    rows = db.query(
        """SELECT kind, count(DISTINCT subscriber_id) AS n FROM events
            WHERE mailing_key = :key AND kind IN ('complained','bounced','blocked')
              AND received >= :since
            GROUP BY kind""",
        {"key": key, "since": since.isoformat()},
    )
    return {row["kind"]: row["n"] for row in rows}


def _count_taken(db: Database, key: str, since: datetime) -> int:
    rows = db.query(
        """SELECT total(taken) AS n FROM batches
            WHERE mailing_key = :key AND answered >= :since""",
        {"key": key, "since": since.isoformat()},
    )
    return int(next(iter(rows))["n"])
