"""Send what is owed to single people: compose -> claim -> hand over -> record, one at a time.

Whom to write to and in which words is asked of `compose`. Whoever calls holds the lease.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlite_utils import Database

from delivery import note_ledger as ledger
from delivery.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from delivery.mailing import Batch, send_key
from delivery.message import Answer, FormLetter, Message
from delivery.note import WAITS, OwedNote
from delivery.providers.base import Provider
from delivery.sending import Clock, certainly_absent


@dataclass(frozen=True, slots=True)
class Composed:
    """A note made ready: its letter, and the message to its reader; or why it is not sent."""

    letter: FormLetter | None = None
    message: Message | None = None
    skip: str = ""


Compose = Callable[[OwedNote], Composed]


def send_notes(db: Database, provider: Provider, compose: Compose, clock: Clock) -> int:
    """Settle what a dead run left open, then send every note that is due; tell how many left.

    A provider that takes nothing ends the run: the rest waits for the next one.
    """
    _recover(db, provider, clock)
    sent = 0
    try:
        for note, letter, message in _due(db, compose, clock):
            if not _hand_over(db, note, letter, message, provider, clock):
                break
            sent += 1
    finally:
        provider.close()
    return sent


def _due(
    db: Database, compose: Compose, clock: Clock
) -> Iterator[tuple[OwedNote, FormLetter, Message]]:
    while note := ledger.next_note(db, now=clock.now()):
        composed = compose(note)
        if composed.letter is None or composed.message is None:
            ledger.skip_note(db, note, composed.skip)
        else:
            yield note, composed.letter, composed.message


def _hand_over(
    db: Database,
    note: OwedNote,
    letter: FormLetter,
    message: Message,
    provider: Provider,
    clock: Clock,
) -> bool:
    """Hand one note over, exactly once; tell whether the provider is worth asking further."""
    batch_id = ledger.claim_note(db, note, account=provider.account, now=clock.now())
    if not batch_id:
        return True
    try:
        (receipt,) = provider.submit(batch_id, letter, [message], now=clock.now())
    except (ProviderUnavailable, ProviderRefused) as error:
        _put_back(db, note, str(error), clock)
        return False
    except OutcomeUnknown:
        ledger.mark_note_unknown(db, note)
        return False
    if receipt.answer is Answer.NOT_NOW:
        _put_back(db, note, receipt.reason, clock)
        return False
    ledger.record_note(db, note, receipt)
    return True


def _put_back(db: Database, note: OwedNote, reason: str, clock: Clock) -> None:
    """Owe it again after a while; after the last wait it is given up, with the reason."""
    if note.tries < len(WAITS):
        ledger.release_note(db, note, reason, due=clock.now() + WAITS[note.tries])
    else:
        ledger.skip_note(db, note, reason)


def _recover(db: Database, provider: Provider, clock: Clock) -> None:
    """Settle notes without an answer; nobody alive has them, for the caller holds the lease."""
    for note, batch in ledger.open_notes(db):
        ledger.mark_note_unknown(db, note)
        _settle_unknown(db, note, batch, provider, clock)


def _settle_unknown(
    db: Database, note: OwedNote, batch: Batch, provider: Provider, clock: Clock
) -> None:
    """Ask the provider: found is submitted, certainly absent is owed again, else it stays so."""
    age = clock.now() - batch.posted if batch.posted else timedelta()
    if age < provider.limits.lookup_after or batch.account != provider.account:
        return
    try:
        found = provider.look_up(batch)
    except ProviderUnavailable:
        return  # it stays unknown, and says so, until the provider can be asked
    if receipt := found.get(send_key(note.kind, note.cause)):
        ledger.record_note(db, note, receipt)
    elif certainly_absent(age, provider.limits):
        ledger.release_note(db, note, "", due=clock.now())
