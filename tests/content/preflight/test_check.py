"""A whole letter: ours is without fault, and no letter keeps us long or breaks us."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.letter import fill, render_letter
from content.preflight.check import check_letter
from content.preflight.finding import Finding, Level, Proof, in_order, shorten
from content.templates import open_templates
from tests.conftest import ROOT
from tests.content.builders import edition, teaser
from tests.content.paper import ABOUT, OURS
from tests.content.preflight.letters import GOOD, faults, findings, grave, html
from tests.content.test_letter import NOVEMBER

TOKEN = "t" * 120
ADA = {"first_name": "Wolfeschlegelsteinhausenbergerdorff", "exit": TOKEN, "preferences": TOKEN}


def proof_of(issue, **about) -> Proof:
    letter = render_letter(issue, open_templates(OURS), about=ABOUT | about)
    return Proof(
        key=issue.key,
        subject=letter.subject,
        preheader=issue.preheader,
        html=fill(letter.html, ADA),
        text=fill(letter.text, ADA),
        postal_address=ABOUT["sender"]["postal_address"],
        exit_url=ABOUT["exit_url"],
    )


SAMPLE = proof_of(NOVEMBER)


def test_our_own_letter_has_no_fault():
    assert grave(check_letter(SAMPLE)) == []


def test_a_letter_with_whole_posts_and_other_scripts_has_none_either():
    body = "<p>اصعد <b>ببطء</b></p><blockquote>x</blockquote><ul><li>y</li></ul><pre>z</pre>"
    arabic = replace(
        teaser("آلام الركبة", image="https://x.example/a.jpg"),
        body=body,
        direction="rtl",
        language="ar",
    )
    assert grave(check_letter(proof_of(edition(arabic, arabic, title="腰の痛み")))) == []


def test_it_takes_a_moment():
    assert min(seconds_for(SAMPLE) for _ in range(5)) < 0.15


def seconds_for(proof: Proof) -> float:
    start = time.perf_counter()
    check_letter(proof)
    return time.perf_counter() - start


def test_errors_come_first_and_notes_last():
    level = [one.level for one in findings("<img src=a><p style='color:#ccc'>{{ x }}</p>", top="")]
    assert level == sorted(level, key=list(Level).index)
    assert len(set(level)) == 3
    mixed = [Finding(level, "a", "b") for level in (Level.NOTE, Level.ERROR, Level.WARNING)]
    assert [one.level for one in in_order(mixed)] == list(Level)


def test_every_finding_is_one_short_line():
    words = "very long\nwords " * 500
    found = findings(
        f'<p style="color:#ccc">{words}</p><img src="{words}"><a href="{words}">{words}</a>'
    )
    for one in found:
        assert "\n" not in one.text + one.where
        assert len(one.where) <= 100


def test_words_are_quoted_short():
    assert shorten("Knees \n and  stairs") == "Knees and stairs"
    assert shorten("x" * 61) == "x" * 59 + "…"


HOSTILE = {
    "deep": "<div>" * 20_000 + "x",
    "a hundred thousand elements": "<p>" * 100_000,
    "as many as are looked at": "<p>x" * 3_900,
    "attributes": "<div " + " ".join(f"a{n}" for n in range(15_000)) + ">x",
    "brackets": f'<p style="color:{"(" * 100_000}">x',
    "figures": f'<p style="font-size:{"1" * 100_000}px">x',
    "words of a colour": f'<p style="background:{"red " * 25_000}">x',
    "rules in rules": "<style>" + "@media screen{" * 5_000 + "</style>x",
    "a long selector": "<style>" + "a " * 40_000 + "{color:red}</style><a>x",
    "many rules": "<style>"
    + "div b{color:red}" * 4_000
    + "</style>"
    + "<div>" * 99
    + "<b>x" * 3_000,
    "not of not": "<style>" + ":not(" * 20_000 + "</style>x",
    "open styles": "<style>" * 15_000,
    "comments": "<!--" * 25_000,
    "marks": "slot0123456789abZ" * 6_000 + "{{" * 5_000,
    "no address": '<a href="http://[">x</a>' * 2_000,
    "zeros": "\0" * 10_000,
    "half a character": "\ud800",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_letter_takes_long(name):
    assert seconds_for(replace(GOOD, html=html(HOSTILE[name]))) < 10
    assert seconds_for(replace(GOOD, html=HOSTILE[name])) < 10


def test_what_is_far_too_large_is_an_error_and_not_looked_into():
    assert faults("<p>x</p>" * 20_000) == [
        (Level.ERROR, "size"),
        (Level.ERROR, "unreadable"),
    ]


pieces = st.sampled_from(
    """<p> <a href=" <style> </style> @media (prefers-color-scheme: dark) { } ( ) [ ] : ; , > ~ +
    style=" color: background: font: font-size: #fff rgb( url( !important " ' \\ <!-- --> <img src=
    1e999px -1px 0 .a #b a:hover ::before :nth-child(2n+1) &amp; &#x0; <table bgcolor= calc(
    """.split()
)


@given(st.lists(pieces | st.text(max_size=3), max_size=40).map(" ".join))
def test_whatever_is_written_is_looked_at(words):
    found = check_letter(replace(GOOD, html=html(words), subject=words, preheader=words))
    assert all("\n" not in one.text for one in found)


def test_every_rule_is_in_the_document_and_no_other():
    table = (ROOT / "docs" / "preflight.md").read_text()
    firsts = " ".join(re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE))
    sources = "\n".join(p.read_text() for p in (ROOT / "content" / "preflight").glob("*.py"))
    written = re.findall(r'[Ll]evel(?:\.[A-Z]+)?, f?"([^"]+)"', sources)
    rules = {rule.replace("{_name(target)}", n) for rule in written for n in ("link", "picture")}
    rules |= {rule.replace("{name}", n) for rule in rules for n in ("link", "picture")}
    assert set(re.findall("`([a-z-]+)`", firsts)) == {rule for rule in rules if "{" not in rule}
