"""What a row says of somebody's standing, in the words of many programs. Pure."""

from enum import StrEnum
from typing import NamedTuple, TypeVar

from subscribers.consent import Status
from subscribers.lists.mappings import Said
from subscribers.suppression import Reason

Choice = TypeVar("Choice", bound=StrEnum)


class Stands(NamedTuple):
    """A status, and why the address is barred, if it is."""

    status: Status
    bars: tuple[Reason, ...] = ()


ACTIVE, PENDING = Stands(Status.ACTIVE), Stands(Status.PENDING)
LEFT = Stands(Status.UNSUBSCRIBED, (Reason.UNSUBSCRIBED,))
# They agreed; it is the address that cannot be reached.
BOUNCED = Stands(Status.ACTIVE, (Reason.BOUNCED,))
COMPLAINED = Stands(Status.UNSUBSCRIBED, (Reason.COMPLAINED,))
BLOCKED = Stands(Status.UNSUBSCRIBED, (Reason.BLOCKED,))

_WORDS = {
    ACTIVE: "active confirmed subscribed cold regular premium gifted trialed churning churned"
    " past_due yes true 1",
    PENDING: "pending unconfirmed unactivated inactive nonsubscribed",
    LEFT: "unsubscribed cancelled canceled removed archived no false 0",
    BOUNCED: "cleaned bounced undeliverable",
    COMPLAINED: "complained abuse spam",
    BLOCKED: "blocked spammy",
}
_STANDS = {word: stands for stands, words in _WORDS.items() for word in words.split()}
_YES = ("true", "yes", "1")


def standing(said: Said, unsaid: Stands = ACTIVE) -> Stands:
    """What a row says: by its bars, else its status, else its switches and dates, else `unsaid`.

    Raises:
        ValueError: a word that we do not know.
    """
    if said.status:
        stands = _status(said.status)
    elif said.subscribed:
        stands = _status(said.subscribed)
    elif said.disabled.lower() in _YES:
        stands = LEFT
    else:
        stands = _dated(said, unsaid)
    if stands is LEFT and said.left_why.lower() in ("abuse", "spam"):
        stands = COMPLAINED
    if said.suppressed:
        return Stands(
            stands.status,
            tuple(sorted(choice(Reason, word) for word in said.suppressed.split(";"))),
        )
    return stands


def _dated(said: Said, unsaid: Stands) -> Stands:
    if said.bounced_at:
        return BOUNCED
    return LEFT if said.left_at else unsaid


def _status(word: str) -> Stands:
    if word.lower() not in _STANDS:
        raise ValueError(f"no status {shown(word)}; one of active, pending, unsubscribed")
    return _STANDS[word.lower()]


def choice(kind: type[Choice], word: str) -> Choice:
    """One of a few words.

    Raises:
        ValueError: another word.
    """
    if word not in set(kind):
        raise ValueError(f"no {kind.__name__.lower()} {shown(word)}; one of {', '.join(kind)}")
    return kind(word)


def shown(cell: str) -> str:
    """A wrong cell, as far as it can be shown: columns shift, and it may be the address."""
    return "like that" if "@" in cell else repr(cell[:30])
