"""The way out, the postal address, and gaps nobody filled."""

from dataclasses import replace

import pytest

from content.preflight.check import check_letter
from content.preflight.finding import Level
from tests.content.preflight.letters import (
    ADDRESS,
    EXIT,
    FOOTER,
    GOOD,
    LONG,
    TEXT,
    TOP,
    error,
    faults,
    findings,
    grave,
    warning,
)

NO_EXIT = "<p>Tide, 1 Quay, 20457 Hamburg</p>"
LINK = f'<a href="{EXIT}token">Leave</a>'


def test_two_exits_and_an_address_are_all_it_takes():
    assert faults() == []


def test_without_an_exit_near_the_top_a_letter_cut_off_has_none():
    assert faults(top="") == warning("exit-top")
    assert faults(top=LONG + TOP) == warning("exit-top")


def test_two_pictures_before_it_are_more_than_a_screen():
    picture = '<img src="https://x.example/a.png" alt="A" width="600">'
    assert faults(top=picture + TOP) == []
    assert faults(top=picture * 2 + TOP) == warning("exit-top")


def test_readers_look_for_the_exit_in_the_footer():
    assert faults(footer=NO_EXIT) == warning("exit-footer")
    assert faults(footer=FOOTER + LONG) == warning("exit-footer")


def test_in_a_short_letter_one_exit_serves_as_both():
    assert faults("<p>Short.</p>", top="") == []


HIDDEN = [
    f'<div style="display:none">{LINK}</div>',
    f'<div style="display:none!important"><p style="display:block">{LINK}</p></div>',
    f"<div hidden>{LINK}</div>",
    f'<div style="visibility:hidden">{LINK}</div>',
    f'<div style="opacity:0">{LINK}</div>',
    f'<div style="max-height:0;overflow:hidden">{LINK}</div>',
    f'<div style="font-size:0">{LINK}</div>',
    f'<p style="font:0px Arial">{LINK}</p>',
    f'<a style="color:#fff" href="{EXIT}token">Leave</a>',
    f'<div style="background:#0f5f57"><a style="color:#0f5f58" href="{EXIT}token">Leave</a></div>',
    f'<a class="out" href="{EXIT}token">Leave</a>',
    f'<a href="{EXIT}token"></a>',
    f'<a href="{EXIT}token">\u200b\u00a0</a>',
    f"<!-- {LINK} -->",
    f'<a href="https://elsewhere.example/?to={EXIT}token">Leave</a>',
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_an_exit_nobody_sees_is_none(hidden):
    css = "a.out { display: none }"
    found = faults(css=css, top=hidden, footer=hidden + NO_EXIT)
    assert (Level.ERROR, "exit") in found
    assert not {rule for _level, rule in faults(css=css, top=TOP + hidden)} & {"exit", "exit-top"}


def test_mjmls_cells_of_size_nought_hide_nothing():
    cell = f'<td style="font-size:0px"><div style="font-size:13px">{LINK}</div></td>'
    assert faults(top=f"<table><tr>{cell}</tr></table>") == []


def test_a_rule_for_narrow_screens_hides_nothing_on_a_desk():
    css = "@media (max-width:480px) { a { display:none } } @media print { a { display:none } }"
    assert faults(css=css) == []


def test_the_text_part_has_a_way_out_too():
    without = replace(GOOD, text=TEXT.replace(EXIT, "https://tide.example/"))
    assert grave(check_letter(without)) == error("exit")


def test_the_law_asks_for_a_postal_address_in_both_parts():
    assert faults(footer=f"<p>{LINK}</p>") == error("postal-address")
    assert grave(check_letter(replace(GOOD, text=TEXT.replace(ADDRESS, "")))) == error(
        "postal-address"
    )
    assert grave(check_letter(replace(GOOD, postal_address=" "))) == error("postal-address")


def test_an_address_may_be_set_on_several_lines():
    lines = replace(GOOD, postal_address="1 Quay\n20457 Hamburg", text=TEXT.replace(", ", "\n"))
    assert grave(check_letter(lines)) == []


def test_an_address_nobody_sees_is_none():
    hidden = f'<p>{LINK}</p><p style="display:none">{ADDRESS}</p>'
    assert faults(footer=hidden) == error("postal-address")


def test_a_slot_that_was_not_filled_blocks():
    (slot,) = [one for one in findings("Hello slot0123456789abZfirst_nameZ") if one.where]
    assert (slot.level, slot.rule, slot.where) == (
        Level.ERROR,
        "slot",
        "slot0123456789abZfirst_nameZ",
    )


def test_an_exit_without_a_token_leads_nowhere():
    assert faults(f'<a href="{EXIT}">Leave</a>') == error("slot")
    text = TEXT.replace("token", "")
    assert grave(check_letter(replace(GOOD, text=text))) == error("slot")


@pytest.mark.parametrize("mark", ["{{ name }}", "{% if x %}", "*|FNAME|*", "%%FIRST%%"])
def test_what_looks_like_a_gap_is_asked_about_since_a_post_may_mean_it(mark):
    assert faults(f"<p>Hello {mark},</p>") == warning("slot")
    assert grave(check_letter(replace(GOOD, subject=f"Hello {mark}"))) == warning("slot")


@pytest.mark.parametrize("words", ["100 % {sure}", "{ {", "slots of time", "a | b", "50%% off"])
def test_ordinary_words_are_no_gap(words):
    assert faults(f"<p>{words}</p>") == []


def test_nothing_can_be_read_in_an_empty_letter():
    assert (Level.ERROR, "unreadable") in grave(check_letter(replace(GOOD, html=" ")))
