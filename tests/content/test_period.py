"""A month, where the newsletter is at home."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.period import Period
from tests.content.builders import day

BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

periods = st.builds(Period, st.integers(2012, 2100), st.integers(1, 12))
zones = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/Los_Angeles",
        "America/Asuncion",  # clocks went forward at midnight on the 1st of October 2017
        "Africa/Cairo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # by half an hour
        "Pacific/Apia",  # had no 30th of December 2011
        "Pacific/Kiritimati",
        "Etc/GMT+12",
    ]
).map(ZoneInfo)


def test_a_month_is_written_and_said():
    november = Period.parse("2026-11")
    assert (november, str(november), november.name) == (
        Period(2026, 11),
        "2026-11",
        "November 2026",
    )
    assert Period.parse(" 2026-11\n") == november
    assert str(Period.parse("0987-01")) == "0987-01"


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-1", "2026-13", "2026-00", "0000-01", "-001-01", "2026-11-01", "26-11",
     "2026/11", "2026-11\n-", "November", "+2026-11", "2026-1\u00b9"],
)  # fmt: skip
def test_anything_else_is_no_month(text):
    with pytest.raises(ValueError, match="is no month; write it as 2026-11") as caught:
        Period.parse(text)
    assert repr(text) in str(caught.value)


def test_a_month_begins_at_midnight_where_the_newsletter_is_at_home():
    november = Period(2026, 11)
    assert november.start(BERLIN) == day("2026-10-31T23:00")
    assert november.end(BERLIN) == day("2026-11-30T23:00")
    assert november.start(LOS_ANGELES) == day("2026-11-01T07:00")
    assert november.end(LOS_ANGELES) == day("2026-12-01T08:00")


@pytest.mark.parametrize(
    ("month", "hours"), [("2026-03", 31 * 24 - 1), ("2026-10", 31 * 24 + 1), ("2026-02", 28 * 24)]
)
def test_a_month_in_which_the_clocks_change_is_an_hour_shorter_or_longer(month, hours):
    period = Period.parse(month)
    assert period.end(BERLIN) - period.start(BERLIN) == timedelta(hours=hours)


def test_a_month_whose_first_midnight_does_not_exist_begins_when_the_clocks_jump():
    zone = ZoneInfo("America/Asuncion")
    assert Period(2017, 10).start(zone) == day("2017-10-01T04:00")
    assert Period.of(day("2017-10-01T03:59"), zone) == Period(2017, 9)


def test_one_moment_can_be_in_two_months():
    moment = day("2026-11-01T03:00")
    assert Period.of(moment, BERLIN) == Period(2026, 11)
    assert Period.of(moment, LOS_ANGELES) == Period(2026, 10)
    assert Period.of(moment.astimezone(LOS_ANGELES), BERLIN) == Period(2026, 11)


def test_a_year_ends_after_december():
    assert Period(2026, 12).following() == Period(2027, 1)
    assert Period(2027, 1).previous() == Period(2026, 12)
    assert Period(2026, 12) < Period(2027, 1)


@given(periods)
def test_there_and_back_is_the_same_month(period):
    assert period.following().previous() == period == period.previous().following()
    assert Period.parse(str(period)) == period
    assert period.previous() < period < period.following()
    assert str(period.previous()) < str(period) < str(period.following())


@given(periods, zones)
def test_months_leave_no_gap_and_do_not_overlap(period, zone):
    start, end = period.start(zone), period.end(zone)
    tick = timedelta(microseconds=1)
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)
    assert end == period.following().start(zone)
    assert Period.of(start, zone) == period == Period.of(end - tick, zone)
    assert Period.of(start - tick, zone) == period.previous()
    assert Period.of(end, zone) == period.following()


@given(st.datetimes(datetime(2012, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)), zones)  # fmt: skip # noqa: DTZ001, E501
def test_every_moment_is_in_the_month_it_falls_in(moment, zone):
    period = Period.of(moment, zone)
    assert period.start(zone) <= moment < period.end(zone)
