"""How fast a mailing gets on, and when it will be done. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# The rate is taken over so long: shorter and it jumps, longer and it lags.
WINDOW = timedelta(seconds=60)
# A sender gives a sign of life with each call; one that is silent longer is waiting, or dead.
_ALIVE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Letters of one mailing by what became of them, and the answers of the last minute.

    `recent` are letters answered since `window_start`; `beat` is the sender's last sign of life.
    """

    key: str
    taken: int
    refused: int
    unknown: int
    under_way: int
    pending: int
    recent: int
    window_start: datetime | None
    beat: datetime | None
    waits_until: datetime | None = None
    waits_because: str = ""

    @property
    def done(self) -> int:
        """How many have an answer, or never will without somebody's word."""
        return self.taken + self.refused + self.unknown

    @property
    def total(self) -> int:
        """How many letters there are to hand over in all."""
        return self.done + self.under_way + self.pending

    def rate(self, now: datetime) -> float:
        """Letters a second of late."""
        if self.window_start is None:
            return 0.0
        return self.recent / max(1.0, (now - self.window_start).total_seconds())

    def seconds_left(self, now: datetime) -> float | None:
        """How long it still takes at this rate; None where nothing moves."""
        rate = self.rate(now)
        return (self.under_way + self.pending) / rate if rate else None

    def is_alive(self, now: datetime) -> bool:
        """Whether somebody is sending it at this moment."""
        return self.beat is not None and now - self.beat < _ALIVE


@dataclass(frozen=True, slots=True)
class Answered:
    """One call of a mailing: when it was made and answered, how many it took and refused."""

    posted: datetime
    answered: datetime
    taken: int
    refused: int


def over_time(answers: Sequence[Answered], places: int) -> list[tuple[datetime, int, int]]:
    """At so many moments, evenly: how many letters had been taken, and how many refused.

    `answers` are in their order; the first moment is before them all.
    """
    began = min(answer.posted for answer in answers)
    step = (answers[-1].answered - began) / places
    moments = [*(began + n * step for n in range(places)), answers[-1].answered]
    found, taken, refused, left = [], 0, 0, deque(answers)
    for moment in moments:
        while left and left[0].answered <= moment:
            answer = left.popleft()
            taken, refused = taken + answer.taken, refused + answer.refused
        found.append((moment, taken, refused))
    return found
