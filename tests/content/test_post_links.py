"""The link of a post, and the picture that the feed names for it."""

import pytest

from content.markup.pictures import Picture
from tests.content.builders import SITE, parse, parse_file, parse_item

A = "https://blog.example/a"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        (A, A),
        ("/a", A),
        ("a?x=1&amp;y=2", f"{A}?x=1&y=2"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("https://blog.example/a#part", f"{A}#part"),
        ("\n https://blog.example/a \n", A),
        ("https://blog.example/a b", f"{A}%20b"),
    ],
)
def test_a_link_is_a_whole_address(link, absolute):
    assert parse_item(f"<title>T</title><link>{link}</link>").link == absolute


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java&#9;script:alert(1)",
        "data:text/html,x",
        "mailto:a@blog.example",
        "ftp://blog.example/a",
        "http:x",
        "http://[bad/",
        "",
    ],
)
def test_what_is_no_web_address_becomes_a_link_to_the_blog(link):
    assert parse_item(f"<title>T</title><link>{link}</link>").link == SITE


def test_a_guid_that_is_a_permalink_stands_in_for_a_missing_link():
    assert parse_item(f"<title>T</title><guid>{A}</guid>").link == A


def test_an_empty_link_gives_way_to_a_guid_that_is_one():
    assert parse_item(f"<title>T</title><guid>{A}</guid><link/>").link == A


@pytest.mark.parametrize("guid", ["42", "tag:blog.example,2026:1"])
def test_a_guid_that_is_no_address_is_no_link(guid):
    named = f'<guid isPermaLink="false">{guid}</guid>'
    assert parse_item(f"<title>T</title>{named}<link/>").link == SITE


def test_the_blogs_own_link_goes_before_the_one_that_feedburner_counts_by():
    counted = "<link>https://feedproxy.example/~r/blog/~3/x/</link>"
    own = f'<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">{A}</f:origLink>'
    assert parse_item(f"<title>T</title>{counted}{own}").link == A


@pytest.mark.parametrize(
    "links",
    [
        '<link href="/a"/>',
        '<link rel="self" href="/a.atom"/><link rel="alternate" href="/a"/>',
        '<link rel="alternate" href="/a" type="text/html"/>'
        '<link rel="alternate" href="/de/a" type="text/html" hreflang="de"/>',
        '<link rel="alternate" type="application/pdf" href="/a.pdf"/><link href="/a"/>',
        '<link href="/a"/><link rel="replies" type="text/html" href="/a/comments"/>',
        '<link rel="enclosure" type="audio/mpeg" href="/a.mp3"/><link href="/a"/>',
        '<link rel="alternate" type="text/markdown" href="/a"/>',
    ],
)
def test_an_atom_link_leads_to_the_page_of_the_post(links):
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id>{links}</entry></feed>'
    assert [p.link for p in parse(feed).posts] == [A]


def test_the_picture_is_one_that_the_feed_names():
    assert {p.guid: p.picture and p.picture.url for p in parse_file("pictures.xml").posts} == {
        "content": "https://pictures.example/named.jpg",
        "thumbnail": "https://blog.example/thumb.png",
        "enclosure": "https://pictures.example/enclosed",
        "group": "https://pictures.example/wide.jpg",
        "atom-link": "https://pictures.example/linked.jpg",
        "itunes": "https://pictures.example/cover",
        "podcast": None,
        "body": None,
    }


@pytest.mark.parametrize(
    "address", ["https://cdn.example/photo-1?w=640", "https://x.example/a.avif"]
)
def test_a_thumbnail_is_a_picture_whatever_its_name(address):
    found = parse_item(f'<title>T</title><media:thumbnail url="{address}"/>')
    assert found.picture == Picture(address)


@pytest.mark.parametrize(
    ("named", "picture"),
    [
        ('<media:content url="/A.JPG?w=9"/>', Picture(f"{SITE}A.JPG?w=9")),
        ('<enclosure url="/a.png" length="1"/>', Picture(f"{SITE}a.png")),
        ('<enclosure url="/a.mp3" length="1"/><enclosure url="/a.png"/>', Picture(f"{SITE}a.png")),
        ('<media:content url="/film.mp4"/>', None),
        ('<enclosure url="/talk.mp3" type="audio/mpeg" length="1"/>', None),
    ],
)
def test_a_picture_is_known_by_its_name_where_the_feed_does_not_say(named, picture):
    assert parse_item(f"<title>T</title>{named}").picture == picture


GOOD = '<enclosure url="/good.png" type="image/png" length="1"/>'


@pytest.mark.parametrize(
    "named",
    [
        '<media:content medium="image"/>',
        '<media:content url="data:image/png;base64,AA" medium="image"/>',
        '<media:content url="javascript:alert(1)" medium="image"/>',
        '<media:content url="http://[bad/x.png" medium="image"/>',
        '<enclosure url="http://[bad/x.png" type="image/png" length="1"/>',
        '<media:content url="https://count.example/p.gif" medium="image" width="1" height="1"/>',
        '<media:thumbnail url="https://count.example/p.gif" width="1" height="1"/>',
        '<media:content url="https://1.gravatar.com/avatar/x?s=96" medium="image"/>',
        '<media:thumbnail url="/small.png" width="150" height="150"/>',
    ],
)
def test_a_named_picture_that_cannot_be_shown_gives_way_to_one_that_can(named):
    assert parse_item(f"<title>T</title>{named}{GOOD}").picture == Picture(f"{SITE}good.png")


def test_a_small_picture_is_better_than_none():
    small = '<media:thumbnail url="/small.png" width="150" height="100"/>'
    found = parse_item(f"<title>T</title>{small}").picture
    assert found == Picture(f"{SITE}small.png", width=150, height=100)
