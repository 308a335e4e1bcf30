"""A month of a newsletter, in the newsletter's own time zone. Pure."""

import re
from calendar import month_name
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month, such as 2026-11."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `2026-11`; anything else is a ValueError that says so."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) == 0:
            raise ValueError(f"{text!r} is no month; write it as 2026-11")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> "Period":
        """The month that `moment` falls in, where the newsletter is at home."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    def start(self, zone: ZoneInfo) -> datetime:
        """The first instant of the month, in UTC."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)

    def end(self, zone: ZoneInfo) -> datetime:
        """The first instant after the month, in UTC."""
        return self.following().start(zone)

    def following(self) -> "Period":
        """The month after this one."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> "Period":
        """The month before this one."""
        return Period(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def name(self) -> str:
        """The month as people say it: November 2026."""
        return f"{month_name[self.month]} {self.year}"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
