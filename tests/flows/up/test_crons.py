"""The schedule of lettermill.toml, as Prefect runs it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from content.period import Period
from flows.schedule import Schedule
from flows.up.crons import crons_of

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_month_that_is_too_short_has_its_last_day():
    assert crons_of(Schedule(BERLIN, day=28, at=time(9, 5))) == ["5 9 28 * *"]
    assert crons_of(Schedule(BERLIN, day=30)) == ["0 9 30 1,3-12 *", "0 9 L 2 *"]
    assert crons_of(Schedule(BERLIN, day=31)) == ["0 9 L * *"]


@pytest.mark.slow
@pytest.mark.parametrize("day", range(1, 32))
def test_for_ten_years_prefect_runs_the_digest_when_it_is_due_and_never_else(day):
    from prefect.server.schemas.schedules import CronSchedule

    schedule = Schedule(BERLIN, day=day, at=time(9))
    begins, period = datetime(2026, 10, 31, 23, tzinfo=UTC), Period(2026, 10)
    runs = [
        moment
        for cron in crons_of(schedule)
        for moment in CronSchedule(cron=cron, timezone=BERLIN.key)._get_dates_generator(120, begins)
    ]
    for run in sorted(runs)[:120]:
        assert abs(run - schedule.due(period)) < timedelta(seconds=1)
        period = period.following()


@pytest.mark.slow
def test_what_is_served_is_prefect_yaml_by_the_newsletters_own_clock():
    from flows.up.served import make_deployments

    served = make_deployments(Schedule(BERLIN, day=31, at=time(7, 30)))
    crons = {d.flow_name: [s.schedule.cron for s in d.schedules] for d in served}
    assert crons.pop("monthly-digest") == ["30 7 L * *"]
    assert crons["dispatch"] == ["*/5 * * * *"]
    assert crons["send-campaign"] == []
    assert {s.schedule.timezone for d in served for s in d.schedules} == {"Europe/Berlin"}
    assert all(d.concurrency_limit == 1 and "lettermill" in d.tags for d in served)
    by_flow = {d.flow_name: d.concurrency_options.collision_strategy for d in served}
    assert (by_flow["dispatch"], by_flow["monthly-digest"]) == ("CANCEL_NEW", "ENQUEUE")
    assert all(d.entrypoint.startswith("flows.deployed.") for d in served)
