"""What the hand-over must reach, and what it is meant to; and how it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Letters a second, and for each reader bytes; 0 where there is no bound."""

    must: int
    goal: int
    bytes_must: int = 0
    bytes_goal: int = 0


MERGED = Goal(must=15_000, goal=30_000, bytes_must=300, bytes_goal=210)
FINISHED = Goal(must=4_000, goal=7_000)
GOALS = {
    "mailgun": MERGED,
    "sendgrid": MERGED,
    "postmark-template": MERGED,
    "postmark": FINISHED,
    "resend": FINISHED,
    "smtp": Goal(must=1_500, goal=5_000),
    # The goal is half of what the disk writes raw, which is another figure each time.
    "outbox": Goal(must=2_500, goal=0),
}
PEAK = (250, 120)
FREEZE_A_MILLION = (15.0, 6.0)
A_CALL_LATER = (1.3, 1.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One mailing: rates in readers a second, `peak` in MB, times in seconds.

    `first` and `last` are of one call, in the first and in the last tenth of the mailing.
    """

    kind: str
    readers: int
    rate: float
    raw: float
    peak: float
    bytes: float
    freeze: float
    a_call: float
    first: float
    last: float


HEAD = (
    f"{'':18}{'readers':>10}{'readers/s':>11}{'of raw':>8}{'raw':>9}{'a call':>8}"
    f"{'first':>10}{'last':>10}{'B/reader':>10}{'peak':>8}{'freeze':>9}"
)


def as_row(result: Result) -> str:
    return (
        f"{result.kind:18}{result.readers:10,}{result.rate:11,.0f}"
        f"{result.rate / result.raw:8.0%}{result.raw:9,.0f}{result.a_call:8,.0f}"
        f"{result.first * 1000:7.1f} ms{result.last * 1000:7.1f} ms"
        f"{_or_dash(result.bytes):>10}{result.peak:5.0f} MB{result.freeze:7.2f} s"
    )


def _or_dash(size: float) -> str:
    """Postfix's smtp-sink counts no bytes."""
    return f"{size:,.0f}" if size else "-"


def verdicts(results: Iterable[Result]) -> list[str]:
    """A line for each figure that has a must: it, its must and its goal."""
    lines: list[str] = []
    by_kind = sorted(results, key=lambda result: (result.kind, result.readers))
    for kind, group in groupby(by_kind, key=lambda result: result.kind):
        lines += _of_kind(kind, list(group))
    return lines


def _of_kind(kind: str, results: Sequence[Result]) -> list[str]:
    goal, biggest = GOALS[kind], results[-1]
    wanted = goal.goal or biggest.raw / 2
    lines = [_line(kind, "readers/s", biggest.rate, goal.must, wanted, more=True)]
    if goal.bytes_must:
        got = biggest.bytes
        lines.append(_line(kind, "bytes a reader", got, goal.bytes_must, goal.bytes_goal))
    lines.append(_line(kind, "peak, MB", max(r.peak for r in results), *PEAK))
    if biggest.readers >= 1_000_000:
        lines.append(_line(kind, "freeze, s", biggest.freeze, *FREEZE_A_MILLION))
    if len(results) > 1:
        later = _seconds_a_call(biggest) / _seconds_a_call(results[0])
        what = f"a call at {biggest.readers:,} / at {results[0].readers:,}"
        lines.append(_line(kind, what, later, *A_CALL_LATER))
    return lines


def _seconds_a_call(result: Result) -> float:
    return result.a_call / result.rate


def _line(kind: str, what: str, got: float, must: float, goal: float, *, more: bool = False) -> str:
    reached = [got >= bound if more else got <= bound for bound in (must, goal)]
    said = "goal" if all(reached) else "must" if reached[0] else "UNDER THE MUST"
    return f"{kind:18}{what:34}{got:11,.2f}   must {must:,.2f}, goal {goal:,.2f}: {said}"
