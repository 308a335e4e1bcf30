"""Forgetting somebody: nothing of them stays but a mark that only we can make again."""

import pytest

from subscribers.consent import Action, Consent
from subscribers.consent_store import add_consent
from subscribers.errors import NobodyThere
from subscribers.fingerprint import Fingerprints
from subscribers.leaving.erasure_store import erase, erased_among, erased_on, lost_keys
from subscribers.preference_store import save_preferences
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress
from tests.fakes import NOON
from tests.subscribers.lists import dump, enlist

KEYS = Fingerprints(["an old key", "a new key"])
ADA, BO = "ada@example.com", "bo@example.com"


def test_nothing_of_the_person_stays_and_others_are_not_touched(db):
    enlist(db, "bo")
    before = dump(db)
    enlist(db, "ada")
    set_to = {"name": "Countess", "language": "", "frequency": "monthly"}
    set_to |= {"paused_until": None, "wants_offers": 1}
    save_preferences(db, "ada", set_to, source="page", now=NOON)
    suppress(db, ADA, Reason.COMPLAINED, evidence="an event", now=NOON)
    done = erase(db, "ada", KEYS, now=NOON)
    after = dump(db)
    (mark,) = after.pop("erasures")
    before.pop("erasures")
    assert after == before
    assert "ada" not in str(mark)
    assert (mark["reasons"], mark["at"]) == ('["complained"]', NOON.isoformat())
    assert (done.at, done.consents, done.changes, done.suppressions) == (NOON, 1, 1, 1)


def test_an_erased_address_is_known_again_also_after_a_change_of_keys(db):
    enlist(db, "ada", "bo")
    erase(db, "ada", Fingerprints(["an old key"]), now=NOON)
    assert erased_on(db, KEYS, ADA) == NOON
    assert erased_on(db, KEYS, BO) is None
    assert erased_among(db, KEYS, [ADA, BO]) == {ADA}


def test_a_key_that_was_taken_away_is_missed_by_name(db):
    enlist(db, "ada")
    erase(db, "ada", KEYS, now=NOON)
    assert lost_keys(db, KEYS) == []
    (lost,) = lost_keys(db, Fingerprints(["an old key"]))
    assert lost in KEYS.key_ids
    assert erased_among(db, Fingerprints(["an old key"]), [ADA]) == set()


def test_who_is_not_there_cannot_be_erased_again(db):
    enlist(db, "ada")
    erase(db, "ada", KEYS, now=NOON)
    once = dump(db)
    with pytest.raises(NobodyThere):
        erase(db, "ada", KEYS, now=NOON)
    assert dump(db) == once


def test_evidence_goes_only_with_the_person(db):
    enlist(db, "ada")
    add_consent(db, "ada", Consent(action=Action.WITHDRAWN, at=NOON, source="page"))
    with pytest.raises(Exception, match="append-only"):
        db.execute("DELETE FROM consents")
