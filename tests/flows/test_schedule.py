"""When a digest is due: by the newsletter's clock, through short months and clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from content.period import Period
from flows.schedule import Schedule, Timeliness

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("period", "day", "at", "due"),
    [
        ("2026-11", 1, time(9), "2026-12-01T08:00"),
        ("2026-05", 1, time(9), "2026-06-01T07:00"),
        ("2026-01", 31, time(9), "2026-02-28T08:00"),
        ("2028-01", 31, time(9), "2028-02-29T08:00"),
        ("2026-12", 31, time(9), "2027-01-31T08:00"),
        ("2026-02", 29, time(2, 30), "2026-03-29T01:30"),  # left out by the clocks: 03:30
        ("2026-09", 25, time(2, 30), "2026-10-25T00:30"),  # comes twice: the first
    ],
)
def test_it_is_due_by_the_newsletters_own_clock(period, day, at, due):
    schedule = Schedule(BERLIN, day, at)
    assert schedule.due(Period.parse(period)) == datetime.fromisoformat(f"{due}+00:00")


@pytest.mark.parametrize(
    ("hours", "timeliness"),
    [
        (-0.01, Timeliness.EARLY),
        (0, Timeliness.IN_TIME),
        (24, Timeliness.IN_TIME),
        (24.01, Timeliness.LATE),
        (31 * 24, Timeliness.OVER),
    ],
)
def test_its_window_is_as_long_as_the_grace(hours, timeliness):
    schedule, november = Schedule(BERLIN), Period(2026, 11)
    moment = schedule.due(november) + timedelta(hours=hours)
    assert schedule.timeliness(november, moment) is timeliness


def test_the_newest_month_that_is_due_changes_at_the_minute():
    schedule = Schedule(BERLIN, 15, time(9))
    assert schedule.newest(datetime(2026, 12, 15, 7, 59, tzinfo=UTC)) == Period(2026, 10)
    assert schedule.newest(datetime(2026, 12, 15, 8, 0, tzinfo=UTC)) == Period(2026, 11)
