"""What proves a consent stays as it was written, and comes back whole."""

import sqlite3
from datetime import date, timedelta

import pytest

from subscribers.consent import Action, Actor, Basis, Consent
from subscribers.consent_store import add_consent, consents_of, keep_wording
from tests.fakes import NOON
from tests.subscribers.lists import enlist

WORDS = "Send me the letter once a month."


def test_everything_that_proves_a_consent_comes_back_whole(db):
    enlist(db, "ada")
    full = Consent(
        action=Action.IMPORTED,
        at=NOON - timedelta(days=400),
        source="import readers.csv",
        actor=Actor.AUTHOR,
        basis=Basis.IMPLIED,
        basis_expires=date(2027, 5, 1),
        wording=keep_wording(db, WORDS, language="en", now=NOON),
        language="en",
        ip="192.0.2.7",
        agent="Mozilla/5.0",
        request="Qz3-_x9bTt0L",
        evidence="line 7",
    )
    add_consent(db, "ada", full)
    assert consents_of(db, "ada")[-1] == full


def test_evidence_holds_the_address_of_its_day(db):
    enlist(db, "ada")
    db.execute("UPDATE subscribers SET address = 'ada@new.example' WHERE id = 'ada'")
    add_consent(db, "ada", Consent(action=Action.CONFIRMED, at=NOON, source="page"))
    addresses = [row["address"] for row in db["consents"].rows]
    assert addresses == ["ada@example.com", "ada@new.example"]


def test_evidence_is_never_changed_and_goes_only_with_the_person(db):
    enlist(db, "ada")
    for statement in ("UPDATE consents SET at = '2020-01-01'", "DELETE FROM consents"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
        db.conn.rollback()
    with db.atomic():
        db.execute("DELETE FROM subscribers")
        db.execute("DELETE FROM consents")
    assert consents_of(db, "ada") == []


def test_a_consent_of_nobody_is_not_written(db):
    add_consent(db, "nobody", Consent(action=Action.CONFIRMED, at=NOON, source="page"))
    assert list(db["consents"].rows) == []


def test_words_are_kept_once_and_numbered_as_they_come(db):
    first = keep_wording(db, WORDS, language="en", now=NOON)
    second = keep_wording(db, "Otra vez al mes.", language="es", now=NOON)
    assert keep_wording(db, WORDS, language="en", now=NOON) == first != second
    kept = [(row["version"], row["text"], row["language"]) for row in db["wordings"].rows]
    assert sorted(kept) == [(1, WORDS, "en"), (2, "Otra vez al mes.", "es")]


def test_an_agent_that_talks_without_end_is_cut(db):
    enlist(db, "ada")
    endless = Consent(action=Action.CONFIRMED, at=NOON, source="page", agent="x" * 10_000)
    add_consent(db, "ada", endless)
    assert len(consents_of(db, "ada")[-1].agent) == 300
