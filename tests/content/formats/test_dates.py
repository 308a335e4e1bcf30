"""When a post was published, in all the ways that blogs write it."""

import pytest

from tests.content.builders import day, parse, parse_item

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>{}</entry></feed>'


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Tue, 24 Nov 2026 05:00:00 -0800", "2026-11-24T13:00"),
        ("Tue, 24 Nov 2026 05:00:00 PST", "2026-11-24T13:00"),
        ("Tue, 24 Nov 2026 05:00:00 GMT", "2026-11-24T05:00"),
        ("Tue, 24 Nov 2026 05:00:00 Z", "2026-11-24T05:00"),
        ("Tue, 24 Nov 2026 05:00:00", "2026-11-24T05:00"),
        ("24 Nov 2026 05:00 EDT", "2026-11-24T09:00"),
        ("Tue, 24 Nov 26 05:00:00 +0100", "2026-11-24T04:00"),
        ("Nov 24 2026 05:00:00 +0000", "2026-11-24T05:00"),
        ("Tue, 24 Nov 2026", "2026-11-24"),
        ("2026-11-24T05:00:00-08:00", "2026-11-24T13:00"),
        ("2026-11-24T05:00:00.123456Z", "2026-11-24T05:00"),
        ("2026-11-24 05:00:00", "2026-11-24T05:00"),
        ("2026-11-24", "2026-11-24"),
        ("20261124T05:00:00Z", "2026-11-24T05:00"),
        ("Tue Nov 24 05:00:00 2026", "2026-11-24T05:00"),
        ("Tuesday, 24-Nov-26 05:00:00 GMT", "2026-11-24T05:00"),
        ("Tue, 24 Nov 2026 05:00:00 +0100 (CET)", "2026-11-24T04:00"),
    ],
)
def test_a_date_is_read_as_it_is_written(written, moment):
    assert parse_item(f"<title>T</title><pubDate>{written}</pubDate>").published == day(moment)


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "Mon, 32 Nov 2026 10:00:00 GMT",
        "Fri, 2006/99/15 08:19:53 EDT",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00+14:00",
        "1970-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
        "Tue, 24 Nov 2026 05:00:00:00:00",
        "1" * 5000,
    ],
)
def test_a_date_that_no_post_can_have_is_no_date(date):
    assert parse_item(f"<title>T</title><pubDate>{date}</pubDate>").published is None


@pytest.mark.parametrize("date", ["10:30", "--11-24", "12", "Tue, 10:30:00"])
def test_a_date_without_a_year_is_no_date_of_this_year(date):
    assert parse_item(f"<title>T</title><pubDate>{date}</pubDate>").published is None


@pytest.mark.parametrize(
    ("dates", "moment"),
    [
        ("<updated>2026-11-25</updated><published>2026-11-24</published>", "2026-11-24"),
        ("<published>soon</published><updated>2026-11-25</updated>", "2026-11-25"),
        ("<published>0001-01-01</published><updated>2026-11-25</updated>", "2026-11-25"),
        ("<created>2026-11-23</created>", "2026-11-23"),
        ("<published_parsed>2026</published_parsed><updated>2026-11-25</updated>", "2026-11-25"),
    ],
)
def test_the_first_date_that_can_be_stands(dates, moment):
    (only,) = parse(ATOM.format(dates)).posts
    assert only.published == day(moment)
