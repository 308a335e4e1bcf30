"""The rehearsal: what a year would have been, and will be, and no trace of it elsewhere."""

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from content.period import Period
from flows.rehearsal.months import as_in, months_before, months_from, same_month_before
from flows.resources import open_resources
from subscribers.store import all_subscribers
from tests.conftest import ROOT
from tests.flows.homes import approve, bring_in, change, digest
from tests.flows.terminal import Ran

NOW = "virtual_now = 2026-12-01T09:00:00-08:00"
FIVE_STAGES = "Five Stages of Getting a Hip Back"
FLARE_UP = "What a Flare-Up Means, and What It Doesn\N{RIGHT SINGLE QUOTATION MARK}t"


def rehearsed(*options: str) -> dict[str, list[dict]]:
    """The past and what is to come, month by month, each by its key."""
    ran = Ran("rehearse", "--json", *options)
    assert ran.code == 0, ran.err
    made = json.loads(ran.out)["rehearsal"]
    return {part: {month["key"]: month for month in made[part]} for part in ("past", "to_come")}


def titles(month: dict, which: str = "posts") -> list[str]:
    return [post["title"] for post in month[which]]


def page_of(home: Path) -> str:
    return (home / "preview" / "rehearsal" / "index.html").read_text()


def rows_of(home: Path) -> str:
    with open_resources(home) as resources:
        return hashlib.sha256("\n".join(resources.db.conn.iterdump()).encode()).hexdigest()


