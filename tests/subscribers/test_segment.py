"""Tag expressions mean what they say, and a wrong one is told with its place."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadSegment
from subscribers.segment import read_segment

TAGS = ["runner", "back pain", "bought:hip-rehab", "r&d"]
readers = st.frozensets(st.sampled_from(TAGS))


def written(tag: str) -> str:
    return f'"{tag}"' if "&" in tag else tag


# Each is an expression as it is written, and as Python would decide it.
leaves = st.sampled_from(TAGS).map(lambda tag: (written(tag), lambda tags: tag in tags))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda e: (f"!({e[0]})", lambda tags: not e[1](tags))),
        st.tuples(inner, inner).map(
            lambda p: (f"({p[0][0]}) & ({p[1][0]})", lambda t: p[0][1](t) and p[1][1](t))
        ),
        st.tuples(inner, inner).map(
            lambda p: (f"{p[0][0]} | ({p[1][0]})", lambda t: p[0][1](t) or p[1][1](t))
        ),
    ),
    max_leaves=6,
).filter(lambda e: len(e[0]) <= 300)


@given(expressions, readers)
def test_an_expression_matches_whom_logic_says(expression, tags):
    text, expected = expression
    assert read_segment(text).matches(tags) is bool(expected(tags))


@pytest.mark.parametrize(
    ("text", "tags", "matches"),
    [
        ("runner & !bought:hip-rehab", {"runner"}, True),
        ("runner & !bought:hip-rehab", {"runner", "bought:hip-rehab"}, False),
        ("a | b & c", {"a"}, True),
        ("a | b & c", {"b"}, False),
        ("!a & b", {"b"}, True),
        ("!(a & b)", {"a"}, True),
        ("  Back   Pain ", {"back pain"}, True),
        ('"r&d" | x', {"r&d"}, True),
        ("", set(), True),
        ("   ", {"a"}, True),
    ],
)
def test_not_goes_before_and_and_and_before_or(text, tags, matches):
    assert read_segment(text).matches(frozenset(tags)) is matches


def test_a_segment_names_its_tags():
    assert read_segment('Runner & !(back pain | "r&d")').tags == {"runner", "back pain", "r&d"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a &", "at its end: expected a tag"),
        ("a | b )", "at column 7: expected the end"),
        ("((a)", "at its end: expected `)`"),
        ("& a", "at column 1: expected a tag"),
        ("a b ! c", "at column 5"),
        ('"a', "at column 1: write tags, &, |, ! and brackets"),
        ("a" * 301, "300 characters at most"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(text, said):
    with pytest.raises(BadSegment) as error:
        read_segment(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(alphabet='ab &|!()"\n\t\0é', max_size=40))
def test_any_text_is_a_segment_or_a_refusal_and_never_an_accident(text):
    with suppress(BadSegment):
        assert read_segment(text).matches(frozenset({"a"})) in (True, False)


@pytest.mark.parametrize("text", ["!" * 299 + "a", "(" * 149 + "a" + ")" * 149])
def test_no_depth_is_too_deep(text):
    assert read_segment(text).matches(frozenset()) in (True, False)
