"""A campaign from its file: everything an author may write, or one line that says what is wrong."""

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.campaign import KEYS, Campaign, read_campaign
from content.errors import CampaignWrong
from tests.conftest import ROOT
from tests.content.builders import SITE

FILE = "spring-offer.md"
BODY = "We open on *Monday*."


def campaign(*front: str, body: str = BODY, subject: str = "Hips", **more) -> Campaign:
    """Read a file with a subject, these lines at the top and this body."""
    return read_campaign(written(f"subject: {subject}", *front, body=body), file=FILE, **more)


def written(*front: str, body: str = BODY) -> str:
    return "\n".join(["---", *front, "---", body])


def refusal(text: str, *, file: str = FILE, **more) -> str:
    """What the author reads of a file that is not right: one line."""
    with pytest.raises(CampaignWrong) as caught:
        read_campaign(text, file=file, **more)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_campaign_is_what_its_author_wrote():
    read = campaign(
        "preheader: Six weeks, at home",
        "program: Knee school",
        "segment: knees",
        "from: Ada of the clinic",
        "slug: knees-2026",
        programs=("Knee school",),
    )
    assert read == Campaign(
        slug="knees-2026",
        subject="Hips",
        preheader="Six weeks, at home",
        program="Knee school",
        segment="knees",
        sender_name="Ada of the clinic",
        body="<p>We open on <em>Monday</em>.</p>",
        text="We open on Monday.",
        direction="ltr",
        dropped=(),
    )
    assert read.key == "campaign-knees-2026"


def test_only_a_subject_and_words_are_needed():
    read = campaign()
    assert (read.slug, read.preheader, read.program, read.segment) == ("spring-offer", "", "", "")


def test_none_and_everybody_may_be_said():
    read = campaign("program: none", "segment: Everybody")
    assert (read.program, read.segment) == ("", "")


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("Hips: what helps", "Hips: what helps"),
        ("#1 in stairs - and no. 2", "#1 in stairs - and no. 2"),
        ("no", "no"),
        ("2026-11", "2026-11"),
        ('"Hips: what helps"', "Hips: what helps"),
        ("'Ada''s'", "Ada''s"),
        ("“Smart” it's", "“Smart” it's"),
        ("[draft] *now* & <then>", "[draft] *now* & <then>"),
        ("Two\twords  here ", "Two words here"),
        ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
        ("C:\\new\\table", "C:\\new\\table"),
        ("腰の痛み", "腰の痛み"),
    ],
)
def test_a_value_is_the_words_behind_the_colon(value, subject):
    assert campaign(subject=value).subject == subject


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_file_from_any_editor_is_read_alike(ends):
    text = written("# a note", "", "Subject : Hips", "preheader:Soon", body="One\n\nTwo\n---\n")
    read = read_campaign("\ufeff" + text.replace("\n", ends), file=FILE)
    assert (read.subject, read.preheader) == ("Hips", "Soon")
    assert read.body == "<p>One</p>\n<h2>Two</h2>"


