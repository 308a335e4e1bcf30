"""A file's rows set aside in a temporary table, and compared there with the list.

The table lies in a file of its own: while a list is read, nobody who leaves has to wait for it.
SQL moves the rows; what becomes of them is decided in weighing.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from sqlite_utils import Database

from subscribers.consent import Status
from subscribers.lists.weighing import Claim, Known, Verdict, Weighed


@contextmanager
def staging(db: Database) -> Iterator[None]:
    """A place for the rows of one file; it goes with whatever happens."""
    db.execute(f"CREATE TEMP TABLE arrived ({_COLUMNS}) STRICT")
    db.execute(f"CREATE TEMP TABLE staged ({_COLUMNS}, place INTEGER PRIMARY KEY) STRICT")
    db.execute("PRAGMA cache_size = -16384")  # KiB: what a chunk of a long list touches
    try:
        yield
    finally:
        db.rollback()
        for table in ("arrived", "staged"):
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute("PRAGMA cache_size = -2000")  # as SQLite opens a file


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that holds the right to write from its start: read, decide, record."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def stage(db: Database, rows: Iterable[tuple[Any, ...]]) -> None:
    """Set rows aside: verdict, reason, id, and the fields of a `Row` (nulls for a refused one)."""
    with db.atomic():
        db.conn.executemany(_STAGE, rows)


def order(db: Database) -> None:
    """Refuse every row whose address an earlier one has; but if it says they left, they left.

    Then put the rows into the order of their addresses: so each finds its place in the list's
    index next to the one before; with `near` in writing_store.py that halves the time of a million.
    """
    with db.atomic():
        for statement in (*_DOUBLES, *_ORDER):
            db.execute(statement)


def count_verdicts(db: Database) -> dict[tuple[str, str], int]:
    """How many rows there are of each verdict and reason; refused ones in one number."""
    rows = db.query(
        """SELECT verdict, iif(verdict = 'refused', '', reason) AS why, count(*) AS n
             FROM temp.staged GROUP BY 1, 2"""
    )
    return {(row["verdict"], row["why"]): row["n"] for row in rows}


def verdicts(db: Database, only: Verdict | None = None) -> Iterator[tuple[int, str, str]]:
    """Line, verdict and reason of every row, or of those with one verdict, in the file's order."""
    rows = db.execute(
        """SELECT line, verdict, reason FROM temp.staged
            WHERE :only IS NULL OR verdict = :only ORDER BY line""",
        {"only": only},
    )
    yield from rows


def chunks(db: Database, size: int) -> Iterator[tuple[int, int]]:
    """First and last place of every `size` rows."""
    (rows,) = next(iter(db.execute("SELECT count(*) FROM temp.staged")))
    for first in range(1, rows + 1, size):
        yield first, first + size - 1


def has_erasures(db: Database) -> bool:
    """Whether anybody was erased."""
    return bool(next(iter(db.execute("SELECT EXISTS (SELECT 1 FROM erasures)")))[0])


def keys_of(db: Database, first: int, last: int) -> dict[int, str]:
    """The address keys of a chunk's sound rows, by place."""
    return dict(db.execute(_KEYS, [first, last]).fetchall())


def erased_among(db: Database, fingerprints: Iterable[str]) -> set[str]:
    """Those of these fingerprints that were kept of somebody who was erased."""
    rows = db.execute(
        """SELECT fingerprint FROM erasures
            WHERE fingerprint IN (SELECT value FROM json_each(?))""",
        [orjson.dumps(list(fingerprints)).decode()],
    )
    return {row[0] for row in rows}


def met(db: Database, first: int, last: int) -> list[tuple[int, str, Claim, Known]]:
    """The rows of a chunk whose address is on the list or barred, with what is known.

    Each is its place, the person's id ('' for nobody), what it says, and what the list says.
    """
    return [
        (row["place"], row["id"] or "", _claim(row), _known(row))
        for row in db.query(_MET, {"first": first, "last": last})
    ]


