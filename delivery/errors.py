"""What can go wrong when letters are handed over, sorted by what the caller may do next.

No text here holds an address, a token or a provider's answer.
"""


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


class ProviderError(DeliveryError):
    """The provider did not take the batch as a whole."""


class ProviderUnavailable(ProviderError):
    """Nothing was accepted; the same batch may be tried again. `wait` is the provider's hint, s."""

    def __init__(self, text: str, *, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class ProviderRefused(ProviderError):
    """Nothing was accepted, and trying again will not help: key, quota, settings or letter."""


class OutcomeUnknown(ProviderError):
    """The batch left us and no answer came back: never tried again on our own."""
