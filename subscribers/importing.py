"""Bring a list in from a CSV file: read, check every row, and only then write.

A file with a wrong row changes nothing unless the caller chooses to leave wrong rows out.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TextIO

from sqlite_utils import Database

from subscribers import store
from subscribers.address import Address, read_address
from subscribers.consent import Status
from subscribers.errors import BadAddress, BadList
from subscribers.links import new_id
from subscribers.name import tidy_name
from subscribers.suppression_store import suppressed_keys
from subscribers.tags import read_tags

_ADDRESS_COLUMNS = ("email", "e-mail", "email address", "address")
_NAME_COLUMNS = ("name", "first_name", "first name", "full name")
_STATUSES = {
    "": Status.ACTIVE,
    "active": Status.ACTIVE,
    "confirmed": Status.ACTIVE,
    "subscribed": Status.ACTIVE,
    "pending": Status.PENDING,
    "unconfirmed": Status.PENDING,
    "unsubscribed": Status.UNSUBSCRIBED,
    "cleaned": Status.UNSUBSCRIBED,
}
_TAG_COLUMNS = ("tags", "tag")


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the file, checked. `tags` is None where the file has no such column."""

    line: int
    address: Address
    name: str
    tags: frozenset[str] | None
    status: Status
    confirmed: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was refused; the reason does not repeat the address."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `written` false what it would have done, row by row."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: tuple[Refusal, ...] = ()
    written: bool = False


def import_list(
    db: Database, file: TextIO, name: str, *, now: datetime, skip_bad: bool = False
) -> ImportReport:
    """Read a CSV file with a header into the list.

    Columns: an address, and if there are any a name, a status (active, pending, unsubscribed),
    `confirmed_at`, and `tags` with commas between them, which replace those there were. Nobody
    who left comes back: a suppressed address stays so, whatever its row.

    Raises:
        BadList: no CSV, or no column of addresses.
    """
    rows, refused = _read(file, name)
    counts: Counter[str] = Counter(refused=len(refused))
    if refused and not skip_bad:
        return ImportReport(counts, tuple(refused))
    writes = _weigh(db, rows, counts)
    source = f"import {name}"
    store.write_import(db, (_as_write(row, source, now) for row in writes), now=now)
    return ImportReport(counts, tuple(refused), written=True)


def _weigh(db: Database, rows: list[Row], counts: Counter[str]) -> list[tuple[str, Row]]:
    """Compare with the list: give each row that changes something the id it belongs to."""
    keys = [row.address.key for row in rows]
    known = store.known_by_key(db, keys)
    barred = suppressed_keys(db, keys)
    writes = []
    for row in rows:
        person = known.get(row.address.key)
        verdict = _verdict(row, person, barred)
        counts[verdict] += 1
        if verdict in ("added", "updated"):
            writes.append((person.id if person else new_id(), row))
    return writes


def _verdict(row: Row, person: store.Subscriber | None, barred: set[str]) -> str:
    if row.address.key in barred:
        return "suppressed"
    if person is None:
        return "added"
    same = (row.name or person.name) == person.name and row.status is person.status
    same = same and row.tags in (None, person.tags)
    # A confirmation that we saw ourselves outranks an older list's "pending".
    downgrade = row.status is Status.PENDING and person.status is Status.ACTIVE
    return "unchanged" if same or downgrade else "updated"


def _as_write(pair: tuple[str, Row], source: str, now: datetime) -> Mapping[str, Any]:
    subscriber_id, row = pair
    consents = [("imported", now)]
    if row.status is Status.ACTIVE:
        consents.append(("confirmed", row.confirmed or now))
    if row.status is Status.UNSUBSCRIBED:
        consents.append(("withdrawn", now))
    return {
        "id": subscriber_id,
        "address": row.address.given,
        "key": row.address.key,
        "name": row.name,
        "tags": None if row.tags is None else sorted(row.tags),
        "status": row.status.value,
        "consents": consents,
        "source": f"{source} line {row.line}",
    }


def _read(file: TextIO, name: str) -> tuple[list[Row], list[Refusal]]:
    rows: dict[str, Row] = {}
    refused: list[Refusal] = []
    for line, header, cells in _cells(file, name):
        try:
            row = _as_row(line, header, cells)
            if row.address.key in rows:
                if row.status is Status.UNSUBSCRIBED:  # left out or not, they left
                    rows[row.address.key] = replace(rows[row.address.key], status=row.status)
                raise BadAddress(f"the same address as in line {rows[row.address.key].line}")
            rows[row.address.key] = row
        except (BadAddress, ValueError) as error:
            refused.append(Refusal(line, str(error)))
    return list(rows.values()), refused


def _cells(file: TextIO, name: str) -> Iterator[tuple[int, list[str], list[str]]]:
    reader = csv.reader(file, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if not any(column in header for column in _ADDRESS_COLUMNS):
            hint = "; separate its cells by commas" if ";" in "".join(header) else ""
            raise BadList(f"{name}: its first line names no column `email`{hint}")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, header, cells
    except (csv.Error, UnicodeDecodeError) as error:
        line = reader.line_num + 1
        raise BadList(f"{name}, near line {line}: not CSV in UTF-8 ({error})") from error


def _as_row(line: int, header: list[str], row: list[str]) -> Row:
    if len(row) != len(header):  # a cut row, or a comma without quotes: not to be guessed at
        raise ValueError(f"{len(row)} cells where the first line has {len(header)}")
    cells = dict(zip(header, row, strict=True))
    status = _cell(cells, ("status",)).lower()
    if status not in _STATUSES:
        raise ValueError(f"no status {_shown(status)}; one of active, pending, unsubscribed")
    return Row(
        line=line,
        address=read_address(_cell(cells, _ADDRESS_COLUMNS)),
        name=tidy_name(_cell(cells, _NAME_COLUMNS)),
        tags=read_tags(_cell(cells, _TAG_COLUMNS)) if _has(cells, _TAG_COLUMNS) else None,
        status=_STATUSES[status],
        confirmed=None
        if _STATUSES[status] is Status.UNSUBSCRIBED
        else _moment(_cell(cells, ("confirmed_at",))),
    )


def _has(cells: Mapping[str, str], columns: Iterable[str]) -> bool:
    return any(column in cells for column in columns)


def _cell(cells: Mapping[str, str], columns: Iterable[str]) -> str:
    return next((cells[column].strip() for column in columns if column in cells), "")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no time {_shown(text)}; write it as 2026-11-03T17:20:00Z") from error


def _shown(cell: str) -> str:
    """A wrong cell, as far as it can be shown: columns shift, and it may be the address."""
    return "like that" if "@" in cell else repr(cell[:30])
