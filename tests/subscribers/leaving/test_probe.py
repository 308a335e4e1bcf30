"""A probe takes the way out as a reader does, and is nobody."""

from datetime import timedelta

from subscribers import store
from subscribers.leaving.probe_store import has_left, is_waiting, make_probe
from subscribers.leaving.store import may_undo, withdraw
from tests.fakes import NOON
from tests.subscribers.lists import dump, people


def test_a_probe_that_leaves_is_marked_once_and_nobody_is_written_down(db):
    probe, other = make_probe(db, now=NOON), make_probe(db, now=NOON)
    before = {table: rows for table, rows in dump(db).items() if table != "exit_probes"}
    assert (is_waiting(db, probe), has_left(db, probe)) == (True, False)
    for minutes in (1, 2):
        withdraw(db, probe, source="one-click", now=NOON + timedelta(minutes=minutes))
    assert (is_waiting(db, probe), has_left(db, probe)) == (False, True)
    assert is_waiting(db, other)
    after = {table: rows for table, rows in dump(db).items() if table != "exit_probes"}
    assert after == before
    assert [row["taken"] for row in db["exit_probes"].rows if row["id"] == probe] == [
        (NOON + timedelta(minutes=1)).isoformat()
    ]


def test_a_probe_is_no_person_before_or_after(db):
    probe = make_probe(db, now=NOON)
    withdraw(db, probe, source="one-click", now=NOON)
    assert people(db) == []
    assert store.count_rulings(db, NOON.date()) == {}
    assert store.rulings(db, [probe], NOON.date()) == {}
    assert not may_undo(db, probe, NOON)


def test_a_probe_that_was_left_behind_is_thrown_away_by_the_next(db):
    left_behind = make_probe(db, now=NOON)
    make_probe(db, now=NOON + timedelta(hours=23))
    assert is_waiting(db, left_behind)
    make_probe(db, now=NOON + timedelta(hours=25))
    assert not is_waiting(db, left_behind)
    assert db["exit_probes"].count == 2
