"""The life of one post, from reading to reading, until an edition has it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.intake import (
    SETTLED_AFTER,
    SETTLING,
    Cause,
    Intake,
    LedgerPost,
    PostState,
    review,
    take_in,
)
from tests.conftest import NOON
from tests.content.builders import day, post

JUST_NOW = NOON - timedelta(minutes=5)
OPENS = day("2026-11-01")


def first_seen(post, *, opens=None, first_read=False) -> LedgerPost:
    intake = Intake(now=NOON, opens=opens, is_first=first_read)
    return take_in(post, None, intake, identity="hips")


def seen_again(post, known, *, minutes: int) -> LedgerPost:
    now = NOON + timedelta(minutes=minutes)
    return take_in(post, known, Intake(now=now), identity="hips")


def test_the_first_reading_is_the_baseline():
    old = first_seen(post(), first_read=True)
    assert old == LedgerPost(
        post=post(),
        identity="hips",
        state=PostState.EXCLUDED,
        cause=Cause.BASELINE,
        reason=(
            "on the blog before its feed was first read; `lettermill posts release` overrides that"
        ),
        first_seen=NOON,
        changed=NOON,
    )


def test_a_post_that_appears_later_is_new():
    assert first_seen(post(published=JUST_NOW)) == LedgerPost(
        post=post(published=JUST_NOW),
        identity="hips",
        state=PostState.SETTLING,
        first_seen=NOON,
        changed=NOON,
    )


def test_from_an_opening_day_on_posts_of_the_first_reading_may_be_mailed():
    assert first_seen(post(published=OPENS), opens=OPENS, first_read=True).state is PostState.READY


@pytest.mark.parametrize("first_read", [True, False])
def test_before_the_opening_day_they_may_not(first_read):
    old = first_seen(
        post(published=OPENS - timedelta(seconds=1)), opens=OPENS, first_read=first_read
    )
    assert (old.state, old.reason) == (
        PostState.EXCLUDED,
        "published before 2026-11-01, where this newsletter begins; "
        "`lettermill posts release` overrides that",
    )


def test_the_opening_day_is_told_as_it_is_called_where_the_newsletter_is_at_home():
    """Midnight in Berlin is still the day before in UTC."""
    opens = day("2026-10-31T23:00")
    intake = Intake(now=NOON, opens=opens, zone=ZoneInfo("Europe/Berlin"))
    old = take_in(post(published=opens - timedelta(1)), None, intake, identity="hips")
    assert old.reason.startswith("published before 2026-11-01, where")


def test_a_post_without_a_date_is_old_only_when_it_was_there_at_first():
    undated = post(published=None)
    assert first_seen(undated, opens=OPENS, first_read=True).state is PostState.EXCLUDED
    assert first_seen(undated, opens=OPENS, first_read=False).state is PostState.SETTLING
    assert first_seen(undated).dated == NOON


def test_a_post_settles_when_it_has_been_the_same_for_half_an_hour():
    known = first_seen(post(published=JUST_NOW))
    almost = seen_again(known.post, known, minutes=29)
    assert almost == known
    assert seen_again(known.post, almost, minutes=30) == replace(known, state=PostState.READY)


def test_a_post_that_is_mended_waits_anew():
    known = first_seen(post(published=JUST_NOW))
    mended = seen_again(post(published=JUST_NOW, title="Mended"), known, minutes=20)
    assert mended == replace(known, post=mended.post, changed=NOON + timedelta(minutes=20))
    assert seen_again(mended.post, mended, minutes=45).state is PostState.SETTLING
    assert seen_again(mended.post, mended, minutes=50).state is PostState.READY


def test_a_post_published_hours_ago_has_had_its_while():
    assert first_seen(post(published=NOON - timedelta(hours=3))).state is PostState.READY
    short = NOON - timedelta(hours=3) + timedelta(seconds=1)
    assert first_seen(post(published=short)).state is PostState.SETTLING


@pytest.mark.parametrize("moment", ["0001-01-01", "1970-01-01", "9999-12-31T23:59"])
def test_no_date_is_too_far_away_to_be_taken_in(moment):
    assert first_seen(post(published=day(moment))).dated == day(moment)


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (PostState.READY, None),
        (PostState.ASSIGNED, None),
        (PostState.HELD, Cause.FLOOD),
        (PostState.HELD, Cause.GONE),
        (PostState.EXCLUDED, Cause.AUTHOR),
    ],
)
def test_a_settled_post_keeps_its_state_whatever_the_blog_does(state, cause):
    known = first_seen(post()).moved(state, cause, "r" if cause else "")
    mended = seen_again(post(title="Mended"), known, minutes=600)
    assert mended == replace(
        known, post=post(title="Mended"), changed=NOON + timedelta(minutes=600)
    )


def test_other_markup_is_no_change_and_other_words_are():
    known = first_seen(post(published=JUST_NOW, body="<p>Words &amp; more.</p>"))
    marked_up = seen_again(
        post(published=JUST_NOW, body="<div>Words\n&#38; more.</div>"), known, minutes=1
    )
    assert (marked_up.changed, marked_up.post.body[:5]) == (NOON, "<div>")
    reworded = seen_again(post(published=JUST_NOW, body="Words."), known, minutes=1)
    assert reworded.changed == NOON + timedelta(minutes=1)


def test_every_key_a_post_was_known_by_is_kept():
    known = replace(first_seen(post()), keys=frozenset("ab"))
    again = take_in(post(), known, Intake(now=NOON), identity="hips", keys=frozenset("bc"))
    assert again.keys == set("abc")


def test_a_post_with_neither_title_nor_words_waits_for_some():
    bare = replace(post(published=JUST_NOW, body=""), title="")
    known = first_seen(bare)
    assert (known.state, known.cause, known.reason) == (
        PostState.EXCLUDED,
        Cause.EMPTY,
        "without a title and words; the blog may still add some",
    )
    assert review(known, Intake(now=NOON + timedelta(days=1))) == known
    mended = post(published=JUST_NOW)
    assert seen_again(mended, known, minutes=5).state is PostState.SETTLING
    assert seen_again(mended, known, minutes=400).state is PostState.READY


def test_an_old_post_stays_old_when_the_blog_dates_it_anew():
    known = first_seen(post(published=None), first_read=True)
    again = seen_again(post(published=NOON), known, minutes=600)
    assert (again.state, again.reason) == (known.state, known.reason)


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from("abc")), min_size=1, max_size=8))
def test_no_post_is_ready_before_it_has_rested(readings):
    """Readings some minutes apart, each of the words as they were then."""
    known, now, changed = None, NOON, NOON
    for minutes, words in readings:
        now += timedelta(minutes=minutes)
        seen = post(published=NOON, body=words)
        if known is None or known.post != seen:
            changed = now
        before = known.state if known else PostState.SETTLING
        known = take_in(seen, known, Intake(now=now), identity="hips")
        rested = now - changed >= SETTLING or now - NOON >= SETTLED_AFTER
        assert known.changed == changed
        assert (known.state is PostState.READY) == (rested or before is PostState.READY)


def test_a_post_dated_ahead_waits_for_its_day_however_calm_it_is():
    ahead = first_seen(post(published=NOON + timedelta(days=1)))
    assert seen_again(ahead.post, ahead, minutes=12 * 60).state is PostState.SETTLING
    assert seen_again(ahead.post, ahead, minutes=25 * 60).state is PostState.READY


@pytest.mark.parametrize("minutes", [0, 12 * 60])
def test_a_post_that_is_ready_and_then_dated_ahead_waits_again(minutes):
    ready = first_seen(post())
    ahead = seen_again(post(published=NOON + timedelta(days=1)), ready, minutes=minutes)
    assert (ready.state, ahead.state) == (PostState.READY, PostState.SETTLING)
    assert seen_again(ahead.post, ahead, minutes=24 * 60).state is PostState.READY


def test_a_post_of_an_edition_stays_in_it_when_it_is_dated_ahead():
    known = replace(first_seen(post()), state=PostState.ASSIGNED)
    assert seen_again(post(published=NOON + timedelta(days=1)), known, minutes=9).state is (
        PostState.ASSIGNED
    )
