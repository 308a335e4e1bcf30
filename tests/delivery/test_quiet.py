"""Quiet hours: nothing is handed over in them, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.errors import RestUntil
from delivery.quiet import Quiet
from delivery.run import Terms
from tests.delivery.test_run import owe, send
from tests.fakes import NOON, FakeProvider, Time

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(BERLIN, time(21), time(8))
ZONES = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tokyo"])
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-01T19:59", None),
        ("2026-12-01T20:00", "2026-12-02T07:00"),
        ("2026-12-02T06:59", "2026-12-02T07:00"),
        ("2026-12-02T07:00", None),
        ("2026-03-28T21:00", "2026-03-29T06:00"),  # the night is an hour shorter
        ("2026-10-24T20:00", "2026-10-25T07:00"),  # and an hour longer
    ],
)
def test_the_night_begins_and_ends_by_the_newsletters_clock(now, until):
    expected = until and datetime.fromisoformat(f"{until}+00:00")
    assert NIGHT.until(datetime.fromisoformat(f"{now}+00:00")) == expected


@given(ZONES, TIMES, TIMES, st.integers(0, 2 * 365 * 24 * 60))
def test_after_the_quiet_hours_comes_a_time_that_is_not_quiet(zone, begins, ends, minute):
    quiet, now = Quiet(ZoneInfo(zone), begins, ends), NOON + timedelta(minutes=minute)
    until = quiet.until(now)
    if until is None:
        return
    assert begins != ends
    assert now < until <= now + timedelta(hours=26)
    # Where the clocks go back, the end may fall into the hour that comes twice.
    assert quiet.until(until) is None or quiet.until(until) - until <= timedelta(hours=1)


def test_the_same_time_twice_is_no_time():
    assert Quiet(BERLIN, time(9), time(9)).until(NOON) is None


def test_nothing_is_handed_over_in_the_quiet_hours_and_all_of_it_after_them(db):
    owe(db, 6)
    provider, clock = FakeProvider(size=2), Time()
    clock.moment = datetime(2026, 12, 1, 22, tzinfo=UTC)
    with pytest.raises(RestUntil, match="quiet hours") as rest:
        send(db, provider, clock, Terms(quiet=NIGHT))
    assert not provider.taken
    clock.moment = rest.value.until
    send(db, provider, clock, Terms(quiet=NIGHT))
    assert len(provider.taken) == 6


def test_a_mailing_that_is_under_way_stops_when_they_begin(db):
    owe(db, 40)
    provider, clock = FakeProvider(size=2), Time()
    provider.limits = provider.limits.paced(
        letters=2, calls=0.1, letters_per_second=None, connections=1
    )
    begins = datetime(2026, 12, 1, 20, tzinfo=UTC)  # 21 o'clock in Berlin
    clock.moment = begins - timedelta(seconds=65)
    at: list[datetime] = []
    provider.before = lambda: at.append(clock.moment)
    with pytest.raises(RestUntil):
        send(db, provider, clock, Terms(quiet=NIGHT))
    assert 4 <= len(at) < 20
    assert max(at) < begins
    clock.moment = begins + timedelta(hours=11)
    send(db, provider, clock, Terms(quiet=NIGHT))
    assert set(provider.taken.values()) == {1}
    assert len(provider.taken) == 40