def decide(db: Database, decided: Iterable[tuple[int, str, Weighed]]) -> None:
    """Write verdicts on staged rows: place, id of the person ('' to keep the row's), decision."""
    with db.atomic():
        db.conn.executemany(
            _DECIDE,
            [
                {
                    "place": place,
                    "id": person,
                    "verdict": weighed.verdict.value,
                    "reason": weighed.reason,
                    "name": weighed.name,
                    "tags": orjson.dumps(sorted(weighed.tags)).decode(),
                    "status": weighed.status.value,
                }
                for place, person, weighed in decided
            ],
        )


def _claim(row: Mapping[str, Any]) -> Claim:
    tags = None if row["says_tags"] is None else frozenset(orjson.loads(row["says_tags"]))
    bars = frozenset(orjson.loads(row["says_bars"]))
    return Claim(row["says_name"], tags, Status(row["says_status"]), bars)


def _known(row: Mapping[str, Any]) -> Known:
    bars = frozenset(orjson.loads(row["bars"]))
    if row["id"] is None:
        return Known(bars=bars)
    tags = frozenset(orjson.loads(row["tags"]))
    return Known(row["name"], tags, Status(row["status"]), bars)


_COLUMNS = """
    verdict TEXT NOT NULL, reason TEXT NOT NULL, id TEXT, line INTEGER NOT NULL, address TEXT,
    key TEXT, name TEXT, tags TEXT, status TEXT, bars TEXT, happened TEXT, at TEXT, basis TEXT,
    ip TEXT, evidence TEXT, language TEXT, frequency TEXT, paused_until TEXT,
    wants_offers INTEGER"""
_STAGE = "INSERT INTO temp.arrived VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_DOUBLES = (
    "CREATE INDEX temp.arrived_by_key ON arrived (key) WHERE key IS NOT NULL",
    """
    CREATE TEMP TABLE doubles AS
    SELECT key, min(line) AS first FROM arrived WHERE key IS NOT NULL
     GROUP BY key HAVING count(*) > 1""",
    """
    UPDATE temp.arrived SET verdict = 'refused', reason = 'the same address as in line ' || d.first
      FROM temp.doubles d WHERE arrived.key = d.key AND arrived.line > d.first""",
    """
    UPDATE temp.arrived SET status = l.status, bars = l.bars, happened = l.happened, at = l.at
      FROM temp.doubles d JOIN temp.arrived l ON l.key = d.key AND l.bars <> '[]'
     WHERE arrived.line = d.first AND arrived.bars = '[]'""",
    "DROP TABLE temp.doubles",
)
_ORDER = (
    # Not by the index: to follow it is to jump about in the table.
    "INSERT INTO temp.staged SELECT *, NULL FROM temp.arrived ORDER BY +key, line",
    "DROP TABLE temp.arrived",
)
_KEYS = """
    SELECT place, key FROM temp.staged
     WHERE place BETWEEN ? AND ? AND verdict = 'added'"""
_MET = """
    SELECT r.place, r.name AS says_name, r.tags AS says_tags, r.status AS says_status,
           r.bars AS says_bars, s.id, s.name, s.tags, s.status,
           (SELECT json_group_array(reason) FROM suppressions b WHERE b.address_key = r.key) AS bars
      FROM temp.staged r LEFT JOIN subscribers s ON s.address_key = r.key
     WHERE r.place BETWEEN :first AND :last AND r.verdict = 'added'
       AND (s.id IS NOT NULL
            OR EXISTS (SELECT 1 FROM suppressions b WHERE b.address_key = r.key))"""
_DECIDE = """
    UPDATE temp.staged
       SET verdict = :verdict, reason = :reason, id = iif(:id = '', id, :id),
           name = iif(:verdict = 'updated', :name, name),
           tags = iif(:verdict = 'updated', :tags, tags),
           status = iif(:verdict = 'updated', :status, status)
     WHERE place = :place"""
