"""How a list grew and shrank, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Month:
    """What one month (UTC, as in 2026-11) brought: people who joined, left, and were barred.

    `joined` are people by the first sign of their consent, and those who came back; `barred` are
    bounces, complaints and the author's bars.
    """

    month: str
    joined: int
    left: int
    barred: int


@dataclass(frozen=True, slots=True)
class Moved:
    """How many joined, and how many left, by themselves."""

    joined: int
    left: int


def moved_since(db: Database, moment: datetime) -> Moved:
    """Who came and went since a moment, by their own hand or their mail program's."""
    rows = db.query(
        """SELECT coalesce(sum(action IN ('confirmed','restored')), 0) AS joined,
                  coalesce(sum(action = 'withdrawn'), 0) AS "left"
             FROM consents WHERE at > :moment AND actor <> 'author'""",
        {"moment": moment.isoformat()},
    )
    return Moved(**next(iter(rows)))


def growth(db: Database, *, months: int = 24) -> Sequence[Month]:
    """The last months in which anything happened, oldest first."""
    rows = db.query(_GROWTH, {"months": months})
    return [Month(**row) for row in rows][::-1]


_GROWTH = """
    SELECT month, sum(joined) AS joined, sum("left") AS "left", sum(barred) AS barred FROM (
        SELECT substr(min(at), 1, 7) AS month, 1 AS joined, 0 AS "left", 0 AS barred
          FROM consents c
         WHERE action IN ('imported','confirmed') AND NOT EXISTS
               (SELECT 1 FROM subscribers WHERE id = c.subscriber_id AND status = 'pending')
         GROUP BY subscriber_id
        UNION ALL
        SELECT substr(at, 1, 7), action = 'restored', action = 'withdrawn', 0
          FROM consents WHERE action IN ('restored','withdrawn')
        UNION ALL
        SELECT substr(since, 1, 7), 0, 0, 1 FROM suppressions WHERE reason <> 'unsubscribed')
     GROUP BY month ORDER BY month DESC LIMIT :months"""
