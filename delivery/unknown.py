"""Batches without an answer: settled from what is written down, then from the provider.

Never by trying again: only where the provider says that it never had a batch, or would know it for
the same, is it handed over once more. What nobody can tell waits for a person, or for what the
author decided beforehand.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlite_utils import Database

from delivery import ledger
from delivery.errors import AddressRefused, LetterRefused, ProviderError
from delivery.mailing import Batch, BatchState
from delivery.message import Answer, Receipt
from delivery.providers.base import FindsLetters, Provider
from delivery.writing import Writing

# What could still come of a letter, an event or a late answer, has come by then.
GIVEN_UP_AFTER = timedelta(minutes=30)
# Letters that are looked up one by one in a run, and how often `dispatch` makes one.
_FOUND_AT_ONCE = 300
_TURN = timedelta(minutes=5)


class OnUnknown(StrEnum):
    """What the author wants done with letters of which nobody can tell whether they were taken."""

    HOLD = "hold"  # a letter missed by one reader is better than two to thousands
    RESEND = "resend"


def settle_open_batches(
    db: Database, writing: Writing, on_unknown: OnUnknown, *, now: datetime
) -> None:
    """Settle what a dead run left, and ask about what is unknown. The caller holds the lease."""
    for batch in ledger.open_batches(db, writing.mailing.key):
        if batch.state is BatchState.PREPARED:
            ledger.release_batch(db, batch.id, reason="the sender died before", now=now)
            continue
        if batch.state is BatchState.IN_FLIGHT:
            ledger.mark_unknown(db, batch.id, reason="the sender died before an answer", now=now)
        settle_unknown(db, batch, writing, on_unknown, now=now)


def settle_unknown(
    db: Database, batch: Batch, writing: Writing, on_unknown: OnUnknown, *, now: datetime
) -> bool:
    """Ask the provider about one batch; tell whether nothing of it is unknown any more.

    Found is submitted; all absent, long enough after, is pending again. Where only some are found
    the others stay unknown: it took the batch, and a second letter is worse than none.
    """
    if not batch.deliveries:  # events have told of each
        return True
    if batch.doubted:
        return _settle_doubted(db, batch, writing, now)
    age, provider = now - (batch.posted or now), writing.provider
    try:
        found = _ask(batch, writing, age, now)
    except (AddressRefused, LetterRefused):  # a replay: who refuses it now has not taken it before
        ledger.release_batch(db, batch.id, reason="the provider never took it", now=now)
        return True
    if found:
        receipts = _receipts(batch, found, as_one=provider.limits.as_one)
        ledger.record_receipts(db, batch, receipts, now=now)
        return len(receipts) == len(batch.deliveries)
    if found is not None and provider.limits.shows_absence(age):
        ledger.release_batch(db, batch.id, reason="the provider never had it", now=now)
        return True
    if on_unknown is OnUnknown.RESEND and age >= _given_up(provider):
        ledger.release_batch(db, batch.id, reason="no answer: sent again, as you chose", now=now)
        return True
    return False


def _settle_doubted(db: Database, batch: Batch, writing: Writing, now: datetime) -> bool:
    """Believe only what is found; tell whether nothing of the batch is unknown any more.

    Another copy of the database may have given this batch up and sent its letters in another, so
    absence shows nothing, and the same bytes handed over again may be a second letter.
    """
    age, limits = now - (batch.posted or now), writing.provider.limits
    found = (None if limits.replays else _ask(batch, writing, age, now)) or {}
    receipts = _receipts(batch, found, as_one=limits.as_one and bool(found))
    some = _some_of(batch, age)
    receipts |= _receipts(some, _find(writing.provider, some), as_one=False)
    if receipts:
        ledger.record_receipts(db, batch, receipts, now=now)
    return len(receipts) == len(batch.deliveries)


def _some_of(batch: Batch, age: timedelta) -> Batch:
    """As many letters as may be looked up one by one in a run; in time every one has its turn."""
    turns = -(-len(batch.deliveries) // _FOUND_AT_ONCE)
    start = int(age / _TURN) % turns * _FOUND_AT_ONCE
    return replace(batch, deliveries=batch.deliveries[start : start + _FOUND_AT_ONCE])


def _find(provider: Provider, batch: Batch) -> Mapping[str, Receipt]:
    if not isinstance(provider, FindsLetters):
        return {}
    try:
        return provider.find(batch.send_keys)
    except ProviderError:
        return {}  # they stay unknown, and say so, until it can be asked


def _ask(
    batch: Batch, writing: Writing, age: timedelta, now: datetime
) -> Mapping[str, Receipt] | None:
    """What the provider knows of a batch; None where it cannot be asked, or not now.

    Raises:
        AddressRefused, LetterRefused: it was handed over again, and not taken.
    """
    provider, limits = writing.provider, writing.provider.limits
    if not limits.lookup_after <= age <= limits.remembers or batch.account != provider.account:
        return None
    if limits.replays and not (batch := replace(batch, body=writing.again(batch))).body:
        return None
    try:
        return provider.reconcile(batch, now=now)
    except (AddressRefused, LetterRefused):
        raise
    except ProviderError:
        return None  # the letters stay unknown, and say so, until it can be asked


def _receipts(batch: Batch, found: Mapping[str, Receipt], *, as_one: bool) -> dict[int, Receipt]:
    """What is known, by delivery; a call that is taken as a whole was taken for all."""
    receipts = {}
    for delivery, key in zip(batch.deliveries, batch.send_keys, strict=True):
        if key in found:
            receipts[delivery.id] = found[key]
        elif as_one:
            receipts[delivery.id] = Receipt(key, Answer.SUBMITTED)
    return receipts


def _given_up(provider: Provider) -> timedelta:
    return max(GIVEN_UP_AFTER, provider.limits.absent_after or timedelta())
