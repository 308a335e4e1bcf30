"""A ledger of an earlier release is brought up to date with every post and edition in it."""

from contextlib import closing
from datetime import timedelta

import pytest
from sqlite_utils import Database

from content import health_store, ledger, schema, store
from content.intake import Cause, PostState
from content.letter_store import load_letters, load_offers
from content.markup.pictures import Picture
from content.post import Feed
from tests.conftest import NOON
from tests.content.builders import FEED, SITE, post
from tests.content.shelf import by_identity, read

POST = """
    INSERT INTO posts (feed, identity, link, title, body, categories, image, published, first_seen,
                       changed, state, reason, edition_key)
    VALUES (:feed, :identity, :link, :title, '<p>Words.</p>', '["Hips"]', :image, :published,
            :now, :now, :state, :reason, :edition)
"""


def old_post(db, identity: str, link: str, state: str, **facts: str | None) -> None:
    row = {"feed": FEED, "identity": identity, "link": link, "title": identity, "state": state}
    row |= {"image": "", "reason": "", "edition": None, "now": NOON.isoformat()}
    db.execute(POST, row | {"published": (NOON - timedelta(days=10)).isoformat()} | facts)


@pytest.fixture
def upgraded():
    """A ledger as version 0.1 of November 2026 left it, after the migrations of today."""
    with closing(Database(memory=True)) as db:
        schema.migrations.apply(db, stop_before="m003_identity_and_health")
        moment = NOON.isoformat()
        db.execute("INSERT INTO feeds VALUES (?, 'Blog', ?, ?)", [FEED, moment, moment])
        old_post(db, "42", f"{SITE}mailed/", "assigned", edition="digest-2026-10")
        old_post(db, f"{SITE}old", f"{SITE}old", "excluded", reason="published before 2026-11-01")
        old_post(db, "sha256:1", SITE, "excluded", reason="on the blog before it was first read")
        old_post(
            db, "fresh", "https://www.blog.example/fresh?p=1", "ready", image="https://x/i.png"
        )
        schema.migrations.apply(db)
        yield db


def test_every_post_is_there_with_its_state_and_the_cause_of_it(upgraded):
    found = by_identity(upgraded)
    assert {name: (held.state, held.cause) for name, held in found.items()} == {
        "42": (PostState.ASSIGNED, None),
        f"{SITE}old": (PostState.EXCLUDED, Cause.TOO_EARLY),
        "fresh": (PostState.READY, None),
    }
    assert ledger.count_posts(upgraded) == {"assigned": 1, "excluded": 2, "ready": 1}
    assert found["fresh"].post.picture == Picture("https://x/i.png")
    assert found["42"].edition_key == "digest-2026-10"


def test_what_was_mailed_is_known_again_by_its_guid_and_by_its_link(upgraded):
    seen = [post("mailed"), post("fresh", title="Other")]
    reread = read(upgraded, Feed(title="Blog", home=SITE, posts=tuple(seen)), now=NOON)
    assert [before and before.identity for before, _ in reread] == ["42", "fresh"]


def test_a_feed_that_was_read_is_not_read_first_again(upgraded):
    health = health_store.load_health(upgraded, FEED)
    assert (health.title, health.first_read, health.failures) == ("Blog", NOON, 0)


def test_nothing_is_left_of_the_old_tables(upgraded):
    assert not schema.migrations.pending(upgraded)
    assert {"known_posts", "known_feeds"}.isdisjoint(upgraded.table_names())
    assert store.list_editions(upgraded) == []


def test_the_one_letter_of_an_old_edition_is_that_of_every_reader():
    """Nothing is known of who may be offered what, so everybody's variant is the plain one."""
    with closing(Database(memory=True)) as db:
        schema.migrations.apply(db, stop_before="m004_variants")
        db.execute(
            "INSERT INTO editions VALUES ('digest-2026-10', 'October', 'approved', '', "
            "'Knee school', 'it fits', 'abc', ?, ?, NULL)",
            [NOON.isoformat()] * 2,
        )
        db.execute(
            """INSERT INTO letters VALUES ('digest-2026-10', 'Subject', '["<p>"]', '[""]')"""
        )
        schema.migrations.apply(db)
        assert list(load_letters(db, "digest-2026-10")) == [""]
        assert load_offers(db, "digest-2026-10") == []
        assert store.get_edition(db, "digest-2026-10").program == "Knee school"
