"""Damaged files: one row is refused with its line, and the others come in."""

import io

import pytest

from subscribers.lists.importing import import_list
from tests.fakes import NOON
from tests.subscribers.lists import people

CELL = "a cell without end"
CUT = "1 cells where the first line has 2"


def bring(db, content: bytes, **options):
    return import_list(db, io.BytesIO(content), "readers.csv", now=NOON, skip_bad=True, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_any_spreadsheets_spelling(db, encoding, delimiter, end):
    lines = [f"email{delimiter}name", f"zoe@example.com{delimiter}Zoë Ōkami"]
    assert bring(db, end.join(lines).encode(encoding)).counts == {"added": 1}
    assert people(db) == [("zoe@example.com", "Zoë Ōkami", "may send")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"zoe@example.com,Zo\xeb", "not in UTF-8; save the file as CSV in UTF-8"),
        (b"zoe@example.com," + b"z" * 10**6, CELL),
        (b"z" * 10**6 + b"@example.com,Zoe", CELL),
        (b"zoe@example.com," + b"z" * 3 * 10**6, CELL),
        (b'zoe@example.com,"Zoe" B', "its quotes are not those of CSV (',' expected after '\"')"),
        (b"zoe@example.com", CUT),
    ],
    ids=["latin-1", "endless name", "endless address", "endless line", "quotes", "cut"],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_line(db, row, reason):
    good = [b"ada@example.com,Ada", b"bo@example.com,Bo"]
    report = bring(db, b"\n".join([b"email,name", good[0], row, good[1]]) + b"\n")
    assert report.refused == ((3, reason),)
    assert [address for address, *_ in people(db)] == ["ada@example.com", "bo@example.com"]


@pytest.mark.parametrize(
    "address",
    [
        '"ada@example.com\nBcc: eve@example.com"',
        '"ada@example.com\r\nBcc: eve@example.com"',
        '"ada\n@example.com"',
        "ada\0@example.com",
        "дарья@example.com",
        f"{'a' * 308}@example.com",
        "ada@localhost",
        "ada@[192.0.2.1]",
    ],
    ids=["lf", "crlf", "lf inside", "nul", "eai", "320", "localhost", "literal"],
)
def test_an_address_that_nobody_should_write_to_is_refused(db, address):
    report = bring(db, f"email,name\n{address},Ada\nbo@example.com,Bo\n".encode())
    assert report.counts == {"added": 1, "refused": 1}
    assert "ada" not in report.refused[0].reason


def test_a_million_wrong_rows_are_counted_and_the_first_thousand_named(db):
    report = bring(db, b"email\n" + b"nobody\n" * 3000)
    assert report.counts == {"refused": 3000}
    assert [refusal.line for refusal in report.refused] == list(range(2, 1002))


def test_nothing_stays_behind_when_a_file_turns_out_to_be_none(db):
    bring(db, b"email\nada@example.com\n")
    with pytest.raises(Exception, match="never closed"):
        bring(db, b'email\n"ada@example.com\n')
    assert bring(db, b"email\nbo@example.com\n").counts == {"added": 1}


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("suppressed", "no reason like that; one of unsubscribed, bounced, complained, blocked"),
        ("frequency", "no frequency like that; one of monthly, quarterly"),
        ("consent_basis", "no basis like that; one of express, implied, soft opt-in, legitimate"),
        ("paused_until", "no day like that; write it as 2026-11-03"),
    ],
)
def test_a_shifted_column_of_our_own_export_is_refused_without_the_address_in_it(
    db, column, reason
):
    names = ["email", "wants_offers", *sorted({"suppressed", column})]
    cells = {"email": "ada@example.com", column: "bo@example.com"}
    row = ",".join(cells.get(name, "") for name in names)
    assert bring(db, f"{','.join(names)}\n{row}\n".encode()).refused == ((2, reason),)
