"""What a reader sets is kept, and so is what it was before."""

from subscribers import store
from subscribers.preference_store import changes_of, save_preferences
from subscribers.preferences import Frequency
from tests.fakes import NOON
from tests.subscribers.lists import enlist


def test_only_what_changes_is_written_down_with_what_it_was(db):
    enlist(db, "ada")
    wished = {"name": "Ada", "frequency": "quarterly", "paused_until": "2027-01-01"}
    save_preferences(db, "ada", wished, source="page", now=NOON)
    save_preferences(db, "ada", wished, source="page", now=NOON)
    person = store.find_subscriber(db, "ada")
    assert (person.frequency, str(person.paused_until)) == (Frequency.QUARTERLY, "2027-01-01")
    assert [(c.field, c.was, c.became, c.source) for c in changes_of(db, "ada")] == [
        ("frequency", "monthly", "quarterly", "page"),
        ("paused_until", "", "2027-01-01", "page"),
    ]


def test_who_is_not_on_the_list_changes_nothing(db):
    save_preferences(db, "nobody", {"name": "Eve"}, source="page", now=NOON)
    assert (list(db["changes"].rows), list(db["subscribers"].rows)) == ([], [])
