"""From the bytes of a feed to posts, whatever the blog's software wrote."""

import pytest

from content.errors import NotAFeed
from content.post import Feed, Post
from tests.content.builders import FEED, day, parse, parse_file, parse_item, rss


def test_rss_2_becomes_posts():
    assert parse_file("rss20.xml") == Feed(
        "Tide & Tendon",
        (
            Post(
                feed="rss20.xml",
                identity="tide-0003",
                link="https://tide.example/blog/knees-and-stairs",
                title="Knees & stairs: why “down” is harder",
                body="<p>Going down asks more of you than going up.</p>"
                '<img height="800" src="https://blog.example/media/stairs.jpg" width="1200" />'
                "<p>Hold the rail.</p>",
                published=day("2026-11-24T13:00"),
                categories=("Knees", "Strength"),
                image="https://blog.example/media/stairs.jpg",
            ),
            Post(
                feed="rss20.xml",
                identity="https://tide.example/blog/pillow",
                link="https://tide.example/blog/pillow",
                title="A pillow is only a pillow",
                body="<p>Height matters less than you think.</p>",
                published=day("2026-11-02T22:30"),
            ),
        ),
    )


def test_atom_becomes_posts_and_its_relative_addresses_whole_ones():
    assert parse_file("atom.xml") == Feed(
        "Meadow notes",
        (
            Post(
                feed="atom.xml",
                identity="urn:meadow:2",
                link="https://meadow.example/notes/sleep.html",
                title="Sleep before sit-ups",
                body="<p>Rest first.</p>"
                '<img src="https://meadow.example/notes/sleep/bed.png" width="640" />',
                published=day("2026-11-20T08:00"),
                image="https://meadow.example/notes/sleep/bed.png",
            ),
            Post(
                feed="atom.xml",
                identity="urn:meadow:1",
                link="https://meadow.example/walk",
                title="Walk more",
                body="Ten minutes will do.",
                published=day("2026-11-03T10:15"),
            ),
        ),
    )


def test_rss_1_becomes_posts():
    assert parse_file("rss10.xml") == Feed(
        "The old physio",
        (
            Post(
                feed="rss10.xml",
                identity="https://old.example/ankles",
                link="https://old.example/ankles",
                title="Ankles first",
                body="Everything above them follows.",
                published=day("2026-11-05T08:00"),
                categories=("Ankles",),
            ),
        ),
    )


def test_a_feed_in_latin_1_keeps_its_umlauts():
    feed = parse_file("latin1.xml")
    (only,) = feed.posts
    assert (feed.title, only.title, only.body) == (
        "Praxis am Fluß",
        "Rücken: öfter bücken",
        "Übung macht müde Muskeln größer.",
    )


@pytest.mark.parametrize("charset", ["utf-8", "klingon", "undefined", "punycode", ""])
def test_a_wrong_charset_does_not_stop_the_reading(charset):
    feed = rss("<title>Rücken</title>").encode()
    assert [p.title for p in parse(feed, content_type=f"text/xml; charset={charset}").posts] == [
        "Rücken"
    ]


@pytest.mark.parametrize("charset", ["klingon", "undefined", "punycode"])
def test_a_wrong_charset_inside_the_feed_does_not_stop_the_reading(charset):
    feed = rss("<title>Rope</title>").replace("?>", f' encoding="{charset}"?>', 1)
    assert [p.title for p in parse(feed).posts] == ["Rope"]


def test_a_feed_without_dates_has_posts_without_dates():
    assert [(p.title, p.link, p.published) for p in parse_file("nodates.xml").posts] == [
        ("Chalk", "https://undated.example/chalk", None),
        ("Rope", "https://undated.example/", None),
    ]


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "Mon, 32 Nov 2026 10:00:00 GMT",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00+14:00",
        "1970-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
    ],
)
def test_a_date_that_no_post_can_have_is_no_date(date):
    assert parse_item(f"<title>T</title><pubDate>{date}</pubDate>").published is None


@pytest.mark.parametrize(
    "page",
    ["<!DOCTYPE html><title>T</title>", "\n <HTML><body>", '<?xml version="1.0"?><html xmlns="x">'],
)
def test_a_web_page_of_any_kind_is_known_for_one(page):
    with pytest.raises(NotAFeed, match=f"^{FEED}: a web page, not a feed"):
        parse(page)


def test_a_web_page_is_no_feed():
    with pytest.raises(NotAFeed) as caught:
        parse_file("page.html")
    assert str(caught.value) == (
        "page.html: a web page, not a feed; "
        "look for its RSS link, often /blog.rss, /feed or /rss.xml"
    )


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "])
def test_an_empty_answer_is_no_feed(body):
    with pytest.raises(NotAFeed, match="empty; is this the feed's address"):
        parse(body)


@pytest.mark.parametrize(
    "body", [b'{"version": "https://jsonfeed.org/version/1.1"}', bytes(range(256)), b"\x1f\x8b\x08"]
)
def test_anything_else_is_no_feed_either(body):
    with pytest.raises(NotAFeed) as caught:
        parse(body)
    assert str(caught.value) == f"{FEED}: neither RSS nor Atom"


def test_a_feed_without_posts_is_a_feed():
    assert parse(rss()) == Feed("Blog", ())


def test_a_feed_that_breaks_off_gives_the_posts_before_the_break():
    whole = rss("<title>One</title>", "<title>Two</title>")
    assert [p.title for p in parse(whole[: whole.index("Two")]).posts] == ["One"]


def test_a_feed_does_not_read_files_of_this_machine():
    asks = '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss version="2.0">'
    feed = rss("<title>T</title><description>&f;</description>")
    assert [p.body for p in parse(feed.replace('<rss version="2.0"', asks[:-1], 1)).posts] == [""]
