"""A post's HTML in a letter: headings under the letter's own, pictures that fit."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.fitting import fit

LEVELS = st.lists(st.integers(2, 6), max_size=12)


def headings(levels: list[int]) -> str:
    return "".join(f'<h{level} dir="rtl">Words</h{level}>' for level in levels)


@given(LEVELS, st.sampled_from([2, 3]))
def test_headings_begin_where_the_letter_leaves_off_and_skip_no_level(levels, top):
    html = fit(headings(levels), top)
    fitted = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert html == headings(fitted)
    assert not levels or fitted[0] == top
    assert all(after <= before + 1 for before, after in pairwise(fitted))
    assert min(fitted, default=top) == top


@pytest.mark.parametrize(
    ("written", "fitted"),
    [
        ([2, 4, 3], [3, 4, 4]),
        ([3, 2], [3, 3]),
        ([2, 3, 2], [3, 4, 3]),
        ([3, 4, 5, 6], [3, 4, 5, 6]),
    ],
)
def test_what_stood_below_another_heading_still_does(written, fitted):
    assert fit(headings(written), 3) == headings(fitted)


def test_a_picture_keeps_its_width_and_shrinks_with_the_window():
    assert fit('<p><img src="a" alt="b" width="300" /></p>', 2) == (
        '<p><img src="a" alt="b" width="300" style="max-width:100%;height:auto" /></p>'
    )


def test_a_picture_of_unknown_width_is_given_the_columns_for_outlook_alone():
    assert fit('<img src="a" alt="b" />', 2) == (
        '<img src="a" alt="b" width="536" style="width:auto;max-width:100%;height:auto" />'
    )


def test_words_about_tags_are_words():
    assert fit("<p>&lt;h2> h2 img</p>", 3) == "<p>&lt;h2> h2 img</p>"
