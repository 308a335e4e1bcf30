"""A backup takes the place of the database: whole or not at all, and what was known comes along."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.fence_store import get_instance
from flows import jobs
from flows.errors import Held
from flows.keeping.backup import back_up
from flows.keeping.claim import claim
from flows.resources import open_resources
from subscribers.leaving.erasure_store import erase
from subscribers.leaving.store import withdraw
from subscribers.store import all_subscribers, find_by_key
from tests.flows.homes import approve, bring_in, digest, outbox
from tests.flows.terminal import HELD, Ran

COULD_NOT, WRONG_USAGE = 1, 2
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(newsletter):
    bring_in(newsletter, 8)
    return newsletter


@pytest.fixture
def backup(home, tmp_path) -> Path:
    return jobs.plainly(back_up, tmp_path / "b.db", False).file


def people(home) -> dict[str, str]:
    with open_resources(home) as resources:
        return {each.address: each.status.value for each in all_subscribers(resources.db)}


def kept(home) -> list[Path]:
    return sorted(home.glob("lettermill.before-*.db"))


def key_of(number: int) -> str:
    return f"reader{number:05}@example.com"


def test_a_restore_keeps_the_database_that_was_there_and_sends_nothing(home, backup):
    approve()
    ran = Ran("restore", str(backup))
    assert ran.code == 0
    assert len(kept(home)) == 1
    assert kept(home)[0].stat().st_mode & 0o777 == 0o600
    assert Ran("dispatch").code == HELD
    assert not outbox(home)
    with closing(sqlite3.connect(kept(home)[0])) as db:
        assert db.execute("SELECT state FROM editions").fetchall() == [("approved",)]


def test_where_the_old_database_can_be_read_everything_that_was_sent_is_known(home, backup):
    digest()
    Ran("restore", str(backup))
    assert Ran("claim", "--yes").out == "This database is the one that sends now.\n"
    assert digest().note.startswith("was sent on")
    assert set(outbox(home).values()) == {1}


def test_who_left_or_was_erased_since_the_backup_stays_gone(home, backup):
    bring_in(home, 12)  # four who joined since
    with open_resources(home) as resources:
        for number, job in ((1, "leave"), (2, "erase")):
            person = find_by_key(resources.db, key_of(number))
            assert person
            if job == "leave":
                withdraw(resources.db, person.id, source="one-click", now=NOON)
            else:
                erase(resources.db, person.id, resources.fingerprints, now=NOON)
    ran = Ran("restore", str(backup))
    assert "1 left, 1 erased" in ran.out
    found = people(home)
    assert len(found) == 7
    assert found[key_of(1)] == "unsubscribed"
    assert key_of(2) not in found
    Ran("claim", "--yes")
    digest()
    assert outbox(home).total() == 6


def test_people_who_were_lost_by_mistake_come_back(home, backup):
    with closing(sqlite3.connect(home / "lettermill.db")) as db, db:
        db.execute("DELETE FROM subscribers")
    Ran("restore", str(backup))
    assert len(people(home)) == 8


def test_without_a_database_that_can_be_read_what_may_have_been_sent_waits(home, tmp_path):
    approve()
    backup = jobs.plainly(back_up, tmp_path / "b.db", False).file
    digest()
    (home / "lettermill.db").write_bytes(b"no database" * 1000)
    ran = Ran("restore", str(backup))
    assert ran.code == 0
    assert "not known here" in ran.err
    assert kept(home)[0].read_bytes().startswith(b"no database")
    jobs.plainly(claim, False)
    jobs.dispatch(jobs.plainly)
    assert set(outbox(home).values()) == {1}


def test_what_is_no_backup_changes_nothing(home, backup, tmp_path):
    whole = backup.read_bytes()
    newer = tmp_path / "newer.db"
    shutil.copy(backup, newer)
    with closing(sqlite3.connect(newer)) as db, db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, '')",
            ["delivery", "m999_of_a_year_to_come"],
        )
    another = tmp_path / "another.db"
    with closing(sqlite3.connect(another)) as db, db:
        db.execute("CREATE TABLE songs (name)")
    broken = {
        "rubbish.db": b"rubbish",
        "empty.db": b"",
        "encrypted.db": os.urandom(100_000),
        "cut.db": whole[: len(whole) // 2],
        "overwritten.db": whole[:50_000] + os.urandom(60_000) + whole[110_000:],
        "newer.db": newer.read_bytes(),
        "another.db": another.read_bytes(),
    }
    database = home / "lettermill.db"
    for name, content in broken.items():
        file = tmp_path / name
        file.write_bytes(content)
        before = database.read_bytes()
        ran = Ran("restore", str(file))
        assert ran.code in (COULD_NOT, WRONG_USAGE), name
        assert name in ran.complaint
        assert "Traceback" not in ran.err
        assert len(people(home)) == 8, name
        assert len(database.read_bytes()) == len(before), name
        assert not kept(home), name
        assert not list(home.glob(".lettermill.db*")), name
    assert "newer Lettermill" in Ran("restore", str(tmp_path / "newer.db")).complaint


@pytest.mark.parametrize("file", ["not-there.db", "lettermill.db"])
def test_a_restore_needs_another_file(home, file):
    assert Ran("restore", str(home / file)).code == WRONG_USAGE


def test_a_database_that_somebody_has_open_is_left_alone(home, backup):
    with open_resources(home):
        ran = Ran("restore", str(backup))
    assert ran.code == COULD_NOT
    assert "in use" in ran.complaint
    assert not kept(home)
    assert Ran("restore", str(backup)).code == 0


_SMALL = """
import resource, sys
from flows.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.argv = ["lettermill", "restore", sys.argv[1]]
main()
"""


def test_a_full_disk_leaves_the_database_as_it_was(home, backup):
    ran = subprocess.run(
        [sys.executable, "-c", _SMALL, str(backup)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "the disk is full" in ran.stderr
    assert len(people(home)) == 8
    assert sorted(p.name for p in home.iterdir() if "lettermill.db" in p.name) == ["lettermill.db"]


def test_a_backup_from_before_the_fence_sends_nothing_either(home, backup):
    with closing(sqlite3.connect(backup)) as db, db:
        db.execute("DELETE FROM instance")
    approve()
    Ran("restore", str(backup))
    approve()
    assert Ran("dispatch").code == HELD


def test_a_plain_copy_that_is_restored_belongs_nowhere_from_its_first_moment(home, tmp_path):
    approve()
    copy = tmp_path / "copy.db"
    shutil.copy(home / "lettermill.db", copy)
    (home / "lettermill.db").unlink()
    Ran("restore", str(copy))
    with open_resources(home) as resources:
        assert get_instance(resources.db).place == ""


def test_an_old_backup_on_a_new_machine_with_an_empty_database_keeps_its_history(
    home, backup, tmp_path, monkeypatch
):
    digest()
    backup = jobs.plainly(back_up, tmp_path / "b.db", False).file
    for path in (*home.glob("lettermill.db*"), *home.glob(".lettermill/*")):
        path.unlink()
    Ran("status")  # makes an empty one
    assert "not known here" in Ran("restore", str(backup)).err
    Ran("claim", "--yes")
    assert digest().note.startswith("was sent on")
    assert set(outbox(home).values()) == {1}


def test_a_newer_backup_put_over_an_older_one_keeps_its_own_history(home, backup, tmp_path):
    digest()
    newer = jobs.plainly(back_up, tmp_path / "newer.db", False).file
    (home / "lettermill.db").unlink()
    Ran("restore", str(backup))
    Ran("restore", str(newer))
    Ran("claim", "--yes")
    assert digest().note.startswith("was sent on")
    assert set(outbox(home).values()) == {1}


STEPS = st.lists(
    st.sampled_from(["draft", "send", "backup", "restore", "lose", "cp", "claim", "latest", "run"]),
    max_size=12,
)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_backed_up_restored_lost_and_claimed_nobody_has_two(steps, home, tmp_path):
    """`latest` is only said where it is true: nothing was lost since."""
    for path in (*home.glob("lettermill*.db*"), *home.glob(".lettermill/*")):
        path.unlink()
    shutil.rmtree(home / "outbox", ignore_errors=True)
    bring_in(home, 8)
    backup = jobs.plainly(back_up, tmp_path / "b.db", True).file
    lost = False
    for step in [*steps, "claim", "run"]:
        if step == "draft":
            digest_quietly(agreed=False)
        elif step in ("send", "run"):
            digest_quietly(agreed=step == "send" and not lost)
        elif step == "backup":
            jobs.plainly(back_up, backup, False)
        elif step == "restore":
            assert Ran("restore", str(backup)).code == 0
        elif step == "lose":
            (home / "lettermill.db").write_bytes(b"lost")
            assert Ran("restore", str(backup)).code == 0
            lost = True
        elif step == "cp":
            shutil.copy(backup, home / "lettermill.db")
            lost = True
        else:
            jobs.plainly(claim, step == "latest" and not lost)
        assert set(outbox(home).values()) <= {1}, step


def digest_quietly(*, agreed: bool) -> None:
    try:
        digest(None, agreed=agreed)
        jobs.dispatch(jobs.plainly)
    except Held:
        pass
