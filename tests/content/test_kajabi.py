"""The first user's blog software, in the shapes its feed may have; see where they come from in
the collection's own notes. All give one letter, but for what only some of them say."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

import content.schema
from content.choice import Order, Rules, choose_posts
from content.edition import Edition, compose_digest
from content.fetched import Fetched
from content.intake import PostState
from content.period import Period
from content.post import Feed, parse_feed
from tests.conftest import NOON
from tests.content.shelf import by_identity, everything, read
from tests.corpus import FEEDS, needs_feeds

pytestmark = [pytest.mark.corpus, needs_feeds]

SITE = "https://www.example-physio.com/"
SOURCE = f"{SITE}blog.rss"
A = "kajabi-A-rails-minimal"
SHAPES = [A, "kajabi-B-cdata-category-enclosure", "kajabi-C-summary-plus-content-encoded"]
ZONE = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def other_db():
    with closing(Database(memory=True)) as database:
        content.schema.migrations.apply(database)
        yield database


def kajabi(name: str) -> Feed:
    body = (FEEDS / "synthetic" / "kajabi" / f"{name}.xml").read_bytes()
    return parse_feed(Fetched(SOURCE, SOURCE, body, {}), site=SITE)


def edition(db, name: str, *, whole: bool) -> Edition:
    """The edition of all that the feed has."""
    read(db, kajabi(name), now=NOON, opens=NOON - timedelta(days=500), source=SOURCE)
    choice = choose_posts(everything(db), Period(2026, 11), ZONE, Rules(order=Order.NEWEST))
    return compose_digest(choice, Period(2026, 11), ZONE, newsletter="Physio", whole_posts=whole)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", SHAPES[1:])
def test_every_shape_of_the_feed_gives_the_same_letter(db, other_db, name, whole):
    """But for a picture, a language and a summary where only that shape has one."""
    minimal, richer = edition(db, A, whole=whole), edition(other_db, name, whole=whole)
    for poor, rich in zip(minimal.teasers, richer.teasers, strict=True):
        known = {"language": rich.language, "picture": rich.picture or poor.picture}
        if name.startswith("kajabi-C") and rich.excerpt != poor.excerpt:
            known["excerpt"] = rich.excerpt
        assert replace(poor, **known) == rich
    assert replace(minimal, teasers=()) == replace(richer, teasers=())


def test_a_later_reading_has_exactly_one_new_post(db):
    read(db, kajabi(A), now=NOON, source=SOURCE)
    before = by_identity(db)
    changes = read(db, kajabi(f"{A}-snapshot2"), now=NOON + timedelta(days=9), source=SOURCE)
    new = [after for known, after in changes if known is None]
    assert [held.post.title for held in new] == ["Plantar Fasciitis: First Steps"]
    assert [held.state for held in new] == [PostState.READY]
    assert by_identity(db).keys() - before.keys() == {new[0].identity}


def test_a_changed_slug_is_the_same_post_under_both_addresses(db):
    read(db, kajabi(A), now=NOON, source=SOURCE)
    read(db, kajabi(f"{A}-snapshot2"), now=NOON + timedelta(days=9), source=SOURCE)
    (asked,) = [held for held in everything(db) if held.post.title.startswith("Ask the Physio")]
    assert asked.post.link == f"{SITE}blog/ask-the-physio-knees-that-click"
    links = {key for key in asked.keys if key.startswith("link ")}
    assert links == {
        "link example-physio.com/blog/ask-the-physio-q-a-1",
        "link example-physio.com/blog/ask-the-physio-knees-that-click",
    }
