"""A list of a million people: brought in, found again, counted.

    python -m benchmarks.imports [rows]

The bar is `executemany` of the same rows into the same tables with the same pragmas, in one
transaction, ready-made and in the file's order: no file is read, no address checked, nobody
compared with the list.
"""

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.database import open_database
from subscribers import store
from subscribers.leaving.store import withdraw
from subscribers.lists.importing import import_list

NOW = datetime(2026, 12, 1, tzinfo=UTC)
_DOMAINS = [f"mail{n}.example" for n in range(2000)]
_TABLES = ("subscribers", "consents")
Queries = dict[str, str]
_AS_WRITTEN = {name: f"SELECT * FROM {name}" for name in _TABLES}  # noqa: S608
_IN_ORDER = {
    "subscribers": """
        SELECT s.* FROM subscribers s JOIN consents c ON c.subscriber_id = s.id
         WHERE c.action = 'imported' ORDER BY cast(substr(c.source, 22) AS INTEGER)""",
    "consents": """
        SELECT row_number() OVER (ORDER BY cast(substr(source, 22) AS INTEGER), id),
               subscriber_id, address, action, basis, basis_expires, at, source, actor, wording,
               language, ip, agent, request, evidence
          FROM consents""",
}  # source: "import list.csv line 7"


def write_list(file: Path, rows: int) -> None:
    """A list as services export them: everybody confirmed once, some with tags, in no order."""
    draw = random.Random(5)
    with file.open("w", encoding="utf-8") as text:
        text.write("email,name,status,confirmed_at,tags\n")
        for n in range(rows):
            where = draw.choice(_DOMAINS) if draw.random() < 0.4 else "gmail.com"
            tags = draw.choice(["", "runner", '"runner, bought:hip-rehab"'])
            who = f"{draw.randrange(10**9):x}.reader{n}"
            text.write(f"{who}@{where},Reader Number {n},active,2025-09-04T15:12:44Z,{tags}\n")


def bring_in(folder: Path, file: Path) -> float:
    """Seconds of an import."""
    db = open_database(folder)
    began = time.perf_counter()
    with file.open("rb") as rows:
        report = import_list(db, rows, file.name, now=NOW)
    seconds = time.perf_counter() - began
    assert report.written
    db.close()
    return seconds


def copy_bare(full: Path, folder: Path, tables: tuple[str, ...], queries: Queries) -> float:
    """Seconds of executemany of the rows that an import has written."""
    folder.mkdir()
    source, db = open_database(full), open_database(folder)
    db.execute("PRAGMA cache_size = -16384")  # as an import has it
    batches = {name: source.execute(queries[name]).fetchall() for name in tables}
    source.close()
    began = time.perf_counter()
    for name, rows in batches.items():
        marks = ",".join("?" * len(rows[0]))
        db.conn.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608
    db.conn.commit()
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def count(folder: Path) -> float:
    """Milliseconds to count everybody by their tags, of which a segment is a sum."""
    db = open_database(folder)
    began = time.perf_counter()
    found = store.count_tag_sets(db, NOW.date())
    milliseconds = (time.perf_counter() - began) * 1000
    assert sum(found.values())
    db.close()
    return milliseconds


def use(folder: Path) -> dict[str, tuple[float, float]]:
    """Milliseconds of what the site asks of a full list: median and p99."""
    db = open_database(folder)
    ids = random.Random(6).sample([row[0] for row in db.execute("SELECT id FROM subscribers")], 200)
    keys = [store.find_subscriber(db, some).address_key for some in ids]  # type: ignore[union-attr]
    acts = {
        "look-up by id": lambda n: store.find_subscriber(db, ids[n]),
        "look-up by address": lambda n: store.find_by_key(db, keys[n]),
        "leaving": lambda n: withdraw(db, ids[n], source="page", now=NOW),
    }
    found = {what: _slow(act) for what, act in acts.items()}
    db.close()
    return found


def _slow(act: Callable[[int], object]) -> tuple[float, float]:
    """Median and the slowest but two of 200, in milliseconds."""
    times = []
    for n in range(200):
        began = time.perf_counter()
        act(n)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[100], sorted(times)[197]


def main(rows: int) -> None:
    """Print what was measured."""
    with TemporaryDirectory() as temporary:
        home = Path(temporary)
        file = home / "list.csv"
        write_list(file, rows)
        (home / "ours").mkdir()
        seconds = bring_in(home / "ours", file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"import of {rows}: {seconds:.1f} s, {rows / seconds:,.0f}/s, peak {peak} MB")
        bars = {
            "both tables, in the file's order": (_TABLES, _IN_ORDER),
            "both tables, sorted as our import does": (_TABLES, _AS_WRITTEN),
            "subscribers only, in the file's order": (_TABLES[:1], _IN_ORDER),
        }
        for number, (what, (tables, queries)) in enumerate(bars.items()):
            bare = copy_bare(home / "ours", home / str(number), tables, queries)
            print(f"bare, {what}: {bare:.1f} s: we reach {bare / seconds:.0%}")
        print(f"who is in each segment: {count(home / 'ours'):.0f} ms")
        for what, (median, slow) in use(home / "ours").items():
            print(f"{what}: median {median:.3f} ms, p99 {slow:.3f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