def files_of(home: Path) -> dict[str, bytes]:
    """Every file but the database's own."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in files
        if not path.name.startswith("lettermill.db")
    }


def turn_to(home: Path, moment: str) -> None:
    change(home, NOW, f"virtual_now = {moment}")


@pytest.fixture
def home(newsletter: Path) -> Path:
    """A newsletter with readers that has read its feed, and has sent nothing."""
    bring_in(newsletter)
    Ran("collect")
    return newsletter


def test_the_past_is_what_readers_would_have_got_though_nothing_of_it_was_mailed(home):
    past = rehearsed()["past"]
    assert list(past) == [str(f"digest-{p}") for p in months_before(Period(2026, 11), 12)]
    october, february = past["digest-2026-10"], past["digest-2026-02"]
    assert titles(october) == [FIVE_STAGES, FLARE_UP]
    assert october["subject"] == f"Reconnect Performance: {FIVE_STAGES}"
    assert october["program_rule"].startswith("its topics fit the posts")
    assert (october["readers"], october["not_written_to"]) == (
        46,
        {"suppressed": 7, "unconfirmed": 7},
    )
    assert february["nothing_because"] == "no post waits for February 2026"
    # Three letters are the cap of a program, and somebody who has it is offered another.
    hips = [month["readers_by_program"].get("Hip Rehab Online", 0) for month in past.values()]
    assert [count for count in hips if count] == [42, 42, 42]


def test_posts_that_wait_go_next_and_then_the_blog_goes_on_as_last_year(home):
    to_come = rehearsed()["to_come"]
    assert list(to_come)[:2] == ["digest-2026-11", "digest-2026-12"]
    assert len(to_come) == 12
    november, december = to_come["digest-2026-11"], to_come["digest-2026-12"]
    assert len(november["posts"]) == 4
    assert not any(post["assumed"] for post in november["posts"])
    assert [(post["title"], post["dated"], post["assumed"]) for post in december["posts"]] == [
        ("Sleep, the Quiet Half of Rehab", "2026-12-04", True)
    ]
    assert "as last year" in page_of(home)


def test_of_the_month_that_runs_only_the_days_that_are_ahead_are_assumed(home):
    turn_to(home, "2027-01-10T09:00:00-08:00")
    january = rehearsed("--months", "2")["to_come"]["digest-2027-01"]
    assert [(post["title"], post["dated"]) for post in january["posts"]] == [
        ("A Plan You Can Keep on a Bad Week", "2027-01-20")
    ]


def test_what_really_went_out_is_shown_as_it_went(home):
    digest(agreed=True)
    turn_to(home, "2027-01-10T09:00:00-08:00")
    past = rehearsed()["past"]
    november = past["digest-2026-11"]
    assert november["went"] == "closed"
    assert november["letters"] == {"skipped": 14, "submitted": 46}
    assert november["due"] == "2026-12-01T09:00:00-08:00"
    assert "really sent" in page_of(home)
    assert not any(month["went"] for key, month in past.items() if key != "digest-2026-11")


def test_what_was_sent_later_does_not_reach_back(home):
    change(home, "cap = 3", "cap = 1")
    before = list(rehearsed("--past", "6")["past"].values())
    assert 42 in [month["readers_by_program"].get("Hip Rehab Online") for month in before]
    digest(agreed=True)
    turn_to(home, "2026-12-20T09:00:00-08:00")
    assert list(rehearsed("--past", "7")["past"].values())[:6] == before


def test_what_went_out_counts_for_the_months_after_it(home):
    change(home, "cap = 3", "cap = 1")
    before = rehearsed()["to_come"]["digest-2027-03"]
    digest(agreed=True)
    change(home, "cap = 1", "cap = 2")
    turn_to(home, "2027-03-20T09:00:00-07:00")
    after = rehearsed()["to_come"]
    offered = [month["readers_by_program"].get("Hip Rehab Online", 0) for month in after.values()]
    assert before["readers_by_program"] == {"Strong Back Basics": 46}
    assert [count for count in offered if count] == [42]


def test_what_went_out_counts_in_the_past_from_its_day_on(home):
    digest(agreed=True)
    change(home, "cap = 3", "cap = 1")
    with open_resources() as resources, resources.db.atomic():
        resources.db.execute(
            "UPDATE posts SET published = '2026-12-10T12:00:00+00:00' WHERE title LIKE '%Glutes%'"
        )
    turn_to(home, "2027-02-20T09:00:00-08:00")
    past = rehearsed("--past", "2")["past"]
    assert past["digest-2026-11"]["readers_by_program"]["Hip Rehab Online"] == 42
    assert past["digest-2026-12"]["readers_by_program"] == {"Strong Back Basics": 46}


def test_a_quarterly_reader_gets_every_third(home):
    with open_resources() as resources:
        quarterly = [person.id for person in all_subscribers(resources.db)]
        with resources.db.atomic():
            resources.db.conn.executemany(
                "UPDATE subscribers SET frequency = 'quarterly' WHERE id = ?",
                [[person] for person in quarterly],
            )
    to_come = rehearsed("--months", "4")["to_come"]
    assert [month["readers"] for month in to_come.values()] == [46, 0, 0, 0]
    said = [month["not_written_to"] for month in to_come.values()]
    assert said[1]["wants a digest every three months"] == 46
    assert to_come["digest-2027-02"]["nothing_because"]  # nobody is due, and nothing is there


def test_programs_come_and_go_and_a_month_without_any_is_news(home):
    change(home, 'topics = ["hip", "glute", "groin"]', 'topics = ["hip"]\nuntil = 2027-01-15')
    change(home, 'topics = ["back", "spine", "lifting"]', 'topics = ["back"]\nuntil = 2027-03-31')
    to_come = rehearsed()["to_come"]
    assert to_come["digest-2027-01"]["notices"] == [
        "Hip Rehab Online is offered no more: its last day was 2027-01-15"
    ]
    assert to_come["digest-2027-03"]["notices"] == [
        "Strong Back Basics is offered no more: its last day was 2027-03-31",
        "nothing is left to offer: no program's offer stands on 2027-04-01",
    ]
    assert "nothing is left to offer" in page_of(home)
    assert "! 2027-03: nothing is left to offer" in Ran("rehearse").out


def test_offers_that_everybody_has_had_often_enough_are_news(home):
    change(home, "cap = 3 ", "cap = 1 ")
    change(home, 'topics = ["back", "spine", "lifting"]', "cap = 1")
    to_come = rehearsed()["to_come"]
    assert to_come["digest-2027-10"]["notices"] == [
        "nothing is left to offer: every reader has the programs, or had them often enough"
    ]


def test_each_digest_is_due_by_the_newsletters_clock(home):
    to_come = rehearsed()["to_come"]
    assert to_come["digest-2027-02"]["due"] == "2027-03-01T09:00:00-08:00"
    assert to_come["digest-2027-03"]["due"] == "2027-04-01T09:00:00-07:00"
    assert to_come["digest-2027-03"]["clocks"] == "the clocks have changed, from UTC-08:00"
    with (home / "lettermill.toml").open("a") as settings:
        settings.write("\n[schedule]\nday = 14\nat = 02:30:00\n")
    february = rehearsed()["to_come"]["digest-2027-02"]
    assert february["due"] == "2027-03-14T03:30:00-07:00"
    assert february["clocks"] == "the clocks leave 02:30 out that day"


def test_posts_are_left_out_with_the_reason_and_none_before_it_was_written(home):
    change(home, "max_posts = 6", "max_posts = 1")
    past = rehearsed()["past"]
    reasons = {post["title"]: post["reason"] for post in past["digest-2026-01"]["left_out"]}
    assert reasons == {
        "Strength After 50: Start Where You Are": "comes with the next edition: this one is full "
        "with 1 post"
    }
    for month in past.values():
        assert all(post["dated"] <= month["due"][:10] for post in month["left_out"])


def test_a_post_that_its_author_dropped_is_not_in_the_past_either(home):
    with open_resources() as resources, resources.db.atomic():
        resources.db.execute(
            """UPDATE posts SET state = 'excluded', cause = 'author', reason = 'dropped by hand'
                WHERE title LIKE 'Five Stages%'"""
        )
    october = rehearsed()["past"]["digest-2026-10"]
    assert titles(october) == [FLARE_UP]
    assert october["closed"] == {"dropped by hand": 1}


def test_an_archive_without_dates_has_no_place_in_the_past(home):
    with open_resources() as resources, resources.db.atomic():
        resources.db.execute(
            """UPDATE posts SET published = NULL, state = 'excluded', cause = 'baseline',
                                reason = 'old' WHERE title LIKE 'Five Stages%'"""
        )
    turn_to(home, "2027-02-20T09:00:00-08:00")
    past = rehearsed()["past"]
    assert titles(past["digest-2026-10"]) == [FLARE_UP]
    assert past["digest-2026-12"]["nothing_because"] == "no post waits for December 2026"
    assert "1 post of the blog has no date" in page_of(home)


def test_a_draft_that_is_held_is_shown_with_what_holds_it(home):
    change(home, 'approval = "none"', 'approval = "required"')
    draft = digest()
    Ran("hold", draft.key, draft.content_hash)
    rehearsal = rehearsed()
    november = rehearsal["to_come"]["digest-2026-11"]
    assert len(november["posts"]) == 4
    assert november["notices"] == ["really, digest-2026-11 is draft: you held it on 2026-12-01"]
    assert "Each waits for your yes" in page_of(home)
    turn_to(home, "2027-01-20T09:00:00-08:00")
    assert len(rehearsed()["past"]["digest-2026-11"]["posts"]) == 4


def test_a_month_that_is_approved_and_not_sent_yet_is_shown_as_it_is(home):
    approve()
    november = rehearsed()["to_come"]["digest-2026-11"]
    assert (november["went"], november["readers"]) == ("approved", 46)
    assert len(november["posts"]) == 4


def test_a_month_that_its_author_cancelled_stays_cancelled(home):
    turn_to(home, "2026-11-30T09:00:00-08:00")
    change(home, 'approval = "none"', 'approval = "required"')
    Ran("cancel", digest().key, "--yes")
    november = rehearsed()["to_come"]["digest-2026-11"]
    assert (november["went"], november["readers"]) == ("cancelled", 0)
    assert november["due"] == "2026-12-01T09:00:00-08:00"
    assert "Cancelled: cancelled before it was sent." in page_of(home)


def test_a_month_that_was_missed_says_so(home):
    turn_to(home, "2027-01-05T09:00:00-08:00")
    december = rehearsed()["to_come"]["digest-2026-12"]
    assert december["notices"] == ["its time is over, and `if_missed` says ask"]


@pytest.mark.parametrize("approval", ["none", "required", "notify"])
def test_nothing_of_it_touches_the_newsletter_or_the_network(home, monkeypatch, approval):
    change(home, 'approval = "none"', f'approval = "{approval}"')
    with (home / "lettermill.toml").open("a") as settings:
        settings.write('\n[author]\naddress = "author@example.com"\n')
    digest()
    files, rows = files_of(home), rows_of(home)

    def refuse(*_: object) -> None:
        raise AssertionError("a rehearsal opens no connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert Ran("rehearse").code == 0
    assert rows_of(home) == rows
    after = files_of(home)
    assert after.pop("preview/rehearsal/index.html")
    assert after == files
    assert Ran("digest", "2026-11", "--yes").code == 0


def test_nothing_is_left_of_the_copy(home, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    assert Ran("rehearse").code == 0
    assert not list((tmp_path / "copies").iterdir())


def test_the_authors_own_templates_are_the_ones_that_are_tried(home):
    (home / "templates" / "emails").mkdir(parents=True)
    (home / "templates" / "emails" / "digest.mjml").write_text("{{ nothing.of_it }}")
    ran = Ran("rehearse")
    assert ran.code == 1
    assert "digest.mjml, line 1" in ran.complaint


def test_it_needs_no_key_of_a_provider(home):
    change(home, NOW, "")
    change(home, 'name = "outbox"', 'name = "postmark"')
    change(home, "http://127.0.0.1:8000", "https://news.example.com")
    with time_machine.travel(datetime(2026, 12, 1, 17, tzinfo=UTC), tick=False):
        rehearsal = rehearsed()
    assert rehearsal["past"]["digest-2026-10"]["readers"] == 46
    assert len(rehearsal["to_come"]["digest-2026-11"]["posts"]) == 4


def test_the_same_newsletter_and_moment_are_the_same_bytes(home):
    first = Ran("rehearse").out, page_of(home)
    assert (Ran("rehearse").out, page_of(home)) == first
    other = dict(os.environ, PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    command = [sys.executable, "-m", "flows.cli", "-C", str(home), "rehearse"]
    subprocess.run(command, cwd=ROOT, env=other, check=True, capture_output=True)
    assert page_of(home) == first[1]


def test_a_newsletter_with_nothing_in_it_has_a_rehearsal_too(newsletter):
    ran = Ran("rehearse", "--months", "2", "--past", "0")
    assert ran.code == 0
    assert "The past" not in ran.out + page_of(newsletter)
    assert "none: no post waits for" in ran.out
    assert "Nobody is on the list" in ran.out
    assert "Nobody is on the list" in page_of(newsletter)


def test_posts_without_readers_are_rehearsed_as_well(newsletter):
    Ran("collect")
    november = rehearsed()["to_come"]["digest-2026-11"]
    assert (len(november["posts"]), november["readers"]) == (4, 0)


def test_the_page_names_nobody_and_runs_nothing(home):
    ran = Ran("rehearse", "--json")
    html = page_of(home)
    assert "@" not in re.sub(r"@media", "", html) + ran.out
    assert "<script" not in html
    assert not re.findall(r"src=", html)


def test_a_number_of_months_that_makes_no_sense_is_refused(newsletter):
    assert Ran("rehearse", "--months", "0").code == 2
    assert Ran("rehearse", "--past", "-1").code == 2


PERIODS = st.builds(Period, st.integers(2001, 2098), st.integers(1, 12))
MOMENTS = st.integers(946_800_000, 4_070_900_000).map(lambda s: datetime.fromtimestamp(s, UTC))
ZONES = st.sampled_from(["UTC", "America/Los_Angeles", "Pacific/Apia", "Africa/Casablanca"])


@given(PERIODS, PERIODS)
def test_the_same_month_before_is_over_and_the_newest_that_is(period, now):
    found = same_month_before(period, now)
    assert found.month == period.month
    assert found < now
    assert Period(found.year + 1, found.month) >= min(now, period)


@given(PERIODS, MOMENTS, ZONES.map(ZoneInfo))
def test_a_post_comes_again_on_its_day_in_another_month(period, moment, zone):
    again, local = as_in(period, moment, zone), moment.astimezone(zone)
    assert (again.year, again.month) == (period.year, period.month)
    next_day = again.date() + timedelta(days=1)
    assert again.day == local.day or (again.day < local.day and next_day.day == 1)
    assert again.time() == local.time()


@given(PERIODS, st.integers(0, 30))
def test_months_follow_each_other(period, count):
    before, after = months_before(period, count), months_from(period, count)
    assert len(before) == len(after) == count
    together = before + after
    assert all(a.following() == b for a, b in pairwise(together))
