"""The one sentence about a post, from what the ledger wrote down of it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from content import approval_store, ledger, store
from content.choice import Order, Rules
from content.edition import EditionState
from content.intake import Cause, LedgerPost, PostState
from content.period import Period
from content.post import Post
from content.why import explain_post
from tests.content.builders import day, feed_of, hash_of, held, post
from tests.content.shelf import everything, prepare, read

KEY = "digest-2026-11"
BERLIN = ZoneInfo("Europe/Berlin")
NOON = day("2026-11-20T11:00")  # noon in Berlin
OCTOBER, NOVEMBER, DECEMBER = (Period(2026, month) for month in (10, 11, 12))
HOUR = timedelta(hours=1)
OLD = post("old", NOON - timedelta(days=60))
HIPS = post("hips", NOON - 5 * HOUR, categories=("News",))


@pytest.fixture
def blog(db) -> Database:
    """A ledger whose feed was read, with one old post."""
    read(db, feed_of(OLD), now=NOON)
    return db


def publish(db: Database, *posts: Post, now: datetime = NOON, **facts) -> None:
    read(db, feed_of(*posts, OLD), now=now, **facts)


def find(db: Database, name: str) -> LedgerPost:
    (found,) = [h for h in everything(db) if h.post.guid == name or h.post.title == name]
    return found


def why(db: Database, name: str = "hips") -> str:
    """What the author reads; it is always one sentence."""
    post = find(db, name)
    edition = store.find_edition(db, post.edition_key)
    told = explain_post(
        post,
        zone=BERLIN,
        edition_state=edition.state if edition else None,
        mailed=edition.closed if edition else None,
        goes=edition.send_after if edition else None,
        passed_over=ledger.last_left_out(db, post),
    )
    assert re.fullmatch(r"It (is|was|goes|went) [^.]*([^.]\.[a-z][^.]*)*[^.;:, ]\.", told)
    assert not re.search(r"  |\.\.|[;:,] *[;:,.]| \.", told)
    return told


def edit(db: Database, period: Period = NOVEMBER, *, approve: bool = False, **rules) -> None:
    """Make the edition of a month, a day after it is over."""
    now = period.end(BERLIN) + timedelta(days=1)
    letter = prepare(db, period, Rules(**rules), now=now, zone=BERLIN)
    if approve:
        assert approval_store.approve(db, f"digest-{period}", hash_of(letter), now=now)


def test_of_what_was_there_at_first(blog):
    assert why(blog, "old") == (
        "It is not mailed: on the blog before its feed was first read; "
        "`lettermill posts release` overrides that."
    )


def test_of_what_is_from_before_the_newsletter(blog):
    publish(blog, HIPS, opens=day("2026-11-20T23:00"))
    assert why(blog) == (
        "It is not mailed: published before 2026-11-20, where this newsletter begins; "
        "`lettermill posts release` overrides that."
    )


def test_of_what_has_nothing_to_show(blog):
    publish(blog, replace(HIPS, title="", body=""))
    assert why(blog) == (
        "It is not mailed: without a title and words; the blog may still add some."
    )


def test_of_what_the_author_left_out(blog):
    publish(blog, HIPS)
    dropped = find(blog, "hips").moved(
        PostState.EXCLUDED, Cause.AUTHOR, "left out by hand on 2026-11-20"
    )
    ledger.set_aside(blog, find(blog, "hips"), dropped)
    assert why(blog) == "It is not mailed: left out by hand on 2026-11-20."


def test_of_half_a_post(blog):
    read(blog, feed_of(OLD, HIPS, broken=True), now=NOON)
    assert why(blog) == (
        "It is held: the feed broke off in it; it goes on when a reading repeats it."
    )
    publish(blog)
    assert why(blog) == (
        "It is not mailed: half a post, of a reading that broke off, and no later one repeats it."
    )


def test_of_one_of_too_many(blog):
    publish(blog, *(post(name, NOON - HOUR) for name in ("hips", "backs", "knees")))
    assert why(blog) == (
        "It is held: one of 3 new posts at once, where the feed never had more than 1 in a month; "
        "`lettermill posts release` lets them go on."
    )


def test_of_what_was_taken_off(blog):
    publish(blog, replace(HIPS, published=NOON))
    publish(blog, now=NOON + HOUR)
    assert why(blog) == (
        "It is held: taken off the feed before it was ready; it goes on when it comes back."
    )


def test_of_a_page_that_is_gone(blog):
    publish(blog, HIPS)
    gone = "its page on the blog is gone (HTTP 404 or 410); it goes on when the page is back."
    ledger.set_aside(
        blog, find(blog, "hips"), find(blog, "hips").moved(PostState.HELD, Cause.GONE, gone)
    )
    assert why(blog) == f"It is held: {gone}"


def test_of_what_has_just_appeared_or_changed(blog):
    publish(blog, replace(HIPS, published=NOON))
    assert why(blog) == (
        "It is settling: first seen 2026-11-20 12:00; it goes on by itself when it has rested."
    )
    publish(blog, replace(HIPS, published=NOON, body="Mended."), now=NOON + HOUR / 4)
    assert why(blog) == (
        "It is settling: first seen 2026-11-20 12:00, and changed 2026-11-20 12:15; "
        "it goes on by itself when it has rested."
    )


def test_of_what_is_dated_ahead(blog):
    publish(blog, replace(HIPS, published=NOON + 24 * HOUR))
    assert why(blog) == "It is settling: dated 2026-11-21 12:00, and it waits for that."


def test_of_what_is_mended_when_its_day_has_come(blog):
    soon = replace(HIPS, published=NOON + HOUR / 6)
    publish(blog, soon)
    publish(blog, replace(soon, body="Mended."), now=NOON + HOUR / 3)
    assert why(blog) == (
        "It is settling: first seen 2026-11-20 12:00, and changed 2026-11-20 12:20; "
        "it goes on by itself when it has rested."
    )


def test_of_what_is_ready(blog):
    publish(blog, HIPS)
    assert why(blog) == "It is ready, and waits for the next edition."


BACKS = post("backs", NOON - 6 * HOUR)
KNEES = post("knees", NOON - 7 * HOUR)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"min_posts": 4}, "it waits until there are 4 posts"),
        (
            {"max_posts": 2, "order": Order.OLDEST},
            "comes with the next edition: this one is full with 2 posts",
        ),
        (
            {"max_posts": 1, "order": Order.OLDEST, "min_posts": 1},
            "comes with a later edition: this one is full with 1 post, and so is the next",
        ),
        (
            {"max_posts": 1, "order": Order.OLDEST, "max_age": timedelta(days=30)},
            "the edition is "
            "full with 1 post, and for the next one it is too old; a larger `max_age_days` in "
            "lettermill.toml lets it in",
        ),
        ({"exclude": ("news",)}, "in the category news, which `exclude` in lettermill.toml names"),
        (
            {"include": ("Knees",)},
            "in none of the categories that `include` in lettermill.toml names",
        ),
        (
            {"max_age": timedelta(days=7)},
            "older than 7 days at the end of November 2026, and so too old for every later "
            "edition; a larger `max_age_days` in lettermill.toml lets it in",
        ),
    ],
)
def test_of_what_an_edition_left_out(blog, rules, reason):
    for n in (2, 1, 0):
        publish(blog, *[HIPS, BACKS, KNEES][n:])
    edit(blog, **rules)
    assert why(blog) == f"It is ready; digest-2026-11 left it out: {reason}."


def test_of_what_is_for_a_later_month(blog):
    publish(blog, HIPS)
    edit(blog, OCTOBER)
    assert why(blog) == ("It is ready; digest-2026-10 left it out: published after October 2026.")


def test_of_what_was_in_another_draft_then(blog):
    publish(blog, HIPS)
    edit(blog)
    edit(blog, DECEMBER)
    assert why(blog) == "It is in digest-2026-11, which waits for your yes."
    edit(blog, exclude=("news",))
    assert why(blog) == (
        "It is ready; digest-2026-12 left it out: in digest-2026-11, which waits for your yes."
    )


def test_the_last_edition_that_left_it_out_is_named(blog):
    publish(blog, HIPS)
    edit(blog, exclude=("news",))
    edit(blog, DECEMBER, min_posts=2)
    assert why(blog) == (
        "It is ready; digest-2026-12 left it out: it waits until there are 2 posts."
    )
    edit(blog, DECEMBER)
    assert why(blog) == "It is in digest-2026-12, which waits for your yes."


def test_from_draft_to_letter(blog):
    publish(blog, HIPS)
    edit(blog)
    assert why(blog) == "It is in digest-2026-11, which waits for your yes."
    edit(blog, approve=True)
    assert why(blog) == "It goes out with digest-2026-11."
    store.begin_mailing(blog, KEY)
    assert why(blog) == "It is going out with digest-2026-11."
    store.close_edition(blog, KEY, now=day("2026-12-01T23:30"))
    assert why(blog) == "It went out with digest-2026-11 on 2026-12-02."


def test_a_draft_that_goes_by_itself_waits_for_no_yes(blog):
    publish(blog, HIPS)
    edit(blog)
    draft = store.get_edition(blog, KEY)
    approval_store.send_later(blog, KEY, draft.content_hash, day("2026-12-02T08:00"))
    assert why(blog) == (
        "It is in digest-2026-11, which goes out by itself after 2026-12-02 09:00, "
        "unless you hold it."
    )
    approval_store.hold(blog, KEY, draft.content_hash, "you held it")
    assert why(blog) == "It is in digest-2026-11, which waits for your yes."


def test_of_what_was_edited_after_the_yes(blog):
    publish(blog, HIPS)
    edit(blog, approve=True)
    publish(blog, replace(HIPS, body="Mended."), now=day("2026-12-03T23:30"))
    assert why(blog) == (
        "It goes out with digest-2026-11, and was edited on the blog since (2026-12-04)."
    )
    store.begin_mailing(blog, KEY)
    store.close_edition(blog, KEY, now=day("2026-12-02"))
    assert why(blog) == (
        "It went out with digest-2026-11 on 2026-12-02, "
        "and was edited on the blog since (2026-12-04)."
    )


def test_what_was_edited_before_the_yes_is_not_said_to_be(blog):
    publish(blog, HIPS)
    edit(blog)
    publish(blog, replace(HIPS, body="Mended."), now=NOON + HOUR)
    edit(blog, approve=True)
    assert why(blog) == "It goes out with digest-2026-11."


def test_of_an_edition_that_was_cancelled():
    post = held("hips", state=PostState.ASSIGNED, edition_key=KEY)
    told = explain_post(post, zone=BERLIN, edition_state=EditionState.CANCELLED)
    assert told == "It was in digest-2026-11, which was cancelled."


def test_one_sentence_ends_with_one_full_stop_whoever_wrote_the_reason():
    stopped = held("hips", state=PostState.HELD, cause=Cause.AUTHOR, reason="Not yet. ")
    assert explain_post(stopped, zone=BERLIN) == "It is held: Not yet."
    told = explain_post(held("hips"), zone=BERLIN, passed_over=(KEY, "Not yet."))
    assert told == "It is ready; digest-2026-11 left it out: Not yet."
