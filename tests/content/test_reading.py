"""What one reading of a feed means for the ledger: the baseline, floods, a feed that moves."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.identity import recognise, sight
from content.intake import Cause, Intake, PostState
from content.post import Post
from content.reading import Facts, pass_time, weigh
from tests.conftest import NOON
from tests.content.builders import FEED, feed_of, held, post
from tests.content.shelf import everything, fresh_ledger, places, read, the_one

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASELINE = "on the blog before its feed was first read; `lettermill posts release` overrides that"


def archive(count: int, *, before: timedelta = DAY) -> list[Post]:
    """Posts a week apart, newest first, the newest published a day ago."""
    return [post(f"old{n}", NOON - before - 7 * n * DAY) for n in range(count)]


def new(*names: str, ago: timedelta = HOUR) -> list[Post]:
    return [post(name, NOON - ago) for name in names]


def test_the_first_reading_is_the_baseline_and_what_comes_later_is_new(db):
    read(db, feed_of(*archive(2)), now=NOON)
    read(db, feed_of(*new("fresh", ago=4 * HOUR), *archive(2)), now=NOON)
    assert places(db) == {"Old0": "baseline", "Old1": "baseline", "Fresh": "ready"}
    assert the_one(db, "Old0").reason == BASELINE


def test_an_opening_day_lets_in_what_is_not_older(db):
    read(db, feed_of(*archive(3)), now=NOON, opens=NOON - 8 * DAY)
    assert places(db) == {"Old0": "ready", "Old1": "ready", "Old2": "too_early"}


def test_an_opening_day_named_later_lets_in_what_the_baseline_had(db):
    read(db, feed_of(*archive(3)), now=NOON)
    read(db, feed_of(*archive(3)), now=NOON + HOUR, opens=NOON - 8 * DAY)
    assert places(db) == {"Old0": "ready", "Old1": "ready", "Old2": "too_early"}


def test_an_opening_day_does_not_let_in_what_was_taken_off_the_feed_since(db):
    gone, *others = archive(3)
    read(db, feed_of(gone, *others), now=NOON)
    read(db, feed_of(*others), now=NOON + HOUR, opens=NOON - 8 * DAY)
    assert places(db) == {"Old0": "withdrawn", "Old1": "ready", "Old2": "too_early"}


def test_a_feed_of_the_newest_ten_reaches_further_back_when_one_is_deleted(db):
    blog = archive(12)
    read(db, feed_of(*blog[:10]), now=NOON)
    read(db, feed_of(*blog[:4], *blog[5:11]), now=NOON + DAY)
    assert places(db)["Old10"] == "baseline"
    read(db, feed_of(*new("fresh", ago=4 * HOUR), *blog), now=NOON + DAY)
    assert Counter(places(db).values()) == {"baseline": 12, "ready": 1}


def test_so_does_one_whose_first_reading_broke_off(db):
    read(db, feed_of(*archive(6)[:2], broken=True), now=NOON)
    read(db, feed_of(*archive(6)), now=NOON + HOUR)
    assert set(places(db).values()) == {"baseline"}


def test_a_post_dated_back_is_new_unless_it_is_older_than_all_the_baseline(db):
    read(db, feed_of(*archive(3)), now=NOON)
    *_, oldest = archive(3)
    back = [post("back", NOON - 10 * DAY), post("twin", oldest.published)]
    read(db, feed_of(*back, *archive(3)), now=NOON)
    assert (places(db)["Back"], places(db)["Twin"]) == ("ready", "ready")


def test_on_a_blog_that_began_empty_every_post_is_new_whatever_its_date(db):
    read(db, feed_of(), now=NOON)
    read(db, feed_of(post("b", NOON - DAY)), now=NOON + DAY)
    read(db, feed_of(post("b", NOON - DAY), post("a", NOON - 9 * DAY)), now=NOON + DAY)
    assert places(db) == {"B": "ready", "A": "ready"}


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 9), st.integers(1, 12)), max_size=5))
def test_nothing_old_is_mailed_however_the_feed_is_cut(first, readings):
    """Each reading shows so many posts, after one of the old ones but the newest is deleted."""
    blog = archive(10)
    with fresh_ledger() as db:
        read(db, feed_of(*blog[:first]), now=NOON)
        for hours, (deleted, size) in enumerate(readings):
            blog = [each for n, each in enumerate(blog) if n == 0 or n != deleted]
            fresh = new(*(f"new{n}" for n in range(hours + 1)))
            read(db, feed_of(*[*fresh, *blog][:size]), now=NOON + hours * HOUR)
        mailable = {title for title, state in places(db).items() if state != "baseline"}
        assert all(title.startswith("New") for title in mailable)


@pytest.mark.parametrize("opens", [None, NOON - 3 * DAY])
def test_an_old_post_that_is_dated_anew_stays_old_and_keeps_its_date(db, opens):
    old = post("old", NOON - 9 * DAY)
    read(db, feed_of(old), now=NOON, opens=opens)
    again = replace(old, published=NOON, body="<p>Mended.</p>")
    read(db, feed_of(again), now=NOON + HOUR, opens=opens)
    (kept,) = everything(db)
    assert kept.state is PostState.EXCLUDED
    assert kept.post == replace(again, published=old.published)


FLOOD = (
    "one of 3 new posts at once, where the feed never had more than 2 in a month; "
    "`lettermill posts release` lets them go on"
)


def busy_blog(db) -> list[Post]:
    """A blog with two posts in its busiest month, read once."""
    blog = [post("a", NOON - 30 * DAY), post("b", NOON - 29 * DAY), post("c", NOON - 70 * DAY)]
    read(db, feed_of(*blog), now=NOON)
    return blog


def test_more_new_posts_than_in_the_busiest_month_are_held(db):
    blog = busy_blog(db)
    read(db, feed_of(*new("x", "y", "z"), *blog), now=NOON)
    flood = [h for h in everything(db) if h.state is PostState.HELD]
    assert {(h.post.title, h.cause, h.reason) for h in flood} == {
        (title, Cause.FLOOD, FLOOD) for title in "XYZ"
    }
    read(db, feed_of(*new("x", "y", "z", ago=9 * HOUR), *blog), now=NOON + 9 * DAY)
    assert Counter(places(db).values()) == {"baseline": 3, "flood": 3}


def test_as_many_as_in_the_busiest_month_go_on(db):
    read(db, feed_of(*new("x", "y", ago=4 * HOUR), *busy_blog(db)), now=NOON)
    assert (places(db)["X"], places(db)["Y"]) == ("ready", "ready")


def test_months_whose_posts_have_left_the_feed_count_too(db):
    *_, last = busy_blog(db)
    read(db, feed_of(*new("x", "y", ago=4 * HOUR), last), now=NOON)
    assert (places(db)["X"], places(db)["Y"]) == ("ready", "ready")


@pytest.mark.parametrize(("days", "most"), [(31, 2), (32, 4), (62, 4), (63, 6)])
def test_after_months_without_a_reading_there_may_be_more(db, days, most):
    blog = busy_blog(db)
    fresh = new(*(f"new{n}" for n in range(most)))
    read(db, feed_of(*fresh, *blog), now=NOON + days * DAY)
    assert Counter(places(db).values()) == {"baseline": 3, "ready": most}


def test_one_more_is_a_flood_after_months_too(db):
    fresh = new(*(f"new{n}" for n in range(5)))
    read(db, feed_of(*fresh, *busy_blog(db)), now=NOON + 62 * DAY)
    assert Counter(places(db).values()) == {"baseline": 3, "flood": 5}


def test_a_post_that_settles_and_is_dated_back_does_not_become_old(db):
    read(db, feed_of(*archive(3)), now=NOON)
    for years in (0, 20):
        fresh = post("fresh", NOON - 365 * years * DAY)
        read(db, feed_of(fresh, *archive(3)), now=NOON)
    assert places(db)["Fresh"] == "ready"


def test_posts_that_go_nowhere_make_no_flood(db):
    opens = NOON - 20 * DAY
    blog = [post("a", NOON - DAY), post("b", NOON - 2 * DAY)]
    read(db, feed_of(*blog), now=NOON, opens=opens)
    early = archive(9, before=30 * DAY)
    read(db, feed_of(*new("x", "y"), *early, *blog), now=NOON, opens=opens)
    assert Counter(places(db).values()) == {"ready": 2, "settling": 2, "too_early": 9}
    fresh, more = new("v", "w", "z", "u", "t"), archive(10, before=30 * DAY)
    read(db, feed_of(*fresh, *more), now=NOON, opens=opens)
    assert Counter(places(db).values()) == {
        "ready": 2,
        "withdrawn": 2,
        "too_early": 10,
        "flood": 5,
    }


@pytest.mark.parametrize("opens", [None, NOON - 90 * DAY])
def test_a_first_reading_is_no_flood_and_neither_are_the_first_posts_ever(db, opens):
    read(db, feed_of(), now=NOON - DAY, opens=opens)
    read(db, feed_of(*archive(9)), now=NOON, opens=opens)
    other = "https://other.example/feed"
    there = [
        replace(each, guid=each.guid * 2, title=f"{each.title}!", link="") for each in archive(9)
    ]
    read(db, feed_of(*there), now=NOON, opens=NOON - 90 * DAY, source=other)
    assert Counter(places(db).values()) == {"ready": 18}


def test_a_first_reading_is_no_flood_even_if_the_feed_had_posts():
    intake = Intake(now=NOON, opens=NOON - 90 * DAY, is_first=True)
    facts = Facts(source=FEED, sources=frozenset({FEED}), intake=intake, busiest_month=1)
    feed = feed_of(*archive(5))
    changes = weigh(feed, recognise(sight(feed), []), facts)
    assert {after.state for _, after in changes} == {PostState.READY}


NEW_ADDRESS = "https://blog.example/feed2"


def test_a_feed_at_a_new_address_takes_over_and_does_not_begin_anew(db):
    read(db, feed_of(*archive(3)), now=NOON)
    read(db, feed_of(*new("fresh"), *archive(5)), now=NOON, source=NEW_ADDRESS)
    assert places(db) == {f"Old{n}": "baseline" for n in range(5)} | {"Fresh": "settling"}
    assert {h.post.feed for h in everything(db)} == {NEW_ADDRESS}
    assert f"guid old0 in {NEW_ADDRESS}" in the_one(db, "Old0").keys


def test_a_feed_that_takes_over_with_far_more_posts_is_a_flood(db):
    """Not the old feed at a new address, but another one, which has a guest's post from it."""
    read(db, feed_of(*archive(3)), now=NOON)
    others = [post(f"other{n}", NOON - n * HOUR) for n in range(4)]
    read(db, feed_of(*others, *archive(1)), now=NOON, source=NEW_ADDRESS)
    assert Counter(places(db).values()) == {"baseline": 3, "flood": 4}


