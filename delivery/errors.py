"""What can go wrong when letters are handed over, sorted by what the caller may do next.

No text here holds an address, a token or a provider's answer.
"""

from collections.abc import Sequence
from datetime import datetime


class DeliveryError(Exception):
    """Base of this package; the text is one line: what, where, what to do."""


class AlreadySending(DeliveryError):
    """Another process has this mailing in hand; there is nothing to do here."""


class NoSuchMailing(DeliveryError):
    """No mailing has this key."""


class LetterDrift(DeliveryError):
    """What is to be sent is not what was frozen; a person must look."""


class LetterNotReady(DeliveryError):
    """A letter to one person cannot be written now; the text says what to mend."""


class RestUntil(DeliveryError):
    """Nothing is handed over before a moment; the next run after it goes on."""

    def __init__(self, text: str, *, until: datetime) -> None:
        super().__init__(text)
        self.until = until


class BadEvent(DeliveryError):
    """What came in as a provider's event is not signed by it, or is not understood."""


class ProviderError(DeliveryError):
    """The provider did not take the batch as a whole."""


class ProviderUnavailable(ProviderError):
    """Nothing was accepted; the same batch may be tried again. `wait` is the provider's hint, s."""

    def __init__(self, text: str, *, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class NotSent(ProviderUnavailable):
    """It never left this machine: no name, no connection, no trust in the certificate."""


class Throttled(ProviderUnavailable):
    """The provider wants us to be slower."""


class ProviderRefused(ProviderError):
    """Nothing was accepted, and trying again will not help before somebody mends something."""


class QuotaExhausted(ProviderRefused):
    """No more letters for now; `until` is when there will be more, where the provider says so."""

    def __init__(self, text: str, *, until: datetime | None = None) -> None:
        super().__init__(text)
        self.until = until


class AccountHalted(ProviderRefused):
    """The account may not send: its key, its sender, its standing."""


class LetterRefused(ProviderRefused):
    """The letter itself is refused, whoever it is for."""


class AddressRefused(ProviderError):
    """Nothing was accepted because of some addresses; without them the rest may be handed over.

    `places` are theirs in the batch, or empty where the provider does not say which.
    """

    def __init__(self, text: str, *, places: Sequence[int] = ()) -> None:
        super().__init__(text)
        self.places = tuple(places)


class OutcomeUnknown(ProviderError):
    """The batch left us and no answer came back: never tried again on our own."""
