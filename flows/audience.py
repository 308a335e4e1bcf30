"""Who gets an edition, and with which program. Here people, programs and past letters meet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import islice

import delivery.store
import subscribers.store
from content.program import NO_PROGRAM, OfferedSoFar, OfferRule, offer_for
from delivery.mailing import Owed
from flows.resources import Resources
from subscribers.consent import Ruling
from subscribers.store import Subscriber

_AT_ONCE = 1000


def find_audience(
    resources: Resources, rules: Iterable[OfferRule], *, last: str, segment: str
) -> Iterator[Owed]:
    """Everybody on the list: with their variant, or with the reason why they get no letter.

    `last` is the program of the edition before. With a `segment` only those with that tag get one.
    """
    offers, today = list(rules), resources.today

    @cache  # most people of a list are alike to the rules
    def choose(tags: frozenset[str], wants: bool, seen: tuple[str, ...]) -> str:
        times, latest = Counter(seen), seen[-1] if seen else NO_PROGRAM
        reader = OfferedSoFar(tags=tags, times=times, last=latest, wants=wants)
        return offer_for(reader, offers, on=today, last=last)

    people = subscribers.store.all_subscribers(resources.db)
    while some := list(islice(people, _AT_ONCE)):
        ids = [person.id for person in some]
        seen = delivery.store.variants_so_far(resources.db, ids) if offers else {}
        for person in some:
            skip = _why_not(person, segment, today)
            had = tuple(seen.get(person.id, ()))
            variant = NO_PROGRAM if skip else choose(person.tags, person.wants_offers, had)
            yield Owed(person.id, person.address, person.name, skip, variant)


def has_readers(resources: Resources, segment: str) -> bool:
    """Whether anybody would get a letter at all."""
    audience = find_audience(resources, (), last=NO_PROGRAM, segment=segment)
    return any(not owed.skip for owed in audience)


def count_audience(audience: Iterable[Owed]) -> tuple[Counter[str], Counter[str]]:
    """How many get a letter, by variant, and how many get none, by reason."""
    variants: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for owed in audience:
        if owed.skip:
            reasons[owed.skip] += 1
        else:
            variants[owed.variant] += 1
    return variants, reasons


def _why_not(person: Subscriber, segment: str, today: date) -> str:
    ruling = person.ruling(today)
    if ruling is not Ruling.MAY_SEND:
        return ruling.value
    return "" if not segment or segment in person.tags else f"not tagged {segment}"
