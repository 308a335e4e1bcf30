"""Decide whether a draft sends itself: now, later, or not before a person says yes. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from content.period import Period
from delivery.mailing import DeliveryState
from flows.schedule import IfMissed, Schedule, Timeliness

# Why a draft waits after all that was to go out by itself.
_WANTED = "it was to go out by itself, and `digest.approval` wants your yes now"


class Course(StrEnum):
    """What becomes of a draft that nobody has said yes to."""

    SEND = "send"
    LATER = "later"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of it, `until` when it is looked at again, `why` it waits for a yes, or ''."""

    course: Course
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The facts of a month's draft: its settings, what was said of it, and when it was to go.

    `named` when a person named the month; `announcement` is what became of the letter about this
    very draft to its author, None before there was one. Only a letter about a draft that had its
    `send_after` has said when it goes.
    """

    period: Period
    approval: Literal["required", "notify", "none"]
    notice: timedelta
    held: str
    send_after: datetime | None
    named: bool
    announcement: DeliveryState | None


def decide(draft: Waiting, schedule: Schedule, now: datetime) -> Decided:
    """Decide about a draft by what its author has set; a yes needs no decision."""
    if draft.held or draft.approval == "required":
        return Decided(Course.WAIT, draft.held or (draft.send_after and _WANTED) or "")
    due = schedule.due(draft.period)
    planned = draft.send_after or due
    if late := _too_late(draft, schedule, planned, now):
        return Decided(Course.WAIT, late)
    notifies = draft.approval == "notify"
    if notifies and (draft.announcement is None or draft.send_after is None):
        return Decided(Course.LATER, until=max(due, now + draft.notice))
    if now < planned:
        return Decided(Course.LATER, until=planned)
    if notifies and draft.announcement is not DeliveryState.SUBMITTED:
        return Decided(Course.WAIT, "it could not be mailed to you, so it does not send itself")
    return Decided(Course.SEND)


def why_skipped(period: Period, schedule: Schedule, now: datetime) -> str:
    """Why a month gets no digest any more because its run came too late, or ''."""
    timeliness = schedule.timeliness(period, now)
    if timeliness is Timeliness.OVER:
        return f"{_missed(period, schedule)}; its posts go with the digest of a later month"
    if timeliness is Timeliness.LATE and schedule.if_missed is IfMissed.SKIP:
        return f"{_missed(period, schedule)}, and `if_missed` says skip; its posts wait"
    return ""


def _too_late(draft: Waiting, schedule: Schedule, planned: datetime, now: datetime) -> str:
    timeliness = schedule.timeliness(draft.period, now, planned=planned)
    if timeliness in (Timeliness.EARLY, Timeliness.IN_TIME):
        return ""
    late_is_fine = schedule.if_missed is IfMissed.SEND_LATE and not draft.named
    if timeliness is Timeliness.LATE and late_is_fine:
        return ""
    return _missed(draft.period, schedule)


def _missed(period: Period, schedule: Schedule) -> str:
    due = schedule.due(period).astimezone(schedule.zone)
    return f"its time was {due:%Y-%m-%d %H:%M}, and no run came"
