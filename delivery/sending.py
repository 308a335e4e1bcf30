"""Send a mailing: settle what is open, hand over what is owed, close it when nothing is left.

Decides nothing about people: who has left meanwhile, and what fills a reader's slots, is asked of
`Readers`. Whoever calls holds the lease of the mailing.
"""

from sqlite_utils import Database

from delivery import steering_store
from delivery.count_store import tally
from delivery.mailing import Mailing
from delivery.providers.base import Provider
from delivery.run import Run, Terms
from delivery.timing import Clock
from delivery.unknown import settle_open_batches
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
        steering_store.skip_cancelled(db, mailing.key)
        _close_if_done(db, mailing, provider, clock)
        provider.close()


def _close_if_done(db: Database, mailing: Mailing, provider: Provider, clock: Clock) -> None:
    if tally(db, mailing.key).open == 0:
        provider.end(mailing.key, mailing.letters)
        steering_store.close(db, mailing.key, now=clock.now())
