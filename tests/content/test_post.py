"""From the bytes of a feed to posts, whatever the blog's software wrote."""

import gzip

import pytest

from content.errors import NotAFeed
from content.fetched import MAX_BYTES, Fetched
from content.markup.pictures import Picture
from content.post import Feed, Post, parse_feed
from tests.content.builders import FEED, FEEDS, SITE, day, parse, parse_file, parse_item, rss


def test_rss_2_becomes_posts():
    assert parse_file("rss20.xml") == Feed(
        title="Tide & Tendon",
        home="https://tide.example/",
        posts=(
            Post(
                feed="rss20.xml",
                guid="tide-0003",
                link="https://tide.example/blog/knees-and-stairs",
                title="Knees & stairs: why “down” is harder",
                body="<p>Going down asks more of you than going up.</p>"
                '<img src="/media/stairs.jpg" width="1200" height="800"><p>Hold<br/>the rail.</p>',
                summary="Going down asks more of you.",
                base="https://tide.example/blog/knees-and-stairs",
                published=day("2026-11-24T13:00"),
                categories=("Knees", "Strength"),
            ),
            Post(
                feed="rss20.xml",
                guid="https://tide.example/blog/pillow",
                link="https://tide.example/blog/pillow",
                title="A pillow is only a pillow",
                body="<p>Height matters less than you think.</p>",
                base="https://tide.example/blog/pillow",
                published=day("2026-11-02T22:30"),
            ),
        ),
    )


def test_atom_becomes_posts_with_the_base_and_the_language_it_names():
    assert parse_file("atom.xml") == Feed(
        title="Meadow notes",
        home="https://meadow.example/",
        posts=(
            Post(
                feed="atom.xml",
                guid="urn:meadow:2",
                link="https://meadow.example/notes/sleep.html",
                title="Sleep before sit-ups",
                body='<p>Rest first, says the night.</p><img src="bed.png" width="640">',
                summary="<p>Rest first.</p>",
                base="https://meadow.example/notes/sleep/",
                language="en",
                published=day("2026-11-20T08:00"),
            ),
            Post(
                feed="atom.xml",
                guid="urn:meadow:1",
                link="https://meadow.example/walk",
                title="Geh mehr",
                body='Zehn Minuten &lt; eine Stunde.<br><video src="walk.mp4"></video>',
                base="https://meadow.example/notes/",
                language="de",
                published=day("2026-11-03T10:15"),
            ),
        ),
    )


def test_rss_1_becomes_posts():
    assert parse_file("rss10.xml") == Feed(
        title="The old physio",
        home="https://old.example/",
        posts=(
            Post(
                feed="rss10.xml",
                guid="https://old.example/ankles",
                link="https://old.example/ankles",
                title="Ankles first",
                body="Everything above them follows.",
                base="https://old.example/ankles",
                published=day("2026-11-05T08:00"),
                categories=("Ankles",),
            ),
        ),
    )


