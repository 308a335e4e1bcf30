"""kill -9 in the middle of a mailing of 1,000 readers: at every step, and at random instants.

Nobody is lost, nobody gets two letters; where the provider has no means to tell, exactly those are
unknown of whom nobody can know.
"""

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from delivery import count_store, store
from delivery.mailing import DeliveryState, Owed, send_key
from flows.database import open_database
from tests.delivery.crash import sender
from tests.delivery.crash.providers import FORGETS, REPLAYS, SEARCHED, Mail, Providers
from tests.delivery.crash.sender import KEY, STEPS, Death
from tests.fakes import LETTER, NOON

READERS = 1_000
BATCH = 50
CONNECTIONS = 2
KINDS = (REPLAYS, SEARCHED, FORGETS)
# Long enough for a provider's search to be believed, and not for it to have forgotten.
LATER = 15 * 60
# Started once, with everything imported: a sender then begins in milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.delivery.crash.sender"])


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    kept = Mail()
    with Providers(kept) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept.url = server.url
        yield kept
        server.shutdown()


@pytest.fixture(autouse=True)
def _nothing_taken_yet(mail, monkeypatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mail.clear()


def owe(folder: Path) -> Database:
    db = open_database(folder)
    people = [Owed(f"r{n:04}", f"r{n:04}@example.com", f"Reader {n}") for n in range(READERS)]
    store.freeze(db, KEY, {"": LETTER}, people, provider="any", content_hash="c", now=NOON)
    return db


def die(folder: Path, kind: str, url: str, *, death: Death | None = None, at: float = 0) -> bool:
    """Send in a process that dies at a step, or after so many seconds; tell whether it died."""
    made = {"death": death} if death else {}
    process = _processes.Process(target=sender.send, args=(folder, kind, url), kwargs=made)
    process.start()
    if death is None:
        time.sleep(at)
        process.kill()
    process.join(60)
    died = process.exitcode == -9
    process.close()
    return died


def in_flight(db: Database) -> set[str]:
    """Those who were being written to when it happened: they may have it, or not."""
    rows = db.query(
        """SELECT subscriber_id FROM deliveries d JOIN batches b ON b.id = d.batch_id
            WHERE b.state = 'in_flight' AND d.state = 'claimed'"""
    )
    return {send_key(KEY, row["subscriber_id"]) for row in rows}


def check(db: Database, folder: Path, kind: str, mail: Mail) -> None:
    """Let the next run go on, and see that everybody has one letter, or that nobody can know."""
    ambiguous = in_flight(db)
    assert len(ambiguous) <= CONNECTIONS * BATCH
    sender.send(folder, kind, mail.url)
    sender.send(folder, kind, mail.url, later=LATER)
    tally = count_store.tally(db, KEY)
    everybody = {send_key(KEY, f"r{n:04}") for n in range(READERS)}
    assert set(mail.taken.values()) == {1}, "somebody has two letters"
    if kind == FORGETS:
        assert tally.count(DeliveryState.UNKNOWN) == len(ambiguous)
        assert tally.count(DeliveryState.SUBMITTED) == READERS - len(ambiguous)
        assert everybody - set(mail.taken) <= ambiguous
    else:
        assert tally.states == {DeliveryState.SUBMITTED: READERS}
        assert set(mail.taken) == everybody


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_nobody_is_lost_and_nobody_has_two(tmp_path, mail, kind, step, after):
    with owe(tmp_path) as db:
        assert die(tmp_path, kind, mail.url, death=Death(step, nth=4, after=after))
        check(db, tmp_path, kind, mail)


# By hand: LETTERMILL_CRASHES=67 makes it two hundred of the three, in three minutes.
INSTANTS = int(os.environ.get("LETTERMILL_CRASHES", "6"))


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_random_instants_nobody_is_lost_and_nobody_has_two(tmp_path, mail, kind):
    chance = random.Random(f"{kind} {INSTANTS}")  # instants, no secrets
    died = 0
    for nth in range(INSTANTS):
        mail.clear()
        home = tmp_path / str(nth)
        home.mkdir()
        with owe(home) as db:
            died += die(home, kind, mail.url, at=chance.uniform(0.03, 0.4))
            check(db, home, kind, mail)
    assert died > INSTANTS / 2, "it was never killed in the middle"


@pytest.mark.parametrize("kind", KINDS)
def test_killed_again_and_again_it_still_comes_to_an_end(tmp_path, mail, kind):
    chance = random.Random(kind)
    with owe(tmp_path) as db:
        ambiguous: set[str] = set()
        for _ in range(8):
            die(tmp_path, kind, mail.url, at=chance.uniform(0.03, 0.15))
            ambiguous |= in_flight(db)
        sender.send(tmp_path, kind, mail.url)
        sender.send(tmp_path, kind, mail.url, later=LATER)
        tally = count_store.tally(db, KEY)
        assert set(mail.taken.values()) == {1}
        assert tally.count(DeliveryState.SUBMITTED, DeliveryState.UNKNOWN) == READERS
        assert tally.count(DeliveryState.UNKNOWN) == (len(ambiguous) if kind == FORGETS else 0)
