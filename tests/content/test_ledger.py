"""The ledger of posts on disk, in real SQLite."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from content import ledger
from content.intake import LedgerPost, PostState
from tests.conftest import NOON
from tests.content.builders import FEED, held
from tests.content.shelf import LATER, NOVEMBER, draft, record, states


def test_a_post_comes_back_as_it_was_written(db):
    full = LedgerPost(
        post=replace(
            held("full", NOON - timedelta(microseconds=1)).post,
            title="“Knees” & 腰 \U0001f642",
            body="<p>a\0b</p>",
            categories=("Knees", 'say "hi"'),
            image="https://x.example/i.png",
        ),
        state=PostState.EXCLUDED,
        reason="too old",
        first_seen=NOON,
        changed=LATER,
    )
    undated = held("undated", None, state=PostState.SETTLING)
    record(db, full, undated)
    assert ledger.load_posts(db, FEED) == {"full": full, "undated": undated}
    assert ledger.load_posts(db, "https://other.example/feed") == {}


def test_a_feed_is_read_first_once(db):
    assert ledger.is_first_read(db, FEED)
    record(db)
    assert not ledger.is_first_read(db, FEED)
    assert ledger.is_first_read(db, "https://other.example/feed")


def test_a_feed_keeps_the_day_it_was_first_read(db):
    record(db)
    ledger.record_reading(db, FEED, "New name", (), now=LATER)
    assert list(db.query("SELECT * FROM feeds")) == [
        {
            "source": FEED,
            "title": "New name",
            "first_read": NOON.isoformat(),
            "last_read": LATER.isoformat(),
        }
    ]


def test_a_post_mended_on_the_blog_is_mended_in_the_ledger_and_seen_first_when_it_was(db):
    record(db, held("a", state=PostState.SETTLING))
    mended = replace(held("a", title="Mended"), first_seen=LATER, changed=LATER)
    record(db, mended)
    assert ledger.load_posts(db, FEED) == {"a": replace(mended, first_seen=held("a").first_seen)}


def test_one_guid_in_two_feeds_is_two_posts(db):
    other = "https://other.example/feed"
    record(db, held("a"))
    record(db, held("a", feed=other), feed=other)
    assert ledger.count_posts(db) == {"ready": 2}


def test_one_guid_twice_in_a_feed_is_one_post(db):
    record(db, held("a", title="First"), held("a", title="Second"))
    assert [p.post.title for p in ledger.load_posts(db, FEED).values()] == ["Second"]


def test_a_reading_is_written_as_a_whole_or_not_at_all(db):
    unreasoned = held("b", state=PostState.EXCLUDED, reason="")
    with pytest.raises(sqlite3.IntegrityError):
        record(db, held("a"), unreasoned)
    assert ledger.load_posts(db, FEED) == {}
    assert ledger.is_first_read(db, FEED)


def test_a_reading_begun_before_an_edition_took_the_post_does_not_take_it_back(db):
    stale = held("a")
    record(db, stale)
    draft(db, stale)
    record(db, replace(stale, post=replace(stale.post, title="Mended")))
    assert states(db) == {"a": ("assigned", NOVEMBER)}
    assert [h.post.title for h in ledger.posts_in(db, NOVEMBER)] == ["Mended"]


def test_an_edition_may_choose_from_what_no_other_has(db):
    posts = {name: held(name) for name in ("own", "other", "free")}
    settling = held("settling", state=PostState.SETTLING)
    excluded = held("excluded", state=PostState.EXCLUDED, reason="old")
    stopped = held("held", state=PostState.HELD, reason="the author said so")
    record(db, *posts.values(), settling, excluded, stopped)
    draft(db, posts["own"])
    draft(db, posts["other"], key="digest-2026-10")
    found = {p.post.identity: p.edition_key for p in ledger.open_posts(db, NOVEMBER)}
    assert found == {"own": NOVEMBER, "free": "", "settling": "", "other": "digest-2026-10"}
    assert ledger.closed_posts(db) == [excluded, stopped]
    assert ledger.count_posts(db) == {
        "assigned": 2,
        "excluded": 1,
        "held": 1,
        "ready": 1,
        "settling": 1,
    }
