"""The tables of lettermill.toml about when something goes out, and who says yes to it."""

import re
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from delivery.quiet import Quiet
from flows.settings.kinds import Count, MailAddressOrNone, Table

# What these were called while there were two of them.
_FORMER = {"auto": "none", "ask": "required"}


def _is_span(value: str) -> str:
    if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("write two times of the day, as in 21:00-08:00")
    return value


class DigestSettings(Table):
    """How a month becomes an edition, and whether it waits for a yes.

    `approval`: `required` waits for one; `notify` mails the draft to the author and sends it
    `notice_hours` later unless it is held; `none` sends at once.
    """

    approval: Literal["required", "notify", "none"] = "required"
    notice_hours: int = Field(24, ge=1, le=240)
    min_posts: int = Field(1, ge=1)
    max_posts: int = Field(8, ge=1, le=50)
    order: Literal["newest", "oldest"] = "newest"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_age_days: int | None = Field(None, ge=1, le=36500)

    @field_validator("approval", mode="before")
    @classmethod
    def _by_its_name_of_today(cls, value: Any) -> Any:
        return _FORMER.get(value, value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_met(self) -> "DigestSettings":
        if self.min_posts > self.max_posts:
            raise ValueError("`min_posts` is more than `max_posts`")
        return self


class ScheduleSettings(Table):
    """When the digest of a month is due, by the newsletter's own clock, in the month after it.

    A month without that `day` has its last one instead. A run that comes more than `grace_hours`
    late finds a missed month; `if_missed` says what becomes of it.
    """

    day: int = Field(1, ge=1, le=31)
    at: time = time(9)
    grace_hours: int = Field(24, ge=1, le=336)
    if_missed: Literal["send-late", "ask", "skip"] = "ask"


class AuthorSettings(Table):
    """Whom news are mailed to: drafts that wait, months skipped, feeds that are down."""

    address: MailAddressOrNone = ""


class PromiseSettings(Table):
    """What readers are promised, and every mailing keeps.

    Nobody gets more than `campaigns_a_month` in any 31 days, and nothing is handed over in the
    `quiet` hours of the newsletter's zone.
    """

    campaigns_a_month: Count | None = None
    quiet: Annotated[str, AfterValidator(_is_span)] = ""

    def quiet_hours(self, zone: ZoneInfo) -> Quiet | None:
        """The quiet hours by the clock of a zone."""
        if not self.quiet:
            return None
        begins, ends = map(time.fromisoformat, self.quiet.split("-"))
        return Quiet(zone, begins, ends)
