"""Letters of no edition: what they hold for their reader, and what they must show."""

import lxml.html
import pytest

from content.errors import TemplateBroken
from content.note import Note, render_note
from content.templates import open_templates
from tests.content.paper import ABOUT, OURS, own_templates
from tests.samples import confirm, html_of, notice, text_of, welcome

NOTE = Note(title="A note", preheader="Of little weight")
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section>"
    "</mj-body></mjml>"
)
ASKED = {**ABOUT, "confirm_url": "https://news.tide.example/confirm/"}


@pytest.fixture
def render(tmp_path):
    def with_own(kind: str, **files: str):
        templates = open_templates(own_templates(tmp_path, **files), OURS)
        return render_note(kind, NOTE, templates, about=ASKED)

    return with_own


def test_a_confirmation_holds_only_the_link_that_confirms():
    """Not the name: anybody could have a letter of theirs sent by us to anybody, in that field."""
    assert set(confirm().html[1::2]) == set(confirm().text[1::2]) == {"confirm"}
    assert 'href="https://news.tide.example/confirm/the-token"' in html_of(confirm())
    assert "do nothing" in text_of(confirm())


def test_a_welcome_has_every_exit_and_the_last_edition_if_there_is_one():
    assert set(welcome().html[1::2]) == {"first_name", "preferences", "exit"}
    assert "https://tide.example/archive/11" in html_of(welcome())
    first = welcome(edition_url="")
    assert "Read the last" not in html_of(first) + text_of(first)


def test_a_notice_is_the_same_for_everybody_and_has_a_button_for_each_action():
    assert notice().html[1::2] == notice().text[1::2] == ()
    buttons = lxml.html.fromstring(html_of(notice())).xpath("//a[@target]")
    assert [(a.text_content().strip(), a.get("href")) for a in buttons] == [
        ("Look at it", "https://tide.example/look"),
        ("Send it", "https://tide.example/yes"),
    ]


def test_the_subject_is_the_title():
    assert notice().subject == "The digest of November waits for your yes"


@pytest.mark.parametrize("kind", ["confirm", "welcome", "links", "notice"])
def test_hostile_words_are_only_words(kind):
    words = '<script>steal()</script> & "so" {{ slot.exit }}'
    note = Note(title=words, preheader=words, paragraphs=(words,))
    made = render_note(kind, note, open_templates(OURS), about=ASKED)
    assert "<script" not in html_of(made)
    assert words in text_of(made)


def test_a_template_that_cannot_be_answered_is_refused(render):
    with pytest.raises(TemplateBroken) as caught:
        render("confirm", confirm_mjml=MJML.format("Hello"))
    assert str(caught.value) == (
        "emails/confirm.mjml: it has no confirmation link ({{ confirm_url }}{{ slot.confirm }})"
    )
    with pytest.raises(TemplateBroken, match=r"emails/welcome\.txt: it has no unsubscribe link"):
        render("welcome", welcome_txt="Hello")


@pytest.mark.parametrize("kind", ["confirm", "notice"])
def test_a_slot_that_nobody_could_fill_is_refused(render, kind):
    with pytest.raises(TemplateBroken, match=r"slot\.exit is not defined"):
        render(kind, **{f"{kind}_mjml": MJML.format("{{ slot.exit }}")})
