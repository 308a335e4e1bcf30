"""What was found out about an account's pace, what it sent lately, and until when it must wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from delivery.pace import DAY, Spent

# Who has not sent for so long begins to warm up anew.
_REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when nothing is handed over, and why."""

    until: datetime
    reason: str


def found_calls(db: Database, account: str) -> float | None:
    """The calls a second that an account was found to bear; None where it never said no."""
    rows = db.query("SELECT calls FROM paces WHERE account = :account", {"account": account})
    return next((row["calls"] for row in rows), None)


def keep_calls(db: Database, account: str, calls: float | None) -> None:
    """Remember what an account bears, for the next run."""
    with db.atomic():
        db.execute(
            """INSERT INTO paces (account, calls, reason) VALUES (:account, :calls, '')
               ON CONFLICT (account) DO UPDATE SET calls = :calls""",
            {"account": account, "calls": calls},
        )


def find_wait(db: Database, account: str, *, now: datetime) -> Wait | None:
    """Until when an account must wait, if it still must."""
    rows = db.query(
        "SELECT not_before, reason FROM paces WHERE account = :account AND not_before > :now",
        {"account": account, "now": now.isoformat()},
    )
    waits = (Wait(datetime.fromisoformat(row["not_before"]), row["reason"]) for row in rows)
    return next(waits, None)


def wait_until(db: Database, account: str, wait: Wait) -> None:
    """Let an account rest."""
    with db.atomic():
        db.execute(
            """INSERT INTO paces (account, not_before, reason) VALUES (:account, :until, :reason)
               ON CONFLICT (account) DO UPDATE SET not_before = :until, reason = :reason""",
            {"account": account, "until": wait.until.isoformat(), "reason": wait.reason},
        )


def spent(db: Database, account: str, *, now: datetime) -> Spent:
    """What an account handed over in the last 24 hours, and on how many days before that.

    What had no answer may have been taken; of an answered batch only what was.
    """
    day_ago = (now - DAY).isoformat()
    asked = {"account": account, "day_ago": day_ago, "since": (now - _REMEMBERED).isoformat()}
    rows = db.query(
        """WITH spent AS (
               SELECT posted, bytes, letters,
                      iif(state IN ('in_flight','unknown'), letters, taken) AS taken
                 FROM batches WHERE account = :account AND posted >= :since)
           SELECT total(taken) AS letters, total(bytes * taken / letters) AS bytes,
                  min(posted) AS since,
                  (SELECT count(DISTINCT substr(posted, 1, 10)) FROM spent
                    WHERE posted <= :day_ago AND taken > 0) AS days
             FROM spent WHERE posted > :day_ago AND taken > 0""",
        asked,
    )
    row = next(iter(rows))
    since = row["since"] and datetime.fromisoformat(row["since"])
    return Spent(int(row["letters"]), int(row["bytes"]), row["days"], since)
