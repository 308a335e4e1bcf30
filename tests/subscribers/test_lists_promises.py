"""Nobody is brought back, every row is accounted for, and nobody waits for a long import."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from flows.database import open_database
from subscribers import schema
from subscribers.fingerprint import Fingerprints
from subscribers.lists import importing
from subscribers.lists.importing import import_list
from subscribers.store import all_subscribers
from tests.conftest import ROOT
from tests.fakes import NOON
from tests.subscribers.lists import AT_NOON, bar, bring, dump, people

KNOWN = Fingerprints(["an old key of sixteen characters", "a new key of sixteen characters"])
LIST = [
    "email,name,status",
    "ada@example.com,Ada,active",
    "bo@example.com,Bo,active",
    "cy@example.com,Cy,active",
    "di@example.com,Di,active",
    "ed@example.com,Ed,active",
    "nobody,,active",
    "ADA@example.com,Ada,active",
]


def erase(db: Database, address: str) -> None:
    kept = KNOWN.all_of(address)[0]
    with db.atomic():
        db.execute(
            "INSERT INTO erasures VALUES (?, ?, '[]', ?)", [kept.value, kept.key_id, AT_NOON]
        )


def bring_list(db: Database, lines: list[str] = LIST, **options):
    file = io.BytesIO("\n".join(lines).encode())
    options = {"fingerprints": KNOWN, "skip_bad": True, **options}
    return import_list(db, file, "readers.csv", now=NOON, **options)


def settle(db: Database) -> None:
    """A list that has met Bo, Cy, Di and Ed before, each in another way."""
    bring(db, "email,name", "bo@example.com,Robert", "di@example.com,Di")
    bar(db, "cy@example.com", "complained")
    erase(db, "ed@example.com")


@pytest.mark.parametrize("dry_run", [False, True])
def test_every_row_of_a_file_is_accounted_for(db, dry_run):
    settle(db)
    verdicts = io.StringIO(newline="")
    report = bring_list(db, dry_run=dry_run, verdicts=verdicts)
    assert report.counts == {
        "added": 1, "updated": 1, "suppressed": 1, "unchanged": 1, "erased": 1, "refused": 2,
    }  # fmt: skip
    assert report.suppressed == {"complained": 1}
    assert list(csv.reader(io.StringIO(verdicts.getvalue(), newline=""))) == [
        ["line", "verdict", "reason"],
        ["2", "added", ""],
        ["3", "updated", ""],
        ["4", "suppressed", "complained"],
        ["5", "unchanged", ""],
        ["6", "erased", ""],
        ["7", "refused", "An email address must have an @-sign."],
        ["8", "refused", "the same address as in line 2"],
    ]


def test_a_dry_run_writes_nothing(db):
    settle(db)
    before = dump(db)
    assert not bring_list(db, dry_run=True).written
    assert dump(db) == before


def test_who_was_erased_does_not_come_back_by_a_list_whichever_key_knew_them(db):
    erase(db, "ed@example.com")
    assert bring_list(db, ["email", "ED@Example.com"]).counts == {"erased": 1}
    assert people(db) == []


def test_a_list_is_not_read_where_the_erased_could_not_be_told_from_the_others(db):
    erase(db, "ed@example.com")
    with pytest.raises(ValueError, match="fingerprints are needed"):
        bring_list(db, fingerprints=None)


def test_what_an_import_changed_of_somebody_is_written_down(db):
    bring(db, "email,name,tags", "ada@example.com,Ada,runner")
    bring(db, "email,name,tags", "ada@example.com,Ada L.,climber")
    assert [(row["field"], row["was"], row["became"]) for row in db["changes"].rows] == [
        ("name", "Ada", "Ada L."),
        ("tags", '["runner"]', '["climber"]'),
    ]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bo", "cy", "di"]),
        st.sampled_from(["", "pending", "unsubscribed", "bounced", "complained"]),
    ),
    max_size=6,
)


@given(ROWS, ROWS, st.integers(1, 3))
def test_however_a_file_is_cut_into_transactions_it_ends_in_the_same_list(first, second, size):
    ends = []
    for chunk in (size, 1000):
        db = Database(memory=True)
        schema.migrations.apply(db)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "_CHUNK", chunk)
            for rows in (first, second):
                lines = ["email,status", *(f"{who}@example.com,{word}" for who, word in rows)]
                report = bring_list(db, lines)
                assert report.counts.total() == len(rows)
        ends.append(
            (
                sorted((p.address, p.status, p.suppressed) for p in all_subscribers(db)),
                Counter((row["address_key"], row["reason"]) for row in db["suppressions"].rows),
            )
        )
        db.close()
    assert ends[0] == ends[1]


IMPORT = """
import sys
from pathlib import Path
from flows.database import open_database
from subscribers.lists import importing
from tests.fakes import NOON
importing._CHUNK = 500
db = open_database(Path(sys.argv[1]))
with open(sys.argv[2], "rb") as file:
    importing.import_list(db, file, "readers.csv", now=NOON)
"""


def write_long_list(folder, rows: int):
    file = folder / "readers.csv"
    lines = "".join(f"reader{n}@example.com,{'' if n % 9 else 'bounced'}\n" for n in range(rows))
    file.write_text("email,status\n" + lines)
    return file


def start_import(folder, file) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(folder), str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def wait_for_people(db: Database) -> None:
    deadline = time.monotonic() + 60
    while not db["subscribers"].count:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def everybody(db: Database) -> list[tuple[str, str, bool]]:
    return sorted((p.address, p.status.value, p.suppressed) for p in all_subscribers(db))


def test_an_import_that_is_killed_and_run_again_ends_in_the_same_list(db, tmp_path):
    file = write_long_list(tmp_path, 20_000)
    importer = start_import(tmp_path, file)
    wait_for_people(db)
    importer.send_signal(signal.SIGKILL)
    importer.wait(10)
    part = db["subscribers"].count
    assert 0 < part < 20_000
    assert db["consents"].count == 2 * part
    with file.open("rb") as rows:
        counts = import_list(db, rows, file.name, now=NOON).counts
    assert counts.total() == 20_000
    assert counts["added"] == 20_000 - part
    whole = tmp_path / "whole"
    whole.mkdir()
    other = open_database(whole)
    with file.open("rb") as rows:
        import_list(other, rows, file.name, now=NOON)
    assert everybody(db) == everybody(other)
    other.close()


def test_who_leaves_during_an_import_waits_for_a_moment_and_stays_gone(db, tmp_path):
    bring(db, "email", *(f"reader{n}@example.com" for n in range(0, 20_000, 400)))
    leaving = [person.address_key for person in all_subscribers(db)]
    importer = start_import(tmp_path, write_long_list(tmp_path, 20_000))
    longest = 0.0
    while importer.poll() is None and leaving:
        began = time.monotonic()
        bar(db, leaving.pop(), "unsubscribed")
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.02)
    assert importer.wait(60) == 0
    gone = {row["address_key"] for row in db["suppressions"].rows_where("reason='unsubscribed'")}
    assert gone
    assert longest < 2
    assert all(person.suppressed for person in all_subscribers(db) if person.address_key in gone)
