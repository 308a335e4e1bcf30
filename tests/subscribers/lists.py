"""What tests of the list share: bring people in, and read back what the tables say."""

import io
from collections import Counter

from sqlite_utils import Database

from subscribers import store
from subscribers.consent import Action, Consent, Status
from subscribers.consent_store import add_consent
from subscribers.lists.importing import ImportReport, import_list
from subscribers.lists.rows import Refusal
from tests.fakes import NOON

AT_NOON = NOON.isoformat()


def bring(db: Database, *lines: str, skip_bad: bool = False) -> ImportReport:
    """Import a file of these lines."""
    file = io.BytesIO(("\n".join(lines) + "\n").encode())
    return import_list(db, file, "readers.csv", now=NOON, skip_bad=skip_bad)


def report(*refused: Refusal, written: bool = True, **counts: int) -> ImportReport:
    """What an import says of itself."""
    return ImportReport(Counter(counts, refused=len(refused)), refused, written)


def people(db: Database) -> list[tuple[str, str, str]]:
    """Everybody: address, name, and whether we may write."""
    return [(p.address, p.name, p.ruling(NOON.date()).value) for p in store.all_subscribers(db)]


def consents(db: Database) -> list[tuple[str, str, str]]:
    """All evidence in order: what, when, by what."""
    rows = db["consents"].rows_where(order_by="id")
    return [(row["action"], row["at"], row["source"]) for row in rows]


def bar(db: Database, address: str, reason: str = "bounced") -> None:
    """Suppress an address, as an event from a provider would."""
    with db.atomic():
        db.execute(
            "INSERT INTO suppressions VALUES (?, ?, 'an event', ?)", [address, reason, AT_NOON]
        )


def enlist(db: Database, *who: str, status: Status = Status.ACTIVE) -> None:
    """Put people on the list by hand; each name is also the id, and active ones confirmed."""
    for name in who:
        address = f"{name}@example.com"
        person = {"id": name, "address": address, "address_key": address, "name": name.title()}
        db.table("subscribers").insert(person | {"status": status.value, "added": AT_NOON})
        if status is Status.ACTIVE:
            add_consent(db, name, Consent(action=Action.CONFIRMED, at=NOON, source="page"))


def dump(db: Database) -> dict[str, list[dict[str, object]]]:
    """Every row of every table but the one that counts hand-overs, which a note in the background
    may end a moment after it was seen to be sent.
    """
    return {table.name: list(table.rows) for table in db.tables if table.name != "instance"}
