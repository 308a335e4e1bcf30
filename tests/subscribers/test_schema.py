"""A list of an earlier release is brought up to date with everybody and their standing."""

from contextlib import closing

import pytest
from sqlite_utils import Database

from subscribers import schema, store
from subscribers.consent import Action, Actor, Ruling
from subscribers.consent_store import consents_of
from subscribers.suppression import Reason
from subscribers.suppression_store import suppressions_of
from tests.fakes import NOON

AT = NOON.isoformat()


@pytest.fixture
def upgraded():
    """A list as version 0.1 of November 2026 left it, after the migrations of today."""
    with closing(Database(memory=True)) as db:
        schema.migrations.apply(db, stop_before="m003_evidence")
        for who, status in (("ada", "active"), ("bo", "unsubscribed")):
            db.execute(
                """INSERT INTO subscribers (id, address, address_key, name, status, added, tags)
                   VALUES (?, ?, ?, ?, ?, ?, '["runner"]')""",
                [who, f"{who.title()}@n.example", f"{who}@n.example", who, status, AT],
            )
            db.execute(
                "INSERT INTO consents VALUES (NULL, ?, 'imported', ?, 'import a.csv line 2')",
                [who, AT],
            )
        db.execute("INSERT INTO consents VALUES (NULL, 'bo', 'withdrawn', ?, 'page')", [AT])
        db.execute(
            "INSERT INTO suppressions VALUES ('bo@n.example', 'unsubscribed', 'page', ?)", [AT]
        )
        db.conn.commit()
        schema.migrations.apply(db)
        yield db


def test_everybody_stands_where_they_stood(upgraded):
    ruled = store.rulings(upgraded, ["ada", "bo"], NOON.date())
    assert ruled == {"ada": Ruling.MAY_SEND, "bo": Ruling.SUPPRESSED}
    ada = store.find_subscriber(upgraded, "ada")
    assert (ada.tags, ada.language, ada.paused_until) == (frozenset({"runner"}), "", None)
    assert [bar.reason for bar in suppressions_of(upgraded, "bo@n.example")] == [
        Reason.UNSUBSCRIBED
    ]


def test_the_evidence_is_all_there_and_says_whose_it_is(upgraded):
    imported, withdrawn = consents_of(upgraded, "bo")
    assert (imported.action, imported.actor) == (Action.IMPORTED, Actor.AUTHOR)
    assert (withdrawn.action, withdrawn.actor) == (Action.WITHDRAWN, Actor.READER)
    assert {row["address"] for row in upgraded["consents"].rows} == {
        "Ada@n.example",
        "Bo@n.example",
    }
