"""How a list grew and shrank, month by month: people, each counted once."""

from subscribers.growth_store import growth
from subscribers.leaving.store import restore, withdraw
from subscribers.store import find_by_key
from tests.conftest import NOON
from tests.subscribers.lists import bring


def months(db) -> dict[str, tuple[int, int, int]]:
    return {found.month: (found.joined, found.left, found.barred) for found in growth(db)}


def test_somebody_whose_import_says_when_they_confirmed_joined_then_and_once(db):
    bring(db, "email,confirmed_at", "ada@example.com,2026-03-05T10:00:00Z", "bo@example.com,")
    [found] = [month for month in growth(db) if month.month == "2026-03"]
    assert found.joined == 1
    assert sum(month.joined for month in growth(db)) == 2


def test_who_never_confirmed_has_not_joined(db):
    bring(db, "email,status", "ada@example.com,pending", "bo@example.com,active")
    assert sum(month.joined for month in growth(db)) == 1


def test_who_leaves_and_comes_back_counts_as_both(db):
    bring(db, "email", "ada@example.com")
    ada = find_by_key(db, "ada@example.com")
    withdraw(db, ada.id, source="page", now=NOON)
    assert months(db)["2026-12"][1] == 1
    restore(db, ada.id, source="page", now=NOON)
    assert sum(month.joined for month in growth(db)) == 2


def test_an_empty_list_has_no_months(db):
    assert months(db) == {}
