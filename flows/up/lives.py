"""Decide what is done with a part of `up` that runs, ends, or does not answer. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

# Seconds. A Prefect server makes its database at the first start: half a minute on a small machine.
PATIENCE_AT_START = 240
PATIENCE_WITH_SILENCE = 60
_LONGEST_REST = 60
# Who ran so long has come up; its next end is the first one of a new row.
_STEADY = 60


class Standing(StrEnum):
    """How a part stands."""

    WAITING = "waits"  # for another part
    STARTING = "starts"
    UP = "up"
    SILENT = "does not answer"
    DOWN = "down"  # it ended, and is started again after a rest
    STOPPED = "stopped"


class Order(StrEnum):
    """What is to be done with a part now."""

    NOTHING = "nothing"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Life:
    """How a part stands, `since` when, and when it is started again.

    `failures` are the starts in a row that came to nothing; moments are seconds of one clock.
    """

    standing: Standing = Standing.WAITING
    since: float = 0.0
    restarts: int = 0
    failures: int = 0
    again_at: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is found when a part is looked at; `ended_because` says why it does not run."""

    runs: bool
    answers: bool
    may_start: bool = True
    ended_because: str = ""


def next_step(life: Life, seen: Seen, now: float) -> tuple[Life, Order]:
    """Decide what becomes of a part, and what is to be done with it.

    It is never given up: who ends is started again after a rest that doubles up to a minute.
    """
    if life.standing in (Standing.WAITING, Standing.DOWN):
        return _start(life, seen, now)
    if not seen.runs:
        return _ended(life, seen.ended_because, now), Order.END
    if seen.answers:
        return _answers(life, now), Order.NOTHING
    if life.standing is Standing.UP:
        return replace(life, standing=Standing.SILENT, since=now), Order.NOTHING
    starting = life.standing is Standing.STARTING
    patience = PATIENCE_AT_START if starting else PATIENCE_WITH_SILENCE
    if now - life.since < patience:
        return life, Order.NOTHING
    return _ended(life, f"gave no answer for {patience} seconds", now), Order.END


def _start(life: Life, seen: Seen, now: float) -> tuple[Life, Order]:
    if not seen.may_start or now < life.again_at:
        return life, Order.NOTHING
    again = life.standing is Standing.DOWN
    started = replace(life, standing=Standing.STARTING, since=now, restarts=life.restarts + again)
    return started, Order.START


def _answers(life: Life, now: float) -> Life:
    if life.standing is not Standing.UP:
        return replace(life, standing=Standing.UP, since=now)
    steady = now - life.since >= _STEADY
    return replace(life, failures=0, why="") if steady and life.failures else life


def _ended(life: Life, why: str, now: float) -> Life:
    failures = life.failures + 1
    return replace(
        life,
        standing=Standing.DOWN,
        since=now,
        failures=failures,
        again_at=now + rest_after(failures),
        why=why,
    )


def rest_after(failures: int) -> float:
    """How long a part rests before it is started again: 1, 2, 4, … seconds, a minute at most."""
    return float(min(_LONGEST_REST, 2 ** min(failures - 1, 10)))
