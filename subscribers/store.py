"""Subscribers on disk. Rows become dataclasses here; nothing is decided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from subscribers.consent import Ruling, Standing, Status, rule


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

    @property
    def ruling(self) -> Ruling:
        """Whether we may write to them, or the reason why not."""
        return rule(Standing(self.status, self.suppressed))


def all_subscribers(db: Database) -> Iterator[Subscriber]:
    """Everybody on the list, whatever their standing, in the order they were added."""
    return map(_as_subscriber, db.query("SELECT * FROM standings ORDER BY place"))


def longest_name(db: Database) -> str:
    """The longest name of all, in bytes, or ''."""
    rows = db.query("SELECT name FROM subscribers ORDER BY length(CAST(name AS BLOB)) DESC LIMIT 1")
    return next((row["name"] for row in rows), "")


def find_subscriber(db: Database, subscriber_id: str) -> Subscriber | None:
    """The subscriber with this id, if there is one."""
    rows = db.query("SELECT * FROM standings WHERE id = :id", {"id": subscriber_id})
    return next(map(_as_subscriber, rows), None)


def rulings(db: Database, ids: Sequence[str]) -> dict[str, Ruling]:
    """Rule on these subscribers as they stand now; those who are gone from the list are missing."""
    rows = db.query(
        "SELECT * FROM standings WHERE id IN (SELECT value FROM json_each(:ids))",
        {"ids": orjson.dumps(list(ids)).decode()},
    )
    return {person.id: person.ruling for person in map(_as_subscriber, rows)}


def count_rulings(db: Database) -> dict[Ruling, int]:
    """How many of the list we may write to, and how many not, by reason."""
    rows = db.query(
        "SELECT status, suppressed, count(*) AS n FROM standings GROUP BY status, suppressed"
    )
    counts: dict[Ruling, int] = {}
    for row in rows:
        ruling = rule(Standing(Status(row["status"]), bool(row["suppressed"])))
        counts[ruling] = counts.get(ruling, 0) + row["n"]
    return counts


def known_by_key(db: Database, keys: Iterable[str]) -> dict[str, Subscriber]:
    """Those of these addresses that are on the list, by address key."""
    rows = db.query(
        """SELECT * FROM standings
            WHERE address_key IN (SELECT value FROM json_each(:keys))""",
        {"keys": orjson.dumps(list(keys)).decode()},
    )
    return {person.address_key: person for person in map(_as_subscriber, rows)}


def suppressed_keys(db: Database, keys: Iterable[str]) -> set[str]:
    """Those of these addresses that are barred, on the list or not."""
    rows = db.query(
        """SELECT address_key FROM suppressions
            WHERE address_key IN (SELECT value FROM json_each(:keys))""",
        {"keys": orjson.dumps(list(keys)).decode()},
    )
    return {row["address_key"] for row in rows}


def write_import(db: Database, rows: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Write imported people with the consent each brings, all of them or none.

    Each row has id, address, key, name, tags (a list, or None to leave them), status, consents
    (pairs of action and time) and source.
    """
    with db.atomic():
        for row in rows:
            tags = None if row["tags"] is None else orjson.dumps(row["tags"]).decode()
            facts = {**row, "tags": tags, "now": now.isoformat()}
            del facts["consents"]
            # Another import may have been quicker; the id that stands is the one consents are for.
            subscriber_id = next(iter(db.query(_UPSERT, facts)))["id"]
            db.conn.executemany(
                _CONSENT,
                [(subscriber_id, a, at.isoformat(), row["source"]) for a, at in row["consents"]],
            )
            if row["status"] == Status.UNSUBSCRIBED:
                _suppress(db, row["key"], "unsubscribed", row["source"], now)


_CONSENT = "INSERT INTO consents (subscriber_id, action, at, source) VALUES (?, ?, ?, ?)"
_UPSERT = """
    INSERT INTO subscribers (id, address, address_key, name, status, added, tags)
    VALUES (:id, :address, :key, :name, :status, :now, coalesce(:tags, '[]'))
    ON CONFLICT (address_key) DO UPDATE
       SET name = iif(:name = '', name, :name),
           tags = coalesce(:tags, tags),
           -- Somebody may have left since the list was compared.
           status = iif(status = 'unsubscribed', status, :status)
    RETURNING id
"""


def save_preferences(db: Database, subscriber_id: str, name: str, wants_offers: bool) -> None:
    """Write down how somebody wants to be greeted, and whether programs may be offered to them."""
    with db.atomic():
        db.execute(
            "UPDATE subscribers SET name = :name, wants_offers = :wants WHERE id = :id",
            {"id": subscriber_id, "name": name, "wants": int(wants_offers)},
        )


def withdraw(db: Database, subscriber_id: str, *, source: str, now: datetime) -> None:
    """Take somebody off the list for good: the status, the evidence and the suppression at once."""
    with db.atomic():
        moved = db.query(
            """UPDATE subscribers SET status = 'unsubscribed'
                WHERE id = :id AND status <> 'unsubscribed' RETURNING address_key""",
            {"id": subscriber_id},
        )
        for row in list(moved):
            _suppress(db, row["address_key"], "unsubscribed", source, now)
            db.execute(_CONSENT, (subscriber_id, "withdrawn", now.isoformat(), source))


def _suppress(db: Database, key: str, reason: str, evidence: str, now: datetime) -> bool:
    """Bar an address; tell whether it was free before. The first reason stands."""
    done = db.execute(
        """INSERT INTO suppressions VALUES (:key, :reason, :evidence, :now)
           ON CONFLICT (address_key) DO NOTHING""",
        {"key": key, "reason": reason, "evidence": evidence, "now": now.isoformat()},
    )
    return done.rowcount == 1


def _as_subscriber(row: dict[str, Any]) -> Subscriber:
    return Subscriber(
        id=row["id"],
        address=row["address"],
        address_key=row["address_key"],
        name=row["name"],
        status=Status(row["status"]),
        suppressed=bool(row["suppressed"]),
        tags=frozenset(orjson.loads(row["tags"])),
        wants_offers=bool(row["wants_offers"]),
    )
