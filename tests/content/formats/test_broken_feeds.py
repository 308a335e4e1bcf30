"""Feeds that break off, that are wrong in part, or that were made to do harm."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.errors import NotAFeed
from content.post import Feed
from tests.content.builders import FEED, FEEDS, parse, rss

WHOLE = {name: (FEEDS / name).read_bytes().rstrip() for name in ("rss20.xml", "atom.xml")}
JSON = (FEEDS / "feed.json").read_bytes().rstrip()


def parse_if_feed(body: bytes, **headers: str) -> Feed | None:
    """The feed, or nothing where one line says why it is none."""
    try:
        return parse(body, **headers)
    except NotAFeed as error:
        why_not = str(error)
    assert re.fullmatch(f"{re.escape(FEED)}: .+", why_not)
    return None


@pytest.mark.parametrize("name", WHOLE)
def test_wherever_a_feed_breaks_off_the_posts_before_are_whole(name):
    body = WHOLE[name]
    whole = parse(body)
    found = []
    for end in range(len(body)):
        feed = parse_if_feed(body[:end])
        if feed:
            assert feed.broken
            assert feed.posts[:-1] == whole.posts[: len(feed.posts)][:-1]
            found.append(len(feed.posts))
    assert sorted(set(found)) == list(range(len(whole.posts) + 1))
    assert not whole.broken


@pytest.mark.parametrize("name", WHOLE)
def test_a_feed_that_breaks_off_between_two_posts_has_those_before_it(name):
    body = WHOLE[name]
    end = max(body.find(mark) + len(mark) for mark in (b"</item>", b"</entry>"))
    assert parse(body[:end]).posts == parse(body).posts[:1]


def test_a_json_feed_that_breaks_off_is_none():
    assert not any(parse_if_feed(JSON[:end]) for end in range(len(JSON)))
    assert len(parse(JSON).posts) == 2


@pytest.mark.parametrize(
    ("wrong", "title"),
    [
        ("Knees & hips", "Knees & hips"),
        ("Knees &hips; and", "Knees &hips; and"),
        ("Knees <br> hips", "Knees hips"),
        ("Knees <b>and</i> hips", "Knees and hips"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_a_feed_with_a_mistake_is_read_to_its_end(wrong, title):
    feed = parse(rss("<title>One</title>", f"<title>{wrong}</title>", "<title>Three</title>"))
    assert [post.title for post in feed.posts] == ["One", title, "Three"]
    assert feed.broken


@pytest.mark.parametrize(
    "whole",
    [
        "\n\n" + rss("<title>One</title>"),
        "<br />\n<b>Warning</b>: include(x.php) in <b>/a.php</b> on line <b>2</b>\n"
        + rss("<title>One</title>"),
        "<!-- cached <rss> -->" + rss("<title>One</title>"),
        rss("<title>One</title>") + "<!-- 42 queries --><item><title>Two</title></item> & more",
        rss("<title>One</title>", "<author>\0\x08\x1b</author>"),
        rss("<title>O&#1;ne</title><author>&#xFFFF;&#xD800;&#1114112;</author>"),
        rss("<title>One</title><author>&nbsp;&eacute;</author>"),
        rss("<title>One</title>").replace('version="1.0"', 'version="1.1" encoding="utf-16"'),
    ],
)
def test_what_harms_no_post_does_not_make_a_feed_a_broken_one(whole):
    feed = parse(whole)
    assert [post.title for post in feed.posts] == ["One"]
    assert not feed.broken


junk = st.sampled_from(
    [
        *b"< > & ' \" = / ] ! ? ; # \0 \xff \xc3 \xe2\x80 \x1b".split(),
        *b"<item> </item> <title> </rss> <![CDATA[ ]]> <!-- --> <?x ?> &#x; &#55357; &a;".split(),
        *b"&nbsp; <link/> <links>x</links> <textInput> <source> <image> <tags>".split(),
        b"<title_detail>x</title_detail>",
        b'<content type="image/png">AAAA</content>',
        b'<a xml:base="../" xmlns:y="z">',
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<published_parsed a="b">2026</published_parsed>',
    ]
)
places = st.integers(0, 2000)


@given(
    st.sampled_from([*WHOLE.values(), JSON]), st.lists(st.tuples(places, places, junk), max_size=6)
)
def test_no_change_to_a_feed_stops_the_reading(body, changes):
    for start, length, inserted in changes:
        body = body[:start] + inserted + body[start + length // 40 :]
    feed = parse_if_feed(body)
    assert feed is None or all(len(post.title) <= 300 for post in feed.posts)


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff\xfe")
@example(b"{")
@example(b"\x1f\x8b\x08\x00")
def test_bytes_of_any_kind_are_no_feed(body):
    assert parse_if_feed(body) is None


@given(st.binary(max_size=80), st.text(max_size=20), st.sampled_from(["utf-8", "x", "hz", "gbk"]))
@settings(max_examples=50)
def test_no_bytes_and_no_encoding_stop_the_reading(inside, charset, declared):
    start = f'<?xml version="1.0" encoding="{declared}"?>'.encode() + b"<rss><channel><item><title>"
    parse_if_feed(start + inside, content_type=f"text/xml; charset={charset}")


@pytest.mark.parametrize(
    "inside",
    [
        "<textInput><title>x</title></textInput>",
        "<links>x</links><link>https://x.example/</link>",
        "<tags a='b'/><category>x</category>",
        "<title_detail>x</title_detail><content>x</content><summary_detail>x</summary_detail>",
        "<published_parsed>2026</published_parsed>",
        "<pubDate>Fri, 2006/99/15 08:19:53 EDT</pubDate>",
    ],
)
def test_what_feedparser_trips_over_leaves_the_posts_before_it(inside):
    feed = parse(rss("<title>One</title>", f"<title>Two</title>{inside}", "<title>Three</title>"))
    titles = [post.title for post in feed.posts]
    assert titles == ["One", "Two", "Three"][: len(titles)]
    assert len(titles) > 1
    assert feed.broken == (len(titles) == 2)


def test_names_that_grow_are_not_filled_in():
    names = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};">'
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    feed = parse(f"<!DOCTYPE r [{names}]>" + rss("<title>&i;</title>").partition("?>")[2])
    assert [post.title for post in feed.posts] == ["&i;"]


def test_the_names_that_a_feed_gives_to_characters_are_read():
    names = '<!ENTITY ae "&#228;"><!ENTITY own "Tide Co">'
    feed = parse(f"<!DOCTYPE rss [{names}]>" + rss("<title>&ae;&auml;</title>").partition("?>")[2])
    assert [post.title for post in feed.posts] == ["ää"]
    assert not feed.broken
    with_mistake = f"<!DOCTYPE rss [{names}]>" + rss("<title>&own; &</title>").partition("?>")[2]
    assert [post.title for post in parse(with_mistake).posts] == ["Tide Co &"]
