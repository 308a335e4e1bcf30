"""A feed that fails rests, longer each time; the author hears of it once it is worth hearing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.errors import ContentError, FeedGone, FeedUnreachable, NotAFeed
from content.fetched import NOTHING_KNOWN, Fetched, Validators
from content.health import FeedHealth, after_failure, after_reading, is_due, notices
from tests.conftest import NOON
from tests.content.builders import FEED

MINUTES, DAY = timedelta(minutes=1), timedelta(days=1)
NEW = FeedHealth(source=FEED)
MARKS = Validators('"v1"', "Mon, 02 Nov 2026 10:00:00 GMT")
MOVED = replace(MARKS, moved_to="https://new.example/feed")
DOWN = FeedUnreachable(f"{FEED}: the blog answered HTTP 500")
GONE = FeedGone(f"{FEED}: the blog says this feed is gone for good (HTTP 410); take it out")
errors = st.sampled_from([DOWN, NotAFeed(f"{FEED}: a web page")]) | st.builds(
    lambda wait: FeedUnreachable("busy", retry_after=wait), st.integers(0, 10**9)
)


def read(
    health: FeedHealth = NEW,
    *,
    now=NOON,
    title="Tide",
    body_hash="a1",
    unchanged=False,
    marks=MARKS,
) -> FeedHealth:
    fetched = Fetched(
        FEED, FEED, b"", {}, unchanged=unchanged, moved_to=marks.moved_to, validators=marks
    )
    return after_reading(health, fetched, title=title, body_hash=body_hash, now=now)


def fail(health: FeedHealth = NEW, *failures: ContentError, now=NOON) -> FeedHealth:
    """Fail in these ways, each time as soon as the feed is due again."""
    for error in failures:
        health = after_failure(health, error, now=max(now, health.next_try or now))
    return health


def pauses(*failures: ContentError) -> list[timedelta]:
    health, found, now = NEW, [], NOON
    for error in failures:
        health = after_failure(health, error, now=now)
        found.append(health.next_try - now)
        now = health.next_try
    return found


def test_a_reading_that_worked_is_remembered_whole():
    assert read() == FeedHealth(
        source=FEED,
        title="Tide",
        first_read=NOON,
        last_read=NOON,
        validators=MARKS,
        body_hash="a1",
    )


def test_the_first_reading_stays_the_first():
    again = read(read(), now=NOON + DAY, title="Tides", body_hash="b2")
    assert (again.first_read, again.last_read) == (NOON, NOON + DAY)
    assert (again.title, again.body_hash) == ("Tides", "b2")


def test_what_an_unchanged_feed_does_not_say_again_stays():
    again = read(read(), now=NOON + DAY, title="", body_hash="", unchanged=True)
    assert again == replace(read(), last_read=NOON + DAY)


def test_a_failure_leaves_what_is_known_as_it_is():
    found = fail(read(), DOWN, now=NOON + DAY)
    assert found == replace(
        read(),
        failures=1,
        failure="the blog answered HTTP 500",
        failing_since=NOON + DAY,
        next_try=NOON + DAY + 30 * MINUTES,
    )


def test_failures_in_a_row_are_counted_from_the_first():
    found = fail(NEW, DOWN, NotAFeed(f"{FEED}: a web page,\nnot a feed"))
    assert (found.failures, found.failing_since) == (2, NOON)
    assert found.failure == "a web page, not a feed"


def test_each_pause_is_twice_the_last_up_to_a_day():
    minutes = [pause // MINUTES for pause in pauses(*[DOWN] * 9)]
    assert minutes == [30, 60, 120, 240, 480, 960, 1440, 1440, 1440]


@pytest.mark.parametrize(("asked", "given"), [(60, 30), (7200, 120), (86400, 1440), (10**9, 1440)])
def test_a_blog_may_ask_for_more_patience_and_not_for_less(asked, given):
    busy = FeedUnreachable("busy", retry_after=asked)
    assert pauses(busy) == [given * MINUTES]


@given(st.integers(1, 2000))
def test_no_pause_is_shorter_than_the_one_before_or_longer_than_a_day(failures):
    before, after = (
        after_failure(replace(NEW, failures=n), DOWN, now=NOON).next_try - NOON
        for n in (failures - 1, failures)
    )
    assert 30 * MINUTES <= before <= after <= DAY


@given(st.lists(errors, min_size=1, max_size=12))
def test_a_feed_rests_until_its_next_try_however_it_failed(failures):
    health = fail(NEW, *failures)
    assert not is_due(health, health.next_try - timedelta(seconds=1))
    assert is_due(health, health.next_try)
    assert health.failures == len(failures)


@given(st.lists(errors | st.just(GONE), max_size=12))
def test_a_reading_that_works_ends_every_failure(failures):
    found = read(fail(read(), *failures), now=NOON + DAY)
    assert found == replace(read(), last_read=NOON + DAY)
    assert is_due(found, NOON + DAY)
    assert notices(found) == []


def test_a_feed_that_was_never_read_is_due():
    assert is_due(NEW, NOON)


def test_a_feed_that_is_gone_is_not_read_again():
    found = fail(NEW, GONE)
    assert found.gone
    assert not is_due(found, NOON + 1000 * DAY)
    assert after_failure(found, DOWN, now=NOON).gone


def test_a_new_address_that_fails_is_forgotten_with_what_was_said_there():
    assert fail(read(marks=MOVED), DOWN).validators == NOTHING_KNOWN
    assert fail(read(marks=MARKS), DOWN).validators == MARKS


def test_only_the_authors_own_address_can_say_that_a_feed_is_gone():
    once = fail(read(marks=MOVED), GONE)
    assert (once.gone, once.failures) == (False, 1)
    assert fail(once, GONE).gone


def test_one_failure_or_two_are_not_worth_telling():
    assert notices(NEW) == notices(fail(NEW, DOWN)) == notices(fail(NEW, DOWN, DOWN)) == []


def test_the_third_failure_in_a_row_is_told():
    since = f"{FEED}: could not be read 3 times since 2026-12-01: the blog answered HTTP 500"
    assert notices(fail(read(), DOWN, DOWN, DOWN)) == [since]


def test_a_feed_that_is_gone_is_told_at_once_and_once():
    assert notices(fail(read(), GONE)) == notices(fail(read(), DOWN, DOWN, GONE)) == [str(GONE)]


def test_a_feed_that_has_moved_is_told_until_the_settings_name_the_new_address():
    moved = f"{FEED}: has moved for good to https://new.example/feed; "
    assert notices(read(marks=MOVED)) == [moved + "put the new address into lettermill.toml"]


def test_what_failed_at_a_new_address_is_remembered_without_the_old_one():
    error = FeedUnreachable(f"{FEED}, moved to https://new.example/feed: no connection")
    assert fail(NEW, error).failure == "moved to https://new.example/feed: no connection"


@pytest.mark.parametrize("error", [FeedUnreachable, NotAFeed, FeedGone])
def test_no_notice_holds_a_password(error):
    source = "https://ada:hunter2@blog.example/feed"
    marks = replace(MOVED, moved_to="https://ada:hunter2@new.example/feed")
    for text in (f"{source}: no", "https://blog.example/feed: no"):
        health = replace(fail(FeedHealth(source=source), *[error(text)] * 3), validators=marks)
        first, second = notices(health)
        assert first.startswith("https://blog.example/feed: ")
        assert first.endswith(": no")
        assert "hunter2" not in first + second + health.failure
