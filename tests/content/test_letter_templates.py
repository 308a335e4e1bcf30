"""An author's own templates: found before ours, and named when they make no letter."""

import re
from pathlib import Path
from tempfile import mkdtemp

import pytest

from content.errors import TemplateBroken
from content.letter import Letter, fill, render_letter
from content.templates import open_templates
from tests.content.builders import edition, teaser
from tests.content.paper import ABOUT, OURS, own_templates

READER = {"first_name": "Ada", "exit": "token"}
WAY_OUT = '<a href="{{ exit_url }}{{ slot.exit }}">Leave</a>'


def mjml(inside: str = "", way_out: str = WAY_OUT) -> str:
    """An author's digest.mjml with something in its column."""
    return (
        "<mjml><mj-body><mj-section><mj-column>\n"
        f"<mj-text>Hello {{{{ slot.first_name }}}} {way_out}</mj-text>\n"
        f"{inside}\n"
        "</mj-column></mj-section></mj-body></mjml>\n"
    )


@pytest.fixture
def render(tmp_path):
    def with_own(**files: str | bytes) -> Letter:
        own = own_templates(Path(mkdtemp(dir=tmp_path)), **files)
        return render_letter(edition(teaser()), open_templates(own, OURS), about=ABOUT)

    return with_own


@pytest.fixture
def complaint(render):
    def with_own(**files: str | bytes) -> str:
        with pytest.raises(TemplateBroken) as caught:
            render(**files)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return with_own


def test_an_authors_template_goes_before_ours(render):
    letter = render(digest_mjml=mjml("<mj-text>My own words</mj-text>"))
    html = fill(letter.html, READER)
    assert "My own words" in html
    assert 'Hello Ada <a href="https://news.tide.example/unsubscribe/token">Leave</a>' in html
    assert letter.text == render().text


def test_one_part_can_be_the_authors_and_the_others_ours(render):
    ours = fill(render_letter(edition(teaser()), open_templates(OURS), about=ABOUT).html, READER)
    footer = f"<mj-section><mj-column><mj-text>Bye {WAY_OUT}</mj-text></mj-column></mj-section>"
    html = fill(render(partials_footer_mjml=footer).html, READER)
    head = ours[: ours.index("Until next month") - 2000]
    assert html.startswith(head)
    assert "Bye " in html
    assert "Until next month" not in html


def test_html_entities_may_be_written(render):
    html = fill(render(digest_mjml=mjml("<mj-text>a&nbsp;&rarr;&#32;b</mj-text>")).html, READER)
    assert "a&nbsp;&rarr;&#32;b" in html


@pytest.mark.parametrize("tag", ["mj-texd", "mjtext", "mj-textt"])
def test_an_unknown_tag_is_named_with_the_nearest_known_one(complaint, tag):
    assert complaint(digest_mjml=mjml(f"<{tag}>Lost</{tag}>")) == (
        f"MJML has no tag <{tag}>; did you mean <mj-text>?"
    )


def test_an_undefined_variable_is_named(complaint):
    assert complaint(digest_mjml=mjml("<mj-text>{{ nope }}</mj-text>")) == (
        "emails/digest.mjml, line 3: 'nope' is undefined"
    )
    assert "titel" in complaint(digest_mjml=mjml("<mj-text>{{ edition.titel }}</mj-text>"))
    assert "last_name" in complaint(digest_mjml=mjml("<mj-text>{{ slot.last_name }}</mj-text>"))
    assert complaint(digest_txt="{{ nope }}") == "emails/digest.txt, line 1: 'nope' is undefined"


def test_an_undefined_variable_in_a_part_is_named_with_the_part(complaint):
    assert "partials/footer.mjml" in complaint(partials_footer_mjml="{{ nope }}")


def test_a_mistake_in_a_tag_of_jinja_is_named_with_file_and_line(complaint):
    assert complaint(digest_mjml=mjml("{% if %}")).startswith("emails/digest.mjml, line 3: ")
    assert complaint(partials_footer_mjml="\n\n{{ x").startswith(
        "emails/partials/footer.mjml, line 3: "
    )


def test_a_missing_part_is_named(complaint):
    assert complaint(digest_mjml=mjml("{% include 'emails/partials/mine.mjml' %}")) == (
        "emails/partials/mine.mjml: no such template"
    )


@pytest.mark.parametrize(
    "broken", ["<mj-text>", "<mj-text>a <br> b</mj-text>", "<mj-text>R&D</mj-text>", "&bogus;", "<"]
)
def test_broken_xml_is_refused(complaint, broken):
    assert complaint(digest_mjml=mjml(broken)).startswith("the MJML is not well-formed: ")


@pytest.mark.parametrize(
    "nothing",
    ["", "<mjml></mjml>", "<mjml><mj-body></mj-body></mjml>", "<html><body>Hi</body></html>", "Hi"],
)
def test_a_template_that_makes_no_letter_is_refused(complaint, nothing):
    assert "MJML" in complaint(digest_mjml=nothing) or "empty letter" in complaint(
        digest_mjml=nothing
    )


def test_a_template_without_a_way_out_is_refused(complaint):
    without = "it has no unsubscribe link ({{ exit_url }}{{ slot.exit }})"
    assert complaint(digest_mjml=mjml(way_out="")) == f"emails/digest.mjml: {without}"


def test_a_text_without_a_way_out_is_refused(complaint):
    assert complaint(digest_txt="Hello {{ slot.first_name }}") == (
        "emails/digest.txt: it has no unsubscribe link ({{ exit_url }}{{ slot.exit }})"
    )


@pytest.mark.parametrize("hidden", [f"<!-- {WAY_OUT} -->", "<!-- {{ slot.exit }} -->"])
def test_a_way_out_that_nobody_sees_is_none(complaint, hidden):
    outside = mjml(way_out="").replace("</mj-body>", f"{hidden}</mj-body>")
    assert "no unsubscribe link" in complaint(digest_mjml=outside)


def test_a_way_out_without_an_address_leads_nowhere(complaint):
    """The slot is the reader's token; an author may take it for the whole address."""
    nowhere = '<a href="{{ slot.exit }}">Leave</a>'
    assert "no unsubscribe link" in complaint(digest_mjml=mjml(way_out=nowhere))
    assert "no unsubscribe link" in complaint(digest_txt="Leave: {{ slot.exit }}\n")


@pytest.mark.parametrize("change", ["upper", "title", "capitalize"])
def test_a_slot_that_a_filter_has_spoilt_is_refused(complaint, change):
    spoilt = f"<mj-text>{{{{ slot.first_name|{change} }}}}</mj-text>"
    assert complaint(digest_mjml=mjml(spoilt))


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
    assert "emails/digest.mjml" in complaint(digest_mjml=mjml(wrong))


def test_a_template_that_is_not_utf_8_is_named(complaint):
    assert "emails/digest.mjml" in complaint(digest_mjml=mjml("<!-- ü -->").encode("latin-1"))


def test_a_template_cannot_load_fonts_by_saying_nothing(render):
    letter = render(digest_mjml=mjml("<mj-button href='https://x.example'>Go</mj-button>"))
    html = fill(letter.html, READER)
    assert not re.search(r"<link|@import|googleapis", html)
