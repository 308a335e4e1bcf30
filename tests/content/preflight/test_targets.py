"""Links that are judged by look, and which addresses of a letter are asked for."""

import pytest

from content.preflight.page import read_page
from content.preflight.targets import Target, find_targets
from tests.content.preflight.letters import EXIT, faults, findings, html, warning


def test_every_address_is_asked_once_and_the_readers_own_never():
    body = """<a href="https://x.example/a#top">A</a> <a href=" https://x.example/a ">A</a>
        <img src="https://x.example/a"> <a href="mailto:us@x.example">Us</a> <img src="cid:logo">"""
    page = read_page(html(body))
    assert page is not None
    assert find_targets(page, ours=[EXIT]) == (
        Target("https://x.example/a", is_picture=True),
        Target("https://x.example/a", is_picture=False),
    )


@pytest.mark.parametrize(
    "href", ["mailto:hello@tide.example?subject=Knees", "tel:+49-40-123", "sms:12345", "#end"]
)
def test_these_are_judged_by_shape_alone(href):
    assert faults(f'<p id="end"><a href="{href}">Write</a></p>') == []


@pytest.mark.parametrize(
    "href",
    [
        *("", "/blog", "blog.html", "mailto:us", "tel:", "javascript:alert(1)"),
        *("ftp://x.example/a", "http://", "http:///a", "http://[", "file:///etc/passwd"),
        "mailto:ada@reader.example, b",
    ],
)
def test_what_is_no_whole_address_leads_nowhere(href):
    (found,) = [one for one in findings(f'<a href="{href}">Write</a>') if one.where]
    assert (found.level, found.rule, found.where) == ("error", "link-shape", "Write")
    assert "ada@" not in found.text


def test_a_place_that_is_not_in_the_letter_is_doubted():
    assert faults('<a href="#end">End</a>') == warning("link-shape")
    assert faults('<a name="end">x</a> <a>no link</a>') == []
