"""Which posts are the same one, whatever a blog does to its guids, links, words and dates."""

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.identity import Keys, keys_of, recognise, sight
from content.intake import LedgerPost, PostState
from content.post import Post
from tests.conftest import NOON
from tests.content.builders import FEED, LONG, SITE, feed_of, post
from tests.content.shelf import BLOGS, Blog, everything, fresh_ledger, read

DAY = timedelta(days=1)
HIPS = post("hips", NOON)
BACKS = post("backs", NOON - DAY, body="<p>Backs.</p>")
UNDATED = replace(HIPS, published=None)


def in_ledger(*posts: Post, home: str = SITE) -> list[LedgerPost]:
    """These posts as one reading found them, all of them new."""
    return [
        LedgerPost(
            post=sighting.post,
            identity=sighting.identity,
            keys=sighting.keys.kept,
            state=PostState.READY,
            first_seen=NOON,
            changed=NOON,
        )
        for sighting in recognise(sight(feed_of(*posts, home=home)), [])
    ]


def seen_as(reading: list[Post], *before: Post, home: str = SITE) -> list[Post | None]:
    """Which of the posts `before` each post of a reading is; None for a new one."""
    sightings = recognise(sight(feed_of(*reading, home=home)), in_ledger(*before, home=home))
    return [sighting.known.post if sighting.known else None for sighting in sightings]


def test_a_post_is_known_by_its_guid_its_link_its_content_and_its_date():
    assert keys_of(HIPS, home=SITE) == Keys(
        guid=f"guid hips in {FEED}",
        link="link blog.example/hips",
        content="content 8ae82c388b9b753c0d73720556adf4b2",
        date="date 2026-12-01T12:00:00+00:00",
    )
    bare = replace(UNDATED, guid="", link=SITE)
    kept = keys_of(bare, home=SITE).kept
    assert kept == {keys_of(bare, home=SITE).content}
    assert keys_of(replace(bare, body="<p>Words. </p>"), home=SITE).kept == kept
    assert keys_of(replace(bare, body="<p>Others.</p>"), home=SITE).kept != kept


@pytest.mark.parametrize("home", ["https://blog.example/blog", "http://www.blog.example/blog/#x"])
@pytest.mark.parametrize("link", ["https://blog.example/blog/", "https://other.example/", ""])
def test_a_link_to_a_front_page_says_nothing_of_the_post(link, home):
    assert keys_of(replace(HIPS, link=link), home=home).link == ""


MOVED = {"guid": "g2", "link": f"{SITE}hips-2"}


@pytest.mark.parametrize(
    "change",
    [
        {"guid": "g2"},
        {"guid": ""},
        {"guid": "", "title": "Mended", "body": "Mended.", "published": NOON + DAY},
        {"guid": "g2", "title": "Mended", "body": "Mended."},
        {"guid": "g2", "published": NOON + DAY},
        {"link": f"{SITE}hips-2"},
        {"link": f"{SITE}hips-2", "title": "Mended", "body": "Mended."},
        {"link": f"{SITE}hips-2", "published": NOON + DAY, "body": "Mended."},
        {"title": "Mended", "body": "Mended.", "published": NOON + DAY},
        {"published": None, "title": "Mended"},
        MOVED,
        {"guid": "", "link": SITE},
        {**MOVED, "body": "Mended."},
        {**MOVED, "title": "Mended"},
        {**MOVED, "feed": "https://blog.example/feed2"},
    ],
)
def test_a_post_is_the_same_one_when_it(change):
    before = replace(HIPS, body=LONG)
    assert seen_as([replace(before, **change), BACKS], before, BACKS) == [before, BACKS]


@pytest.mark.parametrize(
    "change",
    [
        {"guid": "g2"},
        {"guid": "g2", "title": "Mended"},
        {"link": f"{SITE}hips-2", "title": "Mended"},
        {"link": f"{SITE}hips-2", "body": "Mended."},
        {"title": "Mended", "body": "Mended.", "published": NOON},
        {**MOVED, "body": "<div>Words.</div>"},
    ],
)
def test_a_post_without_a_date_is_the_same_one_when_it(change):
    assert seen_as([replace(UNDATED, **change)], UNDATED) == [UNDATED]


@pytest.mark.parametrize(
    "change",
    [
        {**MOVED, "title": "Other", "body": "Other."},
        {**MOVED, "published": NOON + DAY},
        {"guid": "g2", "title": "Other", "published": NOON + DAY},
        {"link": f"{SITE}other", "title": "Other", "published": NOON + DAY},
    ],
)
def test_a_post_is_another_one_when_it_has(change):
    """Slugs are used again, some feeds have one guid for ever, and words may be "Read more"."""
    assert seen_as([replace(HIPS, **change)], HIPS) == [None]


