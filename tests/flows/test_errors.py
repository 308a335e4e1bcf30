import sqlite3
from contextlib import closing

import pytest

from flows.errors import explain_sqlite


def say(error):
    return "; ".join(explain_sqlite(error))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lettermill.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (words)")
    return path


def test_a_full_disk_is_called_so(file):
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as raised:
            db.execute("INSERT INTO t VALUES (zeroblob(9999))")
    assert say(raised.value) == "the disk is full; make room, and run it again"


def test_who_finds_it_locked_is_told_to_end_the_other_one(file):
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(file, timeout=0)) as other:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as raised:
            other.execute("INSERT INTO t VALUES (1)")
    assert say(raised.value).startswith("another program keeps it locked; end that one")


def test_what_belongs_to_somebody_else_is_said_to(file):
    reading = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    with closing(reading) as db, pytest.raises(sqlite3.OperationalError) as raised:
        db.execute("INSERT INTO t VALUES (1)")
    assert say(raised.value).startswith("it may not be written; run it as who owns it")


def test_what_is_no_database_sends_to_the_last_backup(file):
    file.write_bytes(b"no database at all " * 99)
    with closing(sqlite3.connect(file)) as db, pytest.raises(sqlite3.DatabaseError) as raised:
        db.execute("SELECT * FROM t")
    assert "damaged" in say(raised.value)
    assert "`lettermill restore`" in say(raised.value)


def test_what_is_not_known_keeps_the_words_of_sqlite(file):
    with closing(sqlite3.connect(file)) as db, pytest.raises(sqlite3.OperationalError) as raised:
        db.execute("SELECT * FROM nowhere")
    assert explain_sqlite(raised.value) == ("no such table: nowhere", "")
