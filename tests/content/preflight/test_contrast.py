"""Colours: contrast by WCAG, in light and in dark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.preflight.colours import (
    WHITE,
    as_hex,
    contrast,
    paint_over,
    read_colour,
)
from content.preflight.finding import Finding, Level
from tests.content.preflight.letters import findings

parts = st.floats(0, 1)
opaque = st.tuples(parts, parts, parts, st.just(1.0))


@pytest.mark.parametrize(
    ("colour", "ratio"),
    [("#000000", 21.0), ("#767676", 4.54), ("#777777", 4.48), ("#ffffff", 1.0), ("#ff0000", 4.0)],
)
def test_contrast_with_white_is_what_wcags_own_tools_say(colour, ratio):
    assert round(contrast(read_colour(colour), WHITE), 2) == ratio


@given(one=opaque, other=opaque)
def test_contrast_is_the_same_both_ways_and_between_1_and_21(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


@given(ground=opaque, paint=opaque)
def test_what_covers_all_hides_the_ground_and_nothing_shows_it(ground, paint):
    assert paint_over(ground, paint) == pytest.approx(paint)
    assert paint_over(ground, (*paint[:3], 0.0)) == pytest.approx(ground)


@pytest.mark.parametrize(
    ("css", "shown"),
    [
        ("#0f5f57", "#0f5f57"),
        ("#FFF", "#ffffff"),
        ("rebeccapurple", "#663399"),
        ("rgb(15, 95, 87)", "#0f5f57"),
        ("rgb(15 95 87 / 50%)", "#0f5f57"),
        ("hsl(120, 100%, 25%)", "#008000"),
    ],
)
def test_colours_are_read_however_they_are_written(css, shown):
    assert as_hex(read_colour(css)) == shown


@pytest.mark.parametrize(
    "css", ["", "inherit", "currentcolor", "none", "#12", "color()", "rgb(", "url(x)"]
)
def test_what_is_no_colour_is_none(css):
    assert read_colour(css) is None


def hard_to_read(body: str, css: str = "") -> list[Finding]:
    return [one for one in findings(body, css=css) if one.rule == "contrast"]


PALE = "color:#777777"  # 4.48 on white


def test_pale_words_are_hard_to_read():
    (said,) = hard_to_read(f'<p style="{PALE}">Knees</p>')
    assert said.text == (
        "hard to read in light mode: #777777 on #ffffff has a contrast of 4.48; "
        "choose colours with 4.5 or more"
    )
    assert (said.level, said.where) == (Level.WARNING, "Knees")


@pytest.mark.parametrize(
    "fine",
    [
        '<p style="color:#767676">Knees</p>',
        f'<p style="{PALE};font-size:24px">Knees</p>',
        f'<p style="{PALE};font-size:14pt;font-weight:700">Knees</p>',
        f'<h1 style="{PALE}">Knees</h1>',
        f'<p style="{PALE};font:bold 19px/1.5 Arial">Knees</p>',
        f'<p style="{PALE};display:none">Knees</p>',
        '<div style="background:#111 url(x.png)"><p style="color:#fff">Knees</p></div>',
        '<table bgcolor="#111111"><tr><td><font color="#ffffff">Knees</font></td></tr></table>',
        '<p style="color:#fff;background:rgba(0,0,0,.9)">Knees</p>',
    ],
)
def test_these_can_be_read(fine):
    assert hard_to_read(fine) == []


@pytest.mark.parametrize(
    ("css", "body"),
    [
        ("", f'<p style="{PALE};font-size:23px">Knees</p>'),
        ("", f'<p style="{PALE};font-weight:700;font:19px Arial">Knees</p>'),
        ("", '<div style="background:#111">Knees</div>'),
        ("", '<div style="background:#00f"><a href="https://x.example/">Knees</a></div>'),
        ("", '<p style="color:#000"><span style="color:rgba(0,0,0,.3)">Knees</span></p>'),
        ("", '<div style="color:#ccc"><p style="color:inherit">Knees</p></div>'),
        (".pale { color: #ccc }", '<p class="pale">Knees</p>'),
        ("p.pale { color: #ccc } .pale { color: #000 }", '<p class="pale">Knees</p>'),
        (".pale { color: #ccc !important }", '<p class="pale" style="color:#000">Knees</p>'),
        ("div > p { color: #ccc }", "<div><p>Knees</p></div>"),
        (".a, .b { color: #ccc }", '<p class="b">Knees</p>'),
    ],
)
def test_these_cannot_whatever_the_colour_comes_from(css, body):
    assert [one.where for one in hard_to_read(body, css)] == ["Knees"]


@pytest.mark.parametrize(
    "css",
    [
        ".pale { color: #ccc } .pale { color: #000 }",
        "p.pale { color: #000 } .pale { color: #ccc }",
        "#no .pale { color: #ccc }",
        ".pale:hover { color: #ccc }",
        ".pale::before { color: #ccc }",
        "@media print { .pale { color: #ccc } }",
        "@media (max-width: 480px) { .pale { color: #ccc } }",
        ":unknown(.pale, { color: #ccc }",
    ],
)
def test_rules_that_lose_or_do_not_hold_count_for_nothing(css):
    assert hard_to_read('<p class="pale">Knees</p>', css) == []


DARK = "@media (prefers-color-scheme: dark) { body, div { background: #111 !important } %s }"


def test_in_the_dark_the_dark_rules_hold():
    light = "p { color: #eee !important } a { color: #7fd1bf !important }"
    assert hard_to_read("<div><p>Knees</p></div>", DARK % light) == []
    found = hard_to_read("<div><p>Knees</p></div>", DARK % "")
    assert {one.text[:25] for one in found} == {"hard to read in dark mode"}
    assert "#000000 on #111111" in found[0].text


def test_a_letter_that_can_be_dark_stands_on_a_dark_ground_there():
    can = '<meta name="color-scheme" content="light dark">'
    assert hard_to_read(f'{can}<p>Knees <a href="https://x.example/">up</a></p>') == []
    (dark,) = hard_to_read(f'{can}<p style="color:#000">Knees</p>')
    assert "#000000 on #121212" in dark.text


def test_each_pair_of_colours_is_told_once():
    assert len(hard_to_read(f'<p style="{PALE}">Knees</p>' * 50)) == 1
