"""Who gets an edition, and with which program. Here people, programs and past letters meet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from itertools import islice

import delivery.people_store
import subscribers.store
from content.choice import digest_key, is_digest, period_of
from content.program import NO_PROGRAM, OfferedSoFar, OfferRule, offer_for
from delivery.mailing import Owed
from flows.resources import Resources
from subscribers.consent import Ruling
from subscribers.preferences import Frequency
from subscribers.segment import Segment, read_segment
from subscribers.store import Candidate

A_MONTH = timedelta(days=31)  # so that no calendar month has more
_AT_ONCE = 1000


def find_audience(
    resources: Resources, rules: Iterable[OfferRule], *, key: str, last: str, segment: str
) -> Iterator[Owed]:
    """Everybody on the list: with their variant, or with the reason why they get no letter.

    `key` is the edition's, `last` the program of the edition before. With a `segment`, a tag
    expression, only those who match get one.

    Raises:
        BadSegment: it cannot be understood.
    """
    offers, today, wanted = list(rules), resources.today, read_segment(segment)

    @lru_cache(10_000)  # most people of a list are alike to the rules
    def choose(tags: frozenset[str], wants: bool, seen: tuple[str, ...]) -> str:
        times, latest = Counter(seen), seen[-1] if seen else NO_PROGRAM
        reader = OfferedSoFar(tags=tags, times=times, last=latest, wants=wants)
        return offer_for(reader, offers, on=today, last=last)

    people = subscribers.store.candidates(resources.db, today)
    while some := list(islice(people, _AT_ONCE)):
        ids = [person.id for person in some]
        seen = delivery.people_store.variants_so_far(resources.db, ids) if offers else {}
        sated = _sated(resources, key, some)
        for person in some:
            skip = _why_not(person, wanted) or sated.get(person.id, "")
            had = tuple(seen.get(person.id, ()))
            variant = NO_PROGRAM if skip else choose(person.tags, person.wants_offers, had)
            yield Owed(person.id, person.address, person.name, skip, variant)


def count_readers(resources: Resources, key: str, segment: str) -> int:
    """How many would get the edition with this key today."""
    audience = find_audience(resources, (), key=key, last=NO_PROGRAM, segment=segment)
    return sum(not owed.skip for owed in audience)


def count_segment(resources: Resources, segment: Segment) -> int:
    """How many of those we may write to are in a segment."""
    sets = subscribers.store.count_tag_sets(resources.db, resources.today)
    return sum(count for tags, count in sets.items() if segment.matches(tags))


def strange_tags(resources: Resources, segment: Segment) -> set[str]:
    """The tags of a segment that nobody has whom we may write to: misspelt, most likely."""
    sets = subscribers.store.count_tag_sets(resources.db, resources.today)
    return set(segment.tags.difference(*sets))


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


def _sated(resources: Resources, key: str, people: Iterable[Candidate]) -> dict[str, str]:
    """Those who have had enough for now, each with the reason."""
    if is_digest(key):
        return _had_a_digest(resources, key, people)
    return _had_campaigns(resources, key, people)


def _had_a_digest(resources: Resources, key: str, people: Iterable[Candidate]) -> dict[str, str]:
    """Those who want a digest every three months and were owed one in the two months before."""
    recent = _digests_before(key)
    ids = [person.id for person in people if person.frequency is Frequency.QUARTERLY]
    had = delivery.people_store.who_were_owed(resources.db, ids, recent) if ids else set()
    return dict.fromkeys(had, "wants a digest every three months")


def _had_campaigns(resources: Resources, key: str, people: Iterable[Candidate]) -> dict[str, str]:
    """Those who had as many campaigns of late as they were promised at most."""
    most = resources.settings.promise.campaigns_a_month
    if most is None:
        return {}
    had = delivery.people_store.count_mailings(
        resources.db,
        [person.id for person in people],
        prefix="campaign-",
        but=key,
        since=resources.clock.now() - A_MONTH,
    )
    said = f"promised at most {most} campaign{'s' * (most != 1)} in {A_MONTH.days} days"
    return {person: said for person, count in had.items() if count >= most}


def _digests_before(key: str) -> list[str]:
    """The keys of the digests of the two months before."""
    one = period_of(key).previous()
    return [digest_key(one), digest_key(one.previous())]


def _why_not(person: Candidate, segment: Segment) -> str:
    if person.ruling is not Ruling.MAY_SEND:
        return person.ruling.value
    return "" if segment.matches(person.tags) else f"not in the segment {segment.text}"
