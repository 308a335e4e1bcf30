"""A year of letters: who was offered what, month by month, and never what they should not be."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
import time_machine

from flows.resources import open_resources
from subscribers import store
from subscribers.lists.importing import import_list
from tests.flows.homes import change, digest

READERS = """email,name,tags
ada@example.com,Ada,
bo@example.com,Bo,"hips"
cy@example.com,Cy,"hips, backs"
di@example.com,Di,"hips, backs, knees"
"""
PROGRAMS = """
[[program]]
name = "Hips / 'one' 🏃"
url = "https://tide.example/hips"
headline = "Hips"
pitch = "For hips."
button = "See"
topics = ["hip"]
cap = 3
not_for = ["Hips"]

[[program]]
name = "Backs"
url = "https://tide.example/backs"
headline = "Backs"
pitch = "For backs."
button = "See"
topics = ["hip", "back"]
until = 2027-06-01
not_for = ["backs"]

[[program]]
name = "Knees"
url = "https://tide.example/knees"
headline = "Knees"
pitch = "For knees."
button = "See"
topics = ["knee"]
from = 2027-03-01
cap = 4
not_for = ["knees"]
"""
HIPS, BACKS, KNEES = "Hips / 'one' 🏃", "Backs", "Knees"
FIRST = datetime(2026, 12, 1, 17, tzinfo=UTC)


def firsts() -> Iterator[datetime]:
    """Noon of the first of each month of a year."""
    for month in range(12):
        year, number = divmod(FIRST.month - 1 + month, 12)
        yield FIRST.replace(year=FIRST.year + year, month=number + 1)


def write_feed(home, now: datetime) -> None:
    """A post of last month about hips and knees."""
    day = now - timedelta(days=10)
    (home / "sample" / "blog.rss").write_text(
        '<rss version="2.0"><channel><title>B</title><link>https://b.example</link>'
        f"<item><title>Hip and knee {day:%B}</title><link>https://b.example/{day:%m}</link>"
        f"<guid>{day:%Y-%m}</guid><pubDate>{day:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        "<description>The hip and the knee.</description></item></channel></rss>"
    )


@pytest.fixture
def year(newsletter) -> dict[str, list[tuple[date, str]]]:
    """By reader, the day of each of twelve digests and the program in it."""
    change(newsletter, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
    settings = newsletter / "lettermill.toml"
    before, _, _ = settings.read_text().partition("[[program]]")
    settings.write_text(f"{before}{PROGRAMS}\n[preflight]\nspam = false\nlinks = false\n")
    for now in firsts():
        with time_machine.travel(now, tick=False):
            send(newsletter, now)
    return read_offers(newsletter)


def send(home, now: datetime) -> None:
    write_feed(home, now)
    with open_resources(home) as resources:
        if now == FIRST:
            import_list(resources.db, BytesIO(READERS.encode()), "readers.csv", now=now)
    outcome = digest(f"{now - timedelta(days=10):%Y-%m}", agreed=True)
    assert outcome.letters == {"submitted": 4}, outcome


def read_offers(home) -> dict[str, list[tuple[date, str]]]:
    with open_resources(home) as resources:
        names = {person.id: person.name for person in store.all_subscribers(resources.db)}
        rows = resources.db.query("SELECT * FROM deliveries ORDER BY id")
        found: dict[str, list[tuple[date, str]]] = {name: [] for name in names.values()}
        for row, now in zip(rows, [day for day in firsts() for _ in names], strict=True):
            found[names[row["subscriber_id"]]].append((now.date(), row["variant"]))
    return found


def test_in_a_year_nobody_is_offered_what_they_should_not_be(year):
    seen = {name: [program for _, program in offers] for name, offers in year.items()}
    assert all(offers.count(HIPS) <= 3 and offers.count(KNEES) <= 4 for offers in seen.values())
    ended = [p for offers in year.values() for day, p in offers if day > date(2027, 6, 1)]
    begun = [p for offers in year.values() for day, p in offers if day < date(2027, 3, 1)]
    assert BACKS not in ended
    assert KNEES not in begun
    assert HIPS not in seen["Bo"]
    assert set(seen["Cy"]) == {KNEES, ""}
    assert set(seen["Di"]) == {""}
    assert (seen["Ada"].count(HIPS), seen["Ada"].count(KNEES)) == (3, 4)
    # From March to June two fit Bo, and until June two or three fit Ada: none comes twice running.
    assert all(a != b for a, b in pairwise(seen["Ada"][:7]))
    assert all(a != b for a, b in pairwise(seen["Bo"][2:7]))
