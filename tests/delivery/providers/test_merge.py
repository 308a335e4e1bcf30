"""What an author wrote is never taken for a provider's own words."""

import html
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.providers.merge import Syntax, merge
from tests.delivery.providers.contract import MESSAGES
from tests.fakes import LETTER

BRACES = Syntax(variable=lambda name: f"<<{name}>>", triggers=("{{", "{%"))
TRICKY = st.text("{%}xä &", max_size=12)


@given(TRICKY)
def test_no_trigger_is_left_and_a_reader_sees_the_same(text):
    made = BRACES.plain(text)
    assert "{{" not in made
    assert "{%" not in made
    assert made.replace("\N{WORD JOINER}", "") == text


@given(TRICKY)
def test_html_without_triggers_says_the_same(text):
    made = BRACES.html(html.escape(text))
    assert "{{" not in made
    assert "{%" not in made
    assert html.unescape(made) == text


@pytest.mark.parametrize("text", ["{{{x}}}", "{{{{", "{%{{%"])
def test_triggers_that_overlap_are_all_taken_apart(text):
    assert not {"{{", "{%"} & {BRACES.plain(text)[n : n + 2] for n in range(20)}


def test_a_slot_is_escaped_only_where_somebody_needs_it():
    letter = replace(LETTER, subject="{{sale}}")
    merged = merge(letter, MESSAGES, BRACES)
    assert "<<first_name_html>>" in merged.html
    assert "<<first_name>>" in merged.text
    assert "<<exit>>" in merged.html
    assert merged.subject == "{\N{WORD JOINER}{sale}}"
    assert {frozenset(values) for values in merged.values} == {
        frozenset({"first_name", "first_name_html", "exit"})
    }
