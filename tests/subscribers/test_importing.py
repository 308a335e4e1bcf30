"""A list comes in whole or not at all, and says of each wrong row why."""

import io

import pytest

from subscribers.errors import BadList
from subscribers.lists.importing import import_list
from subscribers.lists.rows import Refusal
from tests.fakes import NOON
from tests.subscribers.lists import AT_NOON, bring, consents, dump, people, report


def test_a_list_comes_in_with_the_consent_that_each_row_brings(db):
    assert bring(
        db,
        "email,name,status,confirmed_at",
        "Ada@Example.com,Ada Lovelace, Active , 2025-09-04T15:12:44Z ",
        "bo@example.com,,pending,",
        "cy@example.com,Cy,unsubscribed,2025-09-04T15:12:44Z",
    ) == report(added=3)
    assert people(db) == [
        ("Ada@example.com", "Ada Lovelace", "may send"),
        ("bo@example.com", "", "unconfirmed"),
        ("cy@example.com", "Cy", "suppressed"),
    ]
    assert consents(db) == [
        ("imported", AT_NOON, "import readers.csv line 2"),
        ("confirmed", "2025-09-04T15:12:44+00:00", "import readers.csv line 2"),
        ("imported", AT_NOON, "import readers.csv line 3"),
        ("imported", AT_NOON, "import readers.csv line 4"),
        ("withdrawn", AT_NOON, "import readers.csv line 4"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("bo@example.com,,maybe,", "no status 'maybe'; one of active, pending, unsubscribed"),
        ("bo@example.com,,,31/12/25", "no time '31/12/25'; write it as 2026-11-03T17:20:00Z"),
        ("bo@example.com,,,2026-02-30", "no time '2026-02-30'; write it as 2026-11-03T17:20:00Z"),
        ("ADA@example.com,,,", "the same address as in line 2"),
        (",Bo,active,", "An email address must have an @-sign."),
        ("bo@example,Bo,,", "The part after the @-sign is not valid. It should have a period."),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_reason_and_stops_the_whole_file(db, row, reason):
    before = dump(db)
    assert bring(
        db, "email,name,status,confirmed_at", "ada@example.com,,,", row, "cy@example.com,,,"
    ) == report(Refusal(3, reason), written=False, added=2)
    assert dump(db) == before


@pytest.mark.parametrize(
    ("words", "ruling"),
    [
        (["", "active", "Confirmed", "subscribed"], "may send"),
        (["pending", "UNCONFIRMED"], "unconfirmed"),
        (["unsubscribed", "Cleaned"], "suppressed"),
    ],
)
def test_the_words_of_other_programs_for_a_status_are_understood(db, words, ruling):
    rows = [f"reader{number}@example.com,{word}" for number, word in enumerate(words)]
    assert bring(db, "email,status", *rows) == report(added=len(words))
    assert {found for *_, found in people(db)} == {ruling}


def test_every_wrong_row_is_named_and_lines_are_those_of_an_editor(db):
    assert bring(
        db,
        "email,name",
        "",
        '"ada@example.com","Ada',
        'Lovelace"',
        " , ",
        "bo,Bo",
        ",Cy",
        skip_bad=True,
    ) == report(
        Refusal(6, "An email address must have an @-sign."),
        Refusal(7, "An email address must have an @-sign."),
        added=1,
    )
    assert people(db) == [("ada@example.com", "Ada Lovelace", "may send")]


@pytest.mark.parametrize(
    "row",
    [
        "grace.hopper@@navy.example,,,",
        "grace.hopper@navy_.example,,,",
        "grace.hopper@navy,,,",
        "Grace <grace.hopper@navy.example>,,,",
        "grace.hopper@navy.example;ada@navy.example,,,",
        "Grace,grace.hopper@navy.example,active,",
        "g@example.com,Grace,grace.hopper@navy.example,",
        "g@example.com,Grace,,grace.hopper@navy.example",
        "g@example.com,,maybe grace.hopper@navy.example,",
    ],
)
def test_the_reason_does_not_repeat_an_address_wherever_in_the_row_it_stands(db, row):
    (refusal,) = bring(db, "email,name,status,confirmed_at", row).refused
    assert refusal.line == 2
    assert [part for part in ("hopper", "navy") if part in refusal.reason] == []


def test_wrong_rows_can_be_left_out(db):
    lines = ["email", "ada", "bo@example.com", "cy@example.com", "bo@example.com"]
    assert bring(db, *lines, skip_bad=True) == report(
        Refusal(2, "An email address must have an @-sign."),
        Refusal(5, "the same address as in line 3"),
        added=2,
    )
    assert [address for address, *_ in people(db)] == ["bo@example.com", "cy@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"name,status\nAda,active\n",
        b"grace@example.com\nada@example.com\n",
        b'email,name\nada@example.com,"Ada\ngrace@example.com,Grace\ncy@example.com,Cy\n',
        "email,name\ngrace@example.com,Zoë\n".encode("utf-16")[:-1],
        b"PK\x03\x04\x14\x00\x06\x00\xff\xfe\x00email",
    ],
    ids=[
        "empty", "blank", "no address column", "no header", "open quote", "cut utf-16", "xlsx",
    ],
)  # fmt: skip
@pytest.mark.parametrize("skip_bad", [False, True])
def test_what_cannot_be_read_as_a_list_is_refused_whole(db, text, skip_bad):
    before = dump(db)
    file = io.BytesIO(text)
    with pytest.raises(BadList, match=r"^readers\.csv[:,]") as caught:
        import_list(db, file, "readers.csv", now=NOON, skip_bad=skip_bad)
    assert "grace" not in str(caught.value)
    assert dump(db) == before


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("email,name", '"ada@example.com","Lovelace, Ada"'),
        (" EMAIL , Name ", ' ada@example.com ,"  Lovelace, Ada "'),
        ("name,email", '"Lovelace,  Ada\r\n",ada@example.com'),
        ("E-Mail,Full Name,Shoe size", 'ada@example.com,"Lovelace, Ada",38'),
        ("id,address,first_name", '7,ada@example.com,"Lovelace,\tAda"'),
        ("Email Address,First Name,Address", 'ada@example.com,"Lovelace, Ada","1 Harbor St"'),
    ],
)
def test_a_list_is_read_as_other_programs_write_it(db, header, row):
    assert bring(db, header, row) == report(added=1)
    assert people(db) == [("ada@example.com", "Lovelace, Ada", "may send")]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025-09-04T15:12:44Z", "2025-09-04T15:12:44+00:00"),
        ("2025-09-04 15:12:44", "2025-09-04T15:12:44+00:00"),
        ("2025-09-04", "2025-09-04T00:00:00+00:00"),
        ("2025-09-04T17:12:44+02:00", "2025-09-04T15:12:44+00:00"),
        ("", AT_NOON),
    ],
)
def test_when_somebody_confirmed_is_kept_in_utc(db, given, kept):
    bring(db, "email,confirmed_at", f"ada@example.com,{given}")
    assert consents(db)[1] == ("confirmed", kept, "import readers.csv line 2")


def test_a_name_without_end_is_cut(db):
    bring(db, "email,name", "ada@example.com," + "a" * 131_072)
    assert people(db) == [("ada@example.com", "a" * 100, "may send")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("bo@example.com,Bo", "2 cells where the first line has 3"),
        ("bo@example.com,Okonjo, Bo,active", "4 cells where the first line has 3"),
    ],
)
def test_a_row_cut_short_or_with_a_stray_comma_is_not_guessed_at(db, row, reason):
    assert bring(db, "email,name,status", row) == report(Refusal(2, reason), written=False)


def test_a_name_turns_no_letter_round(db):
    bring(db, "email,name", "bo@example.com,Bo\u202e\x00 Larkin")
    assert people(db) == [("bo@example.com", "Bo Larkin", "may send")]
