"""What is handed over: a form letter with slots, and the messages made of it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from delivery.errors import ProviderError

# Text at even places, the name of a slot at odd ones; so the number of places is odd.
Slotted = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLetter:
    """A letter as it was frozen with its mailing. Only `html`, `text` and `exit_url` have slots.

    `exit_url` is the address that List-Unsubscribe gives, where a POST acts at once (RFC 8058);
    without one it is no letter of a list, and no header says that it is.
    `list_id` is the bare identifier of RFC 2919, without its angle brackets; by `feedback_id` Gmail
    groups what its users say of a mailing (Google, "Feedback Loop"): the same for every reader.
    """

    subject: str
    sender_name: str
    sender_address: str
    reply_to: str
    list_name: str
    list_id: str
    html: Slotted
    text: Slotted
    exit_url: Slotted = ()
    feedback_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """The letter addressed to one person. `send_key` is unique for ever and names nobody."""

    send_key: str
    address: str
    name: str
    values: Mapping[str, str]


def in_one_line(name: str) -> str:
    """A name fit for a header: a line end in it would begin another one (RFC 5322, 2.2)."""
    return " ".join(name.split())


@dataclass(frozen=True, slots=True)
class Payload:
    """A batch as it leaves us, to the byte: one part for the whole call, or one for each message.

    `kind` is the media type of the parts; `sender` is the envelope's, where there is an envelope.
    """

    batch_id: str
    messages: tuple[Message, ...]
    parts: tuple[bytes, ...]
    kind: str = "application/json"
    sender: str = ""

    @property
    def body(self) -> bytes:
        """The bytes of a call that takes the whole batch."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)

    @property
    def hash(self) -> str:
        """What was handed over, for who asks later: SHA-256 over the parts."""
        state = hashlib.sha256()
        for part in self.parts:
            state.update(part)
        return state.hexdigest()


class Answer(StrEnum):
    """What a provider says of one message."""

    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # it left us, and what became of it was not heard
    NOT_NOW = "not now"  # for a reason that is not the reader's: the letter is still owed


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's answer for one message. `reason` is a code, never the provider's words."""

    send_key: str
    answer: Answer
    provider_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """What one call came to: a receipt for each message, in their order.

    `trouble` is why the messages that were not taken were not; those after it fare no better.
    """

    receipts: tuple[Receipt, ...]
    trouble: ProviderError | None = None


def all_taken(messages: Sequence[Message], provider_ids: Sequence[str] = ()) -> Handover:
    """Every message was taken; the provider's ids are in the same order, where it has any."""
    ids = provider_ids or [""] * len(messages)
    return Handover(
        tuple(
            Receipt(message.send_key, Answer.SUBMITTED, provider_id)
            for message, provider_id in zip(messages, ids, strict=True)
        )
    )
