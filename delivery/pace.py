"""How fast letters are handed over: what the provider bears, and what the author allows. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.providers.base import Limits

DAY = timedelta(days=1)
# Found out by trying (additive increase, multiplicative decrease): half after a no, and so much
# of the whole back after each yes.
_SLOWER = 0.5
_FASTER = 0.05
_SLOWEST = 0.05  # calls a second


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the author allows a day (any 24 hours); None is no bound.

    `warm_up` are the letters of the first days on which anything is sent, one number a day: a new
    sender who begins with thousands is taken for a spammer.
    """

    letters: int | None = None
    bytes: int | None = None
    warm_up: tuple[int, ...] = ()

    def letters_on(self, day: int) -> int | None:
        """How many on the day with this number, 0 for the first on which anything is sent."""
        steps = self.warm_up[day : day + 1]
        bounds = [bound for bound in (self.letters, *steps) if bound is not None]
        return min(bounds, default=None)


UNBOUNDED = Allowance()


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account sent in the last 24 hours, from `since` on, and on how many days before."""

    letters: int
    bytes: int
    days_before: int
    since: datetime | None


def letters_left(allowance: Allowance, spent: Spent) -> int | None:
    """How many letters may still be handed over now; None for no bound."""
    most = allowance.letters_on(spent.days_before)
    if allowance.bytes is not None and spent.bytes >= allowance.bytes:
        return 0
    return None if most is None else max(0, most - spent.letters)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast calls follow each other. `calls` a second; None for as fast as it goes."""

    calls: float | None
    ceiling: float | None

    @classmethod
    def found(cls, limits: Limits, calls: float | None) -> "Pace":
        """Go on at the pace that was found out last, at most as fast as the limits say."""
        bounds = [bound for bound in (limits.calls, calls) if bound is not None]
        return cls(min(bounds, default=None), limits.calls)

    def slower(self, measured: float) -> "Pace":
        """After the provider asked for it; `measured` are the calls a second of late."""
        return replace(self, calls=max(_SLOWEST, (self.calls or measured) * _SLOWER))

    def faster(self) -> "Pace":
        """After a call that was taken."""
        if self.calls is None or self.calls == self.ceiling:
            return self
        calls = self.calls + (self.ceiling or self.calls) * _FASTER
        return replace(self, calls=calls if self.ceiling is None else min(calls, self.ceiling))

    def gap(self, letters: int, letters_per_second: float | None) -> float:
        """The seconds between a call with so many letters and the next."""
        by_calls = 1 / self.calls if self.calls else 0.0
        return max(by_calls, letters / letters_per_second if letters_per_second else 0.0)
