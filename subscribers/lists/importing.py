"""Bring a list in from a CSV file: read and check every row, weigh it, and only then write.

A file with a wrong row changes nothing unless the caller chooses to leave wrong rows out.
"""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, TextIO

from sqlite_utils import Database

from subscribers.fingerprint import Fingerprints
from subscribers.links import new_id
from subscribers.lists import store, writing_store
from subscribers.lists.mappings import Understood
from subscribers.lists.rows import Refusal, Row, open_list
from subscribers.lists.weighing import Verdict, Weighed, weigh

# Rows written in one transaction: whoever leaves meanwhile waits for it, a fifth of a second.
_CHUNK = 5000
_SHOWN = 1000  # refusals a report names; a file may have a million
_NOTHING = (None,) * (len(Row._fields) - 1)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `written` false what it would have done.

    The counts of all verdicts add up to the rows of the file. `refused` names the first 1,000,
    `suppressed` tells why so many were left alone.
    """

    counts: Counter[str] = field(default_factory=Counter)
    refused: tuple[Refusal, ...] = ()
    written: bool = False
    suppressed: Counter[str] = field(default_factory=Counter, compare=False)


def import_list(
    db: Database,
    file: BinaryIO,
    name: str,
    *,
    now: datetime,
    fingerprints: Fingerprints | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    tell: Callable[[Understood], object] = lambda _: None,
    verdicts: TextIO | None = None,
) -> ImportReport:
    """Read a CSV file with a header into the list.

    `tell` hears what was understood before anything is done; `verdicts` gets a line of CSV for
    each row of the file. `fingerprints` know those who asked to be forgotten. Nobody who left
    comes back: a suppressed address stays so, whatever its row. A second run after one that
    was cut short ends in the same list.

    Raises:
        BadList: no CSV, or no column of addresses.
        ValueError: people were erased, and there are no fingerprints to know them by.
    """
    if fingerprints is None and store.has_erasures(db):
        raise ValueError("people were erased: their fingerprints are needed to keep them out")
    understood, rows = open_list(file, name)
    tell(understood)
    with store.staging(db):
        store.stage(db, map(_as_staged, rows))
        store.order(db)
        sound = skip_bad or not store.count_verdicts(db).get((Verdict.REFUSED, ""))
        writes = sound and not dry_run
        for first, last in store.chunks(db, _CHUNK):
            _take(db, first, last, fingerprints, f"import {name}" if writes else "", now)
        if verdicts:
            _write_verdicts(db, verdicts)
        return _report(db, written=writes)


def _as_staged(row: Row | Refusal) -> tuple[Any, ...]:
    if isinstance(row, Refusal):
        return (Verdict.REFUSED.value, row.reason, None, row.line, *_NOTHING)
    return (Verdict.ADDED.value, "", new_id(), *row)


def _take(
    db: Database,
    first: int,
    last: int,
    fingerprints: Fingerprints | None,
    source: str,
    now: datetime,
) -> None:
    """Weigh the rows of a chunk, and with a source write them, in one transaction."""
    if not source:
        _weigh(db, first, last, fingerprints)
        return
    with store.writing(db):
        _weigh(db, first, last, fingerprints)
        writing_store.apply(db, first, last, near=new_id()[:2], source=source, now=now)


def _weigh(db: Database, first: int, last: int, fingerprints: Fingerprints | None) -> None:
    """Decide on the rows that the list knows something of; all others are new."""
    erased = _erased(db, first, last, fingerprints) if fingerprints else []
    store.decide(db, [(place, "", Weighed(Verdict.ERASED)) for place in erased])
    met = store.met(db, first, last)
    store.decide(db, [(place, person, weigh(says, known)) for place, person, says, known in met])


def _erased(db: Database, first: int, last: int, fingerprints: Fingerprints) -> list[int]:
    """The places of those who asked to be forgotten."""
    if not store.has_erasures(db):
        return []
    places = {
        made.value: place
        for place, key in store.keys_of(db, first, last).items()
        for made in fingerprints.all_of(key)
    }
    return [places[kept] for kept in store.erased_among(db, places)]


def _write_verdicts(db: Database, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("line", "verdict", "reason"))
    writer.writerows(store.verdicts(db))


def _report(db: Database, *, written: bool) -> ImportReport:
    counts: Counter[str] = Counter()
    suppressed: Counter[str] = Counter()
    found = store.count_verdicts(db)
    for verdict, reason in sorted(found, key=lambda pair: list(Verdict).index(Verdict(pair[0]))):
        number = found[verdict, reason]
        counts[verdict] += number
        if verdict == Verdict.SUPPRESSED:
            suppressed[reason] += number
    refused = islice(store.verdicts(db, Verdict.REFUSED), _SHOWN)
    named = tuple(Refusal(line, reason) for line, _, reason in refused)
    return ImportReport(counts, named, written, suppressed)
