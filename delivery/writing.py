"""What a batch is handed over as: its letter with each reader's values, for one provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.mailing import Batch, Delivery, Mailing, send_key
from delivery.message import Message, Payload
from delivery.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Readers:
    """What a mailing must ask about its readers while it is being sent."""

    gone: Callable[[Sequence[str]], Mapping[str, str]]  # subscriber id -> why no more letters
    values: Callable[[Delivery], Mapping[str, str]]  # slot name -> value


@dataclass(frozen=True, slots=True)
class Writing:
    """Makes the payloads of one mailing; of the same batch the same bytes, whenever it is asked."""

    mailing: Mailing
    provider: Provider
    readers: Readers

    def payload(self, batch: Batch, *, now: datetime) -> Payload:
        """The exact bytes of a batch."""
        messages = [self._message(delivery) for delivery in batch.deliveries]
        letter = self.mailing.letters[batch.variant]
        return self.provider.encode(batch.id, letter, messages, now=now)

    def again(self, batch: Batch) -> bytes:
        """The bytes that a batch was handed over as, by their hash; empty where they are no more.

        They are made anew rather than kept: nobody's address lies about, and no disk is the limit.
        After a change of a key, of a setting or of this program they may come out otherwise.
        """
        if batch.posted is None or not all(delivery.address for delivery in batch.deliveries):
            return b""
        payload = self.payload(batch, now=batch.posted)
        return payload.body if payload.hash == batch.body_hash else b""

    def _message(self, delivery: Delivery) -> Message:
        key = send_key(self.mailing.key, delivery.subscriber_id)
        return Message(key, delivery.address, delivery.name, self.readers.values(delivery))
