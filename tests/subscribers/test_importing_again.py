"""A list against the list: nobody who left comes back, and what we know is not forgotten."""

from pathlib import Path

import pytest

from subscribers import store
from subscribers.consent import Ruling
from subscribers.leaving.store import withdraw
from subscribers.lists.importing import import_list
from tests.fakes import NOON
from tests.subscribers.lists import bar, bring, dump, people, report

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "readers.csv"


def test_the_sample_list_is_brought_in_whole(db):
    with SAMPLE.open("rb") as file:
        assert import_list(db, file, SAMPLE.name, now=NOON) == report(added=60)
    assert store.count_rulings(db, NOON.date()) == {
        Ruling.MAY_SEND: 46,
        Ruling.SUPPRESSED: 7,
        Ruling.UNCONFIRMED: 7,
    }


@pytest.mark.parametrize(
    "rows",
    [
        ["ada@example.com,active,", "ADA@example.com,unsubscribed,"],
        ["ada@example.com,unsubscribed,", "ADA@example.com,active,"],
        ["ada@example.com,unsubscribed,31/12/25"],
    ],
)
def test_leaving_wrong_rows_out_never_leaves_out_that_somebody_left(db, rows):
    bring(db, "email", "ada@example.com")
    bring(db, "email,status,confirmed_at", *rows, skip_bad=True)
    assert people(db) == [("ada@example.com", "", "suppressed")]


def test_the_same_file_twice_changes_nothing(db):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    bring(db, *lines)
    once = dump(db)
    assert bring(db, *lines) == report(unchanged=53, suppressed=7)
    assert dump(db) == once


@pytest.mark.parametrize("status", ["", "active", "confirmed", "pending", "unsubscribed"])
@pytest.mark.parametrize("spelling", ["ada@example.com", "ADA@Example.com"])
def test_nobody_who_left_comes_back_by_a_list(db, status, spelling):
    bring(db, "email,name", "ada@example.com,Ada")
    (ada,) = store.all_subscribers(db)
    withdraw(db, ada.id, source="page", now=NOON)
    before = dump(db)
    assert bring(db, "email,name,status", f"{spelling},A. L.,{status}") == report(suppressed=1)
    assert dump(db) == before


def test_an_address_that_is_barred_does_not_come_in_at_all(db):
    bar(db, "ada@example.com")
    assert bring(db, "email", "Ada@example.com") == report(suppressed=1)
    assert people(db) == []


def test_a_list_can_say_that_somebody_left_and_that_is_for_good(db):
    bring(db, "email,name", "ada@example.com,Ada", "bo@example.com,Bo")
    assert bring(db, "email,status", "ada@example.com,unsubscribed") == report(updated=1)
    assert bring(db, "email,status", "ada@example.com,active") == report(suppressed=1)
    assert people(db) == [
        ("ada@example.com", "Ada", "suppressed"),
        ("bo@example.com", "Bo", "may send"),
    ]


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_name_is_kept_until_a_row_has_a_new_one(db, status):
    rows = "email,name,status", f"ada@example.com,Ada,{status}", f"bo@example.com,,{status}"
    bring(db, *rows)
    later = f"ada@example.com,,{status}", f"bo@example.com,Bo,{status}"
    assert bring(db, rows[0], *later) == report(unchanged=1, updated=1)
    assert [name for _, name, _ in people(db)] == ["Ada", "Bo"]


def test_who_confirmed_stays_so_and_who_had_not_may_confirm_by_a_later_list(db):
    bring(db, "email,status", "ada@example.com,active", "bo@example.com,pending")
    counted = bring(db, "email,status", "ada@example.com,pending", "bo@example.com,active")
    assert counted == report(unchanged=1, updated=1)
    assert [ruling for *_, ruling in people(db)] == ["may send", "may send"]
