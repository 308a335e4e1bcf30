"""Send a mailing batch by batch: claim -> write down -> hand over -> record.

Decides nothing about people: who has left meanwhile, and what fills a reader's slots, is asked of
`Readers`. Whoever calls holds the lease of the mailing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from delivery import ledger, store
from delivery.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from delivery.mailing import Batch, BatchState, Delivery, Mailing, MailingState, send_key
from delivery.message import FormLetter, Handover, Message
from delivery.providers.base import Limits, Provider

# Seconds to wait before a batch that was not accepted is tried again; then the run gives up, and
# the next one goes on where it stopped.
BACKOFF = (1.0, 5.0, 25.0)
_SLOT_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Readers:
    """What a mailing must ask about its readers while it is being sent."""

    gone: Callable[[Sequence[str]], Mapping[str, str]]  # subscriber id -> why no more letters
    values: Callable[[Delivery], Mapping[str, str]]  # slot name -> value


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as it comes from outside: `now` in UTC, `sleep` in seconds."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def send_letters(
    db: Database, mailing: Mailing, provider: Provider, readers: Readers, clock: Clock
) -> None:
    """Settle what a dead run left open, then hand over every pending letter.

    Closes the mailing when nothing is left open.

    Raises:
        ProviderUnavailable: not accepted in several tries; what is left is pending.
        ProviderRefused: not accepted and never will be; the mailing is paused.
        OutcomeUnknown: a batch was handed over without an answer; it is unknown, the rest pending.
    """
    recover(db, mailing.key, provider, clock)
    size = min(batch_size(letter, provider.limits) for letter in mailing.letters.values())
    try:
        for batch in _claims(db, mailing.key, provider.account, size, readers, clock):
            _hand_over(db, mailing, batch, provider, readers, clock)
        if store.tally(db, mailing.key).open == 0:
            store.settle(db, mailing.key, MailingState.CLOSED, now=clock.now())
    finally:
        provider.close()


def recover(db: Database, key: str, provider: Provider, clock: Clock) -> None:
    """Settle the batches that have no answer: from what is written down, else from the provider."""
    for batch in ledger.open_batches(db, key):
        if batch.state is BatchState.PREPARED:
            ledger.release_batch(db, batch.id, now=clock.now())
            continue
        if batch.state is BatchState.IN_FLIGHT:
            ledger.mark_unknown(db, batch.id, now=clock.now())
        _settle_unknown(db, batch, provider, clock)


def _settle_unknown(db: Database, batch: Batch, provider: Provider, clock: Clock) -> None:
    """Ask the provider. Found is submitted; all absent, long enough after, is pending again.

    Where only some are found the others stay unknown: it took the batch, and a second letter is
    worse than none.
    """
    age = clock.now() - (batch.posted or clock.now())
    if age < provider.limits.lookup_after or batch.account != provider.account:
        return
    try:
        found = provider.reconcile(batch, now=clock.now())
    except ProviderUnavailable:
        return  # the deliveries stay unknown, and say so, until the provider can be asked
    receipts = {
        delivery.id: found[key]
        for delivery in batch.deliveries
        if (key := send_key(batch.mailing_key, delivery.subscriber_id)) in found
    }
    if receipts:
        ledger.record_receipts(db, batch, receipts, now=clock.now())
    elif provider.limits.shows_absence(age):
        ledger.release_batch(db, batch.id, now=clock.now())


def batch_size(letter: FormLetter, limits: Limits) -> int:
    """How many letters one call may carry, by number and by bytes."""
    parts = (*letter.html[::2], *letter.text[::2])
    # Escaping for JSON or quoted-printable adds up to a quarter to real letters.
    one = sum(len(part.encode()) for part in parts) * 5 // 4 + _SLOT_BYTES
    return max(1, min(limits.letters, limits.bytes // one))


def _claims(
    db: Database, key: str, account: str, size: int, readers: Readers, clock: Clock
) -> Iterator[Batch]:
    """Batches of those who still want a letter, until nothing is pending."""
    while batch := ledger.claim_batch(db, key, account=account, size=size, now=clock.now()):
        gone = readers.gone([delivery.subscriber_id for delivery in batch.deliveries])
        left = [d for d in batch.deliveries if d.subscriber_id in gone]
        if left:
            ledger.skip(db, {d.id: gone[d.subscriber_id] for d in left})
        staying = tuple(d for d in batch.deliveries if d.subscriber_id not in gone)
        if staying:
            yield replace(batch, deliveries=staying)
        else:
            ledger.release_batch(db, batch.id, now=clock.now())


def _hand_over(
    db: Database,
    mailing: Mailing,
    batch: Batch,
    provider: Provider,
    readers: Readers,
    clock: Clock,
) -> None:
    messages = [_as_message(batch, delivery, readers) for delivery in batch.deliveries]
    try:
        handover = _submit(db, mailing, batch, provider, messages, clock)
    except ProviderUnavailable:
        ledger.release_batch(db, batch.id, now=clock.now())
        raise
    except ProviderRefused as error:
        ledger.release_batch(db, batch.id, now=clock.now())
        store.settle(db, mailing.key, MailingState.PAUSED, now=clock.now(), reason=str(error))
        raise
    except OutcomeUnknown:
        ledger.mark_unknown(db, batch.id, now=clock.now())
        raise
    by_id = {d.id: r for d, r in zip(batch.deliveries, handover.receipts, strict=True)}
    ledger.record_receipts(db, batch, by_id, now=clock.now())
    if handover.trouble:
        why = str(handover.trouble)
        store.settle(db, mailing.key, MailingState.PAUSED, now=clock.now(), reason=why)
        raise handover.trouble


def _submit(
    db: Database,
    mailing: Mailing,
    batch: Batch,
    provider: Provider,
    messages: list[Message],
    clock: Clock,
) -> Handover:
    """Hand over once; again only after the provider said that it took nothing."""
    for pause in (*BACKOFF, None):
        ledger.mark_in_flight(db, batch.id, now=clock.now())
        try:
            letter = mailing.letters[batch.variant]
            payload = provider.encode(batch.id, letter, messages, now=clock.now())
            return provider.submit(payload)
        except ProviderUnavailable as error:
            if pause is None:
                raise
            clock.sleep(error.wait or pause)
    raise AssertionError("the last try returns or raises")


def _as_message(batch: Batch, delivery: Delivery, readers: Readers) -> Message:
    key = send_key(batch.mailing_key, delivery.subscriber_id)
    return Message(key, delivery.address, delivery.name, readers.values(delivery))
