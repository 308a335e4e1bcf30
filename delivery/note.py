"""A letter to one person, owed because of something they did. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.mailing import Batch, BatchState, Delivery, DeliveryState

# Waits after a hand-over that was not accepted; after the last one the note is given up. Nobody
# waits longer than this for a letter they asked for a moment ago.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
# A flood of sign-ups must not use up the sender's good name: what is more waits for its hour.
MOST_AN_HOUR = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedNote:
    """A letter owed to one subscriber. `cause` and `kind` together are unique for ever.

    `variant` tells letters of one kind apart. `id` is the ledger's own, 0 before it is there.
    """

    cause: str
    kind: str
    subscriber_id: str
    language: str = ""
    variant: str = ""
    id: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class NoteTally:
    """How many notes are in each state, and what kept those that were not sent, by reason."""

    states: Mapping[DeliveryState, int]
    reasons: Mapping[str, int]


def as_batch(note: OwedNote, batch_id: str, account: str, claimed: datetime) -> Batch:
    """A note as the batch of one letter that a provider knows it by."""
    delivery = Delivery(note.id, note.cause, "", "")
    state = BatchState.IN_FLIGHT
    return Batch(batch_id, note.kind, account, state, claimed, (delivery,))
