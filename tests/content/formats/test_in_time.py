"""No feed takes long to read, whoever wrote it."""

import gzip
import time
from contextlib import suppress

import pytest

from content.errors import NotAFeed
from tests.content.builders import parse, rss

MEBIBYTE = 1 << 20


def filled(unit: str, before: str = "<item>", after: str = "</item>") -> str:
    """A quarter of a mebibyte of the same; `#` stands for a number."""
    many = MEBIBYTE // 4 // len(unit)
    inside = "".join(unit.replace("#", str(n)) for n in range(many)) if "#" in unit else unit * many
    return rss().replace("</channel>", f"{before}{inside}{after}</channel>")


@pytest.mark.parametrize(
    "feed",
    [
        filled("<category>#</category>"),
        filled("k#,", "<item><media:keywords>", "</media:keywords></item>"),
        filled("a", "<item><author>", "</author></item>"),
        filled("a-", "<item><author>a@", "</author></item>"),
        filled('<media:content url="a"/>'),
        filled(' a#=""', "<item><b", "/></item>"),
        filled(' xmlns:a#="u"', "<item", ' xmlns="z">' + "<x>aaaaaaaa</x>" * 9999 + "</item>"),
        filled('<a xml:base="a/">aaaaaaa'),
        filled("<bbbbbbbbbbbb>"),
        filled("<bbbbbbbbbbbb>", f'<item xml:base="/{"a" * 99_999}">'),
        filled("<item><title>a</title></item>", "", ""),
        filled("<b>12345678</b>", after="& </item>"),
        filled("& ", "<item><title>", "</title></item>"),
        filled("&nbsp;", "<item><title>", "</title></item>"),
        filled("&lt;b&gt;", "<item><title>", "</title></item>"),
        filled("&lt;b a=&quot;", "<item><description>", "</description></item>"),
        filled("<p>a", "<item><description><![CDATA[", "]]></description></item>"),
        filled("<b", "<item><description><![CDATA[", ""),
        filled("<![CDATA["),
        filled("<!-- "),
        filled("1 ", "<item><pubDate>", "</pubDate></item>"),
        filled("x/../", "<item><link>https://a.example/", "</link></item>"),
        "\n" * (MEBIBYTE // 4) + rss("<title>One</title>"),
        "<?xml " + "encoding='" * 25_000 + rss("<title>One</title>"),
        '<!DOCTYPE r [<!ENTITY a "0123456789abcdef">]>'
        + filled("&a;", "<item><title>", "</title></item>"),
        f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>'
        + filled("&a;", "<item><title>", "</title></item>"),
    ],
    ids=lambda feed: "".join(c if c.isalnum() else "-" for c in feed[170:200]),
)
def test_no_feed_takes_longer_than_two_seconds_for_a_mebibyte(feed):
    begun = time.process_time()
    with suppress(NotAFeed):
        parse(feed)
    assert time.process_time() - begun < 0.5 + 2 * len(feed) / MEBIBYTE


def test_a_feed_of_hardly_anything_but_tags_is_none():
    with pytest.raises(NotAFeed, match="hardly anything but tags"):
        parse(gzip.compress(filled("<b/>").encode("utf-16")))
    code = filled("<i>a</i>", "<item><description><![CDATA[", "]]></description></item>")
    assert len(parse(code).posts) == 1


def test_more_posts_than_any_feed_has_are_none():
    with pytest.raises(NotAFeed, match="more than 5000 posts, which no feed has"):
        parse(rss(*["<title>One of very many posts of a blog</title>"] * 5001))
