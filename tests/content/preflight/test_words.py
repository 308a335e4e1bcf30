"""Subject and preheader."""

from dataclasses import replace

import pytest

from content.preflight.check import check_letter
from content.preflight.finding import Level
from content.preflight.words import width
from tests.content.preflight.letters import GOOD, error, grave, warning


def with_subject(subject: str):
    return grave(check_letter(replace(GOOD, subject=subject)))


@pytest.mark.parametrize(
    "subject",
    [
        "Tide: knees",
        "x" * 60,
        "痛" * 30,
        "آلام الركبة والدرج",
        "Yes! It works!",
        "NHS",
        "LONG COVID",
    ],
)
def test_these_subjects_are_fine(subject):
    assert with_subject(subject) == []


@pytest.mark.parametrize("subject", ["", "  ", "\u00a0"])
def test_a_letter_needs_a_subject(subject):
    assert with_subject(subject) == error("subject")


@pytest.mark.parametrize(
    "mark", ["\n", "\r\nBcc: all@x.example", "\x00", "\x1b", "\u2028", "\ud800"]
)
def test_nothing_in_a_subject_can_end_the_header(mark):
    assert with_subject(f"Knees{mark}") == error("subject")


@pytest.mark.parametrize("subject", ["x" * 61, "痛" * 31, "x" * 100])
def test_the_end_of_a_subject_that_most_programs_do_not_show_is_noted(subject):
    found = [one for one in check_letter(replace(GOOD, subject=subject)) if one.rule != "client"]
    assert ("note", "subject-length") in [(one.level.value, one.rule) for one in found]
    assert with_subject(subject) == []


@pytest.mark.parametrize("subject", ["x" * 101, "痛" * 51])
def test_a_subject_whose_end_nobody_sees_needs_a_yes(subject):
    assert with_subject(subject) == warning("subject-length")


def test_a_title_of_five_thousand_characters_is_no_subject():
    found = check_letter(replace(GOOD, subject="knees " * 833))
    assert grave(found) == error("subject-length")
    assert all(len(one.where) <= 60 for one in found)


@pytest.mark.parametrize(
    "subject", ["FREE KNEES TODAY", "Wow! Knees! Stairs!", "今すぐ\uff01\uff01\uff01"]
)
def test_a_subject_that_shouts(subject):
    assert with_subject(subject) == warning("subject-shouts")


def test_a_subject_that_turns_what_follows_is_doubted():
    assert with_subject("Knees \u202egnp.exe") == warning("subject")


def test_without_a_preheader_programs_show_what_comes_first():
    assert grave(check_letter(replace(GOOD, preheader=" "))) == warning("preheader")


def test_a_long_preheader_is_only_told():
    found = [one for one in check_letter(replace(GOOD, preheader="x" * 131)) if one.where]
    assert [(one.level, one.rule) for one in found] == [(Level.NOTE, "preheader")]


def test_width_is_what_is_seen():
    assert width("cafe\u0301") == 4
    assert width("痛み") == 4
