"""The ledger of posts on disk, in real SQLite."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from content import ledger
from content.intake import Cause, LedgerPost, PostState
from content.markup.pictures import Picture
from tests.conftest import NOON
from tests.content.builders import held
from tests.content.shelf import LATER, NOVEMBER, by_identity, draft, record, states


def test_a_post_comes_back_as_it_was_written(db):
    full = LedgerPost(
        post=replace(
            held("full", NOON - timedelta(microseconds=1)).post,
            title="“Knees” & 腰 \U0001f642",
            body="<p>a\0b</p>",
            categories=("Knees", 'say "hi"'),
            picture=Picture("https://x.example/i.png", "é", 3, None),
            language="he",
        ),
        identity="full",
        keys=frozenset({"link x.example/full", "guid 42 in é"}),
        state=PostState.EXCLUDED,
        cause=Cause.TOO_EARLY,
        reason="too old",
        first_seen=NOON,
        changed=LATER,
    )
    undated = held("undated", None, state=PostState.SETTLING)
    record(db, full, undated)
    assert by_identity(db) == {"full": full, "undated": undated}


def test_a_post_mended_on_the_blog_is_mended_in_the_ledger_and_seen_first_when_it_was(db):
    record(db, held("a", state=PostState.SETTLING))
    mended = replace(held("a", title="Mended"), first_seen=LATER, changed=LATER)
    record(db, mended)
    keys = held("a").keys | mended.keys
    assert by_identity(db) == {"a": replace(mended, first_seen=held("a").first_seen, keys=keys)}


def test_one_guid_in_two_feeds_is_two_posts(db):
    other = "https://other.example/feed"
    record(db, held("a"))
    record(db, held("a", feed=other))
    assert ledger.count_posts(db) == {"ready": 2}


def test_a_reading_is_written_as_a_whole_or_not_at_all(db):
    unreasoned = held("b", state=PostState.EXCLUDED, cause=Cause.BASELINE, reason="")
    with pytest.raises(sqlite3.IntegrityError):
        record(db, held("a"), unreasoned)
    assert by_identity(db) == {}


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
    excluded = held("excluded", state=PostState.EXCLUDED, cause=Cause.BASELINE, reason="old")
    stopped = held("held", state=PostState.HELD, cause=Cause.AUTHOR, reason="the author said so")
    record(db, *posts.values(), settling, excluded, stopped)
    draft(db, posts["own"])
    draft(db, posts["other"], key="digest-2026-10")
    found = {p.identity: p.edition_key for p in ledger.open_posts(db, NOVEMBER)}
    assert found == {"own": NOVEMBER, "free": "", "settling": "", "other": "digest-2026-10"}
    assert ledger.count_closed(db) == {"old": 1, "the author said so": 1}
    assert ledger.held_posts(db) == [stopped]
    assert ledger.count_posts(db) == {
        "assigned": 2,
        "excluded": 1,
        "held": 1,
        "ready": 1,
        "settling": 1,
    }
