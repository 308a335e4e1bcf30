"""The language a text says it is in, and the direction it is read in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.language import direction_of, language_tag


@pytest.mark.parametrize(
    "text",
    [
        "כאבי ירך",
        "5 טיפים ל-WordPress",
        "ألم الورك",
        "کمر درد کا علاج",
        "(12) אב",
        "iPhone: סקירה מלאה",
    ],
)
def test_hebrew_and_arabic_are_read_from_the_right(text):
    assert direction_of(text) == "rtl"


@pytest.mark.parametrize(
    "text", ["Hip pain", "The word שלום means peace", "腰の痛み", "12.5 %", "", "👍 !"]
)
def test_everything_else_is_read_from_the_left(text):
    assert direction_of(text) == "ltr"


@given(st.text("0123456789 .,!-()%"))
def test_digits_and_marks_turn_no_text(marks):
    assert direction_of(f"{marks}שלום{marks}") == "rtl"
    assert direction_of(f"{marks}Hip{marks}") == "ltr"


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("en", "en"),
        ("en_us", "en-US"),
        ("EN-gb", "en-GB"),
        (" he-IL\n", "he-IL"),
        ("zh_hans_cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("ca-valencia", "ca-valencia"),
        ("en_US.UTF-8", "en-US"),
    ],
)
def test_a_language_tag_is_written_in_one_way(said, tag):
    assert language_tag(said) == tag
    assert language_tag(tag) == tag


@pytest.mark.parametrize("said", ["", "x", "C", "english", "en US", "12", 'en"><b>', "e-n", "en-"])
def test_what_is_no_tag_says_nothing(said):
    assert language_tag(said) == ""
