"""A slip of the hand can be undone; a complaint, a bounce and the author's bar cannot."""

import pytest

from subscribers import store
from subscribers.consent import Ruling, Status
from subscribers.leaving.store import restore, withdraw
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress, suppressions_of
from tests.fakes import NOON
from tests.subscribers.lists import consents, enlist

TODAY = NOON.date()


def back(db, who: str) -> Ruling:
    withdraw(db, who, source="page", now=NOON)
    restore(db, who, source="undo", now=NOON)
    return store.rulings(db, [who], TODAY)[who]


def test_who_takes_it_back_is_on_the_list_again_with_the_evidence(db):
    enlist(db, "ada")
    assert back(db, "ada") is Ruling.MAY_SEND
    assert [action for action, *_ in consents(db)] == ["confirmed", "withdrawn", "restored"]
    assert suppressions_of(db, "ada@example.com") == []


def test_who_never_confirmed_is_not_confirmed_by_taking_it_back(db):
    enlist(db, "ada", status=Status.PENDING)
    assert back(db, "ada") is Ruling.UNCONFIRMED


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.BLOCKED])
def test_other_bars_stay(db, reason):
    enlist(db, "ada")
    suppress(db, "ada@example.com", reason, evidence="an event", now=NOON)
    assert back(db, "ada") is Ruling.SUPPRESSED
    assert [bar.reason for bar in suppressions_of(db, "ada@example.com")] == [reason]


def test_who_did_not_leave_cannot_come_back(db):
    enlist(db, "ada")
    restore(db, "ada", source="undo", now=NOON)
    restore(db, "nobody", source="undo", now=NOON)
    assert [action for action, *_ in consents(db)] == ["confirmed"]
