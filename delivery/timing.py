"""When the next call may be made: the pace, the day's allowance, and waits that a provider asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from delivery import pace_store
from delivery.errors import RestUntil
from delivery.pace import DAY, UNBOUNDED, Allowance, Pace, letters_left
from delivery.pace_store import Wait
from delivery.providers.base import Provider
from delivery.quiet import Quiet

# A run waits so long itself, seconds; a longer wait is written down, and the next run goes on.
LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as it comes from outside: `now` in UTC, `sleep` in seconds."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


class Timing:
    """Times the calls of one run, and remembers for the next what it found out."""

    def __init__(
        self,
        db: Database,
        provider: Provider,
        allowance: Allowance,
        clock: Clock,
        quiet: Quiet | None = None,
    ) -> None:
        self._quiet = quiet
        self._db, self._account, self._limits = db, provider.account, provider.limits
        self._allowance, self._clock = allowance, clock
        found = pace_store.found_calls(db, self._account)
        self._pace = Pace.found(self._limits, found)
        self._next_call: datetime | None = None
        self._gap = 0.0
        self._calls: list[datetime] = []

    def require_start(self) -> None:
        """See that the account need not rest, and that it is no quiet hour.

        Raises:
            RestUntil: it must, or it is.
        """
        self.require_no_quiet()
        if rest := pace_store.find_wait(self._db, self._account, now=self._clock.now()):
            raise RestUntil(rest.reason, until=rest.until)

    def require_no_quiet(self) -> None:
        """See that readers may be written to at this time of the day.

        Raises:
            RestUntil: not before the quiet hours end.
        """
        if self._quiet and (until := self._quiet.until(self._clock.now())):
            raise RestUntil("nothing is sent in the quiet hours", until=until)

    def letters_left(self) -> int | None:
        """How many letters the author still allows; None for no bound.

        Raises:
            RestUntil: none before a moment.
        """
        if self._allowance == UNBOUNDED:
            return None
        now = self._clock.now()
        spent = pace_store.spent(self._db, self._account, now=now)
        left = letters_left(self._allowance, spent)
        if left == 0:
            until = (spent.since or now) + DAY
            raise RestUntil(f"{spent.letters} letters in 24 hours are what you allow", until=until)
        return left

    def keep_pace(self, letters: int) -> None:
        """Wait until a call with so many letters may be made."""
        now = self._clock.now()
        if self._next_call and self._next_call > now:
            # A clock that was set back must not make us wait for longer than the gap was.
            self._clock.sleep(min(self._gap, (self._next_call - now).total_seconds()))
            now = self._clock.now()
        self._gap = self._pace.gap(letters, self._limits.letters_per_second)
        self._next_call = now + timedelta(seconds=self._gap)
        self._calls = [*self._calls[-9:], now]

    def rest(self, seconds: float, reason: str = "") -> None:
        """Wait, because the provider wants it.

        Raises:
            RestUntil: it is too long for this run; it is written down for the next ones.
        """
        if seconds <= LONGEST_WAIT:
            self._clock.sleep(seconds)
        else:
            self.rest_until(self._clock.now() + timedelta(seconds=seconds), reason)

    def rest_until(self, until: datetime, reason: str) -> None:
        """Hand nothing over before a moment, in this run or another.

        Raises:
            RestUntil: always.
        """
        pace_store.wait_until(self._db, self._account, Wait(until, reason))
        raise RestUntil(reason, until=until)

    def slower(self) -> None:
        """The provider asked for it."""
        self._keep(self._pace.slower(self._measured()))

    def faster(self) -> None:
        """A call was taken."""
        if self._pace.faster() != self._pace:
            self._keep(self._pace.faster())

    def _keep(self, pace: Pace) -> None:
        self._pace = pace
        pace_store.keep_calls(self._db, self._account, pace.calls)

    def _measured(self) -> float:
        """The calls a second of late."""
        if len(self._calls) < 2:
            return 1.0
        seconds = (self._calls[-1] - self._calls[0]).total_seconds()
        return (len(self._calls) - 1) / max(seconds, 0.001)
