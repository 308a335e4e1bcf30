"""Subscribers on disk: leaving is written down once and for good, and rulings are read back."""

import sqlite3
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from sqlite_utils import Database

from flows.database import open_database
from subscribers import store
from subscribers.consent import Action, Consent, Ruling, Standing, Status, rule
from subscribers.consent_store import add_consent
from subscribers.leaving.store import withdraw
from subscribers.store import Subscriber
from tests.fakes import NOON
from tests.subscribers.lists import bar, dump

NEXT_DAY = NOON + timedelta(days=1)
AT_NOON, ON_THE_NEXT_DAY = NOON.isoformat(), NEXT_DAY.isoformat()


def enlist(db: Database, *people: str, status: Status = Status.ACTIVE) -> None:
    """Put people on the list; each name is also the id."""
    for who in people:
        names = {"id": who, "name": who.title(), "address": f"{who.title()}@example.com"}
        facts = {"address_key": f"{who}@example.com", "status": status.value, "added": AT_NOON}
        db.table("subscribers").insert(names | facts)
        line = "import readers.csv line 2"
        add_consent(db, who, Consent(action=Action.IMPORTED, at=NOON, source=line))


def person(who: str, status: Status = Status.ACTIVE, *, suppressed: bool = False) -> Subscriber:
    return Subscriber(
        id=who,
        address=f"{who.title()}@example.com",
        address_key=f"{who}@example.com",
        name=who.title(),
        status=status,
        suppressed=suppressed,
    )


def consents(db: Database, who: str) -> list[tuple[str, str, str]]:
    rows = db["consents"].rows_where("subscriber_id = ?", [who], order_by="id")
    return [(row["action"], row["at"], row["source"]) for row in rows]


IMPORTED = ("imported", AT_NOON, "import readers.csv line 2")


def test_leaving_is_a_status_a_suppression_and_its_evidence_at_once(db):
    enlist(db, "ada", "bo")
    withdraw(db, "ada", source="one-click", now=NEXT_DAY)
    assert list(store.all_subscribers(db)) == [
        person("ada", Status.UNSUBSCRIBED, suppressed=True),
        person("bo"),
    ]
    assert consents(db, "ada") == [IMPORTED, ("withdrawn", ON_THE_NEXT_DAY, "one-click")]
    assert consents(db, "bo") == [IMPORTED]
    assert list(db["suppressions"].rows) == [
        {
            "address_key": "ada@example.com",
            "reason": "unsubscribed",
            "evidence": "one-click",
            "since": ON_THE_NEXT_DAY,
        }
    ]


def test_leaving_twice_is_leaving_once(db):
    enlist(db, "ada")
    withdraw(db, "ada", source="page", now=NOON)
    once = dump(db)
    withdraw(db, "ada", source="one-click", now=NEXT_DAY)
    assert dump(db) == once


def test_somebody_who_never_confirmed_can_leave_too(db):
    enlist(db, "ada", status=Status.PENDING)
    withdraw(db, "ada", source="page", now=NOON)
    assert store.rulings(db, ["ada"], NOON.date()) == {"ada": Ruling.SUPPRESSED}


@pytest.mark.parametrize("nobody", ["", "nobody", "ADA", "ada ", "' OR 1=1 --", "%"])
def test_somebody_we_do_not_know_leaves_without_a_trace(db, nobody):
    enlist(db, "ada")
    before = dump(db)
    withdraw(db, nobody, source="page", now=NOON)
    assert dump(db) == before


@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_somebody_whose_address_is_barred_already_leaves_with_evidence_all_the_same(db, reason):
    enlist(db, "ada")
    bar(db, "ada@example.com", reason)
    withdraw(db, "ada", source="page", now=NEXT_DAY)
    assert store.find_subscriber(db, "ada") == person("ada", Status.UNSUBSCRIBED, suppressed=True)
    assert {row["reason"] for row in db["suppressions"].rows} == {reason, "unsubscribed"}
    assert consents(db, "ada") == [IMPORTED, ("withdrawn", ON_THE_NEXT_DAY, "page")]


