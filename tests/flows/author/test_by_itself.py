"""Whether a draft may send itself: by what its author has set, and only in its window."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.period import Period
from delivery.mailing import DeliveryState
from flows.author.by_itself import Course, Waiting, decide, why_skipped
from flows.schedule import IfMissed, Schedule, Timeliness

NOVEMBER = Period(2026, 11)
BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 12, 1, 8, tzinfo=UTC)
TOLD = DeliveryState.SUBMITTED
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FACTS = {
    "period": NOVEMBER,
    "approval": "none",
    "notice": DAY,
    "held": "",
    "send_after": None,
    "named": False,
    "announcement": None,
}


def course(after: timedelta, *, if_missed=IfMissed.ASK, **facts):
    schedule = Schedule(BERLIN, if_missed=if_missed)
    return decide(Waiting(**FACTS | facts), schedule, DUE + after)


@pytest.mark.parametrize(
    ("after", "facts", "comes"),
    [
        (0 * HOUR, {}, Course.SEND),
        (0 * HOUR, {"approval": "required"}, Course.WAIT),
        (0 * HOUR, {"held": "you held it"}, Course.WAIT),
        (-HOUR, {}, Course.LATER),
        (-HOUR, {"approval": "required"}, Course.WAIT),
        (25 * HOUR, {}, Course.WAIT),
        (25 * HOUR, {"if_missed": IfMissed.SEND_LATE}, Course.SEND),
        (25 * HOUR, {"if_missed": IfMissed.SEND_LATE, "named": True}, Course.WAIT),
        (31 * DAY, {"if_missed": IfMissed.SEND_LATE}, Course.WAIT),
        (0 * HOUR, {"approval": "notify"}, Course.LATER),
        (
            2 * HOUR,
            {"approval": "notify", "send_after": DUE + DAY, "announcement": TOLD},
            Course.LATER,
        ),
        (-HOUR, {"approval": "notify"}, Course.LATER),
        (HOUR, {"approval": "notify", "announcement": TOLD}, Course.LATER),
    ],
)
def test_it_goes_when_its_author_lets_it_and_its_time_has_come(after, facts, comes):
    assert course(after, **facts).course is comes


def test_what_was_announced_goes_after_the_notice_and_what_was_not_waits():
    facts = {"approval": "notify", "send_after": DUE + DAY}
    assert course(DAY + HOUR, announcement=TOLD, **facts).course is Course.SEND
    waits = course(DAY + HOUR, announcement=DeliveryState.UNKNOWN, **facts)
    assert (waits.course, "could not be mailed" in waits.why) == (Course.WAIT, True)


def test_what_is_another_draft_than_was_announced_is_announced_first():
    again = course(DAY, approval="notify", send_after=DUE + DAY)
    assert (again.course, again.until) == (Course.LATER, DUE + 2 * DAY)
    early = course(-HOUR, approval="notify")
    assert early.until == DUE + 23 * HOUR


def test_a_day_of_notice_and_a_day_of_grace_are_two_days():
    facts = {"approval": "notify", "send_after": DUE + DAY, "announcement": TOLD}
    assert course(2 * DAY, **facts).course is Course.SEND
    assert course(2 * DAY + HOUR, **facts).course is Course.WAIT


@given(
    hours=st.floats(-1000, 3000),
    approval=st.sampled_from(["required", "notify", "none"]),
    if_missed=st.sampled_from(IfMissed),
    held=st.sampled_from(["", "you held it"]),
    delay=st.none() | st.integers(1, 240),
    named=st.booleans(),
    announcement=st.none() | st.sampled_from(DeliveryState),
)
def test_nothing_ever_sends_itself_outside_its_window(hours, if_missed, delay, **facts):
    after = timedelta(hours=hours)
    send_after = None if delay is None else DUE + timedelta(hours=delay)
    comes = course(after, if_missed=if_missed, send_after=send_after, **facts)
    if comes.course is not Course.SEND:
        return
    assert facts["approval"] != "required"
    assert not facts["held"]
    now = DUE + after
    assert DUE <= now < Schedule(BERLIN).due(NOVEMBER.following())
    if if_missed is not IfMissed.SEND_LATE:
        assert now <= (send_after or DUE) + DAY


def test_a_run_that_comes_too_late_skips_its_month_as_the_settings_say():
    late, over = DUE + 2 * DAY, DUE + 31 * DAY
    said = {
        policy: [bool(why_skipped(NOVEMBER, Schedule(BERLIN, if_missed=policy), at)) for at in pair]
        for policy in IfMissed
        for pair in [(DUE, late, over)]
    }
    assert said == {
        IfMissed.SEND_LATE: [False, False, True],
        IfMissed.ASK: [False, False, True],
        IfMissed.SKIP: [False, True, True],
    }
    assert Schedule(BERLIN).timeliness(NOVEMBER, over) is Timeliness.OVER
