"""Decide what becomes of a sign-up, and of the press of a confirmation's button. Pure.

Anybody can type anybody's address into a form. So a form changes nothing of who is known, sends
at most one letter, and is answered alike whoever it was about.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import dropwhile

from subscribers.consent import Action, Consent, Status
from subscribers.suppression import Reason

# Letters that forms may send to one address: enough to try again, too few to bother anybody.
MOST_A_DAY, MOST_A_MONTH = 3, 6
DAY, MONTH = timedelta(days=1), timedelta(days=30)
# How long a confirmation can be pressed; then the request is forgotten.
LIFETIME = MONTH


class Reply(Enum):
    """What a sign-up leads to; whoever asked is never told which."""

    NOTHING = "nothing"
    CONFIRM = "a letter to confirm"
    LINKS = "a letter with the links of who is there already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an address when a form names it.

    `status` is None where it is on no list. `asked` are the moments of the letters that forms have
    sent there, `bars` the reasons why it is suppressed.
    """

    status: Status | None = None
    bars: frozenset[Reason] = frozenset()
    asked: tuple[datetime, ...] = ()


def weigh_sign_up(known: Known, now: datetime) -> Reply:
    """Tell what a sign-up leads to.

    Who complained, whose mailbox is dead and whom the author blocked get no letter. Who left is
    asked like a stranger: only the owner of the mailbox can confirm.
    """
    if not may_write(known, now):
        return Reply.NOTHING
    return Reply.LINKS if known.status is Status.ACTIVE else Reply.CONFIRM


def weigh_search(known: Known, now: datetime) -> Reply:
    """Tell what a search for one's link leads to: a letter to who is or was on the list."""
    if known.status is None or not may_write(known, now):
        return Reply.NOTHING
    return Reply.LINKS


def may_write(known: Known, now: datetime) -> bool:
    """Whether a form may send a letter to this address now."""
    if known.bars - {Reason.UNSUBSCRIBED}:
        return False
    today = sum(now - at < DAY for at in known.asked)
    lately = sum(now - at < MONTH for at in known.asked)
    return today < MOST_A_DAY and lately < MOST_A_MONTH


def may_confirm(
    request_id: str, requested: datetime, history: Iterable[Consent], now: datetime
) -> bool:
    """Whether the button of a confirmation still works: in time, and nobody left since.

    What came since is told by the order of the evidence, for two things may happen in one moment.
    """
    since = dropwhile(lambda past: past.request != request_id, history)
    left = any(past.action is Action.WITHDRAWN for past in since)
    return now - requested < LIFETIME and not left
