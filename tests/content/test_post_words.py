"""The title and the words of a post, read as people see them."""

import pytest

from content.markup.words import excerpt
from tests.content.builders import parse, parse_item, rss


def test_a_title_without_end_is_cut():
    long = f"<title>{'x' * 300_000}</title>"
    assert parse_item(long).title == "x" * 300


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


def test_the_longest_text_of_a_post_is_its_body():
    texts = "<content>Short</content><content>Long enough</content><summary>S</summary>"
    entry = f"<entry><title>T</title><id>urn:1</id>{texts}</entry>"
    feed = parse(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>')
    assert [p.body for p in feed.posts] == ["Long enough"]


def test_a_post_with_neither_title_nor_words_cannot_be_shown():
    assert parse(rss("<link>https://blog.example/empty</link>", "<title>T</title>")).posts == (
        parse_item("<title>T</title>"),
    )
