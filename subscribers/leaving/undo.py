"""Decide whether a leaving can be taken back with the link alone. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from subscribers.consent import Action, Actor, Consent, Status
from subscribers.suppression import Reason

# A slip of the hand is noticed soon. Later the link may be anybody's who got the letter passed on.
WINDOW = timedelta(days=1)


def can_undo(
    status: Status, history: Iterable[Consent], bars: Iterable[Reason], now: datetime
) -> bool:
    """Whether somebody may come back by a button: they left within a day, and nothing else bars.

    Only what the reader did themselves can be taken back: an import that says they left cannot.
    """
    left = [past for past in history if past.action is Action.WITHDRAWN]
    if status is not Status.UNSUBSCRIBED or not left or left[-1].actor is not Actor.READER:
        return False
    return now - left[-1].at < WINDOW and set(bars) <= {Reason.UNSUBSCRIBED}
