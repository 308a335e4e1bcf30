"""What a sign-up leads to: a form bombs nobody, asks nobody who complained, changes nothing."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.consent import Action, Consent, Status
from subscribers.joining.sign_up import (
    DAY,
    LIFETIME,
    MONTH,
    MOST_A_DAY,
    MOST_A_MONTH,
    Known,
    Reply,
    may_confirm,
    weigh_search,
    weigh_sign_up,
)
from subscribers.suppression import Reason
from tests.fakes import NOON

STRANGER = Known()
OURS = {Reason.BOUNCED, Reason.COMPLAINED, Reason.BLOCKED}


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (None, Reply.CONFIRM),
        (Status.PENDING, Reply.CONFIRM),
        (Status.UNSUBSCRIBED, Reply.CONFIRM),
        (Status.ACTIVE, Reply.LINKS),
    ],
)
def test_who_is_on_the_list_gets_their_links_and_everybody_else_a_question(status, reply):
    assert weigh_sign_up(Known(status=status), NOON) is reply


def test_who_left_is_asked_like_a_stranger():
    left = Known(status=Status.UNSUBSCRIBED, bars=frozenset({Reason.UNSUBSCRIBED}))
    assert weigh_sign_up(left, NOON) is Reply.CONFIRM
    assert weigh_search(left, NOON) is Reply.LINKS


@given(st.sampled_from([None, *Status]), st.sets(st.sampled_from(Reason)))
def test_whom_we_barred_no_form_writes_to(status, bars):
    known = Known(status=status, bars=frozenset(bars))
    written = {weigh_sign_up(known, NOON), weigh_search(known, NOON)} != {Reply.NOTHING}
    assert written == (not bars & OURS)


def test_a_search_finds_nobody_who_is_on_no_list():
    assert weigh_search(STRANGER, NOON) is Reply.NOTHING


@given(st.lists(st.timedeltas(timedelta(0), timedelta(hours=9)), max_size=400))
def test_an_address_gets_few_letters_however_often_forms_are_sent(gaps):
    now, sent = NOON, list[datetime]()
    for gap in gaps:
        now += gap
        if weigh_sign_up(Known(asked=tuple(sent)), now) is not Reply.NOTHING:
            sent.append(now)
    for first in sent:
        assert sum(first <= at < first + DAY for at in sent) <= MOST_A_DAY
        assert sum(first <= at < first + MONTH for at in sent) <= MOST_A_MONTH


def test_the_next_letter_may_go_when_the_first_is_a_day_old():
    asked = Known(asked=(NOON,) * MOST_A_DAY)
    assert weigh_sign_up(asked, NOON + DAY - timedelta(seconds=1)) is Reply.NOTHING
    assert weigh_sign_up(asked, NOON + DAY) is Reply.CONFIRM


def test_six_letters_in_thirty_days_are_enough():
    asked = Known(asked=tuple(NOON + 2 * n * DAY for n in range(MOST_A_MONTH)))
    assert weigh_sign_up(asked, NOON + MONTH - timedelta(seconds=1)) is Reply.NOTHING
    assert weigh_sign_up(asked, NOON + MONTH) is Reply.CONFIRM


def happened(action: Action, request: str = "", at: datetime = NOON) -> Consent:
    return Consent(action=action, at=at, source="a test", request=request)


ASKED = happened(Action.REQUESTED, "r1")


def test_a_confirmation_works_for_a_month():
    almost = NOON + LIFETIME - timedelta(seconds=1)
    assert may_confirm("r1", NOON, [ASKED], almost)
    assert not may_confirm("r1", NOON, [ASKED], NOON + LIFETIME)


def test_who_left_after_asking_is_not_brought_back_by_the_old_letter():
    assert not may_confirm("r1", NOON, [ASKED, happened(Action.WITHDRAWN)], NOON)
    back = [ASKED, happened(Action.WITHDRAWN), happened(Action.RESTORED)]
    assert not may_confirm("r1", NOON, back, NOON)


def test_who_asks_after_leaving_may_confirm_even_in_the_same_moment_or_by_a_slow_clock():
    history = [happened(Action.WITHDRAWN, at=NOON + timedelta(hours=1)), ASKED]
    assert may_confirm("r1", NOON, history, NOON)
