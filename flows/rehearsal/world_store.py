"""The copy of the database that a rehearsal plays in: made, set back, written to."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from content.intake import Cause

# What a post that is assumed to come again has before its name, so that it is a post of its own.
ASSUMED = "assumed "


def copy_database(db: Database) -> Database:
    """A copy of everything, for as long as it is open.

    SQLite keeps it in a file without a name, of which nothing is left however the process ends
    (sqlite.org, "In-Memory Databases", section 3): there are addresses in it.
    """
    copy = sqlite3.connect("")
    db.conn.backup(copy)
    copy.execute("PRAGMA foreign_keys = ON")
    made = Database(copy)
    with made.atomic():
        made.execute("DELETE FROM instance")  # it is no copy that anybody could send from
    return made


def set_back(db: Database, since: datetime) -> None:
    """Make it what it would have been at a moment, had the newsletter run then.

    Posts from that moment on are new when their day comes; an archive without dates has none.
    What really went out is put aside, to come back when its time has come.
    """
    with db.atomic():
        for statement in _SET_BACK:
            db.execute(statement, {"since": since.isoformat()})


_SET_BACK = (
    "CREATE TEMP TABLE real_editions AS SELECT * FROM editions WHERE approved IS NOT NULL",
    "CREATE TEMP TABLE real_deliveries AS SELECT * FROM deliveries",
    "DELETE FROM deliveries",
    "DELETE FROM editions",
    """DELETE FROM posts
        WHERE coalesce(edition_key, '') NOT IN (SELECT key FROM real_editions)
          AND (coalesce(published, first_seen) < :since
               OR (published IS NULL AND cause = 'baseline'))""",
    """UPDATE posts
          SET state = 'settling', cause = NULL, reason = '', edition_key = NULL,
              first_seen = coalesce(published, first_seen),
              changed = coalesce(published, first_seen)
        WHERE coalesce(edition_key, '') NOT IN (SELECT key FROM real_editions)
          AND (cause IS NULL OR cause IN ('baseline', 'too_early'))""",
)


def bring_back(db: Database, now: datetime) -> None:
    """Put back what had really been approved by now, with who got it."""
    moment = {"now": now.isoformat()}
    with db.atomic():
        db.execute(
            """INSERT INTO deliveries (mailing_key, subscriber_id, address, name, state, reason,
                                       batch_id, variant)
               SELECT mailing_key, subscriber_id, address, name, state, reason, batch_id, variant
                 FROM real_deliveries
                WHERE mailing_key IN (SELECT key FROM real_editions WHERE approved <= :now)
                  AND mailing_key NOT IN (SELECT key FROM editions)
                ORDER BY id""",
            moment,
        )
        db.execute(
            """INSERT INTO editions SELECT * FROM real_editions
                WHERE approved <= :now AND key NOT IN (SELECT key FROM editions)""",
            moment,
        )


def hand_over(db: Database, key: str, *, now: datetime) -> None:
    """Note every letter of a mailing as taken; there is no provider here."""
    batch = {"key": key, "now": now.isoformat()}
    with db.atomic():
        db.execute(
            """INSERT INTO batches (id, mailing_key, account, state, letters, prepared, posted)
               VALUES ('rehearsed ' || :key, :key, '', 'answered', 0, :now, :now)""",
            batch,
        )
        db.execute(
            """UPDATE deliveries SET state = 'submitted', batch_id = 'rehearsed ' || :key
                WHERE mailing_key = :key AND state = 'pending'""",
            batch,
        )


def dated_posts(db: Database, since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """The posts that the blog has brought in a time, by their id, and when each of them came.

    An archive that was there before the first reading, without dates, came at no known time.
    """
    rows = db.query(
        """SELECT id, coalesce(published, first_seen) AS dated FROM posts
            WHERE dated >= :since AND dated < :until AND (cause IS NULL OR cause IN (:old, :early))
              AND NOT (published IS NULL AND cause IS :old)
            ORDER BY dated, id""",
        {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "old": Cause.BASELINE.value,
            "early": Cause.TOO_EARLY.value,
        },
    )
    return [(row["id"], datetime.fromisoformat(row["dated"])) for row in rows]


def count_closed(db: Database, since: datetime, until: datetime) -> dict[str, int]:
    """How many posts of a time no edition may choose, by the reason."""
    rows = db.query(
        """SELECT reason, count(*) AS n FROM posts
            WHERE state IN ('excluded', 'held')
              AND coalesce(published, first_seen) >= :since
              AND coalesce(published, first_seen) < :until
            GROUP BY reason ORDER BY reason""",
        {"since": since.isoformat(), "until": until.isoformat()},
    )
    return {row["reason"]: row["n"] for row in rows}


def count_undated(db: Database) -> int:
    """How many posts of the blog have no date, and were there before it was first read."""
    rows = db.query(
        "SELECT count(*) AS n FROM posts WHERE published IS NULL AND cause = 'baseline'"
    )
    return int(next(rows)["n"])


def repeat_posts(db: Database, again: Iterable[tuple[int, datetime]]) -> None:
    """Let posts come a second time, each at another moment."""
    rows = [{"mark": ASSUMED, "at": at.isoformat(), "id": post} for post, at in again]
    with db.atomic():
        db.conn.executemany(
            """INSERT INTO posts (feed, identity, guid, link, title, body, summary, base, language,
                                  categories, picture, published, first_seen, changed, state,
                                  reason)
               SELECT feed, :mark || :at || ' ' || identity, guid, link, title, body, summary, base,
                      language, categories, picture, :at, :at, :at, 'settling', ''
                 FROM posts WHERE id = :id""",
            rows,
        )
