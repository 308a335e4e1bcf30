"""Sign-ups on disk: requests, the people they are about, and their confirmation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlite_utils import Database

from subscribers import store
from subscribers.address import Address
from subscribers.consent import Status
from subscribers.joining.sign_up import Known
from subscribers.links import new_id
from subscribers.suppression import Reason
from subscribers.suppression_store import lift, suppressions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asked for a letter by a form. `kind` is `confirm` or `links`.

    What it says of name and language counts from its confirmation on: a stranger may have typed it.
    """

    id: str
    kind: str
    subscriber_id: str
    address_key: str
    at: datetime
    name: str = ""
    language: str = ""


def known_of(db: Database, address_key: str, *, fingerprints: Sequence[str]) -> Known:
    """What is known of an address when a form names it, also from before an erasure."""
    person = store.find_by_key(db, address_key)
    bars = (bar.reason for bar in suppressions_of(db, address_key))
    rows = db.query("SELECT at FROM requests WHERE address_key = :key", {"key": address_key})
    return Known(
        status=person.status if person else None,
        bars=frozenset([*bars, *_erased_bars(db, fingerprints)]),
        asked=tuple(datetime.fromisoformat(row["at"]) for row in rows),
    )


def _erased_bars(db: Database, fingerprints: Sequence[str]) -> Iterator[Reason]:
    rows = db.query(
        """SELECT reasons FROM erasures
            WHERE fingerprint IN (SELECT value FROM json_each(:prints))""",
        {"prints": orjson.dumps(list(fingerprints)).decode()},
    )
    return (Reason(reason) for row in rows for reason in orjson.loads(row["reasons"]))


def enlist(db: Database, address: Address, *, now: datetime) -> str:
    """The id of who has this address; a stranger is put on the list, to be confirmed.

    Nothing else of the form is theirs yet: whoever typed it may be somebody else.
    """
    facts = {
        "id": new_id(),
        "address": address.given,
        "key": address.key,
        "now": now.isoformat(),
    }
    with db.atomic():
        db.execute(
            """INSERT INTO subscribers (id, address, address_key, name, status, added)
               VALUES (:id, :address, :key, '', 'pending', :now)
               ON CONFLICT (address_key) DO NOTHING""",
            facts,
        )
        rows = db.query("SELECT id FROM subscribers WHERE address_key = :key", facts)
        return str(next(iter(rows))["id"])


def keep_request(db: Database, request: Request) -> None:
    """Write a request down."""
    with db.atomic():
        db.execute(
            """INSERT INTO requests (id, kind, subscriber_id, address_key, name, language, at)
               VALUES (:id, :kind, :subscriber_id, :key, :name, :language, :at)""",
            {
                "id": request.id,
                "kind": request.kind,
                "subscriber_id": request.subscriber_id,
                "key": request.address_key,
                "name": request.name,
                "language": request.language,
                "at": request.at.isoformat(),
            },
        )


def forget_requests(db: Database, *, before: datetime) -> None:
    """Forget requests that can be neither confirmed nor counted any more, and the strangers they
    were about: whoever never said yes is not kept.
    """
    with db.atomic():
        db.execute("DELETE FROM requests WHERE at < :before", {"before": before.isoformat()})
        gone = db.query(_FORGET_STRANGERS, {"before": before.isoformat()})
        ids = orjson.dumps([row["id"] for row in gone]).decode()
        db.execute(
            "DELETE FROM consents WHERE subscriber_id IN (SELECT value FROM json_each(?))", [ids]
        )


# People whom an author brought in unconfirmed are the author's to keep.
_FORGET_STRANGERS = """
    DELETE FROM subscribers
     WHERE status = 'pending' AND added < :before
       AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.subscriber_id = subscribers.id)
       AND NOT EXISTS (SELECT 1 FROM consents c
                        WHERE c.subscriber_id = subscribers.id AND c.action <> 'requested')
    RETURNING id"""


def find_request(db: Database, request_id: str) -> Request | None:
    """The request with this id, if it is not forgotten."""
    rows = db.query(
        """SELECT id, kind, subscriber_id, address_key, name, language, at
             FROM requests WHERE id = :id""",
        {"id": request_id},
    )
    return next((_as_request(row) for row in rows), None)


def activate(db: Database, request: Request, *, fingerprints: Sequence[str]) -> None:
    """Make somebody active who confirmed, and take away what they themselves had barred.

    That is their leaving, and an erasure of this address (`fingerprints`); who complained stays
    barred. The consent is the caller's to write.
    """
    with db.atomic():
        lift(db, request.address_key, Reason.UNSUBSCRIBED)
        db.execute(
            "DELETE FROM erasures WHERE fingerprint IN (SELECT value FROM json_each(:prints))",
            {"prints": orjson.dumps(list(fingerprints)).decode()},
        )
        db.execute(
            """UPDATE subscribers
                  SET status = :active, name = iif(:name = '', name, :name),
                      language = iif(:language = '', language, :language)
                WHERE id = :id""",
            {
                "id": request.subscriber_id,
                "active": Status.ACTIVE.value,
                "name": request.name,
                "language": request.language,
            },
        )


def set_status(db: Database, subscriber_id: str, status: Status) -> None:
    """Set where somebody stands; the evidence is the caller's to write."""
    with db.atomic():
        db.execute(
            "UPDATE subscribers SET status = :status WHERE id = :id",
            {"id": subscriber_id, "status": status.value},
        )


def is_confirmed(db: Database, request_id: str) -> bool:
    """Whether this request was confirmed already."""
    rows = db.query(
        "SELECT 1 FROM consents WHERE request = :id AND action = 'confirmed'", {"id": request_id}
    )
    return any(True for _ in rows)


def wording_of(db: Database, request_id: str) -> str | None:
    """The hash of the words that a request was made under."""
    rows = db.query(
        "SELECT wording FROM consents WHERE request = :id AND action = 'requested'",
        {"id": request_id},
    )
    return next((row["wording"] for row in rows), None)


def find_wording(db: Database, start: str) -> str | None:
    """The hash that begins like this, if exactly one of those that are kept does."""
    rows = list(
        db.query(
            "SELECT hash FROM wordings WHERE substr(hash, 1, length(:start)) = :start LIMIT 2",
            {"start": start},
        )
    )
    return str(rows[0]["hash"]) if len(rows) == 1 and start else None


def _as_request(row: dict[str, Any]) -> Request:
    return Request(**{**row, "at": datetime.fromisoformat(row["at"])})
