"""A full disk, a locked database, a clock that jumps, two senders at once: each ends in a true
state and a clear line.
"""

import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlite_utils import Database

from delivery import count_store, store
from delivery.errors import AlreadySending, OutcomeUnknown
from delivery.lease import lease
from delivery.mailing import DeliveryState
from delivery.run import Terms
from flows.database import open_database
from flows.errors import SettingsWrong
from tests.delivery.test_run import KEY, Replaying, owe, send
from tests.delivery.test_sending import raiser, states
from tests.fakes import NOON, FakeProvider, Time


def settle(db: Database, provider: FakeProvider) -> None:
    """The next runs, once the world is in order again and the provider's memory can be asked."""
    for minutes in (1, 15):
        time = Time()
        time.moment += timedelta(minutes=minutes)
        send(db, provider, time)


def test_a_disk_that_fills_up_in_the_middle_doubles_nobody_and_loses_nobody(db):
    owe(db, 200)
    provider = Replaying(size=5)
    provider.limits = replace(provider.limits, connections=3)
    [pages] = db.conn.execute("PRAGMA page_count").fetchone()
    # SQLite's own "database or disk is full", after some batches have been written down.
    db.conn.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        send(db, provider)
    db.conn.execute("PRAGMA max_page_count = 1073741823")
    settle(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 200}
    assert set(provider.taken.values()) == {1}


def test_a_database_that_another_process_keeps_is_told_and_the_run_goes_on_later(db, tmp_path):
    owe(db, 6)
    db.conn.execute("PRAGMA busy_timeout = 50")
    provider = FakeProvider(size=2)
    other = sqlite3.connect(
        tmp_path / "lettermill.db", isolation_level=None, check_same_thread=False
    )

    def keep_it() -> None:
        if sum(provider.taken.values()) == 2:
            other.execute("BEGIN IMMEDIATE")

    provider.after = keep_it
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        send(db, provider)
    other.close()
    provider.after = lambda: None
    settle(db, provider)
    assert states(db) == {DeliveryState.SUBMITTED: 6}
    assert set(provider.taken.values()) == {1}


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=400)])
def test_a_clock_that_jumps_doubles_nobody_and_keeps_nobody_waiting(db, jump):
    owe(db, 20)
    provider, time = FakeProvider(size=2), Time()
    provider.limits = replace(provider.limits, calls=2.0)

    def leap() -> None:
        if sum(provider.taken.values()) == 4:
            time.moment += jump

    provider.after = leap
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 20}
    assert set(provider.taken.values()) == {1}
    assert max(time.slept, default=0) <= 0.5


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1)])
def test_what_is_unknown_when_the_clock_is_set_back_stays_so_until_it_can_be_asked(db, jump):
    owe(db, 2)
    provider, time = FakeProvider(size=2), Time()
    provider.limits = replace(provider.limits, lookup_after=timedelta(minutes=1))
    provider.after = raiser(OutcomeUnknown("no answer"))
    send(db, provider, time)
    time.moment += jump
    send(db, provider, time)
    assert states(db) == {DeliveryState.UNKNOWN: 2}
    time.moment = NOON + timedelta(minutes=5)
    send(db, provider, time)
    assert states(db) == {DeliveryState.SUBMITTED: 2}


def test_a_file_from_a_newer_lettermill_is_left_alone_and_told(tmp_path):
    with open_database(tmp_path) as db:
        db["_sqlite_migrations"].insert(
            {"migration_set": "delivery", "name": "m999_telepathy", "applied_at": "2031-01-01"}
        )
    before = (tmp_path / "lettermill.db").read_bytes()
    with pytest.raises(SettingsWrong, match=r"newer Lettermill \(m999_telepathy\); update"):
        open_database(tmp_path)
    assert (tmp_path / "lettermill.db").read_bytes() == before


def test_of_two_senders_at_once_one_sends_and_the_other_says_so(tmp_path):
    with open_database(tmp_path) as db:
        owe(db, 40)
    provider, results = FakeProvider(size=2), []
    start = threading.Barrier(2)

    def run() -> None:
        with open_database(tmp_path) as mine:
            start.wait(10)
            try:
                with lease(mine, tmp_path / "locks", KEY, now=NOON) as sender:
                    send(mine, provider, terms=Terms(sender=sender))
                    results.append("sent")
            except AlreadySending as error:
                results.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert "sent" in results
    assert set(results) <= {"sent", "another process is sending it"}
    assert set(provider.taken.values()) == {1}
    with open_database(tmp_path) as db:
        assert count_store.tally(db, KEY).states == {DeliveryState.SUBMITTED: 40}


def test_even_with_the_lease_taken_away_the_database_lets_nobody_have_two(db):
    owe(db, 2)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        db.execute(
            """INSERT INTO deliveries (mailing_key, subscriber_id, address, name)
               VALUES (?, 'p1', 'p1@example.com', '')""",
            [KEY],
        )
    assert store.load_mailing(db, KEY).key == KEY
