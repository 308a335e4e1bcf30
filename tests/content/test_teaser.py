"""What a letter shows of a post: its opening or all of it, with a picture and its direction."""

from zoneinfo import ZoneInfo

import pytest

from content.letter import fill, render_letter
from content.markup.pictures import Picture
from content.period import Period
from content.teaser import Teaser, as_teaser
from content.templates import open_templates
from tests.content.builders import SITE, day, edition, held
from tests.content.paper import ABOUT, OURS, READER

NOVEMBER, BERLIN = Period(2026, 11), ZoneInfo("Europe/Berlin")
TEMPLATES = open_templates(OURS)
HIP = f"{SITE}hip.jpg"
SHOWN = '<p>Words.</p><img src="/hip.jpg" alt="A hip" width="300" height="200">'


def show(*, whole: bool = False, **post) -> Teaser:
    return as_teaser(held("hips", day("2026-11-05"), **post), NOVEMBER, BERLIN, whole=whole)


def letter(*teasers: Teaser) -> str:
    made = render_letter(edition(*teasers), TEMPLATES, about=ABOUT)
    return fill(made.html, READER)


def test_a_post_is_shown_by_its_opening():
    assert show() == Teaser(
        title="Hips", link=f"{SITE}hips", excerpt="Words.", day="November 5", direction="ltr"
    )


def test_a_summary_that_somebody_wrote_goes_before_the_opening():
    written = "Why the front of your hip pinches when you tie a shoe, and what to do."
    assert show(summary=f"<p>{written}</p>").excerpt == written
    assert show(summary="Words […]").excerpt == "Words."


def test_the_picture_that_the_feed_names_goes_before_the_first_in_the_words():
    named = Picture("https://cdn.example/lead.jpg")
    assert show(body=SHOWN, picture=named).picture == named
    assert show(body=SHOWN).picture == Picture(HIP, "A hip", 300, 200)


def test_of_a_picture_that_is_named_and_shown_the_words_know_more():
    assert show(body=SHOWN, picture=Picture(HIP)).picture == Picture(HIP, "A hip", 300, 200)


def test_a_whole_post_is_clean_and_its_words_are_there_for_the_text_part():
    shown = show(whole=True, body='<p onclick="x()">One <b>two</b></p><script>x()</script><p>Three')
    assert shown.body.split() == ["<p>One", "<b>two</b></p>", "<p>Three</p>"]
    assert shown.text == "One two\n\nThree"


def test_a_whole_post_does_not_show_one_picture_twice():
    assert show(whole=True, body=SHOWN, picture=Picture(HIP)).picture is None
    named = Picture("https://cdn.example/lead.jpg")
    assert show(whole=True, picture=named).picture == named


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("place", [0, 1])
def test_a_hebrew_post_is_read_from_the_right_in_an_english_letter(whole, place):
    hebrew = show(title="חמישה תרגילים לגב", body="<p>גב חזק.</p>", language="he", whole=whole)
    assert (hebrew.direction, hebrew.language) == ("rtl", "he")
    teasers = [show()]
    teasers.insert(place, hebrew)
    html = letter(*teasers)
    assert 'lang="he" dir="rtl"' in html
    assert 'lang="en" dir="ltr"' in html
    assert "text-align:right" in html


def test_a_small_picture_is_not_blown_up_and_says_what_it_shows():
    html = letter(show(body=SHOWN))
    assert 'alt="A hip"' in html
    assert 'width="300"' in html


def test_a_whole_post_stands_in_both_parts_of_the_letter():
    body = "<h1>First</h1><p>One &amp; <a href='/two'>two</a></p><ul><li>three</li></ul>"
    made = render_letter(edition(show(whole=True, body=body)), TEMPLATES, about=ABOUT)
    html, text = fill(made.html, READER), fill(made.text, READER)
    assert f'<a href="{SITE}two">two</a>' in html
    assert "<h3>First</h3>" in html
    assert f"First\n-----\n\nOne & two <{SITE}two>\n\n* three\n" in text


def test_a_whole_post_cannot_break_out_of_its_letter():
    nasty = "</div></td></tr></table></mj-text><mj-raw><script>x()</script>{{ 7 * 7 }}<!--<p>End."
    html = letter(show(whole=True, body=f"<p>Begin.</p>{nasty}"))
    assert "<script" not in html
    assert "49" not in html.partition("Begin.")[2].partition("See it on the blog")[0]
    assert "Until next month" in html
