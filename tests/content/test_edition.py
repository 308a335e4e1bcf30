"""Choosing a month's posts, and putting the edition together."""

from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from content.edition import (
    Choice,
    LeftOut,
    choose_posts,
)
from content.intake import PostState
from content.period import Period
from tests.content.builders import day, held

NOVEMBER = Period(2026, 11)
BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

EARLY = held("early", day("2026-11-03"))
LATE = held("late", day("2026-11-25"))
NEXT = held("next", day("2026-12-01T12:00"))
FRESH = held("fresh", day("2026-11-30T12:00"), state=PostState.SETTLING)


def choose(*posts, zone=BERLIN, **limits) -> Choice:
    return choose_posts(posts, NOVEMBER, zone, **limits)


def test_the_posts_of_a_month_are_read_newest_first():
    assert choose(EARLY, LATE) == Choice((LATE, EARLY), ())


def test_a_post_of_the_next_month_waits_for_it():
    assert choose(EARLY, NEXT) == Choice(
        (EARLY,), (LeftOut(NEXT, "published after November 2026"),)
    )


def test_a_month_ends_at_midnight_where_the_newsletter_is_at_home():
    evening = held("evening", day("2026-11-30T23:30"))
    assert choose(evening, zone=BERLIN).chosen == ()
    assert choose(evening, zone=LOS_ANGELES).chosen == (evening,)


def test_the_first_moment_after_the_month_is_of_the_next():
    last = held("last", day("2026-11-30T22:59"))
    first = held("first", day("2026-11-30T23:00"))
    assert choose(last, first).chosen == (last,)
    assert choose(replace(first, state=PostState.SETTLING)).too_few.startswith("no post waits")


def test_an_edition_has_one_to_eight_posts_unless_the_author_says_otherwise():
    assert len(choose(*[held(f"p{n}", day("2026-11-05")) for n in range(9)]).chosen) == 8
    assert choose(EARLY).chosen == (EARLY,)


def test_a_post_that_still_settles_waits():
    assert choose(EARLY, FRESH) == Choice(
        (EARLY,),
        (LeftOut(FRESH, "still settling: dated ahead, or changed in the last 30 minutes"),),
    )


def test_a_post_that_every_earlier_edition_passed_over_comes_along():
    ancient = held("ancient", day("2024-01-01"))
    assert choose(LATE, ancient).chosen == (LATE, ancient)


def test_a_post_without_a_date_counts_from_the_day_it_was_seen():
    undated = held("undated", None, first_seen=day("2026-11-10"))
    assert choose(EARLY, undated, LATE).chosen == (LATE, undated, EARLY)


def test_a_full_edition_takes_the_oldest_and_leaves_the_others_to_the_next():
    middle = held("middle", day("2026-11-14"))
    assert choose(LATE, EARLY, NEXT, middle, max_posts=2) == Choice(
        (middle, EARLY),
        (
            LeftOut(NEXT, "published after November 2026"),
            LeftOut(LATE, "comes with the next edition: this one is full with 2 posts"),
        ),
    )


def test_too_few_posts_wait_together():
    assert choose(EARLY, NEXT, min_posts=2) == Choice(
        (),
        (LeftOut(NEXT, "published after November 2026"), LeftOut(EARLY, "waits for 2 posts")),
        "1 of the 2 posts an edition needs; they wait for the next one",
    )


def test_a_month_without_posts_says_so():
    assert choose(NEXT).too_few == ("no post waits for November 2026")


def test_a_month_whose_posts_only_have_to_settle_says_so():
    fresh = [FRESH, replace(FRESH, post=replace(FRESH.post, identity="other"))]
    assert choose(*fresh, min_posts=2).too_few == (
        "posts are still settling (2): dated ahead, or changed a moment ago"
    )


def test_posts_that_are_too_few_even_when_settled_are_not_said_to_go_out_soon():
    assert "can go out" not in choose(EARLY, FRESH, min_posts=3).too_few


def test_posts_of_two_feeds_under_one_guid_are_told_apart_whatever_their_order():
    one = held("1", day("2026-11-05"), feed="https://a.example/feed")
    two = held("1", day("2026-11-05"), feed="https://b.example/feed")
    assert choose(one, two) == choose(two, one)


moments = st.none() | st.datetimes(
    day("2026-10-25").replace(tzinfo=None), day("2026-12-10").replace(tzinfo=None)
).map(lambda moment: moment.replace(tzinfo=day("2026-01-01").tzinfo))
ledgers = st.lists(
    st.tuples(moments, st.sampled_from([PostState.SETTLING, PostState.READY, PostState.ASSIGNED])),
    max_size=12,
).map(lambda facts: [held(f"p{n}", when, state=state) for n, (when, state) in enumerate(facts)])


@given(ledgers, st.integers(1, 4), st.integers(1, 6), st.randoms())
def test_every_post_is_chosen_or_left_out_with_a_reason(posts, least, most, random: Random):
    choice = choose(*posts, min_posts=least, max_posts=most)
    left_out = [left.held for left in choice.left_out]
    key = {held.post.identity: held for held in [*choice.chosen, *left_out]}
    assert len(choice.chosen) + len(left_out) == len(posts) == len(key)
    assert all(left.reason for left in choice.left_out)
    assert len(choice.chosen) <= most
    assert bool(choice.too_few) == (not choice.chosen)
    assert all(held.dated < NOVEMBER.end(BERLIN) for held in choice.chosen)
    assert all(held.state is not PostState.SETTLING for held in choice.chosen)
    assert list(choice.chosen) == sorted(choice.chosen, key=lambda h: h.dated, reverse=True)

    random.shuffle(posts)
    assert choose(*posts, min_posts=least, max_posts=most) == choice
