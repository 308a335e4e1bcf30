"""What is handed over: a form letter with slots, and the messages made of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Text at even places, the name of a slot at odd ones; so the number of places is odd.
Slotted = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLetter:
    """A letter as it was frozen with its mailing. Only `html`, `text` and `exit_url` have slots.

    `exit_url` is the address that List-Unsubscribe gives, where a POST acts at once (RFC 8058);
    without one it is no letter of a list, and no header says that it is.
    `list_id` is the bare identifier of RFC 2919, without its angle brackets.
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


class Answer(StrEnum):
    """What a provider says of one message."""

    SUBMITTED = "submitted"
    REFUSED = "refused"
    NOT_NOW = "not now"  # for a reason that is not the reader's: the letter is still owed


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's answer for one message. `reason` is a code, never the provider's words."""

    send_key: str
    answer: Answer
    provider_id: str = ""
    reason: str = ""
