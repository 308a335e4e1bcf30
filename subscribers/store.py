"""Subscribers on disk. Rows become dataclasses here; nothing is decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlite_utils import Database

from subscribers.consent import Ruling, Standing, Status, rule
from subscribers.preferences import Frequency


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person on the list. `id` is random and stands in links; `address_key` is compared."""

    id: str
    address: str
    address_key: str
    name: str
    status: Status
    suppressed: bool
    tags: frozenset[str] = frozenset()
    wants_offers: bool = True
    language: str = ""  # '' for the newsletter's own
    frequency: Frequency = Frequency.MONTHLY
    paused_until: date | None = None

    def ruling(self, today: date) -> Ruling:
        """Whether we may write to them on a day, or the reason why not."""
        return rule(Standing(self.status, self.suppressed, self.paused_until), today)


def all_subscribers(db: Database) -> Iterator[Subscriber]:
    """Everybody on the list, whatever their standing, in the order they were added."""
    return map(_as_subscriber, db.query("SELECT * FROM standings ORDER BY place"))


class Candidate(NamedTuple):
    """Somebody on the list as far as the choice of an audience looks at them, with their ruling."""

    id: str
    address: str
    name: str
    tags: frozenset[str]
    wants_offers: bool
    frequency: Frequency
    ruling: Ruling


def candidates(db: Database, today: date) -> Iterator[Candidate]:
    """Everybody on the list in the order they were added: of a million, in some seconds."""
    # Most people stand as others do, and have the tags that others have.
    ruled, tagged = lru_cache(_rule_on), lru_cache(10_000)(_read_tags)
    for person, address, name, tags, wants, frequency, *standing in db.conn.execute(_CANDIDATES):
        yield Candidate(
            person,
            address,
            name,
            tagged(tags),
            bool(wants),
            _FREQUENCIES[frequency],
            ruled(*standing, today),
        )


_CANDIDATES = """
    SELECT id, address, name, tags, wants_offers, frequency, status, suppressed, paused_until
      FROM standings ORDER BY place"""
_FREQUENCIES = {frequency.value: frequency for frequency in Frequency}


def _rule_on(status: str, suppressed: int, paused_until: str | None, today: date) -> Ruling:
    until = date.fromisoformat(paused_until) if paused_until else None
    return rule(Standing(Status(status), bool(suppressed), until), today)


def _read_tags(tags: str) -> frozenset[str]:
    return frozenset(orjson.loads(tags))


def longest_name(db: Database) -> str:
    """The longest name of all, in bytes, or ''."""
    rows = db.query("SELECT name FROM subscribers ORDER BY length(CAST(name AS BLOB)) DESC LIMIT 1")
    return next((row["name"] for row in rows), "")


def find_subscriber(db: Database, subscriber_id: str) -> Subscriber | None:
    """The subscriber with this id, if there is one."""
    rows = db.query("SELECT * FROM standings WHERE id = :id", {"id": subscriber_id})
    return next(map(_as_subscriber, rows), None)


def find_by_key(db: Database, address_key: str) -> Subscriber | None:
    """The subscriber with this address, if there is one."""
    rows = db.query("SELECT * FROM standings WHERE address_key = :key", {"key": address_key})
    return next(map(_as_subscriber, rows), None)


def rulings(db: Database, ids: Sequence[str], today: date) -> dict[str, Ruling]:
    """Rule on these subscribers as they stand now; those who are gone from the list are missing."""
    # Asked for every batch of a mailing: nothing is read but what the rule looks at.
    rows = db.query(
        """SELECT id, status, suppressed, paused_until FROM standings
            WHERE id IN (SELECT value FROM json_each(:ids))""",
        {"ids": orjson.dumps(list(ids)).decode()},
    )
    return {row["id"]: rule(_standing(row), today) for row in rows}


def count_rulings(db: Database, today: date) -> dict[Ruling, int]:
    """How many of the list we may write to, and how many not, by reason."""
    rows = db.query(
        """SELECT status, suppressed, paused_until, count(*) AS n FROM standings
            GROUP BY status, suppressed, paused_until"""
    )
    counts: dict[Ruling, int] = {}
    for row in rows:
        ruling = rule(_standing(row), today)
        counts[ruling] = counts.get(ruling, 0) + row["n"]
    return counts


def count_tag_sets(db: Database, today: date) -> dict[frozenset[str], int]:
    """How many of those we may write to have exactly these tags, for each set of tags."""
    counts: dict[frozenset[str], int] = {}
    for row in db.query(_TAG_SETS):
        if rule(Standing(Status.ACTIVE, paused_until=_day(row)), today) is Ruling.MAY_SEND:
            tags = frozenset(orjson.loads(row["tags"]))
            counts[tags] = counts.get(tags, 0) + row["n"]
    return counts


# Everybody by the index, less those who are barred: to look for a bar on each of a million people
# takes two seconds.
_TAG_SETS = """
    SELECT tags, paused_until, sum(n) AS n FROM (
        SELECT tags, paused_until, count(*) AS n FROM subscribers
         WHERE status = 'active' GROUP BY tags, paused_until
        UNION ALL
        SELECT tags, paused_until, -count(*)
          FROM (SELECT DISTINCT address_key FROM suppressions) CROSS JOIN subscribers
         USING (address_key)
         WHERE status = 'active' GROUP BY tags, paused_until)
     GROUP BY tags, paused_until HAVING sum(n) > 0"""


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(Status(row["status"]), bool(row["suppressed"]), _day(row))


def _as_subscriber(row: dict[str, Any]) -> Subscriber:
    return Subscriber(
        id=row["id"],
        address=row["address"],
        address_key=row["address_key"],
        name=row["name"],
        status=Status(row["status"]),
        suppressed=bool(row["suppressed"]),
        tags=_read_tags(row["tags"]),
        wants_offers=bool(row["wants_offers"]),
        language=row["language"],
        frequency=Frequency(row["frequency"]),
        paused_until=_day(row),
    )


def _day(row: dict[str, Any]) -> date | None:
    return date.fromisoformat(row["paused_until"]) if row["paused_until"] else None