@pytest.mark.parametrize(
    ("file", "slug"),
    [
        ("/home/ada/Spring Offer (2).md", "spring-offer-2"),
        ("Übung.markdown", "ubung"),
        (f"{'spring-' * 20}.md", "spring-" * 8 + "spri"),
    ],
)
def test_without_a_slug_the_file_names_the_campaign(file, slug):
    assert read_campaign(written("subject: S"), file=file).slug == slug


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "line 1: `subject`: it is missing; a letter needs one"),
        (("subject:",), "line 2: `subject`: it is missing; a letter needs one"),
        (("subjekt: S",), "line 2: unknown key `subjekt`; did you mean `subject`?"),
        (
            ("subject: S", "x: y"),
            "line 3: unknown key `x`; the keys are from, preheader, program, segment, slug, "
            "subject",
        ),
        (("subject: S", "subject: T"), "line 3: `subject` is there already, in line 2"),
        (
            ("subject: >", "  Bcc all"),
            "line 3: write `key: value` on one line; the letter is below `---`",
        ),
        ((f"subject: {'x' * 201}",), "line 2: `subject`: 201 characters; 200 are the most"),
        (
            ("subject: S", "from: Ada <ada@x.example>"),
            "line 3: `from`: only a name; the address is the one in lettermill.toml",
        ),
        (
            ("subject: S", "slug: ../x"),
            "line 3: `slug`: a name such as `spring-offer`, of a-z, 0-9 and -, to 60 characters",
        ),
        (
            ("subject: S", "program: Nee school"),
            "line 3: `program`: there is no program `Nee school`; did you mean `Knee school`?",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_key(lines, said):
    assert refusal(written(*lines), programs=("Knee school",)) == f"{FILE}, {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: begin with a line `---`, and under it `subject: …`"),
        ("subject: S\n---\nBody", "line 1: begin with a line `---`, and under it `subject: …`"),
        ("---\nsubject: S\n", "line 1: there is no second `---` to end what begins here"),
    ],
)
def test_a_file_without_a_top_says_how_one_begins(text, said):
    assert refusal(text) == f"{FILE}, {said}"


@pytest.mark.parametrize("body", ["", " \n\n", "<!-- later -->", "<script>x()</script>", "&nbsp;"])
def test_a_campaign_without_words_is_refused(body):
    said = refusal(written("subject: S", body=body))
    assert said == f"{FILE}: there is no letter below the second `---`"


def test_a_file_that_cannot_name_itself_is_asked_for_a_slug():
    assert refusal(written("subject: S"), file="春.md").startswith("春.md, line 1: `slug`: ")


def test_nothing_larger_than_a_mebibyte_is_read():
    assert refusal("x" * (2**20 + 1)) == f"{FILE}: larger than 1 MiB, which no letter is"
    said = refusal(written("subject: S", body="- a\n" * 30_000))
    assert said == f"{FILE}: more paragraphs, items or cells than a letter can show"


CONTROLS = [*map(chr, range(9)), *"\x0b\x0c\x1b\x7f\x85\u2028\u2029\u202e\u2066\ud800"]


@pytest.mark.parametrize("key", ["subject", "from", "preheader", "segment"])
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_no_control_character_gets_into_a_header(key, control):
    lines = [f"{key}: Hips{control}Bcc: all@x.example"]
    lines += ["subject: S"] if key != "subject" else []
    said = refusal(written(*lines))
    assert said == f"{FILE}, line 2: `{key}`: there is a control character in it; type it anew"


@given(st.text(), st.text())
@example("Hips\nBcc: all@x.example", "Words")
@example("Hips\r\nfrom: Eve", "[x](/y)")
def test_whatever_is_written_it_is_a_campaign_or_one_line_that_says_why_not(subject, body):
    said, words = "", ""
    try:
        read = campaign(subject=subject, body=body, base=SITE)
        words = f"{read.subject}{read.sender_name}{read.preheader}"
        assert read.body.strip()
    except CampaignWrong as error:
        said = str(error)
    assert said.startswith(FILE) != bool(words)
    assert len(f"{said}{words}".splitlines()) == 1


LINKED = "# One\n\nTwo\n{}\n\n| a | b |\n|---|---|\n| 1 | {} |\n"


@pytest.mark.parametrize(
    "link", ["[x](/a)", "[x](a.html)", "[x](#a)", "[x]()", "[x](www.x.example)", "[x](//x.example)",
             "[x](javascript:alert(1))", "<a href='/a'>x</a>", "<a href=''>x</a>"],
)  # fmt: skip
@pytest.mark.parametrize("place", [7, 11])
def test_a_link_that_is_not_whole_is_refused_with_its_line(link, place):
    body = LINKED.format(*((link, "2") if place == 7 else ("x", link)))
    said = refusal(written("subject: S", body=body))
    assert said.startswith(f"{FILE}, line {place}: the link `")
    assert said.endswith("` is no whole address; begin with https://")


