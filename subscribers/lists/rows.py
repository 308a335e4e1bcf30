"""Rows of cells as people, each checked: what the file says of them, in the words of the tables."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO, NamedTuple

import orjson

from subscribers.address import read_address
from subscribers.consent import Basis, Status
from subscribers.errors import BadAddress, BadList
from subscribers.lists.cells import Cells, read_cells
from subscribers.lists.guard import unguard
from subscribers.lists.mappings import OURS, Meaning, Said, Understood, understand
from subscribers.lists.statuses import ACTIVE, PENDING, choice, shown, standing
from subscribers.name import tidy_name
from subscribers.preferences import Frequency
from subscribers.suppression import Reason
from subscribers.tags import read_tags

_LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NOT_UTF_8 = re.compile("[\ud800-\udfff]")
_LONGEST_EVIDENCE = 300
# What a file's word on somebody's status is worth as evidence (GDPR Art. 7(1)).
_HAPPENED = {Status.ACTIVE: "confirmed", Status.PENDING: "", Status.UNSUBSCRIBED: "withdrawn"}


class Row(NamedTuple):
    """One person of the file, checked; texts are as the tables keep them.

    `tags` is a JSON array, or None where the file has no such column; so is `bars`, the reasons
    not to write there. `happened` is what the file says became of the consent ('' for nothing),
    `at` when, in UTC and ISO 8601 (None where it does not say).
    """

    line: int
    address: str
    key: str
    name: str
    tags: str | None
    status: str
    bars: str
    happened: str
    at: str | None
    basis: str
    ip: str
    evidence: str
    language: str
    frequency: str
    paused_until: str | None
    wants_offers: bool


class Refusal(NamedTuple):
    """A row that was refused; the reason does not repeat the address."""

    line: int
    reason: str


def open_list(file: BinaryIO, name: str) -> tuple[Understood, Iterator[Row | Refusal]]:
    """What the header of a file says, and its rows, read as they are asked for.

    Raises:
        BadList: no CSV, or no column of addresses.
    """
    rows = read_cells(file, name)
    header = next(rows, Cells(1, []))
    understood = understand(header.cells)
    if Meaning.ADDRESS not in understood.places:
        raise BadList(f"{name}: its first line names no column `email`")
    return understood, _checked(rows, _Reader(understood, len(header.cells), name))


def _checked(rows: Iterator[Cells], reader: "_Reader") -> Iterator[Row | Refusal]:
    for row in rows:
        try:
            yield reader.read(row)
        except (BadAddress, ValueError) as error:
            yield Refusal(row.line, str(error))


class _Reader:
    """Reads the rows under one header."""

    def __init__(self, understood: Understood, width: int, name: str) -> None:
        self._width = width
        self._ours = understood.service == OURS.name
        self._tagged = Meaning.TAGS in understood.places
        # Mailchimp tells by the file's name alone who bought something and never asked for letters.
        unasked = understood.service == "Mailchimp" and name.lower().startswith("nonsubscribed")
        self._unsaid = PENDING if unasked else ACTIVE
        # Every meaning's cell at once; those without a column get the empty one at the end.
        self._pick: Callable[[list[str]], tuple[str, ...]] = itemgetter(
            *(understood.places.get(meaning, -1) for meaning in Meaning)
        )

    def read(self, row: Cells) -> Row:
        """Check one row.

        Raises:
            BadAddress, ValueError: with the reason to refuse it.
        """
        said = Said._make(self._pick(self._sound(row)))
        stands = standing(said, self._unsaid)
        address = read_address(said.address)
        return Row(
            line=row.line,
            address=address.given,
            key=address.key,
            name=tidy_name(said.name or f"{said.first_name} {said.last_name}"),
            tags=_tags(said.tags, self._ours) if self._tagged else None,
            status=stands.status,
            bars=_bars(stands.bars),
            happened=_HAPPENED[stands.status],
            at=_at(said, stands.status),
            basis=_basis(said),
            ip=said.confirmed_ip or said.joined_ip,
            evidence=_evidence(said),
            language=said.language if _LANGUAGE.fullmatch(said.language) else "",
            frequency=_frequency(said.frequency),
            paused_until=_day(said.paused_until),
            wants_offers=said.wants_offers not in ("0", "no", "false"),
        )

    def _sound(self, row: Cells) -> list[str]:
        """The cells without their margins, and an empty one for what has no column."""
        if row.broken:
            raise ValueError(row.broken)
        if len(row.cells) != self._width:  # cut, or a comma without quotes: not to be guessed at
            raise ValueError(f"{len(row.cells)} cells where the first line has {self._width}")
        whole = "".join(row.cells)
        if not whole.isascii() and _NOT_UTF_8.search(whole):
            raise ValueError("not in UTF-8; save the file as CSV in UTF-8")
        cells = [*map(str.strip, row.cells), ""]
        return list(map(unguard, cells)) if self._ours else cells


def _at(said: Said, status: Status) -> str | None:
    if status is Status.UNSUBSCRIBED:  # a wrong date must not keep anybody on the list
        return _perhaps(said.left_at)
    return _moment(said.confirmed_at) if said.confirmed_at else _perhaps(said.joined_at)


def _basis(said: Said) -> str:
    if said.basis:
        return choice(Basis, said.basis)
    return Basis.EXPRESS if said.confirmed_at or said.confirmed_ip else Basis.IMPLIED


def _evidence(said: Said) -> str:
    """The rest of what the file knows of a consent, to be read by a person who has to prove it."""
    parts = [
        f"{what} {cell}"
        for what, cell in (
            ("joined", said.joined_at),
            ("joined from", said.joined_ip),
            ("by", said.source),
            ("left", said.left_at),
            ("because", said.left_why),
            ("bounced", said.bounced_at),
        )
        if cell
    ]
    if parts:
        return tidy_name("; ".join(parts), _LONGEST_EVIDENCE)
    return "" if said.confirmed_at else "only the file says so"


@lru_cache(maxsize=10_000)
def _tags(cell: str, ours: bool) -> str:
    # Mailchimp puts each tag into quotes, Buttondown a JSON array into the cell.
    tags = read_tags(cell if ours else re.sub(r'["\[\]]', "", cell))
    return orjson.dumps(sorted(tags)).decode()


@lru_cache
def _bars(reasons: tuple[Reason, ...]) -> str:
    return orjson.dumps(reasons).decode()


@lru_cache
def _frequency(cell: str) -> str:
    return choice(Frequency, cell.lower() or Frequency.MONTHLY)


def _perhaps(cell: str) -> str | None:
    """A moment that no decision hangs on; where it cannot be read, the evidence has its words."""
    try:
        return _moment(cell) if cell else None
    except ValueError:
        return None


def _moment(cell: str) -> str:
    try:
        moment = datetime.fromisoformat(cell)
        utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return utc.isoformat()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no time {shown(cell)}; write it as 2026-11-03T17:20:00Z") from error


def _day(cell: str) -> str | None:
    if not cell:
        return None
    try:
        return date.fromisoformat(cell).isoformat()
    except ValueError as error:
        raise ValueError(f"no day {shown(cell)}; write it as 2026-11-03") from error
