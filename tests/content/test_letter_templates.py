"""An author's own templates: found before ours, and named when they make no letter."""

import re
from pathlib import Path
from tempfile import mkdtemp

import pytest

from content.errors import TemplateBroken
from content.letter import Letter, fill, render_letter
from content.templates import open_templates
from tests.content.builders import edition, teaser
from tests.content.paper import ABOUT, OURS, READER, own_templates

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
    assert 'Hello Ada <a href="https://news.tide.example/unsubscribe/the-token">Leave</a>' in html
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


def test_a_template_cannot_load_fonts_by_saying_nothing(render):
    letter = render(digest_mjml=mjml("<mj-button href='https://x.example'>Go</mj-button>"))
    html = fill(letter.html, READER)
    assert not re.search(r"<link|@import|googleapis", html)
