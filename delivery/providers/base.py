"""What every provider does. One call of `submit` is one request, never more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from delivery.mailing import Batch
from delivery.message import FormLetter, Message, Receipt


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call may carry, and when a provider's memory can be asked.

    `lookup_after`: how long after a hand-over a look-up may be made at all. `absent_after`: from
    when on a message that is not found was certainly not taken; None where that never is certain.
    `absent_until`: how long the provider remembers; later, not found says nothing.
    """

    letters: int
    bytes: int
    lookup_after: timedelta = timedelta()
    absent_after: timedelta | None = None
    absent_until: timedelta = timedelta.max

    def shows_absence(self, age: timedelta) -> bool:
        """Whether a message handed over this long ago, and not found, was certainly not taken."""
        return self.absent_after is not None and self.absent_after <= age <= self.absent_until


class Provider(Protocol):
    """An e-mail API, or what stands in for one. `account` tells one set of its messages apart."""

    name: str
    account: str
    limits: Limits

    def submit(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> list[Receipt]:
        """Hand a batch over; give one receipt per message, in the same order.

        Raises:
            ProviderUnavailable: nothing was accepted; the batch may be tried again.
            ProviderRefused: nothing was accepted, and trying again will not help.
            OutcomeUnknown: it left us and no answer that we understand came back.
        """

    def look_up(self, batch: Batch) -> dict[str, Receipt]:
        """Ask what became of a batch without an answer: the receipts known, by send key.

        Raises:
            ProviderUnavailable: cannot be asked now.
        """

    def close(self) -> None:
        """Finish a run of sending, however it ended."""
