"""The identity, the link and the picture of a post."""

import pytest

from tests.content.builders import FEED, SITE, parse, parse_file, parse_item, rss

A = "https://blog.example/a"


def identity(inside: str, url: str = FEED) -> str:
    return parse(rss(inside), url).posts[0].identity


def test_the_guid_says_which_posts_are_the_same():
    guid = '<guid isPermaLink="false">42</guid>'
    assert identity(f"<title>T</title>{guid}") == "42"
    assert identity(f"<title>Other</title><link>{A}</link>{guid}") == "42"


def test_without_a_guid_the_link_does():
    assert identity(f"<title>T</title><link>{A}</link>") == A
    assert identity(f"<title>Other</title><link>{A}</link>") == A


def test_without_either_the_words_do():
    first = identity("<title>T</title><description>Words</description>")
    assert first.startswith("sha256:")
    assert first == identity("<title>T</title><description>Words</description>")
    assert first != identity("<title>T</title><description>Other words</description>")
    assert first != identity("<title>TW</title><description>ords</description>")


def test_a_feed_that_moves_does_not_make_old_posts_new():
    post = f'<title>T</title><link>{A}</link><guid isPermaLink="false">42</guid>'
    assert identity(post) == identity(post, url="https://www.blog.example/feed/")


def test_a_guid_given_twice_is_one_post():
    assert [p.identity for p in parse_file("doubled.xml").posts] == ["shoes", "shoes"]


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        (A, A),
        ("/a", A),
        ("a?x=1&amp;y=2", f"{A}?x=1&y=2"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("https://user@blog.example/a#part", "https://user@blog.example/a#part"),
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


def test_the_picture_is_the_one_the_feed_names_else_the_first_in_the_words():
    assert {p.identity: p.image for p in parse_file("pictures.xml").posts} == {
        "content": "https://pictures.example/named.jpg",
        "thumbnail": "https://blog.example/thumb.png",
        "enclosure": "https://pictures.example/enclosed",
        "podcast": "",
        "pixel": "https://blog.example/real.jpg",
        "only-pixel": "",
        "placeholder": "https://blog.example/real.jpg",
    }


@pytest.mark.parametrize(
    "address", ["https://cdn.example/photo-1?w=640", "https://x.example/a.avif"]
)
def test_a_thumbnail_is_a_picture_whatever_its_name(address):
    assert parse_item(f'<title>T</title><media:thumbnail url="{address}"/>').image == address


@pytest.mark.parametrize(
    ("named", "picture"),
    [
        ('<media:content url="/A.JPG?w=9"/>', "https://blog.example/A.JPG?w=9"),
        ('<enclosure url="/a.png" length="1"/>', "https://blog.example/a.png"),
        ('<media:content url="/film.mp4"/>', ""),
        ('<enclosure url="/talk.mp3" type="audio/mpeg" length="1"/>', ""),
    ],
)
def test_a_picture_is_known_by_its_name_where_the_feed_does_not_say(named, picture):
    assert parse_item(f"<title>T</title>{named}").image == picture


BODY = '<description>&lt;img src="/b.png"&gt;</description>'


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
    ],
)
def test_a_named_picture_that_cannot_be_shown_gives_way_to_one_that_can(named):
    assert parse_item(f"<title>T</title>{named}{BODY}").image == "https://blog.example/b.png"


def test_a_body_is_free_of_scripts():
    hostile = "&lt;script&gt;steal()&lt;/script&gt;&lt;p onclick='steal()'&gt;Words&lt;/p&gt;"
    assert parse_item(f"<title>T</title><description>{hostile}</description>").body == (
        "<p>Words</p>"
    )


def test_the_authors_portrait_is_no_picture_of_the_post():
    portrait = '<media:content url="https://1.gravatar.com/avatar/x?s=96" medium="image"/>'
    assert parse_item(f"<title>T</title>{portrait}{BODY}").image == "https://blog.example/b.png"


def test_a_feed_that_is_redirected_does_not_make_old_posts_new():
    """The blog moves to www, and the settings still name the old address."""
    from content.fetch import Fetched
    from content.post import parse_feed

    body = rss("<title>T</title><guid>42</guid>").encode()
    moved = [Fetched(FEED, url, body, {}) for url in (FEED, "https://www.blog.example/feed")]
    before, after = (parse_feed(fetched, site=SITE).posts[0].identity for fetched in moved)
    assert before == after
