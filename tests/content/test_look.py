"""What every letter has, whoever wrote it: structure, words for pictures, ground for Outlook."""

import colorsys
import re
from itertools import pairwise

import lxml.html
import pytest

from content.preflight.colours import Paint, contrast, read_colour
from flows.settings.tables import Theme
from tests.samples import (
    HARD,
    KINDS,
    NOVEMBER,
    OPEN_DAY,
    confirm,
    digest,
    html_of,
    notice,
    public,
    text_of,
)

LETTERS = KINDS | HARD
EXITS = ("the-token", "Unsubscribe", "preferences", "Hello", "View in browser")
LIGHT = [
    ("ink", "paper"),
    ("accent", "paper"),
    ("quiet", "ground"),
    ("paper", "accent"),
    ("offer_ink", "offer"),
    ("offer", "offer_button"),
]
DARK = [
    ("dark_ink", "dark_paper"),
    ("dark_accent", "dark_paper"),
    ("dark_quiet", "dark_ground"),
    ("dark_accent", "dark_ground"),
]


def tree_of(name: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(html_of(LETTERS[name]()))


def addresses(text: str) -> set[str]:
    return set(re.findall(r"https://[^\s()]+", text))


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_what_it_is_and_in_which_language(name):
    (article,) = tree_of(name).xpath("//body/div[@role='article']")
    direction = ("ar", "rtl") if name == "arabic digest" else ("en", "ltr")
    assert (article.get("lang"), article.get("dir")) == direction
    assert article.get("aria-roledescription") == "email"
    assert article.get("aria-label") == LETTERS[name]().subject
    assert '<meta name="color-scheme" content="light dark"' in html_of(LETTERS[name]())


@pytest.mark.parametrize("name", LETTERS)
def test_its_headings_are_an_outline_without_gaps(name):
    found = [e.tag for e in tree_of(name).iter("h1", "h2", "h3", "h4", "h5", "h6")]
    levels = [int(tag[1]) for tag in found]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", LETTERS)
def test_every_picture_has_words_and_a_width_that_outlook_obeys(name):
    for image in tree_of(name).iter("img"):
        assert image.get("alt")
        assert 0 < int(image.get("width")) <= 536
        assert "height:auto" in image.get("style").replace(" ", "")


@pytest.mark.parametrize("name", LETTERS)
def test_a_table_of_the_layout_is_no_table_to_those_who_listen(name):
    ours = tree_of(name).xpath("//table[not(ancestor::td[@class='whole'])]")
    assert {table.get("role") for table in ours} == {"presentation"}
    theirs = tree_of(name).xpath("//td[@class='whole']//table")
    assert not [table for table in theirs if table.get("role")]


@pytest.mark.parametrize("name", LETTERS)
def test_outlook_gets_a_table_600_px_wide_around_every_section(name):
    html = html_of(LETTERS[name]())
    ghosts = "".join(re.findall(r"<!--\[if mso \| IE\]>(.*?)<!\[endif\]-->", html, re.DOTALL))
    sections = html.count("margin:0px auto;max-width:600px")
    assert len(re.findall(r'<table[^>]*width="600"', ghosts)) == sections > 2
    for tag in ("table", "tr", "td"):
        assert len(re.findall(f"<{tag}[ >]", ghosts)) == ghosts.count(f"</{tag}>")


@pytest.mark.parametrize("name", LETTERS)
def test_the_first_words_of_a_letter_are_kept_out_of_the_list_of_letters(name):
    """A list shows some 150 characters: the preheader, then what cannot be seen."""
    shown = tree_of(name).find("body").text_content().strip()
    unseen = re.search("[\u034f\u200c\u00a0]{200,}", shown)
    assert unseen
    assert 5 < unseen.start() < 80


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_has_the_links_of_the_html(kind):
    letter = KINDS[kind]()
    links = set(lxml.html.fromstring(html_of(letter)).xpath("//a/@href"))
    assert links == addresses(text_of(letter))


@pytest.mark.parametrize("edition", [NOVEMBER, OPEN_DAY])
def test_a_public_copy_knows_no_reader_and_says_where_to_sign_up(edition):
    made = public(edition)
    assert not [word for word in EXITS if word in html_of(made)]
    assert "Get the next one by e-mail" in html_of(made)
    assert made.html[1::2] == ()


@pytest.mark.parametrize("make", [confirm, notice])
def test_who_is_on_no_list_is_not_told_how_to_leave_it(make):
    for part in (html_of(make()), text_of(make())):
        assert "nsubscribe" not in part


def test_without_pages_to_lead_to_there_are_no_links_to_them():
    letter = digest(browser_url="", preferences_url="")
    assert set(letter.html[1::2]) == {"first_name", "exit"}
    assert "View in browser" not in html_of(letter) + text_of(letter)


def test_in_a_newsletter_read_from_the_right_every_section_begins_there():
    html = html_of(HARD["arabic digest"]())
    assert "direction:ltr" not in html
    assert html.count("direction:rtl") > 10


def turned(colour: Paint) -> Paint:
    """As a program that forces darkness shows it: light becomes dark, and the hue stays."""
    hue, light, saturation = colorsys.rgb_to_hls(*colour[:3])
    return (*colorsys.hls_to_rgb(hue, 1 - light, saturation), 1)


@pytest.mark.parametrize(("words", "ground"), LIGHT + DARK)
def test_our_colours_can_be_read_and_still_when_they_are_turned_around(words, ground):
    theme = Theme().model_dump()
    pair = [read_colour(theme[words]), read_colour(theme[ground])]
    assert contrast(*pair) >= 4.5
    assert contrast(*map(turned, pair)) >= 3  # nobody asked us; it is legible, if not pretty
