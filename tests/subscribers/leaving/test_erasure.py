"""Somebody who is forgotten is nowhere any more, and is known again only by who has the key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.database import open_database
from subscribers import store
from subscribers.address import read_address
from subscribers.consent import Action, Consent
from subscribers.consent_store import add_consent
from subscribers.errors import NobodyThere
from subscribers.fingerprint import Fingerprints
from subscribers.joining.store import Request, keep_request, known_of
from subscribers.leaving.erasure_store import erase, erased_among, erased_on, lost_keys
from subscribers.leaving.store import withdraw
from subscribers.preference_store import save_preferences
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress
from tests.fakes import NOON
from tests.subscribers.lists import dump, enlist

MARKS = Fingerprints(["the first key of this list"])
ADA = "ada@example.com"


def live_a_little(db, *, complained: bool) -> None:
    """Ada does whatever leaves a trace of her."""
    enlist(db, "ada", "bo")
    save_preferences(db, "ada", {"name": "Ada Lovelace"}, source="page", now=NOON)
    save_preferences(db, "ada", {"name": "Countess"}, source="page", now=NOON)
    asked = Request(
        id="r1", kind="links", subscriber_id="ada", address_key=ADA, at=NOON, name="Ada"
    )
    keep_request(db, asked)
    add_consent(db, "ada", Consent(action=Action.REQUESTED, at=NOON, source="form", ip="192.0.2.1"))
    withdraw(db, "ada", source="page", now=NOON)
    if complained:
        suppress(db, ADA, Reason.COMPLAINED, evidence="an event", now=NOON)


@pytest.mark.parametrize("complained", [False, True])
def test_nothing_that_names_somebody_is_left_and_others_stay(db, complained):
    live_a_little(db, complained=complained)
    done = erase(db, "ada", MARKS, now=NOON)
    left = str(dump(db)).lower()
    assert not [trace for trace in ("ada", "lovelace", "countess", "192.0.2.1") if trace in left]
    assert "bo@example.com" in left
    assert (done.consents, done.changes, done.requests, done.suppressions) == (
        *(3, 2, 1),
        1 + complained,
    )


def test_the_address_is_known_again_in_any_spelling_and_through_new_keys(db):
    live_a_little(db, complained=False)
    erase(db, "ada", MARKS, now=NOON)
    rotated = Fingerprints(["the first key of this list", "a newer key of this list"])
    key = read_address(" ADA@Example.com").key
    assert erased_on(db, rotated, key) == NOON
    assert erased_among(db, rotated, [key, "bo@example.com"]) == {key}


def test_a_complaint_outlives_the_erasure(db):
    live_a_little(db, complained=True)
    erase(db, "ada", MARKS, now=NOON)
    prints = [each.value for each in MARKS.all_of(ADA)]
    assert known_of(db, ADA, fingerprints=prints).bars == {Reason.UNSUBSCRIBED, Reason.COMPLAINED}


def test_a_key_that_was_taken_away_is_missed(db):
    live_a_little(db, complained=False)
    erase(db, "ada", MARKS, now=NOON)
    assert lost_keys(db, MARKS) == []
    assert len(lost_keys(db, Fingerprints(["another key altogether"]))) == 1


def test_nobody_is_erased_twice(db):
    enlist(db, "ada")
    erase(db, "ada", MARKS, now=NOON)
    with pytest.raises(NobodyThere):
        erase(db, "ada", MARKS, now=NOON)
    assert len(list(db["erasures"].rows)) == 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60), st.booleans())
def test_the_file_itself_forgets(tmp_path_factory, others, complained):
    folder = tmp_path_factory.mktemp("list")
    db = open_database(folder)
    live_a_little(db, complained=complained)
    enlist(db, *(f"reader{n}" for n in range(others)))
    erase(db, "ada", MARKS, now=NOON)
    assert store.find_subscriber(db, "ada") is None
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    bytes_left = b"".join(path.read_bytes() for path in folder.glob("lettermill.db*")).lower()
    assert b"ada@example.com" not in bytes_left
    assert b"lovelace" not in bytes_left
