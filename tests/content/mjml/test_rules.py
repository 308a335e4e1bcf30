"""The table of MJML: made for the compiler we have, and strict about values."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mjml import mjml2html

import content.mjml.rules
from content.mjml.rules import load_table

TABLE = load_table()
FILE = Path(content.mjml.rules.__file__).with_name("rules.json")
LENGTHS = st.from_regex(r"[0-9]{1,3}(\.[0-9])?(px|%)|0", fullmatch=True)


def test_the_table_was_made_with_the_compiler_that_is_installed():
    """If not, `benchmarks/mjml_rules.py` makes it anew."""
    assert json.loads(FILE.read_text())["mjml-python"] == version("mjml-python")


def test_every_tag_but_the_root_has_a_place():
    homeless = {tag for tag, rule in TABLE.tags.items() if not rule.parents}
    assert homeless == {"mjml"}
    assert {parent for rule in TABLE.tags.values() for parent in rule.parents} <= set(TABLE.tags)


def test_every_type_of_an_attribute_can_be_explained():
    kinds = {kind for rule in TABLE.tags.values() for kind in rule.attributes.values()}
    for kind in kinds - {"string"}:
        assert not TABLE.values.fits(kind, "?")
        assert TABLE.values.expected(kind, "?").startswith("it may be ")


@pytest.mark.parametrize(
    ("tag", "name", "value"),
    [
        ("mj-button", "title", "Read on"),
        ("mj-image", "border-top", "3px solid red"),
        ("mj-social", "border", "3px solid red"),
    ],
)
def test_what_is_called_passed_over_has_no_effect_in_our_compiler(tag, name, value):
    def compiled(attribute: str) -> str:
        column = f'<mj-column><{tag} align="left" {attribute}></{tag}></mj-column>'
        return str(mjml2html(f"<mjml><mj-body><mj-section>{column}</mj-section></mj-body></mjml>"))

    assert name in TABLE.tags[tag].passed_over
    assert compiled(f'{name}="{value}"') == compiled("")
    assert compiled('padding="9px"') != compiled("")


@given(st.lists(LENGTHS, min_size=1, max_size=4))
def test_one_to_four_lengths_are_a_padding(lengths):
    assert TABLE.values.fits("unit(px,%){1,4}", " ".join(lengths))
    assert not TABLE.values.fits("unit(px,%){1,4}", " ".join([*lengths, "1em"]))


@given(st.integers(0, 0xFFFFFF))
def test_any_hexadecimal_colour_is_one(number):
    assert TABLE.values.fits("color", f"#{number:06x}")
    assert TABLE.values.fits("color", f"#{number:06X}")
    assert not TABLE.values.fits("color", f"{number:06x}g")
