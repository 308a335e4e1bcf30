"""The schedule of the digest written as cron expressions, which Prefect understands. Pure."""

from flows.schedule import Schedule

_SHORTEST_MONTH = 28


def crons_of(schedule: Schedule) -> list[str]:
    """The crons by which the digest is made; a month that is too short has its last day.

    `L` is the last day of a month (croniter). In the hour that the clocks leave out in spring cron
    is early: that digest is made by the housekeeping of the next day.
    """
    when = f"{schedule.at.minute} {schedule.at.hour}"
    if schedule.day <= _SHORTEST_MONTH:
        return [f"{when} {schedule.day} * *"]
    if schedule.day == 31:
        return [f"{when} L * *"]
    return [f"{when} {schedule.day} 1,3-12 *", f"{when} L 2 *"]
