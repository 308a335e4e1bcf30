"""Many ask at once, one thread writes: answered is on disk, and who fails does so alone."""

import asyncio
import sqlite3
from collections.abc import Iterator
from threading import Event

import pytest
from sqlite_utils import Database

from flows.database import open_database
from flows.errors import Busy
from flows.serving import group_commit as module
from flows.serving.group_commit import GroupCommit, group_commit


@pytest.fixture
def seen(db, tmp_path) -> Iterator[Database]:
    """A table of notches, seen by another process."""
    db.execute("CREATE TABLE notches (n INTEGER PRIMARY KEY) STRICT")
    other = open_database(tmp_path)
    yield other
    other.close()


def notch(n: int):
    def job(db: Database) -> int:
        db.execute("INSERT INTO notches VALUES (?)", [n])
        return n

    return job


def notches(seen: Database) -> list[int]:
    return [row["n"] for row in seen.query("SELECT n FROM notches ORDER BY n")]


class Commits:
    """Counts the transactions of a connection."""

    def __init__(self, db: Database) -> None:
        self.count = 0
        db.conn.set_trace_callback(self._hear)

    def _hear(self, statement: str) -> None:
        self.count += statement == "COMMIT"


async def together(commit: GroupCommit, *jobs) -> list:
    """Let jobs wait until all are there, as when the disk is slow; then what came of each."""
    hold = Event()
    first = asyncio.ensure_future(commit(lambda _: hold.wait(5)))
    await asyncio.sleep(0.05)
    waiting = [asyncio.ensure_future(commit(job)) for job in jobs]
    await asyncio.sleep(0)
    hold.set()
    await asyncio.wait([first])
    return await asyncio.gather(*waiting, return_exceptions=True)


def test_what_is_answered_is_seen_by_everybody(db, seen):
    async def ask(commit: GroupCommit) -> None:
        for n in range(5):
            assert await commit(notch(n)) == n
            assert notches(seen) == list(range(n + 1))

    with group_commit(db) as commit:
        asyncio.run(ask(commit))


def test_all_that_wait_share_one_transaction(db, seen):
    counted = Commits(db)
    with group_commit(db) as commit:
        assert asyncio.run(together(commit, *map(notch, range(200)))) == list(range(200))
    assert notches(seen) == list(range(200))
    assert counted.count == 2  # one for who kept the writer busy, one for all the others


def test_who_fails_fails_alone_and_leaves_nothing(db, seen):
    def half(db: Database) -> None:
        notch(7)(db)
        raise ValueError("no")

    with group_commit(db) as commit:
        one, bad, same, two = asyncio.run(together(commit, notch(1), half, notch(1), notch(2)))
    assert (one, two) == (1, 2)
    assert isinstance(bad, ValueError)
    assert isinstance(same, sqlite3.IntegrityError)
    assert notches(seen) == [1, 2]


def test_a_failure_that_ends_the_whole_transaction_is_told_to_all_who_were_in_it(db, seen):
    db.execute(
        """CREATE TRIGGER disk_is_full BEFORE INSERT ON notches WHEN new.n = 13
           BEGIN SELECT raise(ROLLBACK, 'disk is full'); END"""
    )
    with group_commit(db) as commit:
        told = asyncio.run(together(commit, notch(1), notch(13), notch(2)))
        assert [type(each) for each in told] == [Busy] * 3
        assert notches(seen) == []
        assert asyncio.run(together(commit, notch(3))) == [3]
    assert notches(seen) == [3]


def test_a_disk_that_is_full_loses_nothing_that_was_answered(db, seen):
    db.execute("CREATE TABLE pages (filling BLOB) STRICT")
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 4}")

    def fill(db: Database) -> None:
        db.execute("INSERT INTO pages VALUES (zeroblob(50000))")

    with group_commit(db) as commit:
        told = asyncio.run(together(commit, notch(1), fill, notch(2)))
    assert isinstance(told[1], sqlite3.OperationalError | Busy)
    assert [each for each in told if isinstance(each, int)] == notches(seen)


def test_while_another_process_keeps_the_database_people_are_told_to_come_later(db, seen):
    db.execute("PRAGMA busy_timeout = 50")
    with group_commit(db) as commit:
        seen.execute("BEGIN IMMEDIATE")
        told = asyncio.run(together(commit, notch(1), notch(2)))
        seen.rollback()
        assert [type(each) for each in told] == [Busy, Busy]
        assert asyncio.run(together(commit, notch(3))) == [3]
    assert notches(seen) == [3]


def test_the_event_loop_goes_on_while_the_disk_is_waited_for(db, seen):
    async def ask(commit: GroupCommit) -> int:
        waiting = asyncio.ensure_future(commit(notch(1)))
        turns = 0
        while not waiting.done():
            turns += 1
            await asyncio.sleep(0.005)
            if turns == 20:
                seen.rollback()
        return turns

    with group_commit(db) as commit:
        seen.execute("BEGIN IMMEDIATE")
        assert asyncio.run(ask(commit)) >= 20
    assert notches(seen) == [1]


def test_too_many_who_wait_are_turned_away_at_once_and_the_others_served(db, seen, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 10)
    with group_commit(db) as commit:
        told = asyncio.run(together(commit, *map(notch, range(30))))
    assert told[:10] == notches(seen) == list(range(10))
    assert {type(each) for each in told[10:]} == {Busy}


def test_who_hangs_up_while_waiting_keeps_what_they_asked_for_and_nobody_is_disturbed(db, seen):
    async def ask(commit: GroupCommit) -> int:
        hold = Event()
        first = asyncio.ensure_future(commit(lambda _: hold.wait(5)))
        impatient, patient = (asyncio.ensure_future(commit(notch(n))) for n in (1, 2))
        await asyncio.sleep(0.02)
        impatient.cancel()
        hold.set()
        await first
        return await patient

    with group_commit(db) as commit:
        assert asyncio.run(ask(commit)) == 2
    assert notches(seen) == [1, 2]


def test_what_was_accepted_is_done_before_the_end_even_where_nobody_listens_any_more(db, seen):
    async def ask_and_go(commit: GroupCommit, hold: Event) -> None:
        jobs = [lambda _: hold.wait(5), *map(notch, range(300))]
        for job in jobs:
            asyncio.ensure_future(commit(job))  # noqa: RUF006  (nobody waits: that is the point)
        await asyncio.sleep(0.02)

    hold = Event()
    with group_commit(db) as commit:
        asyncio.run(ask_and_go(commit, hold))
        hold.set()
    assert notches(seen) == list(range(300))
