"""What the ledger shows of how well a mailing is taken."""

from datetime import datetime

from sqlite_utils import Database

from delivery.brakes import LAST, Evidence
from delivery.events.event import EventKind
from delivery.events.store import count_kinds
from delivery.mailing import Mailing

_GRAVE = (EventKind.COMPLAINED, EventKind.BOUNCED, EventKind.BLOCKED)


def find_evidence(db: Database, mailing: Mailing) -> Evidence:
    """What came of a mailing's letters since it was last taken up."""
    since = mailing.taken_up or mailing.frozen
    answers, refused = _last_answers(db, mailing.key, since)
    counts = count_kinds(db, mailing.key, _GRAVE, since=since)
    events = {kind.value: count for kind, count in counts.items()}
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


def _count_taken(db: Database, key: str, since: datetime) -> int:
    rows = db.query(
        """SELECT total(taken) AS n FROM batches
            WHERE mailing_key = :key AND answered >= :since""",
        {"key": key, "since": since.isoformat()},
    )
    return int(next(iter(rows))["n"])
