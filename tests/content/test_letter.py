"""The letter of a digest, and what every reader of it needs."""

import re
import subprocess
import sys
from dataclasses import replace

import lxml.html
import pytest
from markupsafe import escape

from content.edition import Edition
from content.letter import SLOTS, Letter, fill, render_letter
from content.program import CallToAction
from content.templates import open_templates
from tests.conftest import ROOT
from tests.content.builders import edition, program, teaser
from tests.content.paper import ABOUT, OURS, READER
from tests.samples import KNEE_SCHOOL, KNEES, NOVEMBER, PILLOW, UNTITLED

IN_HTML = ("exit", "first_name", "preferences", "exit")
IN_TEXT = ("first_name", "preferences", "exit")
EXIT = "https://news.tide.example/unsubscribe/the-token"
PREFERENCES = "https://news.tide.example/preferences/the-token"


def render(edition: Edition, **about) -> Letter:
    return render_letter(edition, open_templates(OURS), about=ABOUT | about)


def html_of(edition: Edition, **about) -> str:
    return fill(render(edition, **about).html, READER)


def text_of(edition: Edition, **about) -> str:
    return fill(render(edition, **about).text, READER)


def test_slots_are_exactly_those_declared():
    letter = render(NOVEMBER)
    assert letter.html[1::2] == IN_HTML
    assert letter.text[1::2] == IN_TEXT
    assert set(letter.html[1::2]) == set(letter.text[1::2]) == set(SLOTS)
    assert not re.search("slot[0-9a-f]", html_of(NOVEMBER) + text_of(NOVEMBER))


def test_the_subject_is_the_title_and_is_not_escaped():
    assert render(NOVEMBER).subject == "Tide & Tendon: Knees & stairs: why “down” is harder"


def test_a_reader_can_leave_from_the_top_the_bottom_and_the_text():
    assert len(re.findall(f'<a href="{EXIT}"[^>]*>Unsubscribe</a>', html_of(NOVEMBER))) == 2
    assert f"Unsubscribe, for good:\n{EXIT}\n" in text_of(NOVEMBER)


def test_every_post_can_be_reached_from_html_and_text():
    for post in NOVEMBER.teasers:
        assert f'href="{post.link.replace("&", "&amp;")}"' in html_of(NOVEMBER)
        assert f"\n{post.link}\n" in text_of(NOVEMBER)


def test_nothing_is_loaded_from_elsewhere_but_the_pictures_of_posts():
    html = html_of(NOVEMBER)
    links = {link.replace("&", "&amp;") for link in (KNEES.link, PILLOW.link, UNTITLED.link)}
    ours = {EXIT, PREFERENCES, ABOUT["browser_url"], ABOUT["subscribe_path"]}
    ours |= {KNEE_SCHOOL.program.url}
    assert set(re.findall(r"https?:[^\"'\s<>)]+", html)) == (
        links | ours | {KNEES.picture.url, "http://www.w3.org/1999/xhtml"}
    )
    assert re.findall(r"(?:src|background|srcset|data)=\"([^\"]*)\"", html) == [KNEES.picture.url]
    assert not re.search(r"@import|url\(|<link|<script|<iframe|<object|<form|//fonts", html)


@pytest.mark.parametrize("font", ["Roboto, sans-serif", "Lato", "'Open Sans', Arial", "Ubuntu"])
def test_no_font_is_fetched_whatever_the_author_chose(font):
    theme = ABOUT["theme"] | {"font": font, "heading_font": font}
    assert "googleapis" not in html_of(NOVEMBER, theme=theme)


def test_without_a_picture_there_is_no_image():
    assert html_of(edition(teaser())).count("<img") == 0
    assert html_of(edition(teaser(image="https://x.example/a.png"))).count("<img") == 1
    assert html_of(edition(teaser(), teaser(image="https://x.example/a.png"))).count("<img") == 1


def test_without_a_program_there_is_no_invitation():
    without = replace(NOVEMBER, call_to_action=None)
    assert "Knee school" in html_of(NOVEMBER)
    assert "KNEE SCHOOL" in text_of(NOVEMBER)
    assert "Knee school" not in html_of(without)
    assert "KNEE SCHOOL" not in text_of(without)


def test_the_text_has_no_gaps_and_ends_with_one_line_end():
    text = text_of(NOVEMBER) + text_of(edition(teaser()))
    assert "\n\n\n" not in text
    assert text_of(NOVEMBER) == text_of(NOVEMBER).strip() + "\n"


