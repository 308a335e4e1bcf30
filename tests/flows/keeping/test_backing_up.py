"""A backup is whole, of one moment, its owner's only, and there or not there."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from threading import Event, Thread

import pytest

from flows import jobs
from flows.database import open_database
from flows.keeping.backup import back_up
from flows.resources import open_resources, set_home
from tests.flows.homes import bring_in, digest
from tests.flows.terminal import Ran

WRONG_USAGE = 2


@pytest.fixture
def home(newsletter):
    bring_in(newsletter, 8)
    return newsletter


def rows(file, table="subscribers") -> int:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def left_behind(folder) -> list[str]:
    return [path.name for path in folder.iterdir() if "b.db" in path.name]


def test_a_backup_is_one_whole_file_that_only_its_owner_reads(home, tmp_path):
    file = tmp_path / "b.db"
    ran = Ran("backup", str(file))
    assert ran.code == 0
    assert ran.out.startswith(f"Backed up to {file}")
    assert file.stat().st_mode & 0o777 == 0o600
    assert left_behind(tmp_path) == ["b.db"]
    assert rows(file) == 8


def test_a_second_backup_takes_the_place_of_the_first(home, tmp_path):
    file = tmp_path / "b.db"
    Ran("backup", str(file))
    bring_in(home, 20)
    assert Ran("backup", str(file)).code == 0
    assert rows(file) == 20


@pytest.mark.parametrize("name", ["-", ".", "no/folder/b.db", "lettermill.db", "lettermill.toml"])
def test_nothing_but_a_backup_is_written_over(home, name, monkeypatch):
    monkeypatch.chdir(home)
    before = (home / "lettermill.toml").read_bytes()
    ran = Ran("backup", name)
    assert ran.code == WRONG_USAGE
    assert ran.complaint
    assert (home / "lettermill.toml").read_bytes() == before
    assert rows(home / "lettermill.db") == 8


def test_the_database_of_another_newsletter_is_no_backup(home, tmp_path):
    (tmp_path / "other").mkdir()
    open_database(tmp_path / "other").close()
    other = tmp_path / "other" / "lettermill.db"
    assert Ran("backup", str(other)).code == WRONG_USAGE
    assert rows(other) == 0
    assert Ran("backup", str(other), "--force").code == 0
    assert rows(other) == 8


@contextmanager
def writing_all_the_time(home):
    """Another process's view of a busy sender: transaction after transaction, each of two rows."""
    stop = Event()

    def write() -> None:
        with closing(sqlite3.connect(home / "lettermill.db", timeout=30)) as db:
            n = 0
            while not stop.is_set():
                with db:
                    for part in "ab":
                        db.execute("INSERT INTO paces VALUES (?, 1, NULL, '')", [f"{n}{part}"])
                n += 1

    thread = Thread(target=write)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_backup_under_load_is_of_one_moment_and_keeps_nobody_waiting(home, tmp_path):
    counts = []
    with writing_all_the_time(home):
        for n in range(10):
            with open_resources(home) as resources:
                back_up(resources, tmp_path / f"b{n}.db", False)
            counts.append(rows(tmp_path / f"b{n}.db", "paces"))
    assert all(count % 2 == 0 for count in counts)
    assert len(set(counts)) > 5  # the writer went on meanwhile


_SMALL = """
import resource, sys
from pathlib import Path
from flows.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.argv = ["lettermill", "backup", sys.argv[1]]
main()
"""


def test_a_full_disk_leaves_nothing_half_done_and_the_last_backup_as_it_was(home, tmp_path):
    file = tmp_path / "b.db"
    Ran("backup", str(file))
    before = file.read_bytes()
    ran = subprocess.run(
        [sys.executable, "-c", _SMALL, str(file)], capture_output=True, text=True, check=False
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert ran.returncode == 1
    [line] = ran.stderr.strip().splitlines()
    assert "no backup was made" in line
    assert left_behind(tmp_path) == ["b.db"]
    assert file.read_bytes() == before


def test_a_damaged_database_is_told_and_makes_no_backup(home, tmp_path):
    digest()
    file = home / "lettermill.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [root] = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'deliveries'"
        ).fetchone()
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as handle:
        handle.seek((root - 1) * size + 8)
        handle.write(b"\xff" * 200)
    ran = Ran("backup", str(tmp_path / "b.db"))
    assert ran.code == 1
    assert "not whole" in ran.complaint or "malformed" in ran.complaint
    assert left_behind(tmp_path) == []


def test_a_backup_of_a_copy_knows_no_more_than_the_copy(home, tmp_path):
    digest()
    with open_resources(home) as resources:
        first = back_up(resources, tmp_path / "first.db", False)
    shutil.copytree(home, tmp_path / "copy", ignore=shutil.ignore_patterns("lettermill.db*"))
    shutil.copy(first.file, tmp_path / "copy" / "lettermill.db")
    set_home(tmp_path / "copy")
    toml = tmp_path / "copy" / "lettermill.toml"
    toml.write_text(toml.read_text().replace("2026-12-01T09", "2026-12-09T09"))
    second = jobs.plainly(back_up, tmp_path / "second.db", False)
    with closing(sqlite3.connect(second.file)) as db:
        [known] = db.execute("SELECT known_to FROM instance").fetchone()
    assert known == first.at.isoformat()
