"""Hours in which nothing of a mailing is handed over. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of the day to another by the clock of `zone`, over midnight where it ends
    earlier than it begins. The same time twice is no time.
    """

    zone: ZoneInfo
    begins: time
    ends: time

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that it is now, in UTC; None outside of them.

        An end that the clocks leave out is an hour later; of one that comes twice it is the one
        that is to come (PEP 495).
        """
        local = now.astimezone(self.zone)
        if not self._holds(local.time()):
            return None
        day = local.date() + timedelta(days=local.time() >= self.ends)
        return next(end for end in self._ends_of(day) if end > now)

    def _holds(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def _ends_of(self, day: date) -> list[datetime]:
        """The end on a day, both times where it comes twice, and that of the next day."""
        following = day + timedelta(days=1)
        ends = [datetime.combine(day, self.ends.replace(fold=fold), self.zone) for fold in (0, 1)]
        ends.append(datetime.combine(following, self.ends, self.zone))
        return [end.astimezone(UTC) for end in ends]