@pytest.mark.parametrize("picture", ["![A hip](hip.jpg)", "![](data:image/png;base64,AAAA)",
                                     "<img alt='x'\nsrc='mailto:a@x.example'>"])  # fmt: skip
def test_a_picture_that_is_not_whole_is_refused_with_its_line(picture):
    said = refusal(written("subject: S", body=f"One\n\n{picture}"))
    assert re.match(rf"{FILE}, line {6 + picture.count(chr(10))}: the picture `", said)


def test_with_a_base_links_and_pictures_are_made_whole():
    body = "[a](/a) ![b](b.png) [c](mailto:c@x.example) [d](tel:+49123) <a href='e'>e</a>"
    read = campaign(body=body, base=SITE)
    found = re.findall(r'(?:href|src)="([^"]*)"', read.body)
    assert found == [f"{SITE}a", f"{SITE}b.png", "mailto:c@x.example", "tel:+49123", f"{SITE}e"]
    for wrong in ("[x](#a)", "[x](www.x.example)", "[x](ftp://x.example/)"):
        assert "no whole address" in refusal(written("subject: S", body=wrong), base=SITE)


def test_an_address_in_words_is_only_words():
    assert campaign(body="See https://x.example/ soon").body == "<p>See https://x.example/ soon</p>"


def test_both_parts_have_the_same_links():
    read = campaign(body="A [plan](https://x.example/?a=1&b=2) and <https://y.example/>.")
    assert 'href="https://x.example/?a=1&amp;b=2"' in read.body
    assert read.text == "A plan <https://x.example/?a=1&b=2> and https://y.example/."


def test_what_a_letter_cannot_show_is_dropped_and_told():
    body = """Hello <b onclick="x()">you</b>

<script>
steal()
</script>

<form action="https://x.example/"><input name="a"></form>

<div style="color:red">
<iframe src="https://www.youtube.com/embed/abc"></iframe>
Words</div>

`<script>` is only code."""
    read = campaign(body=body, base=SITE)
    said = "is left out: letters cannot show it"
    assert [told.removeprefix(f"{FILE}, ") for told in read.dropped] == [
        f"line {line}: <{tag}> {said}"
        for line, tag in ((6, "script"), (10, "form"), (10, "input"), (13, "iframe"))
    ]
    assert not re.search("steal|onclick|style|<form|<iframe", read.body)
    assert '<a href="https://www.youtube.com/watch?v=abc">Watch the video</a>' in read.body
    assert "<code>&lt;script&gt;</code>" in read.body


def test_a_campaign_in_hebrew_is_read_from_the_right():
    assert campaign(subject="חמישה תרגילים", body="גב חזק.").direction == "rtl"
    assert campaign(subject="腰の痛み", body="朝がいちばん強い").direction == "ltr"


def test_what_looks_like_a_template_is_only_text():
    read = campaign(body="{{ slot.exit }} {% include 'x' %} %recipient%")
    assert read.text == "{{ slot.exit }} {% include 'x' %} %recipient%"


HOSTILE: Sequence[str] = ["[" * 100_000, "*a " * 100_000, "<a " * 50_000, "![a](" * 50_000]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:5].strip())
def test_markdown_that_never_closes_is_read_in_time(body):
    started = time.process_time()
    assert campaign(body=body).text
    assert time.process_time() - started < 6


def test_the_example_in_the_documents_is_a_campaign():
    document = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```markdown\n(.*?)```", document, re.DOTALL)
    read = read_campaign(example, file="knee-school.md")
    assert read.subject == "Knee school: six weeks to stairs"
    assert read.text.startswith(
        "You asked for it\n----------------\n\nFrom Monday on there are six"
    )
    assert set(re.findall(r"^\| `(\w+)`", document, re.MULTILINE)) == KEYS
