"""The order in which readers are written to: mailbox providers take turns. Pure.

A mailbox provider that suddenly gets a thousand letters in a row defers the rest. Such rows are
common in an order of addresses, or where a firm's staff signed up one after the other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter
from zlib import crc32

from delivery.mailing import Owed

# So many at once are spread among themselves: the whole audience never has to be in memory.
_BLOCK = 10_000
_GOLDEN = 0.6180339887498949


def spread(audience: Iterable[Owed]) -> Iterator[Owed]:
    """The same people, each domain of theirs spread evenly over the whole."""
    people = iter(audience)
    while block := list(islice(people, _BLOCK)):
        seen: Counter[str] = Counter()
        placed = [(_place(owed.address.rpartition("@")[2], seen), owed) for owed in block]
        yield from map(itemgetter(1), sorted(placed, key=itemgetter(0)))


def _place(domain: str, seen: Counter[str]) -> float:
    """A place between 0 and 1 for the next reader at a domain.

    Multiples of the golden ratio fill the interval evenly however many there will be (Weyl); each
    domain begins somewhere else, or the only readers of their domains would all come first.
    """
    seen[domain] += 1
    return (crc32(domain.encode()) / 2**32 + seen[domain] * _GOLDEN) % 1.0