def test_an_address_in_the_words_of_the_text_is_not_broken_over_two_lines():
    address = "https://tide.example/knee-school-for-people-who-climb-stairs-and-hills-every-day-1"
    assert f"\n{address}\n" in text_of(edition(teaser(words=f"Join us at {address} soon.")))


def test_a_post_without_words_leaves_no_gap_in_the_text():
    assert "Hips\nNovember 5\n\nhttps://" in text_of(edition(teaser(words="")))


HOSTILE = """<script>steal()</script> "quoted" & 'so' &amp; --> ]]> {{ slot.exit }} {% raw %}"""
ESCAPED = (
    "&lt;script&gt;steal()&lt;/script&gt; &#34;quoted&#34; &amp; &#39;so&#39; &amp;amp; "
    "--&gt; ]]&gt; {{ slot.exit }} {% raw %}"
)


def test_hostile_words_are_only_words():
    words = program(HOSTILE, headline=HOSTILE, pitch=HOSTILE, button=HOSTILE)
    hostile = replace(
        edition(teaser(HOSTILE, words=HOSTILE), teaser(HOSTILE, words=HOSTILE), title=HOSTILE),
        preheader=HOSTILE,
        call_to_action=CallToAction(words, "because"),
    )
    html = html_of(hostile)
    assert "<script" not in html
    assert html.count("steal()") == html.count(ESCAPED) > 10
    assert render(hostile).html[1::2] == IN_HTML
    assert "<script>steal()</script> \"quoted\" & 'so' &amp;" in text_of(hostile)


def test_words_that_look_like_a_slot_are_only_words():
    marks = "slot0123456789abZexitZ slotZexitZ {{ slot.exit }} %exit% *|EXIT|*"
    letter = render(edition(teaser(marks)))
    assert letter.html[1::2] == IN_HTML
    assert letter.text[1::2] == IN_TEXT
    assert marks in "".join(letter.html[::2])


def test_the_same_edition_makes_the_same_letter():
    again = render(NOVEMBER)
    assert again == render(NOVEMBER)


def test_another_process_makes_the_same_letter_although_it_marks_slots_otherwise():
    script = (
        "from content import letter; from tests.samples import digest; made = digest(); "
        "print(letter._SEED, hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    words = [sys.executable, "-c", f"import hashlib; {script}"]
    runs = [subprocess.check_output(words, cwd=ROOT, text=True).split() for _ in range(2)]
    (one_seed, one_letter), (other_seed, other_letter) = runs
    assert one_seed != other_seed
    assert one_letter == other_letter


def test_a_link_with_an_ampersand_is_a_way_out_too():
    out = "https://news.tide.example/?a=1&b='out'&to="
    assert f'href="{escape(out)}the-token"' in html_of(NOVEMBER, exit_url=out)


@pytest.mark.parametrize(
    "other",
    [
        replace(NOVEMBER, title="Other"),
        replace(NOVEMBER, preheader="Other"),
        replace(NOVEMBER, call_to_action=None),
        replace(NOVEMBER, teasers=(PILLOW, KNEES, UNTITLED)),
        replace(NOVEMBER, teasers=(replace(KNEES, link="https://x.example/"), PILLOW, UNTITLED)),
    ],
)
def test_what_a_reader_could_see_changes_the_hash(other):
    assert render(other) != render(NOVEMBER)


def test_a_word_of_the_newsletter_changes_the_hash_too():
    theme = ABOUT["theme"] | {"accent": "#123456"}
    assert render(NOVEMBER, theme=theme) != render(NOVEMBER)


def test_filling_puts_each_readers_values_between_the_constant_parts():
    slotted = ("Hello ", "first_name", ", ", "exit", "!")
    assert fill(slotted, READER) == "Hello Ada, the-token!"
    assert fill(slotted, {"first_name": "exit", "exit": ""}) == "Hello exit, !"
    assert fill(("no slots",), {}) == "no slots"


def test_an_accent_or_a_backslash_in_a_title_or_an_address_arrives_as_it_was():
    title, link = "Cafe\u0301 \u0648\u0650 C:\\hips", "https://blog.example/cafe\u0301"
    shown = replace(teaser(title, image=f"{link}.png"), link=link)
    tree = lxml.html.fromstring(html_of(replace(edition(shown, shown), title=title)))
    assert {image.get("alt") for image in tree.iter("img")} == {title}
    assert {image.get("src") for image in tree.iter("img")} == {f"{link}.png"}
    assert link in {a.get("href") for a in tree.iter("a")}
    assert f"Read more: {title}" in {a.get("aria-label") for a in tree.iter("a")}
    assert "\\u{" not in lxml.html.tostring(tree, encoding="unicode")
