"""Whatever a blog writes, there is a letter: from the bytes of a feed to the finished HTML."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.choice import Rules, choose_posts
from content.edition import compose_digest
from content.intake import SETTLING, Intake, take_in
from content.letter import Letter, fill, render_letter
from content.period import Period
from content.templates import open_templates
from tests.conftest import NOON
from tests.content.builders import parse, parse_file, rss
from tests.content.paper import ABOUT, OURS, READER

NOVEMBER = Period(2026, 11)
TEMPLATES = open_templates(OURS)
GOOD = "<title>A good post</title><link>https://blog.example/good</link>"


def letter_of(feed, zone: str = "America/Los_Angeles") -> Letter | None:
    """The letter that a feed becomes, all the way; None when no post of it can go out."""
    home = ZoneInfo(zone)
    seen = NOON - 100 * SETTLING
    ledger = [
        take_in(
            post,
            take_in(post, None, Intake(now=seen), identity=str(n)),
            Intake(now=seen + SETTLING),
            identity=str(n),
        )
        for n, post in enumerate(feed.posts)
    ]
    choice = choose_posts(ledger, NOVEMBER, home, Rules())
    if choice.too_few:
        return None
    edition = compose_digest(choice, NOVEMBER, home, newsletter="News")
    return render_letter(edition, TEMPLATES, about=ABOUT)


def read(letter: Letter | None) -> str:
    assert letter is not None
    assert "exit" in letter.html
    return fill(letter.html, READER)


@pytest.mark.parametrize("odd", ["&#1;", "&#xFFFE;", "&#x202E;", "\0"])
@pytest.mark.parametrize("place", ["title", "description", "link", "guid", "category"])
def test_no_odd_character_of_one_post_stops_the_letter(place, odd):
    title = "" if place == "title" else "<title>Odd</title>"
    feed = parse(rss(GOOD, f"{title}<{place}>https://x.example/{odd}y</{place}>"))
    letter = read(letter_of(feed))
    assert letter.count("A good post") > 1
    assert not set(letter) & set("\0\x01\ufffe\u202e")


@pytest.mark.parametrize("odd", ["&#1;", "&#xFFFE;"])
def test_no_odd_character_in_a_pictures_address_stops_the_letter(odd):
    picture = f'<enclosure url="https://x.example/{odd}.png" type="image/png" length="1"/>'
    assert "A good post" in read(letter_of(parse(rss(GOOD, f"<title>T</title>{picture}"))))


@pytest.mark.parametrize(
    "halves", ["&#55357;&#56898;", "&#xD83D;&#xDE42;", "&#XD83D;", "&#55357 ", "&#x0000D83D;"]
)
def test_half_of_an_emoji_does_not_stop_the_letter(halves):
    """Old software writes 🙂 as the two halves it has in UTF-16."""
    feed = parse(rss(GOOD, f"<title>Smile &#8220;&#x201D; {halves}</title>"))
    assert "Smile “”" in read(letter_of(feed))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_post_dated_in_the_year_one_does_not_stop_the_letter(zone):
    feed = parse_file("hugo.xml")
    assert "The author forgot the date" in read(letter_of(feed, zone))


@pytest.mark.parametrize("year", ["9999", "99999"])
def test_a_post_dated_at_the_end_of_time_does_not_stop_the_letter(year):
    dated = f"<title>Later</title><pubDate>{year}-12-31T23:59:59Z</pubDate>"
    letter = read(letter_of(parse(rss(GOOD, dated))))
    assert "A good post" in letter


def test_markup_in_a_title_reaches_nobody():
    title = "&amp;lt;script&amp;gt;steal()&amp;lt;/script&amp;gt; &amp;quot;&amp;gt;&amp;amp;"
    letter = read(letter_of(parse(rss(f"<title>{title}</title>"))))
    assert "<script" not in letter
    assert "&lt;script&gt;steal()&lt;/script&gt; &#34;&gt;&amp;" in letter


def test_a_hostile_address_stays_inside_its_attribute():
    hostile = "https://x.example/&quot;&gt;&lt;script&gt;steal()&lt;/script&gt;"
    picture = f'<enclosure url="{hostile}.png" type="image/png" length="1"/>'
    letter = read(letter_of(parse(rss(f"<title>T</title><link>{hostile}</link>{picture}"))))
    assert "<script" not in letter
    assert letter.count("x.example") > 1


@pytest.mark.parametrize(
    "link", ["javascript:steal()", "data:text/html,steal()", "vbscript:steal()"]
)
def test_no_link_of_a_post_runs_anything(link):
    body = f'&lt;a href="{link}"&gt;&lt;img src="{link}"&gt;&lt;/a&gt;'
    feed = parse(rss(f"<title>T</title><link>{link}</link><description>{body}</description>"))
    assert "steal" not in read(letter_of(feed))


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
escaped = anything.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))


@given(escaped, escaped, escaped)
def test_no_words_of_a_feed_stop_the_letter(title, body, link):
    item = f"<title>{title}</title><description>{body}</description><link>{link}</link>"
    assert "A good post" in read(letter_of(parse(rss(GOOD, item))))
