"""Forgetting somebody: their rows go, a keyed mark of the address stays."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlite_utils import Database

from subscribers.errors import NobodyThere
from subscribers.fingerprint import Fingerprints
from subscribers.leaving.erasure import Certificate
from subscribers.links import new_id
from subscribers.store import find_subscriber
from subscribers.suppression_store import suppressions_of


def erase(
    db: Database, subscriber_id: str, fingerprints: Fingerprints, *, now: datetime
) -> Certificate:
    """Forget somebody on the list; all of it or nothing.

    Raises:
        NobodyThere: nobody has this id; they may have been erased already.
    """
    with db.atomic():
        person = find_subscriber(db, subscriber_id)
        if person is None:
            raise NobodyThere("nobody on the list has this id")
        key = person.address_key
        reasons = [bar.reason.value for bar in suppressions_of(db, key)]
        _keep_mark(db, fingerprints, key, reasons, now)
        db.execute("DELETE FROM subscribers WHERE id = ?", [subscriber_id])
        return Certificate(
            id=new_id(),
            at=now,
            consents=_delete(db, "DELETE FROM consents WHERE subscriber_id = ?", subscriber_id),
            changes=_delete(db, "DELETE FROM changes WHERE subscriber_id = ?", subscriber_id),
            requests=_delete(db, "DELETE FROM requests WHERE address_key = ?", key),
            suppressions=_delete(db, "DELETE FROM suppressions WHERE address_key = ?", key),
        )


def erased_on(db: Database, fingerprints: Fingerprints, address_key: str) -> datetime | None:
    """When this address was erased, if it was."""
    prints = [each.value for each in fingerprints.all_of(address_key)]
    rows = db.query(
        """SELECT at FROM erasures
            WHERE fingerprint IN (SELECT value FROM json_each(:prints)) ORDER BY at DESC""",
        {"prints": orjson.dumps(prints).decode()},
    )
    return next((datetime.fromisoformat(row["at"]) for row in rows), None)


def erased_among(db: Database, fingerprints: Fingerprints, keys: Iterable[str]) -> set[str]:
    """Those of these addresses that were erased; nothing is computed where nobody ever was."""
    if next(iter(db.query("SELECT 1 FROM erasures LIMIT 1")), None) is None:
        return set()
    return {key for key in keys if erased_on(db, fingerprints, key)}


def lost_keys(db: Database, fingerprints: Fingerprints) -> Sequence[str]:
    """The names of keys that made marks and are not there any more: those marks know nobody."""
    rows = db.query("SELECT DISTINCT key_id FROM erasures ORDER BY key_id")
    return [row["key_id"] for row in rows if row["key_id"] not in fingerprints.key_ids]


def _keep_mark(
    db: Database, fingerprints: Fingerprints, key: str, reasons: list[str], now: datetime
) -> None:
    mark = fingerprints.of(key)
    db.execute(
        """INSERT INTO erasures VALUES (:value, :key_id, :reasons, :now)
           ON CONFLICT (fingerprint) DO UPDATE SET at = :now, reasons = :reasons""",
        {
            "value": mark.value,
            "key_id": mark.key_id,
            "reasons": orjson.dumps(reasons).decode(),
            "now": now.isoformat(),
        },
    )


def _delete(db: Database, statement: str, value: str) -> int:
    return int(db.execute(statement, [value]).rowcount)
