"""Steps that hear what the provider has to say: events, its suppression list, lost answers.

An author without a public address, whom no webhook can reach, has the suppression list at least.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlite_utils import Database

import subscribers.store
from delivery import pull_store
from delivery.count_store import mailings_to_settle
from delivery.errors import AlreadySending, ProviderError
from delivery.events.applying import Verdict, apply_events
from delivery.events.store import drop_old_raw
from delivery.lease import lease
from delivery.providers.base import BarReason, Barred
from delivery.sending import settle_letters
from delivery.store import load_mailing
from flows.database import writing
from flows.keeping.fence import why_not
from flows.mailings.mailing import close_edition, readers_of
from flows.resources import Resources
from subscribers.address import read_address
from subscribers.consent import Actor, Status
from subscribers.errors import BadAddress
from subscribers.leaving.store import withdraw
from subscribers.store import Subscriber
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress

# A list is not read more often; what came in the last hour is read again, for lists lag behind.
_PULL_EVERY = timedelta(minutes=15)
_OVERLAP = timedelta(hours=1)
# A provider's words name people; what they showed is kept without them.
_RAW_KEPT = timedelta(days=30)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """What was new: events applied, people barred by the provider's list, mailings settled.

    `trouble` says in a line why the list could not be read, or is empty.
    """

    events: int = 0
    barred: int = 0
    settled: int = 0
    trouble: str = ""


def hear_events(resources: Resources) -> int:
    """Apply the events that our webhook stored; give how many."""
    applied = apply_stored(resources, resources.db)
    drop_old_raw(resources.db, before=resources.clock.now() - _RAW_KEPT)
    return applied


def apply_stored(resources: Resources, db: Database) -> int:
    """Apply what is stored, by a connection that may write; give how many events."""
    with closing(resources.provider()) as provider:
        as_one = [provider.name] if provider.limits.as_one else []

    def carry_out(verdict: Verdict) -> None:
        person = subscribers.store.find_subscriber(db, verdict.subscriber_id)
        if person is not None:  # else gone from the list, which is more than was asked
            _stop(db, person, verdict.reason, verdict.evidence, now)

    now = resources.clock.now()
    return apply_events(db, carry_out, now=now, as_one=as_one)


def hear_barred(resources: Resources) -> Heard:
    """Bar whom the provider writes to no more, of those who are on our list."""
    db, now = resources.db, resources.clock.now()
    provider = resources.provider()
    since = pull_store.pulled_until(db, provider.account)
    if since and now - since < _PULL_EVERY:
        return Heard()
    try:
        barred = _bar(resources, provider.barred(since and since - _OVERLAP))
    except ProviderError as error:
        return Heard(trouble=f"the provider's suppression list was not read: {error}")
    finally:
        provider.close()
    pull_store.keep_pulled(db, provider.account, until=now)
    return Heard(barred=barred)


def settle_unknown(resources: Resources) -> int:
    """Ask about letters without an answer, of every mailing; give how many mailings have none more.

    `dispatch` asks too, but not where a mailing is paused or cancelled. From a copy of the database
    nothing is asked: where asking means handing over again, that could be a second letter.
    """
    if why_not(resources):
        return 0
    provider, db, now = resources.provider(), resources.db, resources.clock.now()
    settled = 0
    try:
        for key in mailings_to_settle(db, provider=provider.name):
            try:
                with lease(db, resources.locks, key, now=now):
                    mailing, how = load_mailing(db, key), resources.terms.on_unknown
                    settle_letters(db, mailing, provider, readers_of(resources), how, now=now)
            except AlreadySending:
                continue  # whoever sends it asks as well
            close_edition(resources, key)
            settled += key not in mailings_to_settle(db, provider=provider.name)
    finally:
        provider.close()
    return settled


def _bar(resources: Resources, barred: Iterable[Barred]) -> int:
    """Carry out a provider's list, some hundreds in one transaction; give how many are new."""
    db, now, count = resources.db, resources.clock.now(), 0
    source = f"suppression list of {resources.settings.provider.name}"
    entries = iter(barred)
    while some := list(islice(entries, _AT_ONCE)):
        with writing(db):
            for entry in some:
                if person := _find(db, entry.address):
                    count += _stop(db, person, entry.reason, source, now)
    return count


def _find(db: Database, address: str) -> Subscriber | None:
    try:
        return subscribers.store.find_by_key(db, read_address(address).key)
    except BadAddress:
        return None  # the provider's list has whatever was ever written to


def _stop(db: Database, person: Subscriber, why: BarReason, evidence: str, now: datetime) -> bool:
    """Write to somebody no more; tell whether that is new."""
    if why is not BarReason.UNSUBSCRIBED:
        return suppress(db, person.address_key, Reason(why.value), evidence=evidence, now=now)
    withdraw(db, person.id, source=evidence, now=now, actor=Actor.PROVIDER)
    return person.status is not Status.UNSUBSCRIBED
