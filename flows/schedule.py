"""When the digest of a month is due, and what a run at another time may do. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from content.period import Period


class IfMissed(StrEnum):
    """What becomes of a month whose digest did not go out in time."""

    SEND_LATE = "send-late"
    ASK = "ask"
    SKIP = "skip"


class Timeliness(StrEnum):
    """How a moment stands to the window in which a month's digest may send itself."""

    EARLY = "early"
    IN_TIME = "in time"
    LATE = "late"  # the window is over
    OVER = "over"  # the next month's digest is due already


@dataclass(frozen=True, slots=True)
class Schedule:
    """The day and the time, by the clock of `zone`, in the month after the one that is told.

    A month that is too short for `day` has its last day instead.
    """

    zone: ZoneInfo
    day: int = 1
    at: time = time(9)
    grace: timedelta = timedelta(hours=24)
    if_missed: IfMissed = IfMissed.ASK

    def due(self, period: Period) -> datetime:
        """The moment from which the digest of a month may go out, in UTC.

        A time that the clocks leave out is the one an hour later; of one that comes twice it is
        the first (PEP 495).
        """
        month = period.following()
        last = monthrange(month.year, month.month)[1]
        day = date(month.year, month.month, min(self.day, last))
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def newest(self, now: datetime) -> Period:
        """The newest month whose digest is due."""
        newest = Period.of(now, self.zone).previous()
        return newest if self.due(newest) <= now else newest.previous()

    def timeliness(
        self, period: Period, now: datetime, *, planned: datetime | None = None
    ) -> Timeliness:
        """How `now` stands to the window of a month's digest, which may be `planned` for later."""
        begins = planned or self.due(period)
        if now < begins:
            return Timeliness.EARLY
        if now >= self.due(period.following()):
            return Timeliness.OVER
        return Timeliness.LATE if now - begins > self.grace else Timeliness.IN_TIME