def test_a_flood_does_not_count_as_usual_when_a_feed_takes_over(db):
    read(db, feed_of(*archive(1)), now=NOON)
    read(db, feed_of(*new("x", "y"), *archive(1)), now=NOON)
    read(db, feed_of(*new("x", "y", "z", "w"), *archive(1)), now=NOON, source=NEW_ADDRESS)
    assert Counter(places(db).values()) == {"baseline": 1, "flood": 4}


BOTH = (FEED, NEW_ADDRESS)


def test_a_post_in_two_feeds_belongs_to_the_first_that_had_it(db):
    shared = post("shared", NOON - DAY)
    read(db, feed_of(), now=NOON, sources=BOTH)
    read(db, feed_of(shared), now=NOON, sources=BOTH)
    before = the_one(db, "Shared")
    copy = replace(shared, guid="77", title="Shared!", body="Mended.")
    read(db, feed_of(copy, *archive(2)), now=NOON, source=NEW_ADDRESS, sources=BOTH)
    assert places(db) == {"Shared": "ready", "Old0": "baseline", "Old1": "baseline"}
    assert the_one(db, "Shared").post == before.post
    assert f"guid 77 in {NEW_ADDRESS}" in the_one(db, "Shared").keys


def test_when_the_first_feed_goes_from_the_settings_the_second_has_the_post(db):
    shared = post("shared", NOON - DAY)
    for source in BOTH:
        read(db, feed_of(shared), now=NOON, source=source, sources=BOTH)
    read(db, feed_of(replace(shared, title="Mended")), now=NOON, source=NEW_ADDRESS)
    assert [(h.post.feed, h.post.title) for h in everything(db)] == [(NEW_ADDRESS, "Mended")]


def test_time_passes_for_a_feed_that_does_not_change():
    settling = held("a", NOON, state=PostState.SETTLING, first_seen=NOON)
    old = held("b", state=PostState.EXCLUDED, cause=Cause.BASELINE, reason=BASELINE)
    cut = held("c", state=PostState.HELD, cause=Cause.CUT_SHORT, reason="half")
    facts = Facts(
        source=FEED,
        sources=frozenset({FEED}),
        intake=Intake(now=NOON + HOUR, opens=NOON - 20 * DAY),
        moving=[settling, old, cut],
    )
    assert pass_time(facts) == [(each, each.moved(PostState.READY)) for each in facts.moving]
