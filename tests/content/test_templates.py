"""Filling a template: what fails is told with its file, its line and the nearest right name."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.errors import TemplateBroken
from content.mjml.marks import without_marks
from content.templates import fill_template, open_templates, tidy
from tests.content.builders import edition, teaser
from tests.content.paper import own_templates

DIGEST = "emails/digest.mjml"
VALUES = {
    "edition": edition(teaser()),
    "newsletter": {"name": "Tide", "intro": "Two reads."},
    "exit_url": "https://news.example/",
}


@pytest.fixture
def filled(tmp_path):
    def fill(name: str = DIGEST, **files: str | bytes) -> str:
        return fill_template(open_templates(own_templates(tmp_path, **files)), name, VALUES)

    return fill


@pytest.fixture
def complaint(filled):
    def complain(name: str = DIGEST, **files: str | bytes) -> str:
        with pytest.raises(TemplateBroken) as caught:
            filled(name, **files)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return complain


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ nope }}", "column 4: nope is not defined"),
        ("{{ edtion.title }}", "column 4: edtion is not defined; did you mean edition?"),
        ("<p>{{ edition.titel }}", "column 7: edition.titel is not defined; did you mean title?"),
        ("{{ newsletter.nam }}", "column 4: newsletter.nam is not defined; did you mean name?"),
        ("{{ exit_urls|upper }}", "column 4: exit_urls is not defined; did you mean exit_url?"),
        (
            "{% for t in edition.teasers %}{{ t.lnk }}{% endfor %}",
            "column 34: t.lnk is not defined; did you mean link?",
        ),
    ],
)
def test_what_is_not_defined_is_named_as_it_is_written(complaint, written, said):
    assert complaint(digest_mjml=f"\n{written}") == f"{DIGEST}, line 2, {said}"


def test_what_is_not_defined_in_a_part_is_named_with_the_part(complaint):
    part = '{% include "emails/partials/foot.mjml" %}'
    assert complaint(digest_mjml=part, partials_foot_mjml="<p>\n{{ nope }}") == (
        "emails/partials/foot.mjml, line 2, column 4: nope is not defined"
    )
    assert complaint("emails/digest.txt", digest_txt="{{ nope }}") == (
        "emails/digest.txt, line 1, column 4: nope is not defined"
    )


def test_what_a_filter_finds_missing_is_told_in_its_words(complaint):
    said = complaint(digest_mjml="{{ []|first }}")
    assert said == f"{DIGEST}, line 1: No first item, sequence was empty."


def test_a_name_that_is_split_over_lines_is_told_with_its_own(complaint):
    assert complaint(digest_mjml="{{ edition\n  .titel }}") == (
        f"{DIGEST}, line 2, column 4: titel is not defined; did you mean title?"
    )


def test_a_mistake_in_a_tag_of_jinja_is_named_with_file_and_line(complaint):
    assert complaint(digest_mjml="<p>\n<b></b>\n{% if %}").startswith(f"{DIGEST}, line 3: ")
    part = '{% include "emails/partials/foot.mjml" %}'
    assert complaint(digest_mjml=part, partials_foot_mjml="\n\n{{ x").startswith(
        "emails/partials/foot.mjml, line 3: "
    )


def test_a_missing_part_is_named_with_the_nearest_there_is(complaint):
    part = '{% include "emails/partials/fot.mjml" %}'
    assert complaint(digest_mjml=part, partials_foot_mjml="") == (
        "emails/partials/fot.mjml: no such template; did you mean emails/partials/foot.mjml?"
    )
    assert complaint("emails/nothing.txt") == "emails/nothing.txt: no such template"


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{% for word in 3 %}{% endfor %}",
        "{{ edition.teasers|wordwrap(72) }}",
        "{{ newsletter.intro|wordwrap('wide') }}",
        "{% include 'emails/digest.mjml' %}",
    ],
)
def test_a_template_that_fails_while_it_is_filled_is_named(complaint, wrong):
    assert complaint(digest_mjml=f"\n{wrong}").startswith(f"{DIGEST}, line 2: ")


def test_a_template_that_is_not_utf_8_is_named(complaint):
    assert DIGEST in complaint(digest_mjml="<!-- ü -->".encode("latin-1"))


def test_a_text_comes_as_it_was_written_and_mjml_but_for_its_marks(filled):
    text = "<b>{{ newsletter.name }}</b>\n"
    assert filled("emails/digest.txt", digest_txt=text) == "<b>Tide</b>\n"
    marked = filled(digest_mjml=text)
    assert marked != without_marks(marked) == "<b>Tide</b>\n"


def test_tidying_leaves_no_gaps():
    assert tidy("\n\na\n\n\n\nb\n\n\n") == "a\n\nb\n"


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=90)))
def test_a_paragraph_is_folded_as_the_standard_library_does(words):
    wrap = open_templates(Path()).filters["wrap"]
    text = " ".join(words)
    assert wrap(text) == textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)
