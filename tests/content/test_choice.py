"""Choosing a month's posts: who goes first, who waits, and why."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.choice import Choice, LeftOut, Order, Rules, choose_posts, digest_key, period_of
from content.intake import LedgerPost, PostState
from content.period import Period
from tests.content.builders import day, held

NOVEMBER = Period(2026, 11)
BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

EARLY = held("early", day("2026-11-03"))
MIDDLE = held("middle", day("2026-11-14"))
LATE = held("late", day("2026-11-25"))
NEXT = held("next", day("2026-12-01T12:00"))
FRESH = held("fresh", day("2026-11-30T12:00"), state=PostState.SETTLING)

AFTER = "published after November 2026"
SETTLES = "still settling: dated ahead, or changed a moment ago"
TOO_OLD = (
    "older than 20 days at the end of November 2026, and so too old for every later edition; "
    "a larger `max_age_days` in lettermill.toml lets it in"
)


def choose(*posts, period=NOVEMBER, zone=BERLIN, **limits) -> Choice:
    return choose_posts(posts, period, zone, Rules(**limits))


def names(choice: Choice) -> list[str]:
    return [held.identity for held in choice.chosen]


def reasons(choice: Choice) -> dict[str, str]:
    return {left.held.identity: left.reason for left in choice.left_out}


def test_the_posts_of_a_month_are_read_newest_first_or_oldest_first():
    assert choose(EARLY, LATE) == Choice((LATE, EARLY), ())
    assert choose(EARLY, LATE, order=Order.OLDEST) == Choice((EARLY, LATE), ())


def test_a_post_of_the_next_month_waits_for_it():
    undated = held("undated", None, first_seen=day("2026-12-02"))
    assert choose(EARLY, NEXT, undated) == Choice(
        (EARLY,), (LeftOut(NEXT, AFTER), LeftOut(undated, "first seen after November 2026"))
    )


def test_a_month_ends_at_midnight_where_the_newsletter_is_at_home():
    evening = held("evening", day("2026-11-30T23:30"))
    assert names(choose(evening, zone=BERLIN)) == []
    assert names(choose(evening, zone=LOS_ANGELES)) == ["evening"]


@pytest.mark.parametrize(
    ("zone", "period", "last", "first"),
    [
        ("Europe/Berlin", Period(2026, 11), "2026-11-30T22:59:59", "2026-11-30T23:00"),
        ("Europe/Berlin", Period(2026, 3), "2026-03-31T21:59:59", "2026-03-31T22:00"),
        ("Europe/Berlin", Period(2026, 10), "2026-10-31T22:59:59", "2026-10-31T23:00"),
        # The clocks went from midnight to one: the first of October began at 01:00.
        ("America/Asuncion", Period(2023, 9), "2023-10-01T03:59:59", "2023-10-01T04:00"),
        ("Pacific/Kiritimati", Period(2026, 12), "2026-12-31T09:59:59", "2026-12-31T10:00"),
    ],
)
def test_the_first_moment_after_the_month_is_of_the_next(zone, period, last, first):
    posts, zone = [held("last", day(last)), held("first", day(first))], ZoneInfo(zone)
    assert names(choose(*posts, period=period, zone=zone)) == ["last"]
    late = held("late", day(first) + timedelta(days=9))
    following = {"period": period.following(), "zone": zone, "max_posts": 1}
    assert names(choose(*posts, late, **following)) == ["last"]
    assert names(choose(posts[1], late, **following)) == ["late"]


def test_an_edition_has_one_to_eight_posts_unless_the_author_says_otherwise():
    assert len(choose(*[held(f"p{n}", day("2026-11-05")) for n in range(9)]).chosen) == 8
    assert choose(EARLY).chosen == (EARLY,)


def test_a_post_that_still_settles_waits():
    assert choose(EARLY, FRESH) == Choice((EARLY,), (LeftOut(FRESH, SETTLES),))


def test_a_post_that_every_earlier_edition_passed_over_comes_along():
    ancient = held("ancient", day("2024-01-01"))
    assert names(choose(LATE, ancient)) == ["late", "ancient"]


def test_a_post_without_a_date_counts_from_the_day_it_was_seen():
    undated = held("undated", None, first_seen=day("2026-11-10"))
    assert names(choose(EARLY, undated, LATE)) == ["late", "undated", "early"]


@pytest.mark.parametrize(
    ("order", "chosen", "over"),
    [
        (Order.NEWEST, ["late", "middle"], "early"),
        (Order.OLDEST, ["early", "middle"], "late"),
    ],
)
def test_a_full_edition_takes_the_first_in_its_order_and_leaves_the_others(order, chosen, over):
    choice = choose(EARLY, MIDDLE, LATE, NEXT, max_posts=2, order=order)
    assert names(choice) == chosen
    assert reasons(choice) == {
        "next": AFTER,
        over: "comes with the next edition: this one is full with 2 posts",
    }


def test_what_the_next_edition_has_no_room_for_either_is_not_promised_for_it():
    assert reasons(choose(EARLY, MIDDLE, LATE, max_posts=1)) == {
        "early": "comes with the next edition: this one is full with 1 post",
        "middle": "comes with a later edition: this one is full with 1 post, and so is the next",
    }


@pytest.mark.parametrize("order", Order)
def test_what_an_earlier_edition_passed_over_goes_first_whatever_the_order(order):
    october, september = held("october", day("2026-10-20")), held("september", day("2026-09-20"))
    assert names(choose(LATE, october, september, max_posts=1, order=order)) == ["september"]
    both = set(names(choose(LATE, october, september, max_posts=2, order=order)))
    assert both == {"october", "september"}


def test_what_the_next_edition_would_find_too_old_goes_before_what_is_newer():
    """By the end of December, the 14th of November is 48 days ago and the 25th only 37."""
    age = timedelta(days=40)
    assert names(choose(EARLY, MIDDLE, LATE, max_posts=1, max_age=age)) == ["early"]
    assert names(choose(MIDDLE, LATE, max_posts=1, max_age=age)) == ["middle"]
    assert names(choose(MIDDLE, LATE, max_posts=1, max_age=timedelta(days=48))) == ["late"]


def test_a_full_edition_does_not_promise_the_next_to_what_will_be_too_old_for_it():
    choice = choose(EARLY, MIDDLE, LATE, max_posts=1, max_age=timedelta(days=40))
    assert reasons(choice) == {
        "middle": "the edition is full with 1 post, and for the next one it is too old; "
        "a larger `max_age_days` in lettermill.toml lets it in",
        "late": "comes with the next edition: this one is full with 1 post",
    }


def test_where_all_of_a_month_would_be_too_old_the_order_is_the_authors():
    assert names(choose(MIDDLE, LATE, max_posts=1, max_age=timedelta(days=31))) == ["late"]


def test_a_post_that_is_too_old_is_closed_for_good_and_the_reason_says_so():
    choice = choose(EARLY, LATE, max_age=timedelta(days=20))
    assert choice == Choice((LATE,), (LeftOut(EARLY, TOO_OLD),))
    edge = held("edge", NOVEMBER.end(BERLIN) - timedelta(days=20))
    assert names(choose(edge, max_age=timedelta(days=20))) == ["edge"]


KNEES = held("knees", day("2026-11-05"), categories=("Knees", "Rehab"))
NEWS = held("news", day("2026-11-04"), categories=("NEWS", "knees"))
OTHERS = held("others", day("2026-11-03"))


def test_with_categories_to_include_only_their_posts_go_in():
    choice = choose(KNEES, NEWS, OTHERS, include=("rehab", "Straße"))
    assert names(choice) == ["knees"]
    not_in = "in none of the categories that `include` in lettermill.toml names"
    assert reasons(choice) == {"news": not_in, "others": not_in}
    street = held("street", day("2026-11-03"), categories=("STRASSE",))
    assert names(choose(street, include=("Straße",))) == ["street"]


def test_a_category_to_exclude_goes_before_one_to_include():
    choice = choose(KNEES, NEWS, OTHERS, include=("Knees",), exclude=("Ads", "News"))
    assert names(choice) == ["knees"]
    assert (
        reasons(choice)["news"] == "in the category News, which `exclude` in lettermill.toml names"
    )


def test_too_few_posts_wait_together():
    assert choose(EARLY, NEXT, min_posts=2) == Choice(
        (),
        (LeftOut(NEXT, AFTER), LeftOut(EARLY, "it waits until there are 2 posts")),
        "1 of the 2 posts an edition needs; it waits for the next one",
    )
    assert choose(EARLY, LATE, min_posts=3).too_few == (
        "2 of the 3 posts an edition needs; they wait for the next one"
    )


def test_a_month_without_posts_says_so():
    assert choose(NEXT).too_few == "no post waits for November 2026"
    assert choose(replace(NEXT, state=PostState.SETTLING)).too_few == (
        "no post waits for November 2026"
    )


def test_a_month_whose_posts_only_have_to_settle_says_so():
    assert choose(FRESH).too_few == (
        "1 post is still settling: dated ahead, or changed a moment ago"
    )
    fresh = [FRESH, replace(FRESH, identity="other")]
    assert choose(*fresh, min_posts=2).too_few == (
        "2 posts are still settling: dated ahead, or changed a moment ago"
    )


def test_posts_that_are_too_few_or_unwanted_even_when_settled_are_not_said_to_come_soon():
    assert "settling" not in choose(EARLY, FRESH, min_posts=3).too_few
    assert "settling" not in choose(FRESH, include=("News",)).too_few


def test_a_post_in_the_draft_of_another_month_is_named_with_it():
    drafts = [
        held(
            f"p{n}", day("2026-10-05"), state=PostState.ASSIGNED, edition_key=f"digest-2026-{n:02}"
        )
        for n in (9, 10)
    ]
    assert choose(drafts[1]) == Choice(
        (),
        (LeftOut(drafts[1], "in digest-2026-10, which waits for your yes"),),
        "no post waits for November 2026 (digest-2026-10 waits for your yes)",
    )
    assert choose(*drafts).too_few == (
        "no post waits for November 2026 (digest-2026-09, digest-2026-10 wait for your yes)"
    )
    own = replace(EARLY, state=PostState.ASSIGNED, edition_key="digest-2026-11")
    assert choose(own).chosen == (own,)
    assert choose(own, min_posts=2).too_few == (
        "1 of the 2 posts an edition needs; it waits for the next one"
    )


def test_posts_of_two_feeds_under_one_guid_are_told_apart_whatever_their_order():
    one = held("1", day("2026-11-05"), feed="https://a.example/feed")
    two = held("1", day("2026-11-05"), feed="https://b.example/feed")
    assert choose(one, two) == choose(two, one)


def test_a_digest_is_named_by_its_month():
    assert digest_key(NOVEMBER) == "digest-2026-11"
    assert period_of("digest-2026-11") == NOVEMBER


moments = st.none() | st.integers(0, 160 * 24).map(
    lambda hours: day("2026-07-01") + timedelta(hours=hours)
)
ledgers = st.lists(
    st.builds(
        lambda when, state, category: (when, state, category),
        moments,
        st.sampled_from([PostState.SETTLING, PostState.READY, PostState.READY]),
        st.sampled_from([(), ("News",), ("Knees",)]),
    ),
    max_size=12,
).map(
    lambda facts: [
        held(f"p{n}", when, state=state, categories=categories)
        for n, (when, state, categories) in enumerate(facts)
    ]
)
rules = st.builds(
    Rules,
    min_posts=st.integers(1, 3),
    max_posts=st.integers(3, 6),
    order=st.sampled_from(Order),
    include=st.sampled_from([(), (), ("knees",)]),
    exclude=st.sampled_from([(), (), ("news",)]),
    max_age=st.none() | st.integers(1, 150).map(lambda days: timedelta(days=days)),
)
zones = st.sampled_from([BERLIN, LOS_ANGELES, ZoneInfo("Pacific/Kiritimati")])


@given(ledgers, rules, zones, st.randoms(use_true_random=False))
def test_every_post_is_chosen_or_left_out_with_a_reason(posts, rules, zone, random: Random):
    choice = choose_posts(posts, NOVEMBER, zone, rules)
    everyone = [*names(choice), *reasons(choice)]
    assert sorted(everyone) == sorted(held.identity for held in posts)
    assert all(reasons(choice).values())
    assert len(choice.chosen) <= rules.max_posts
    assert bool(choice.too_few) == (len(choice.chosen) < rules.min_posts) == (not choice.chosen)
    assert all(held.state is PostState.READY for held in choice.chosen)
    assert all(held.dated < NOVEMBER.end(zone) for held in choice.chosen)
    newest_first = rules.order is Order.NEWEST
    dates = [held.dated for held in choice.chosen]
    assert dates == sorted(dates, reverse=newest_first)

    random.shuffle(posts)
    assert choose_posts(posts, NOVEMBER, zone, rules) == choice


def editions(posts: list[LedgerPost], rules: Rules, months: int) -> list[list[LedgerPost]]:
    """What each month's edition takes, from July 2026 on."""
    told, period = [], Period(2026, 7)
    for _ in range(months):
        choice = choose_posts(posts, period, BERLIN, rules)
        told.append(list(choice.chosen))
        posts = [held for held in posts if held not in choice.chosen]
        period = period.following()
    return told


@given(ledgers, st.integers(1, 3), st.sampled_from(Order))
def test_a_full_edition_drops_nothing_for_good(posts, most, order):
    ready = [held for held in posts if held.state is PostState.READY]
    told = editions(ready, Rules(max_posts=most, order=order), months=6 + len(ready))
    assert sorted(h.identity for month in told for h in month) == sorted(h.identity for h in ready)


@given(ledgers, st.integers(1, 3))
def test_oldest_first_nobody_is_told_of_before_an_older_post(posts, most):
    ready = [held for held in posts if held.state is PostState.READY]
    told = editions(ready, Rules(max_posts=most, order=Order.OLDEST), months=6 + len(ready))
    dates = [held.dated for month in told for held in month]
    assert dates == sorted(dates)
