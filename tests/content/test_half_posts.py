"""Posts of a feed that breaks off, and posts that leave a feed before they have settled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from content.intake import (
    Cause,
    PostState,
)
from content.post import Post
from tests.conftest import NOON
from tests.content.builders import LONG, SITE, feed_of, post
from tests.content.shelf import everything, places, read, the_one

HALF = post("half", NOON - timedelta(hours=5), body="<p>Words and</p>")
WHOLE = replace(HALF, body=LONG)


OLD = post("old", NOON - timedelta(days=1))


@pytest.fixture
def begun(db):
    """A ledger whose feed was read, with one old post."""
    read(db, feed_of(OLD), now=NOON)
    return db


def reading(db, *posts: Post, hours: float, broken: bool = False) -> None:
    """Read these after so many hours; when the feed is broken, it breaks off in the last."""
    there = (OLD, *posts) if broken else (*posts, OLD)
    read(db, feed_of(*there, broken=broken), now=NOON + timedelta(hours=hours))


def test_the_last_post_of_a_feed_that_breaks_off_is_held_until_it_is_repeated(begun):
    reading(begun, HALF, hours=1, broken=True)
    (cut,) = [h for h in everything(begun) if h.state is PostState.HELD]
    assert (cut.cause, cut.reason) == (
        Cause.CUT_SHORT,
        "the feed broke off in it; it goes on when a reading repeats it",
    )
    reading(begun, HALF, hours=2, broken=True)
    assert places(begun)["Half"] == "ready"


def test_the_other_posts_of_a_feed_that_breaks_off_are_whole(begun):
    reading(begun, post("x", HALF.published), HALF, hours=1, broken=True)
    assert (places(begun)["X"], places(begun)["Half"]) == ("ready", "cut_short")


def test_the_whole_of_half_a_post_goes_on(begun):
    reading(begun, HALF, hours=1, broken=True)
    reading(begun, WHOLE, hours=2)
    assert (places(begun)["Half"], the_one(begun, "Half").post) == ("ready", WHOLE)


@pytest.mark.parametrize("ago", [timedelta(hours=1), timedelta(hours=5)])
def test_half_a_post_never_replaces_a_whole_one(begun, ago):
    whole, half = (replace(each, published=NOON - ago) for each in (WHOLE, HALF))
    reading(begun, whole, hours=0)
    for hours in (1, 2):
        reading(begun, half, hours=hours, broken=True)
        assert the_one(begun, "Half").post == whole
    assert places(begun)["Half"] == "ready"


def test_more_of_a_post_that_still_breaks_off_is_held_too(begun):
    reading(begun, replace(HALF, title="", body=""), hours=1)
    assert places(begun)[""] == "empty"
    for hours, words in enumerate(["<p>Words", HALF.body], 2):
        reading(begun, replace(HALF, body=words), hours=hours, broken=True)
        assert (places(begun)["Half"], the_one(begun, "Half").post.body) == ("cut_short", words)


def test_half_of_a_post_that_was_taken_off_does_not_bring_it_back(begun):
    fresh = replace(WHOLE, published=NOON)
    reading(begun, fresh, hours=0)
    reading(begun, hours=1)
    reading(begun, replace(HALF, published=NOON), hours=2, broken=True)
    assert (places(begun)["Half"], the_one(begun, "Half").post) == ("withdrawn", fresh)


def test_half_a_post_that_has_no_address_yet_gives_way_to_the_whole_one(begun):
    nameless = replace(HALF, guid="", link=SITE, published=None)
    reading(begun, nameless, hours=1, broken=True)
    reading(begun, WHOLE, hours=2)
    found = {h.post.body: h for h in everything(begun) if h.post.title == "Half"}
    stub, whole = found[HALF.body], found[WHOLE.body]
    assert (stub.state, stub.cause, stub.reason) == (
        PostState.EXCLUDED,
        Cause.WITHDRAWN,
        "half a post, of a reading that broke off, and no later one repeats it",
    )
    assert (whole.state, whole.post) == (PostState.READY, WHOLE)


FRESH = post("fresh", NOON)


def test_a_settling_post_that_leaves_the_feed_is_held_and_goes_on_when_it_is_back(begun):
    reading(begun, FRESH, hours=0)
    reading(begun, hours=1)
    gone = the_one(begun, "Fresh")
    assert (gone.state, gone.cause, gone.reason) == (
        PostState.HELD,
        Cause.WITHDRAWN,
        "taken off the feed before it was ready; it goes on when it comes back",
    )
    reading(begun, hours=9)
    assert places(begun)["Fresh"] == "withdrawn"
    reading(begun, FRESH, hours=10)
    assert places(begun)["Fresh"] == "ready"


@pytest.mark.parametrize("known", [True, False])
def test_a_settling_post_that_slid_out_of_the_feed_goes_on(begun, known):
    newer = post("newer", NOON + timedelta(minutes=1))
    reading(begun, FRESH, hours=0)
    reading(begun, *[newer] * known, FRESH, hours=0)
    read(begun, feed_of(newer), now=NOON + timedelta(hours=1))
    assert places(begun)["Fresh"] == "ready"


def test_it_is_held_when_newer_posts_are_left_and_older_ones(begun):
    newer = post("newer", NOON + timedelta(minutes=1))
    for hours, there in enumerate([[FRESH], [newer, FRESH], [newer]]):
        reading(begun, *there, hours=hours / 9)
    assert (places(begun)["Fresh"], places(begun)["Newer"]) == ("withdrawn", "settling")


def test_of_a_broken_feed_nobody_can_say_what_is_missing(begun):
    reading(begun, FRESH, hours=0)
    reading(begun, hours=1, broken=True)
    assert places(begun)["Fresh"] == "settling"


def test_a_post_that_had_settled_may_leave_the_feed(begun):
    reading(begun, WHOLE, hours=0)
    reading(begun, hours=1)
    assert places(begun)["Half"] == "ready"