def test_titles_without_words_and_dates_are_not_one_post_for_their_guid():
    bare = replace(UNDATED, body="")
    assert seen_as([replace(bare, title="Other", link=f"{SITE}other")], bare) == [None]


def test_a_post_is_known_by_every_date_it_ever_had():
    (known,) = in_ledger(HIPS)
    later = replace(HIPS, published=NOON + DAY)
    known = replace(known, keys=known.keys | keys_of(later, home=SITE).kept)
    moved = replace(later, link=f"{SITE}hips-2", title="Mended")
    (sighting,) = recognise(sight(feed_of(moved)), [known])
    assert sighting.known == known


def test_short_words_under_one_date_are_not_one_post():
    assert seen_as([replace(HIPS, **MOVED, title="Other")], HIPS) == [None]


def test_a_guid_is_unique_in_its_own_feed_alone():
    other = replace(HIPS, feed="https://other.example/feed", link="https://other.example/1")
    assert seen_as([replace(other, title="Other", published=NOON + DAY)], HIPS) == [None]


def test_one_article_in_two_feeds_is_one_post():
    copy = replace(HIPS, feed="https://blog.example/hips/feed", guid="7", link=f"{SITE}hips?ref=x")
    assert seen_as([copy], HIPS) == [HIPS]


NUMBERS = [post(f"p{n}", NOON - n * DAY, body=f"<p>{n}</p>") for n in range(4)]


def shared(**facts: str) -> list[Post]:
    return [replace(each, **facts) for each in NUMBERS]


@pytest.mark.parametrize(
    "blog",
    [
        shared(guid="1"),
        shared(link=SITE),
        shared(link=f"{SITE}podcast"),
        shared(guid="1", link=SITE),
        shared(guid="", link=f"{SITE}podcast"),
        shared(guid="", link=SITE),
        shared(guid="", link=SITE, title="Open thread"),
        shared(guid="", link=f"{SITE}changes", published=NOON),
        shared(title="Open thread"),
        [replace(each, published=NOON) for each in NUMBERS],
        [replace(each, published=None) for each in NUMBERS],
        [replace(each, published=None, guid="", link=SITE) for each in NUMBERS],
        [replace(each, link=f"{SITE}log#v{n}", guid="") for n, each in enumerate(NUMBERS)],
    ],
)
def test_what_many_posts_have_in_common_does_not_make_them_one(blog):
    new, *old = blog
    assert seen_as(blog, *old) == [None, *old]
    assert seen_as([new, *old[:1]], *blog) == [new, *old[:1]]
    assert seen_as(blog[::-1], *blog) == blog[::-1]
    assert seen_as([new], *old) == [None]
    assert seen_as([new, old[0]], old[1]) == [None, None]


def test_a_feed_may_number_its_posts_anew_at_each_reading():
    def numbered(*posts: Post) -> list[Post]:
        return [replace(each, guid=str(n), published=NOON) for n, each in enumerate(posts)]

    before = numbered(*NUMBERS[1:])
    assert seen_as(numbered(*NUMBERS), *before) == [None, *before]


def test_a_post_may_give_its_slug_to_another_with_its_title():
    moved = replace(HIPS, link=f"{SITE}hips-2026")
    heir = replace(HIPS, guid="heir", published=NOON + DAY)
    assert seen_as([heir, moved], HIPS) == [None, HIPS]


def test_two_posts_of_a_day_may_swap_their_titles():
    one, other = HIPS, replace(BACKS, published=NOON)
    swapped = [replace(one, title=other.title), replace(other, title=one.title)]
    assert seen_as(swapped, one, other) == [one, other]


def test_a_guid_that_another_post_had_does_not_outdo_title_and_date():
    one, other = replace(HIPS, title="Thread"), replace(BACKS, title="Thread")
    assert seen_as([replace(one, guid=other.guid)], one, other) == [one]


def test_keys_of_three_posts_do_not_make_a_fourth_one_of_them():
    first = replace(BACKS, guid="1", link=SITE)
    twins = [replace(HIPS, guid=name, link=f"{SITE}{name}") for name in ("a", "b")]
    assert seen_as([replace(HIPS, guid="1", link=SITE)], first, *twins) == [None]


def test_two_posts_of_a_reading_are_never_one_of_the_ledger():
    (known,) = in_ledger(HIPS)
    moved = replace(HIPS, link=f"{SITE}hips-2")
    known = replace(known, keys=known.keys | keys_of(moved, home=SITE).kept)
    found = recognise(sight(feed_of(HIPS, moved)), [known])
    assert [sighting.known for sighting in found] == [known, None]


