"""What every provider does. One call of `submit` is one request, never more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable

from delivery.mailing import Batch
from delivery.message import FormLetter, Handover, Message, Payload, Receipt


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call may carry, how fast calls may follow, and what may be asked afterwards.

    `letters` a call carries unless the settings say else, `most` is the provider's own bound.
    `calls` and `letters_per_second` are paces, None for as fast as it goes; `connections` are
    calls under way at once.

    `lookup_after`: how long after a hand-over a look-up may be made at all. `absent_after`: from
    when on a message that is not found was certainly not taken; None where that never is certain.
    `remembers`: how long the provider can be asked; later, not found says nothing.
    `as_one`: a call is taken as a whole or not at all, so one message found proves the others.
    `replays`: asking means handing the same bytes over again, which are made anew for it.
    """

    letters: int
    bytes: int
    most: int = 0
    calls: float | None = None
    letters_per_second: float | None = None
    connections: int = 1
    lookup_after: timedelta = timedelta()
    absent_after: timedelta | None = None
    remembers: timedelta = timedelta.max
    as_one: bool = False
    replays: bool = False

    def shows_absence(self, age: timedelta) -> bool:
        """Whether a message handed over this long ago, and not found, was certainly not taken."""
        return self.absent_after is not None and self.absent_after <= age <= self.remembers

    def paced(
        self,
        *,
        letters: int | None = None,
        calls: float | None = None,
        letters_per_second: float | None = None,
        connections: int | None = None,
    ) -> Self:
        """The same with what the author set; no call carries more than the provider takes."""
        wanted = min(letters or self.letters, self.most or self.letters)
        return replace(
            self,
            letters=wanted,
            calls=calls or self.calls,
            letters_per_second=letters_per_second or self.letters_per_second,
            connections=connections or self.connections,
        )


class BarReason(StrEnum):
    """Why a provider writes to an address no more."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Barred:
    """One entry of a provider's own suppression list."""

    address: str
    reason: BarReason
    since: datetime | None = None


class Provider(Protocol):
    """An e-mail API, or what stands in for one. `account` tells one set of its messages apart.

    `submit` and `reconcile` may be called from several threads at once.
    """

    name: str
    account: str
    limits: Limits

    def begin(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Make ready for a mailing: what is the same for every batch may be uploaded here.

        Called before each run of a mailing; a second time it finds its work done.

        Raises:
            ProviderUnavailable: not now.
            ProviderRefused: not before somebody mends something.
        """

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """Make the exact bytes of a batch; the same arguments give the same bytes."""

    def submit(self, payload: Payload) -> Handover:
        """Hand a batch over, by one request.

        Raises:
            ProviderUnavailable: nothing was accepted; the batch may be tried again.
            ProviderRefused: nothing was accepted, and trying again will not help.
            AddressRefused: nothing was accepted because of some of the addresses.
            OutcomeUnknown: it left us and no answer that we understand came back.
        """

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Find out what became of a batch without an answer: the receipts known, by send key.

        Where `limits.replays` the same bytes are handed over again under the same key, which the
        provider answers from its memory.

        Raises:
            ProviderError: cannot be found out now.
        """

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The provider's own suppression list, or what came to it after a moment.

        Raises:
            ProviderError: cannot be read now.
        """

    def end(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Take away what `begin` left at the provider; the mailing is over. Never raises."""

    def close(self) -> None:
        """Finish a run of sending, however it ended."""


@runtime_checkable
class FindsLetters(Protocol):
    """A provider that can look single letters up, whatever call they were handed over in."""

    def find(self, send_keys: Sequence[str]) -> dict[str, Receipt]:
        """The receipts of those of these letters that it has, by send key.

        Raises:
            ProviderError: cannot be found out now.
        """


class Plain:
    """What a provider does that has nothing to prepare, no list of its own and nothing to close."""

    def begin(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Nothing is uploaded."""

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """It keeps no list."""
        return iter(())

    def end(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Nothing was left."""

    def close(self) -> None:
        """Nothing is open."""
