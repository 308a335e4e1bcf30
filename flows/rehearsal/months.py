"""The months of a rehearsal, and what is to be said of each. Pure."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from content.period import Period
from content.program import Program
from flows.schedule import Schedule


@dataclass(frozen=True, slots=True)
class RehearsedPost:
    """A post, and why it is not in the edition, or ''. `assumed` where it is not written yet."""

    title: str
    link: str = ""
    dated: date | None = None
    assumed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedMonth:
    """One month's digest. `due` is by the newsletter's clock; `clocks` says what they do to it.

    With `went`, the state of its edition, it is what really happened, with `due` the moment of its
    approval and its `letters` by state; else it is what would. `nothing_because` says why there is
    none. `readers` get it, by program where '' is none; the others are in `not_written_to`, by
    reason. `closed` counts posts of the month that no edition may choose, by reason.
    """

    key: str
    name: str
    due: datetime
    clocks: str = ""
    went: str = ""
    nothing_because: str = ""
    subject: str = ""
    program: str = ""
    program_rule: str = ""
    posts: Sequence[RehearsedPost] = ()
    left_out: Sequence[RehearsedPost] = ()
    closed: Mapping[str, int] = field(default_factory=dict)
    readers: int = 0
    readers_by_program: Mapping[str, int] = field(default_factory=dict)
    not_written_to: Mapping[str, int] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Both years, as they look at the moment `made`; `undated` posts have no place in the past."""

    made: datetime
    past: Sequence[RehearsedMonth]
    to_come: Sequence[RehearsedMonth]
    people: int
    undated: int


def months_before(period: Period, count: int) -> list[Period]:
    """The months before one, the oldest first."""
    found: list[Period] = []
    while len(found) < count:
        period = period.previous()
        found.append(period)
    return found[::-1]


def months_from(period: Period, count: int) -> list[Period]:
    """A month and those after it."""
    found = [period]
    while len(found) < count:
        found.append(found[-1].following())
    return found[:count]


def same_month_before(period: Period, now: Period) -> Period:
    """The newest month of the same name that is over."""
    year = min(period.year, now.year)
    found = Period(year, period.month)
    return found if found < now else Period(year - 1, period.month)


def as_in(period: Period, moment: datetime, zone: ZoneInfo) -> datetime:
    """The same day and time of another month; a month too short for the day has its last."""
    local = moment.astimezone(zone)
    day = min(local.day, monthrange(period.year, period.month)[1])
    return local.replace(year=period.year, month=period.month, day=day)


def say_when(moment: datetime) -> str:
    """A local time: Tue 1 Dec 2026, 09:00."""
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M}"


def say_offset(moment: datetime) -> str:
    """How far a local time is from UTC: UTC-08:00."""
    return f"UTC{moment.isoformat()[-6:]}"


def say_clocks(schedule: Schedule, period: Period) -> str:
    """What clocks do to the moment at which a digest is due, or ''."""
    due = schedule.due(period).astimezone(schedule.zone)
    before = schedule.due(period.previous()).astimezone(schedule.zone)
    if (due.hour, due.minute) != (schedule.at.hour, schedule.at.minute):
        return f"the clocks leave {schedule.at:%H:%M} out that day"
    if due.utcoffset() != before.utcoffset():
        return f"the clocks have changed, from {say_offset(before)}"
    return ""


def say_offers(programs: Sequence[Program], before: date, on: date) -> Iterator[str]:
    """Which programs begin or end between two digests, and whether any is left on a day."""
    for program in programs:
        if program.starts and before < program.starts <= on:
            yield f"{program.name} is offered from {program.starts} on"
        if program.ends and before <= program.ends < on:
            yield f"{program.name} is offered no more: its last day was {program.ends}"
    if programs and not any(program.is_open(on) for program in programs):
        yield f"nothing is left to offer: no program's offer stands on {on}"


def say_sated(program: str, by_program: Mapping[str, int]) -> Iterator[str]:
    """That an edition offers a program which no reader may be offered any more."""
    if program and by_program and not any(by_program[name] for name in by_program if name):
        yield "nothing is left to offer: every reader has the programs, or had them often enough"