def test_a_post_is_mended_while_another_appears_beside_it_at_the_one_link_of_all():
    before, new = (replace(each, guid="", link=f"{SITE}podcast") for each in (HIPS, BACKS))
    before = replace(before, body=LONG)
    assert seen_as([new, replace(before, title="Mended")], before) == [None, before]


def test_two_posts_of_a_month_may_have_one_title_and_one_date():
    twin = replace(HIPS, guid="twin", link=f"{SITE}twin")
    assert seen_as([twin, HIPS], HIPS) == [None, HIPS]
    assert seen_as([replace(twin, body="Mended."), HIPS], HIPS, twin) == [twin, HIPS]


@pytest.mark.parametrize(
    "version",
    [
        {},
        {"title": "Mended", "body": "Mended."},
        {"published": NOON + DAY},
        {"link": "http://www.blog.example/hips/?utm_source=feed#top"},
    ],
)
def test_one_entry_may_stand_in_a_feed_in_two_versions(version):
    """RFC 4287, section 4.1.1; the first one counts."""
    second = replace(HIPS, **version)
    third = replace(second, published=NOON + 2 * DAY)
    assert [post for post, _ in sight(feed_of(HIPS, BACKS, second, third))] == [HIPS, BACKS]


@pytest.mark.parametrize("lacks", [{"link": SITE}, {"guid": ""}, {"guid": "", "link": SITE}])
def test_an_entry_may_stand_in_a_feed_again_without_its_guid_or_link(lacks):
    bare = replace(HIPS, **lacks)
    assert [post for post, _ in sight(feed_of(bare, HIPS, bare))] == [HIPS]
    other = replace(bare, title="Other", published=NOON + DAY)
    assert [post for post, _ in sight(feed_of(other, HIPS))] == [other, HIPS]


def test_a_new_post_gets_a_name_that_no_other_has():
    """One guid for three posts: the first has its name, the others those of their links."""
    known = in_ledger(*shared(guid="1")[:3])
    links = [f"link blog.example/p{n}" for n in (1, 2)]
    assert [held.identity for held in known] == [f"guid 1 in {FEED}", *links]


def test_a_name_is_found_even_where_nothing_tells_two_posts_apart():
    bare = replace(HIPS, guid="", link=SITE)
    content = keys_of(bare, home=SITE).content
    (known,) = in_ledger(bare)
    names = (content, f"{content} 2")
    twins = [replace(known, identity=name, keys=frozenset({content})) for name in names]
    (sighting,) = recognise(sight(feed_of(bare)), twins)
    assert (sighting.known, sighting.identity) == (None, f"{content} 3")


@pytest.mark.parametrize("common", [{}, {"guid": "1", "link": f"{SITE}podcast"}])
def test_a_feed_of_five_thousand_posts_is_recognised_in_a_moment(common):
    """Five thousand beside five thousand: whoever compares them all takes minutes."""
    posts = [replace(post(f"p{n}", NOON - n * DAY / 24), **common) for n in range(5000)]
    sighted, known = sight(feed_of(*posts)), in_ledger(*posts)
    began = perf_counter()
    found = recognise(sighted, known)
    assert [sighting.known for sighting in found] == known
    assert perf_counter() - began < 2


@given(st.sampled_from(BLOGS), st.data())
def test_no_post_is_two_and_no_two_are_one_however_a_blog_misbehaves(kinds, data):
    blog = Blog(data.draw, *kinds)
    seen: set[str] = set()
    with fresh_ledger() as db:
        for hour in range(data.draw(st.integers(2, 5))):
            for _ in range(data.draw(st.integers(0, 3))):
                blog.publish()
            there = blog.shown()
            changes = read(db, feed_of(*there), now=NOON + timedelta(hours=hour))
            seen |= {each.summary for each in there}
            assert {(b or a).post.summary == a.post.summary for b, a in changes} <= {True}
            assert sorted(h.post.summary for h in everything(db)) == sorted(seen)


nonsense = st.lists(
    st.builds(
        lambda guid, link, title, date, body: replace(
            post(guid, date, title=title, body=body), link=link
        ),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from([SITE, f"{SITE}a", f"{SITE}b"]),
        st.sampled_from("AB"),
        st.sampled_from([None, NOON, NOON - DAY]),
        st.sampled_from(["", LONG, LONG.upper()]),
    ),
    max_size=6,
)


@given(st.lists(nonsense, min_size=1, max_size=4))
def test_a_document_read_twice_has_nothing_new_the_second_time(documents):
    """Whatever came before, and however little tells its posts apart."""
    with fresh_ledger() as db:
        for document in [*documents, documents[-1]]:
            changes = read(db, feed_of(*document), now=NOON)
        assert [after for before, after in changes if before is None] == []
