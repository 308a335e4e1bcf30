"""UTM parameters: on links to posts and programs, as the author set them, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.edition import with_utm
from content.program import CallToAction
from content.utm import NO_UTM, Utm, add_utm
from tests.content.builders import edition, program, teaser

ALL = Utm(source="news letter", medium="email", campaign="{edition}")


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        ("https://x.example/a", "https://x.example/a?{}"),
        ("https://x.example/a?b=1&c#d", "https://x.example/a?b=1&c&{}#d"),
        ("http://x.example", "http://x.example?{}"),
        ("mailto:hello@x.example", "mailto:hello@x.example"),
        ("", ""),
    ],
)
def test_parameters_go_behind_what_is_there_and_before_the_anchor(url, tagged):
    added = "utm_source=news%20letter&utm_medium=email&utm_campaign=digest-2026-11"
    assert add_utm(url, ALL, "digest-2026-11") == tagged.replace("{}", added)


def test_a_parameter_the_link_has_already_stays_as_it_is():
    own = "https://x.example/?utm_source=podcast"
    assert add_utm(own, Utm(source="news"), "k") == own
    assert add_utm(own, Utm(source="news", medium="email"), "k") == f"{own}&utm_medium=email"


def test_a_parameter_whose_name_only_ends_alike_is_another_one():
    other = "https://x.example/?from_utm_source=podcast"
    assert add_utm(other, Utm(source="news"), "k") == f"{other}&utm_source=news"


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_value_breaks_the_address(value):
    tagged = add_utm("https://x.example/a?b=1#c", Utm(source=value), "k")
    assert tagged.startswith("https://x.example/a?b=1")
    assert tagged.endswith("#c")
    assert tagged.count("#") == tagged.count("?") == 1
    assert not set(" <>\"'\n") & set(tagged)


def test_an_edition_has_them_on_its_posts_and_programs():
    call = CallToAction(program("Hips"), "because")
    made = replace(edition(teaser()), call_to_action=call, other_calls=(call,))
    tagged = with_utm(made, Utm(medium="email"))
    assert tagged.teasers[0].link == f"{made.teasers[0].link}?utm_medium=email"
    assert [c.program.url for c in tagged.calls] == ["https://x.example/p?utm_medium=email"] * 2
    assert with_utm(made, NO_UTM) == made
