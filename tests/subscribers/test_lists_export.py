"""What is exported is harmless in a spreadsheet, and comes back as it was."""

import csv
import io
from datetime import date

import orjson
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from subscribers import schema
from subscribers.consent import Status
from subscribers.lists.exporting import export_list
from subscribers.lists.guard import guard, unguard
from subscribers.lists.importing import import_list
from subscribers.name import tidy_name
from subscribers.suppression import Reason
from tests.fakes import NOON
from tests.subscribers.lists import AT_NOON, bring, consents

NAMES = st.text(max_size=120).map(tidy_name)
TAGS = st.frozensets(st.sampled_from(["runner", "=1+1", "bought:hip-rehab", "-", '"vip"']))


@st.composite
def persons(draw: st.DrawFn) -> dict[str, object]:
    status = draw(st.sampled_from(Status))
    bars = draw(st.frozensets(st.sampled_from(Reason)))
    if status is Status.UNSUBSCRIBED:  # leaving bars the address, until it is taken back
        bars |= {Reason.UNSUBSCRIBED}
    return {
        "name": draw(NAMES),
        "status": status.value,
        "tags": orjson.dumps(sorted(draw(TAGS))).decode(),
        "language": draw(st.sampled_from(["", "de", "es-419"])),
        "frequency": draw(st.sampled_from(["monthly", "quarterly"])),
        "paused_until": draw(st.none() | st.dates(date(2026, 1, 1)).map(str)),
        "wants_offers": draw(st.booleans()),
        "bars": bars,
    }


def fresh() -> Database:
    db = Database(memory=True)
    schema.migrations.apply(db)
    return db


def fill(db: Database, people: list[dict[str, object]]) -> None:
    for number, person in enumerate(people):
        address = f"{'=+-a'[number % 4]}{number}@example.com"
        bars = person.pop("bars")
        facts = {"id": f"id{number}", "address": address, "address_key": address, "added": AT_NOON}
        db.table("subscribers").insert(person | facts)
        for reason in bars:
            db.table("suppressions").insert(
                {"address_key": address, "reason": reason, "evidence": "", "since": AT_NOON}
            )


def standings(db: Database) -> list[tuple[object, ...]]:
    columns = "address name status tags language frequency paused_until wants_offers suppressed"
    return [tuple(row[c] for c in columns.split()) for row in db["standings"].rows] + sorted(
        (row["address_key"], row["reason"]) for row in db["suppressions"].rows
    )


def exported(db: Database) -> str:
    file = io.StringIO(newline="")
    export_list(db, file)
    return file.getvalue()


@given(st.lists(persons(), max_size=6))
def test_an_export_brought_into_an_empty_list_is_the_same_list(people):
    ours, theirs = fresh(), fresh()
    fill(ours, people)
    text = exported(ours)
    report = import_list(theirs, io.BytesIO(text.encode()), "list.csv", now=NOON)
    assert (report.refused, report.counts["added"]) == ((), len(people))
    assert standings(theirs) == standings(ours)
    ours.close()
    theirs.close()


def test_what_proves_a_consent_goes_along(db):
    bring(db, "email,confirmed_at", "ada@example.com,2025-09-04T15:12:44Z")
    other = fresh()
    import_list(other, io.BytesIO(exported(db).encode()), "list.csv", now=NOON)
    assert consents(other)[1] == (
        "confirmed",
        "2025-09-04T15:12:44+00:00",
        "import list.csv line 2",
    )
    (first, _) = other["consents"].rows_where(order_by="id")
    assert first["evidence"] == "by import readers.csv line 2"
    assert first["basis"] == "express"
    other.close()


@given(st.lists(st.text() | st.from_regex(r"'*[=+\-@\t\r].*"), min_size=1, max_size=5))
def test_no_cell_is_a_formula_and_every_cell_comes_back(cells):
    guarded = [guard(cell) for cell in cells]
    assert not [cell for cell in guarded if cell[:1] in tuple("=+-@\t\r")]
    assert [unguard(cell) for cell in guarded] == cells


def test_a_formula_for_a_name_is_harmless(db):
    bring(db, "email,name", 'ada@example.com,"=HYPERLINK(""http://evil.example"")"')
    (row,) = csv.DictReader(io.StringIO(exported(db), newline=""))
    assert row["name"] == '\'=HYPERLINK("http://evil.example")'
