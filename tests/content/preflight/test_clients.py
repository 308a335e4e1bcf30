"""What major mail programs leave out; and that nobody is drowned in it."""

import json
from pathlib import Path

import pytest

from content.preflight import clients
from content.preflight.finding import Finding, Level
from tests.content.preflight.letters import findings

TABLE = json.loads(Path(clients.__file__).with_name("clients.json").read_bytes())


def left_out(body: str, css: str = "") -> list[Finding]:
    return [one for one in findings(body, css=css) if one.rule == "client"]


def doubted(body: str, css: str = "") -> list[str]:
    return [one.where for one in left_out(body, css) if one.level is Level.WARNING]


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        ('<video src="https://x.example/a.mp4"></video>', "<video> element"),
        ("<svg></svg>", "Embedded <svg> image"),
        ('<p style="position:absolute">x</p>', "position"),
        ('<p style="display:grid">x</p>', "display:grid"),
        ('<p style="DISPLAY: Flex !important">x</p>', "display:flex"),
        ('<p style="width:calc(100% - 10px)">x</p>', "CSS calc() function"),
        ('<p style="background:url(https://x.example/a.png)">x</p>', "background-image"),
        ('<img src="https://x.example/a.webp?w=80" alt="A" width="80">', "webP image format"),
    ],
)
def test_content_that_some_readers_would_miss_is_doubted(body, feature):
    assert doubted(body) == [feature]


@pytest.mark.parametrize(
    ("css", "feature"),
    [
        ("@import url(https://x.example/a.css);", "@import"),
        ("p::before { color: red }", "::before"),
        ("@media (min-width: 1px) { p { float: left } }", "float"),
        ("p { color: var(--ink) }", "CSS Variables (Custom Properties)"),
    ],
)
def test_it_is_found_in_rules_as_well(css, feature):
    assert doubted("<p>x</p>", css) == [feature]


def test_the_programs_and_the_loss_are_named():
    (said,) = left_out("<form><p>x</p></form>")
    assert said.text == ("<form> element is left out by Outlook (Windows): nobody can fill it in")


def test_finish_is_told_in_one_line_for_the_same_programs():
    shadows = '<p style="border-radius:6px;opacity:.9;max-height:9px">x</p>' * 9
    (said,) = left_out(shadows)
    assert said.level is Level.NOTE
    assert said.text == (
        "left out by Outlook (Windows), without harm: border-radius, opacity, max-height property"
    )


@pytest.mark.parametrize("body", ["<p>position: absolute</p>", "<p title='video'>flex</p>", ""])
def test_words_are_no_styles(body):
    assert left_out(body) == []


@pytest.mark.parametrize("source", ["https://x.example/a.jpg", "https://x.example/a", "http://["])
def test_common_and_unknown_pictures_are_not_doubted(source):
    assert doubted(f'<img src="{source}" alt="A" width="80">') == []


def test_each_loss_is_of_a_feature_that_the_table_knows():
    assert set(clients._LOSSES) <= set(TABLE["features"])


def test_the_table_says_where_it_is_from():
    assert TABLE["source"].startswith("caniemail.com")
    assert TABLE["licence"].startswith("MIT")
    assert TABLE["updated"] == "2025-09-09"
    for feature in TABLE["features"].values():
        assert set(feature["left_out_by"]) <= set(TABLE["clients"])
