"""Marks of where a tag stands: on every tag of an author's, and on nothing else."""

import re
import time

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.mjml.marks import mark_file, mark_tags, without_marks
from content.mjml.places import Place, Tag, Walk, place_of
from tests.content.paper import OURS

NAME = "emails/digest.mjml"
TEMPLATES = sorted(OURS.rglob("*.mjml"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_marks_can_be_taken_out_and_add_no_line(path):
    source = path.read_text()
    marked = mark_tags(source, NAME)
    assert without_marks(marked) == source
    assert marked.count("\n") == source.count("\n")
    assert marked.count("<?place ") == len(re.findall("</?[a-z]", source))


@given(st.text("<>/mj-text{}%#\"'= \n!&?:."))
def test_marks_of_any_source_can_be_taken_out(source):
    assert without_marks(mark_tags(source, NAME)) == source


@given(st.text(min_size=1), st.integers(1, 9999), st.integers(1, 9999))
def test_a_file_of_any_name_is_named_by_its_mark(name, line, column):
    walk = Walk(mark_tags("\n" * (line - 1) + " " * (column - 1) + "<a />", name))
    assert place_of(walk, 0) == Place(name, line, column)
    assert place_of(Walk(mark_file("<a />", name)), 0) == Place(name, 1, 1)


@pytest.mark.parametrize(
    "untouched",
    [
        "{{ '<b>' }}",
        '{{ "}}<b>" }}',
        "{% if a <b and b> c %}",
        "{# <b> #}",
        "<!-- <b> -->",
        "<![CDATA[<b>]]>",
        "1 <2 and a < b",
        "<h{{ size }}>",
        "<{{ name }}>",
    ],
)
def test_what_is_no_tag_of_the_authors_is_not_marked(untouched):
    assert mark_tags(untouched, NAME) == untouched


def test_attributes_are_marked_wherever_they_stand():
    source = """<mj-image src="{{ x["a>b"] }}" {% if 1 > 2 %}width="3px"{% endif %}\n alt='"' />"""
    (mark, _, rest) = mark_tags(source, NAME).partition("?>")
    assert mark == f"<?place {NAME}:1:1 src:1:11 width:1:46 alt:2:2"
    assert rest == source


def test_an_attribute_that_jinja_made_is_told_with_its_tag():
    tag = Tag("mj-text", f"{NAME}:3:7 align:3:16")
    assert tag.place("align") == Place(NAME, 3, 16)
    assert tag.place("color") == Place(NAME, 3, 7)
    assert str(Tag("mj-text").place()) == "the template, line 1, column 1"


def test_words_that_look_like_a_mark_are_only_words():
    words = "<?place emails/x.mjml:1:1?>"
    shown = jinja2.Environment(autoescape=True).from_string("{{ words }}").render(words=words)
    assert without_marks(shown) == shown


@pytest.mark.parametrize(
    "unit",
    ["{{ ", "{{ '", "{% 'a' ", "{#", "<!--", "<![CDATA[", "<mj-text ", '<mj-text a="{{', "a", "="],
)
@pytest.mark.parametrize("before", ["{{ ", '<mj-text a="{{', "<mj-text "])
def test_what_is_never_closed_takes_no_longer_than_its_length_asks(before, unit):
    source = before + unit * (50_000 // len(unit))
    began = time.process_time()
    assert without_marks(mark_tags(source, NAME)) == source
    assert time.process_time() - began < 2


def test_tags_before_what_is_never_closed_are_marked():
    assert mark_tags("<a />{{ <b />", NAME) == f"<?place {NAME}:1:1?><a />{{{{ <b />"
