"""Send notes one by one: compose -> write down -> hand over -> record.

Decides nothing about people: who must get none any more, and what fills it, is asked of `Compose`.
Whoever calls holds the lease of the notes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlite_utils import Database

from delivery.errors import (
    AddressRefused,
    LetterNotReady,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from delivery.mailing import DeliveryState
from delivery.message import Answer, Handover, Payload
from delivery.notes import ledger
from delivery.notes.note import Composed, OwedNote, Withheld, is_given_up, wait_after
from delivery.providers.base import Provider
from delivery.timing import Clock

# A flood of sign-ups must not make the sender look like a spammer; what is more waits.
MOST_A_MINUTE = 100
Compose = Callable[[OwedNote], Composed | Withheld]


def send_notes(
    db: Database,
    provider: Provider,
    compose: Compose,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
) -> bool:
    """Settle what a dead run left open, then hand over the notes that are due, oldest first.

    Ends early when `stopping` says so, at the brake, and at the first trouble with the provider;
    tells whether there was none. `compose` may raise LetterNotReady: that note is put off.
    """
    try:
        recover(db, provider, clock)
        minute_ago = clock.now() - timedelta(minutes=1)
        for _ in range(MOST_A_MINUTE - ledger.count_claimed(db, since=minute_ago)):
            note = None if stopping() else ledger.next_note(db, now=clock.now())
            if note is None:
                return True
            if not _send(db, note, provider, compose, clock):
                return False
        return True
    finally:
        provider.close()


def recover(db: Database, provider: Provider, clock: Clock) -> None:
    """Settle the notes that have no answer, as far as the provider can be asked."""
    for note in ledger.open_notes(db, now=clock.now()):
        if note.state is DeliveryState.CLAIMED:
            why = "the sender died before an answer"
            ledger.mark_unknown(db, note, why, ask=clock.now())
        _settle_unknown(db, note, provider, clock.now())


def _settle_unknown(db: Database, note: OwedNote, provider: Provider, now: datetime) -> None:
    """Ask the provider. Found is submitted; absent, long enough after, is pending again."""
    age, limits = now - (note.claimed or now), provider.limits
    later = now + wait_after(note.attempts)
    if not limits.lookup_after <= age <= limits.remembers or note.account != provider.account:
        ledger.ask_later(db, note, ask=later)
        return
    try:
        found = provider.reconcile(note.as_batch(), now=now)
    except ProviderError:
        ledger.ask_later(db, note, ask=later)  # it stays unknown, and says so, until then
        return
    if note.send_key in found:
        ledger.record_receipt(db, note, found[note.send_key], now=now)
    elif limits.shows_absence(age):
        ledger.put_off(db, note, "the provider never had it", until=now)
    else:
        ledger.ask_later(db, note, ask=later)


def _send(db: Database, note: OwedNote, provider: Provider, compose: Compose, clock: Clock) -> bool:
    """Bring one note as far as it comes; tell whether the provider can take more."""
    try:
        composed = compose(note)
    except LetterNotReady as error:
        _try_later(db, note, str(error), clock.now())
        return True
    if isinstance(composed, Withheld):
        ledger.skip_note(db, note, composed.reason, now=clock.now())
        return True
    now = clock.now()
    payload = provider.encode(note.send_key, composed.letter, [composed.message], now=now)
    kept = payload.body if provider.limits.replays else b""
    if ledger.claim_note(db, note, account=provider.account, body=kept, now=now):
        return _hand_over(db, note, payload, provider, clock)
    return True


def _hand_over(
    db: Database, note: OwedNote, payload: Payload, provider: Provider, clock: Clock
) -> bool:
    try:
        handover = provider.submit(payload)
    except AddressRefused:
        ledger.refuse(db, note, "invalid address", now=clock.now())
        return True
    except ProviderUnavailable as error:
        _try_later(db, note, str(error), clock.now(), error.wait)
        return False
    except ProviderRefused as error:  # an account can be mended, as for a mailing
        _try_later(db, note, str(error), clock.now())
        return False
    except OutcomeUnknown as error:
        _mark_unknown(db, note, str(error), provider, clock)
        return False
    return _record(db, note, handover, provider, clock)


def _record(
    db: Database, note: OwedNote, handover: Handover, provider: Provider, clock: Clock
) -> bool:
    [receipt], why = handover.receipts, str(handover.trouble or "not taken for now")
    if receipt.answer is Answer.NOT_NOW:
        _try_later(db, note, why, clock.now())
        return False
    if receipt.answer is Answer.UNKNOWN:
        _mark_unknown(db, note, why, provider, clock)
        return False
    ledger.record_receipt(db, note, receipt, now=clock.now())
    return True


def _mark_unknown(db: Database, note: OwedNote, why: str, provider: Provider, clock: Clock) -> None:
    ledger.mark_unknown(db, note, why, ask=clock.now() + provider.limits.lookup_after)


def _try_later(
    db: Database, note: OwedNote, why: str, now: datetime, hint: float | None = None
) -> None:
    if is_given_up(note, now):
        ledger.refuse(db, note, why, now=now)
    else:
        ledger.put_off(db, note, why, until=now + wait_after(note.attempts, hint))
