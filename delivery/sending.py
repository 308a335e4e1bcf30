"""Send a mailing: settle what is open, hand over what is owed, close it when nothing is left.

Decides nothing about people: who has left meanwhile, and what fills a reader's slots, is asked of
`Readers`. Whoever calls holds the lease of the mailing.
"""

from datetime import datetime

from sqlite_utils import Database

from delivery import steering_store
from delivery.count_store import tally
from delivery.mailing import Mailing
from delivery.providers.base import Provider
from delivery.run import Run, Terms
from delivery.timing import Clock
from delivery.unknown import OnUnknown, settle_open_batches
from delivery.writing import Readers, Writing


def send_letters(
    db: Database,
    mailing: Mailing,
    provider: Provider,
    readers: Readers,
    clock: Clock,
    terms: Terms | None = None,
) -> None:
    """Settle what a dead run left open, then hand over every pending letter.

    Ends quietly when somebody pauses or cancels the mailing, and when a brake does.

    Raises:
        RestUntil: not before a moment; what is left is pending.
        ProviderUnavailable: not accepted in several tries; what is left is pending.
        ProviderRefused: not accepted and never will be; the mailing is paused.
        OutcomeUnknown: several calls in a row had no answer; what is left is pending.
    """
    terms = terms or Terms()
    try:
        provider.begin(mailing.key, mailing.letters)
        writing = Writing(mailing, provider, readers)
        settle_open_batches(db, writing, terms.on_unknown, now=clock.now())
        Run(db, writing, clock, terms).until_done()
    finally:
        _finish(db, mailing, provider, clock.now())
        provider.close()


def settle_letters(
    db: Database,
    mailing: Mailing,
    provider: Provider,
    readers: Readers,
    on_unknown: OnUnknown,
    *,
    now: datetime,
) -> None:
    """Settle what has no answer, in whatever state the mailing is, and hand nothing over."""
    settle_open_batches(db, Writing(mailing, provider, readers), on_unknown, now=now)
    _finish(db, mailing, provider, now)


def _finish(db: Database, mailing: Mailing, provider: Provider, now: datetime) -> None:
    """Skip what came back after a cancel; close the mailing if nothing is open."""
    steering_store.skip_cancelled(db, mailing.key)
    if tally(db, mailing.key).open == 0:
        provider.end(mailing.key, mailing.letters)
        steering_store.close(db, mailing.key, now=now)
