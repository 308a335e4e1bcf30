"""A letter to one person that belongs to no edition: who is owed it, and when it is tried. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from delivery.mailing import Batch, BatchState, Delivery, DeliveryState, send_key
from delivery.message import FormLetter, Message

# How long a provider, or a template, may be out of order before a note is given up: who asked for
# it has long asked again.
GIVEN_UP_AFTER = timedelta(hours=6)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(days=1)
_DOUBLINGS = 12  # 30 seconds so often doubled are more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedNote:
    """One note owed to one subscriber: `confirm`, `welcome` or `links`; or to the author, whose
    `subscriber_id` is '': `notice` or `draft`.

    `id` is the request that caused it, so that no request causes two. `language` is '' for the
    newsletter's own. `details` are what else its words need, never an address or a token. `body`
    is kept while there is no answer, where the provider may be given it again.
    """

    id: str
    kind: str
    subscriber_id: str
    language: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    state: DeliveryState = DeliveryState.PENDING
    made: datetime | None = None
    attempts: int = 0
    account: str = ""
    claimed: datetime | None = None
    body: bytes = b""

    @property
    def mailing_key(self) -> str:
        """What stands for a mailing at the provider: all notes of a kind."""
        return f"note-{self.kind}"

    @property
    def send_key(self) -> str:
        """Its name at the provider: the same for every try."""
        return send_key(self.mailing_key, self.id)

    def as_batch(self) -> Batch:
        """The hand-over of this note alone, for a look-up."""
        only = Delivery(0, self.id, "", "")
        state = BatchState.UNKNOWN
        return Batch(
            self.send_key,
            self.mailing_key,
            self.account,
            state,
            self.claimed,
            (only,),
            body=self.body,
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """A note ready to be handed over."""

    letter: FormLetter
    message: Message


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a note must not be sent any more."""

    reason: str


def wait_after(attempts: int, hint: float | None = None) -> timedelta:
    """How long to leave a note after so many tries; `hint` is the provider's own wish, seconds."""
    doubled: int = 2 ** min(attempts, _DOUBLINGS)
    return max(min(_FIRST_WAIT * doubled, _LONGEST_WAIT), timedelta(seconds=hint or 0))


def is_given_up(note: OwedNote, now: datetime) -> bool:
    """Whether a note that failed once more has been tried for long enough."""
    return note.made is not None and now - note.made >= GIVEN_UP_AFTER