def test_a_json_feed_becomes_posts():
    assert parse_file("feed.json") == Feed(
        title="Notes from the gym",
        home="https://gym.example/",
        posts=(
            Post(
                feed="feed.json",
                guid="https://gym.example/rope",
                link="https://gym.example/rope",
                title="Rope < chain",
                body="<p>A rope is <em>kind</em>.</p>",
                summary="On ropes &amp; chains",
                base="https://gym.example/rope",
                language="en-GB",
                published=day("2026-11-05T16:30"),
                categories=("Rope", "Home"),
                picture=Picture("https://gym.example/rope.jpg"),
            ),
            Post(
                feed="feed.json",
                guid="7",
                link="https://elsewhere.example/chalk",
                title="Chalk & dust. A second paragraph.",
                body="<p>Chalk &amp; dust.</p><p>A second paragraph.</p>",
                base="https://elsewhere.example/chalk",
                language="de",
                published=day("2026-11-02T10:00"),
                picture=Picture("https://elsewhere.example/chalk"),
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


def test_a_feed_without_dates_has_posts_without_dates():
    assert [(p.title, p.link, p.published) for p in parse_file("nodates.xml").posts] == [
        ("Chalk", "https://undated.example/chalk", None),
        ("Rope", "https://undated.example/", None),
    ]


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
    ("body", "why"),
    [
        (bytes(range(256)), "neither RSS, Atom nor JSON Feed"),
        (b"<urlset><url><loc>https://x.example/</loc></url></urlset>", "neither RSS, Atom"),
        (b'<service xmlns="http://www.w3.org/2005/Atom"/>', "neither RSS, Atom"),
        (b"<channel><item><title>T</title></item></channel>", "neither RSS, Atom"),
        (b"\x1f\x8b\x08", "empty"),
        (b"\x1f\x8b\x08 and no more", "a compressed file that cannot be unpacked"),
        (gzip.compress(bytes(MAX_BYTES + 1), 1), "larger than 10 MiB unpacked, which no feed is"),
    ],
)
def test_anything_else_is_no_feed_either(body, why):
    with pytest.raises(NotAFeed) as caught:
        parse(body)
    assert str(caught.value).startswith(f"{FEED}: {why}")


def test_what_is_said_of_no_feed_holds_no_password():
    with pytest.raises(NotAFeed, match=r"^https://blog\.example/feed: empty"):
        parse_feed(Fetched("https://me:secret@blog.example/feed", "", b"", {}), site=SITE)


def test_a_page_that_shows_a_feed_is_a_page():
    with pytest.raises(NotAFeed, match="a web page, not a feed"):
        parse(f"<!DOCTYPE html>\n<html><pre>{rss('<title>Shown</title>')}</pre></html>")


def test_a_compressed_file_is_read():
    assert [p.title for p in parse(gzip.compress(rss("<title>Rope</title>").encode())).posts] == [
        "Rope"
    ]


def test_a_feed_without_posts_is_a_feed():
    assert parse(rss()) == Feed(title="Blog", home=SITE, posts=())


def test_an_item_with_nothing_in_it_is_no_post():
    assert [
        p.title for p in parse(rss("", "<title>Rope</title>", "<author>me</author>")).posts
    ] == ["Rope"]


def test_a_feed_does_not_read_files_of_this_machine():
    secret = FEEDS / "latin1.xml"
    asks = f'<!DOCTYPE r [<!ENTITY f SYSTEM "{secret.as_uri()}">]><rss version="2.0"'
    feed = rss("<title>T</title><description>&f;</description>")
    (only,) = parse(feed.replace('<rss version="2.0"', asks, 1)).posts
    assert only.body in ("", "&f;")


def test_what_runs_in_a_page_reaches_the_body_where_our_own_sanitiser_finds_it():
    film = '<script src="https://films.example/e.js"></script><iframe src="/film"></iframe>'
    assert parse_item(f"<description><![CDATA[{film}]]></description>").body == film


def test_only_the_base_that_a_feed_names_is_its_base():
    item = "<link>https://blog.example/a/b</link><description>W.</description>"
    assert parse_item(item).base == "https://blog.example/a/b"
    based = rss(item).replace("<item>", '<item xml:base="/c/">')
    assert [p.base for p in parse(based).posts] == ["https://blog.example/c/"]


DUBLIN = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


@pytest.mark.parametrize(
    ("feed", "item", "language"),
    [
        ("<language>en-us</language>", "<title>T</title>", "en-US"),
        ("<language>en-us</language>", f"<dc:language {DUBLIN}>de</dc:language>", "de"),
        (f"<dc:language {DUBLIN}>fr</dc:language>", "", "fr"),
        ("<language>en</language>", '<title xml:lang="pt_br">T</title>', "pt-BR"),
        (
            "<language>en</language>",
            '<description xml:lang="fr">Des mots de plus</description>',
            "fr",
        ),
        ("<language>klingon!</language>", "", ""),
        ("", "", "it"),
    ],
)
def test_a_posts_language_is_the_nearest_that_is_said(feed, item, language):
    written = rss(f"{item}<description>D</description>")
    found = parse(written.replace("<item>", f"{feed}<item>"), content_language="it")
    assert [p.language for p in found.posts] == [language]
