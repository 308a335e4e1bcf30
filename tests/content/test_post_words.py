"""The title and the words of a post, read as people see them."""

import pytest

from content.markup.words import excerpt
from content.post import Post
from tests.content.builders import parse, parse_item, rss


def test_a_title_without_end_is_cut():
    long = f"<title>{'x' * 300_000}</title>"
    assert parse_item(long).title == "x" * 299 + "…"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hips &amp; backs", "Hips & backs"),
        ("Hips &amp;amp; backs", "Hips & backs"),
        ("Pain &lt; 3 weeks", "Pain < 3 weeks"),
        ("The &amp;lt;hr&amp;gt; tag", "The <hr> tag"),
        ("<![CDATA[A <em>bold</em> claim]]>", "A bold claim"),
        ("<![CDATA[Two<br>lines]]>", "Two lines"),
        ("Two&lt;br /&gt;lines", "Two lines"),
        (" \n two \t lines \n", "two lines"),
        ("a\0b&#0;c", "abc"),
        ("a&#x202E;b", "ab"),
        ("a&#99999999999;b", "ab"),
        ("It&#146;s", "It\u2019s"),
        ("&#55357;&#56898; &#xD83D;", "🙂"),
        ("Rope &nbsp;&amp;&nbsp; chain", "Rope & chain"),
    ],
)
def test_a_title_is_read_as_people_see_it(written, read):
    assert parse_item(f"<title>{written}</title>").title == read


def test_the_text_of_an_atom_title_is_no_html():
    title = '<title type="text">The &lt;title&gt; tag</title>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{title}<id>urn:1</id></entry></feed>'
    assert [p.title for p in parse(feed).posts] == ["The <title> tag"]


def test_a_post_without_a_title_is_called_by_its_first_words():
    words = "<description>&lt;p&gt;No title, but words.&lt;/p&gt;</description>"
    assert parse_item(f"<title></title>{words}").title == "No title, but words."


def test_first_words_that_stand_for_a_title_are_whole_and_stay_in_the_excerpt():
    words = "In late November the garage is cold, the barbell is colder, and it is tempting to go straight to it."  # noqa: E501
    title = parse_item(f"<description>&lt;p&gt;{words}&lt;/p&gt;</description>").title
    begun = title.removesuffix("…")
    assert len(begun) <= 80
    assert words.startswith(f"{begun} ")
    assert excerpt(f"<p>{words}</p>", title=title) == words


def parse_entry(inside: str) -> Post:
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id>{inside}</entry></feed>'
    (only,) = parse(feed).posts
    return only


def test_the_longest_text_of_a_post_is_its_body_and_the_summary_stands_beside_it():
    found = parse_entry(
        "<content>Short</content><content>Long enough</content><summary>S</summary>"
    )
    assert (found.body, found.summary) == ("<p>Long enough</p>", "<p>S</p>")


def test_a_post_whose_only_text_is_its_summary_has_no_other():
    found = parse_item("<description>All of it.</description>")
    assert (found.body, found.summary) == ("All of it.", "")


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("<content>1 &lt; 2\n\nTwo</content>", "<p>1 &lt; 2</p><p>Two</p>"),
        ("<content>&lt;p&gt;Forgot the type&lt;/p&gt;</content>", "<p>Forgot the type</p>"),
        ("<content>Forgot&amp;nbsp;it too</content>", "Forgot&nbsp;it too"),
        ('<content type="html">1 &amp;lt; 2&lt;br&gt;</content>', "1 &lt; 2<br>"),
        ('<content type="image/png">aGVsbG8gd29ybGQ=</content>', ""),
        ('<content mode="base64" type="text/html">PGI+aGk8L2I+</content>', "<b>hi</b>"),
        ('<content type="audio/mpeg" src="/a.mp3"/><summary>A talk</summary>', "<p>A talk</p>"),
    ],
)
def test_the_text_of_an_atom_entry_is_html_whatever_it_was(written, body):
    assert parse_entry(written).body == body


MEDIA = '<media:description xmlns:media="http://search.yahoo.com/mrss/">{}</media:description>'


def test_what_is_said_of_a_picture_is_no_text_of_the_post():
    caption = MEDIA.format("A caption that is longer than all of the post")
    assert parse_item(f"<description>Short.</description>{caption}").body == "Short."


def test_what_is_said_of_a_film_stands_in_where_nothing_else_is():
    assert parse_entry(MEDIA.format("A film.")).body == "<p>A film.</p>"


def test_a_post_without_words_keeps_its_link_and_has_no_title():
    found = parse_item("<link>https://blog.example/empty</link>")
    assert (found.link, found.title, found.body) == ("https://blog.example/empty", "", "")


def test_categories_are_named_once_and_have_a_bound():
    terms = "".join(f'<category domain="{n}">{n // 2}</category>' for n in range(120))
    named = parse_item(
        f"<title>T</title><category> Knees \n &amp; hips </category>{terms}"
    ).categories
    assert named == ("Knees & hips", *map(str, range(49)))
    (long,) = parse_item(f"<title>T</title><category>{'x' * 500}</category>").categories
    assert long == "x" * 100


def test_two_guids_without_end_stay_two():
    one, two = (f'<guid isPermaLink="false">{"x" * 99_999}{n}</guid>' for n in "12")
    first, second = (post.guid for post in parse(rss(one, two)).posts)
    assert first != second
    assert max(len(first), len(second)) < 2000
