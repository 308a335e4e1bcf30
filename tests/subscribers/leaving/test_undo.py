"""A leaving can be taken back for a day, by who left; nothing else can."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.consent import Action, Actor, Consent, Status
from subscribers.leaving.undo import WINDOW, can_undo
from subscribers.suppression import Reason
from tests.fakes import NOON

OWN = {Reason.UNSUBSCRIBED}


def left(actor: Actor = Actor.READER, at: datetime = NOON) -> Consent:
    return Consent(action=Action.WITHDRAWN, at=at, source="page", actor=actor)


def test_a_slip_of_the_hand_is_undone_within_a_day():
    assert can_undo(Status.UNSUBSCRIBED, [left()], OWN, NOON + WINDOW - timedelta(seconds=1))
    assert not can_undo(Status.UNSUBSCRIBED, [left()], OWN, NOON + WINDOW)


@pytest.mark.parametrize("actor", [Actor.AUTHOR, Actor.PROVIDER])
def test_what_somebody_else_did_is_not_undone_by_the_link(actor):
    assert not can_undo(Status.UNSUBSCRIBED, [left(), left(actor)], OWN, NOON)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PENDING])
def test_who_is_there_has_nothing_to_undo(status):
    assert not can_undo(status, [left()], [], NOON)


def test_who_never_left_by_themselves_cannot_come_back():
    assert not can_undo(Status.UNSUBSCRIBED, [], OWN, NOON)


@given(st.sets(st.sampled_from(Reason)))
def test_any_other_bar_stands_in_the_way(bars):
    assert can_undo(Status.UNSUBSCRIBED, [left()], bars, NOON) == (bars <= OWN)