def test_a_departure_is_on_disk_for_the_next_process(db, tmp_path):
    enlist(db, "ada")
    withdraw(db, "ada", source="page", now=NOON)
    another = open_database(tmp_path)
    assert store.rulings(another, ["ada"], NOON.date()) == {"ada": Ruling.SUPPRESSED}
    another.close()


def test_a_departure_that_cannot_be_written_whole_is_not_written_at_all(db):
    enlist(db, "ada")
    before = dump(db)
    db.execute(
        """CREATE TEMP TRIGGER disk_full BEFORE INSERT ON consents
           BEGIN SELECT RAISE(ABORT, 'disk full'); END"""
    )
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        withdraw(db, "ada", source="page", now=NOON)
    assert dump(db) == before


def test_what_the_database_says_of_everybody_is_what_the_rule_says(db):
    cases = {f"{s.value}-{barred}": (s, barred) for s, barred in product(Status, (True, False))}
    for who, (status, barred) in cases.items():
        enlist(db, who, status=status)
        db["suppressions"].delete_where("address_key = ?", [f"{who}@example.com"])
        if barred:
            bar(db, f"{who}@example.com")
    expected = {who: rule(Standing(*case), NOON.date()) for who, case in cases.items()}
    assert store.rulings(db, list(cases), NOON.date()) == expected
    assert store.count_rulings(db, NOON.date()) == {
        Ruling.SUPPRESSED: 3,
        Ruling.UNSUBSCRIBED: 1,
        Ruling.UNCONFIRMED: 1,
        Ruling.MAY_SEND: 1,
    }


def test_who_is_not_on_the_list_has_no_ruling(db):
    enlist(db, "ada")
    assert store.rulings(db, ["ada", "nobody", "' OR 1=1 --"], NOON.date()) == {
        "ada": Ruling.MAY_SEND
    }
    assert store.rulings(db, [], NOON.date()) == {}
    assert store.find_subscriber(db, "nobody") is None


def test_an_empty_list_has_nobody_to_count(db):
    assert store.count_rulings(db, NOON.date()) == {}
    assert list(store.all_subscribers(db)) == []


def test_one_question_may_name_more_people_than_sqlite_has_variables(db):
    enlist(db, "ada")
    many = [f"nobody-{number}" for number in range(40_000)]
    bar(db, "ada@example.com")
    assert store.rulings(db, [*many, "ada"], NOON.date()) == {"ada": Ruling.SUPPRESSED}


def test_everybody_is_listed_in_the_order_they_came(db):
    enlist(db, "zoe", "ada", "mo")
    enlist(db, "bo")
    assert [someone.id for someone in store.all_subscribers(db)] == ["zoe", "ada", "mo", "bo"]


def test_by_tags_those_are_counted_whom_we_may_write_to_and_nobody_twice(db):
    enlist(db, "ada", "bo", "cy", "di", "ed")
    enlist(db, "fay", status=Status.PENDING)
    db.execute("""UPDATE subscribers SET tags = '["runner"]' WHERE id <> 'bo'""")
    db.execute("UPDATE subscribers SET paused_until = '2027-01-01' WHERE id = 'di'")
    db.execute("UPDATE subscribers SET paused_until = '2026-01-01' WHERE id = 'ed'")
    for reason in ("bounced", "complained"):
        bar(db, "cy@example.com", reason)
        bar(db, "fay@example.com", reason)
        bar(db, "nobody@example.com", reason)
    counted = {frozenset({"runner"}): 2, frozenset(): 1}
    assert store.count_tag_sets(db, NOON.date()) == counted
    may = [p for p in store.all_subscribers(db) if p.ruling(NOON.date()) is Ruling.MAY_SEND]
    assert Counter(p.tags for p in may) == counted
