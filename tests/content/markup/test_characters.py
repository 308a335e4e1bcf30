"""Which characters of a feed are text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from content.markup.tree import parse_html, readable


@pytest.mark.parametrize(
    ("written", "meant"),
    [("It\x92s", "It’s"), ("\x93Hip\x94 \x96 \x85", "“Hip” – …"), ("\x80 5", "€ 5"), ("\x9f", "Ÿ")],
)
def test_bytes_of_windows_1252_are_the_characters_they_were(written, meant):
    assert readable(written) == meant


@pytest.mark.parametrize("undefined", ["\x81", "\x8d", "\x8f", "\x90", "\x9d"])
def test_the_five_that_stood_for_nothing_vanish(undefined):
    assert readable(f"a{undefined}b") == "ab"


@pytest.mark.parametrize("turned", ["\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"])
def test_no_character_turns_the_rest_of_the_letter(turned):
    assert readable(f"a{turned}b") == "ab"


@pytest.mark.parametrize("text", ["a\tb\nc", "é\u00a0語", "👨‍👩‍👧 👍🏽", "\u200f\u05d0", "क्‍ष", ""])
def test_text_stays_as_it_is(text):
    assert readable(text) == text


@given(st.text(st.characters()))
def test_what_is_readable_fits_in_xml_and_stays_the_same(text):
    element = etree.Element("p")
    element.text = readable(text)
    assert readable(element.text) == element.text


@given(st.text(st.sampled_from("<>/&;#x0'\"=! -abpdivspan\x92\ud800\u202e?[]")))
def test_every_text_has_a_tree_or_no_markup(text):
    tree = parse_html(text)
    assert tree is not None or not {"<", "&"} & set(text)


def test_elements_have_names_and_attributes_that_xml_can_hold():
    tree = parse_html('<o:p>x</o:p><p @click=x a=b&#x202e;’ xml:lang=en>y</p><b"c>z')
    assert tree is not None
    assert [(e.tag, dict(e.attrib)) for e in tree.iter("span", "p")] == [
        ("span", {}),
        ("p", {"a": "b’"}),
        ("span", {}),
    ]


@pytest.mark.parametrize("empty", ["wbr", "source", "embed", "track", "img", "br"])
def test_an_element_without_inside_takes_nothing_in(empty):
    tree = parse_html(f"<p>One<{empty}>two</p>three")
    assert tree is not None
    assert [(e.text, e.tail) for e in tree.iter("p", empty)] == [("One", "three"), (None, "two")]


def test_what_no_post_has_is_left_out():
    def size(html: str) -> int:
        tree = parse_html(html)
        return sum(1 for _ in tree.iter()) if tree is not None else 0

    assert 300 < size("<div>" * 100_000) < 600
    assert 10_000 < size("<p>x" * 100_000) < 30_000
    attributes = " ".join(f"a{number}" for number in range(100_000))
    tree = parse_html(f"<p {attributes}>x")
    assert tree is not None
    assert [len(p.attrib) for p in tree.iter("p")] == [100]


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 50_000 + "</b>" * 50_000,
        ("<x>" * 100 + "</y>" * 200) * 300,
        "<a " + " ".join(f"a{number}" for number in range(50_000)) + ">",
    ],
    ids=["deep and badly closed", "closed twice", "many attributes"],
)
def test_reading_takes_no_longer_for_being_hostile(hostile):
    # Each took libxml2 several seconds to a minute; now it is hundredths of one.
    started = time.process_time()
    assert parse_html(hostile) is not None
    assert time.process_time() - started < 1
