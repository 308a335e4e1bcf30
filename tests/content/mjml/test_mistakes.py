"""What an author may get wrong in MJML: refused, with file, line, column and the nearest name."""

import pytest

from content.errors import TemplateBroken
from content.mjml.compiler import compile_mjml
from content.templates import fill_template, open_templates
from tests.content.paper import own_templates

NAME = "emails/digest.mjml"
# The column begins in line 3, column 5; what is tried stands in line 5, from its first column.
LETTER = """<mjml>{head}
  <mj-body><mj-section>{section}
    <mj-column>
      <mj-text>Hello</mj-text>
{column}
    </mj-column>
  </mj-section></mj-body>
</mjml>
"""


@pytest.fixture
def compiled(tmp_path):
    def compile_own(mjml: str, **values: str) -> str:
        templates = open_templates(own_templates(tmp_path, digest_mjml=mjml))
        return compile_mjml(fill_template(templates, NAME, values))

    return compile_own


@pytest.fixture
def complaint(compiled):
    """What is said of a mistake, without the name of the file, which it begins with."""

    def complain(column: str = "", *, head: str = "", section: str = "", **values: str) -> str:
        with pytest.raises(TemplateBroken) as caught:
            compiled(LETTER.format(column=column, head=head, section=section), **values)
        file, _, said = str(caught.value).partition(", ")
        assert file == NAME
        assert "\n" not in said
        return said

    return complain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mj-buton", "mj-button"),
        ("mjtext", "mj-text"),
        ("mj-sectoin", "mj-section"),
        ("Mj-Text", "mj-text"),
    ],
)
def test_an_unknown_tag_is_named_with_the_nearest_known_one(complaint, written, meant):
    assert complaint(f"<{written}>Lost</{written}>") == (
        f"line 5, column 1: MJML has no tag <{written}>; did you mean <{meant}>?"
    )
    assert complaint(f"<{written}>Lost</{meant}>") == (
        f"line 5, column 1: MJML has no tag <{written}>; did you mean <{meant}>?"
    )


def test_a_tag_like_no_other_is_refused_without_a_guess(complaint):
    assert complaint("<mjxyz />") == "line 5, column 1: MJML has no tag <mjxyz>"


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (
            '<mj-text colour="red">x</mj-text>',
            "column 10: <mj-text> has no attribute colour; did you mean color?",
        ),
        (
            '<mj-image src="{{ 1 > 2 }}" {% if 1 < 2 %}widht="3px"{% endif %} />',
            "column 43: <mj-image> has no attribute widht; did you mean width?",
        ),
        (
            '<mj-text class="x">x</mj-text>',
            "column 10: <mj-text> has no attribute class; did you mean mj-class?",
        ),
        (
            '<mj-text align="centre">x</mj-text>',
            'column 10: align="centre" is not right for <mj-text>; it may be left, right, center '
            "or justify; did you mean center?",
        ),
        (
            '<mj-text padding="12 px">x</mj-text>',
            'column 10: padding="12 px" is not right for <mj-text>; it may be one to four lengths, '
            "each a number with px or a number with %",
        ),
        (
            '<mj-image src="x" height="tall" />',
            'column 19: height="tall" is not right for <mj-image>; it may be a number with px '
            "or auto",
        ),
        (
            '<mj-text color="ornge">x</mj-text>',
            'column 10: color="ornge" is not right for <mj-text>; it may be #rrggbb or the name '
            "of a colour; did you mean orange?",
        ),
        (
            '<mj-image src="x" fluid-on-mobile="yes" />',
            'column 19: fluid-on-mobile="yes" is not right for <mj-image>; it may be true or false',
        ),
        (
            '<mj-table cellpadding="x"><tr /></mj-table>',
            'column 11: cellpadding="x" is not right for <mj-table>; it may be a number',
        ),
        (
            "<mj-column>x</mj-column>",
            "column 1: <mj-column> stands in <mj-group> or <mj-section>, not in <mj-column>",
        ),
        (
            "<p>x</p>",
            "column 1: <p> is HTML, which stands in <mj-text>, <mj-table> or <mj-raw>, "
            "not in <mj-column>",
        ),
        (
            "<mj-text>a <mj-button>b</mj-button></mj-text>",
            "column 12: <mj-button> stands in <mj-hero> or <mj-column>, not in <mj-text>",
        ),
        (
            "<mj-divider>words</mj-divider>",
            'column 1: "words": words in <mj-divider> itself are lost; put them in <mj-text>',
        ),
        (
            '<mj-include path="x" />',
            'column 1: <mj-include> is not read here; write {% include "emails/partials/…" %}',
        ),
        (
            '<mj-button title="x">y</mj-button>',
            "column 12: title of <mj-button> is MJML, but our compiler passes over it",
        ),
    ],
)
def test_what_mjml_does_not_allow_is_refused_where_it_stands(complaint, column, said):
    assert complaint(column) == f"line 5, {said}"


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("<mj-text>", "column 1: <mj-text> is never closed; write </mj-text>, or <mj-text />"),
        (
            "<mj-text>a <br> b</mj-text>",
            "column 12: <br> is never closed; write </br>, or <br />",
        ),
        ("<mj-text>x</mj-texd>", "column 11: </mj-texd> closes nothing; <mj-text> is open"),
        ("</mj-text>", "column 1: </mj-text> closes nothing; <mj-column> is open"),
        (
            "<mj-text>R&D</mj-text>",
            "column 1: after this comes 'R&D</mj-text> </mj-colum' (not well-formed (invalid token)); "
            "& is written &amp; and < is written &lt;, and values stand in quotation marks",
        ),
        (
            "<mj-text>&bogus;</mj-text>",
            "column 1: after this comes '&bogus;</mj-text> </mj-c' (undefined entity); "
            "& is written &amp; and < is written &lt;, and values stand in quotation marks",
        ),
        (
            '<mj-text align="left" align="left">x</mj-text>',
            'column 1: after this comes \'lign="left" align="left"\' (duplicate attribute)',
        ),
        (
            "<mj-raw><v:rect>x</v:rect></mj-raw>",
            "column 9: after this comes '<v:rect>x</v:rect></mj-r' (unbound prefix); "
            "say xmlns:… at that tag",
        ),
        (
            "<mj-text><![CDATA[<b>]]></mj-text>",
            "column 1: here our compiler of MJML fails: unexpected token",
        ),
    ],
)
def test_broken_xml_is_refused_where_it_breaks(complaint, column, said):
    assert complaint(column) == f"line 5, {said}"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("<mj-head><p>x</p></mj-head>", "column 16: <p> is HTML, which stands in"),
        (
            '<mj-head><mj-style inline="inline">a { }</mj-style></mj-head>',
            "column 26: inline of <mj-style> is MJML, but our compiler passes over it",
        ),
        (
            "<mj-head><mj-html-attributes /></mj-head>",
            "column 16: <mj-html-attributes> is MJML, but not known to our compiler",
        ),
        (
            '<mj-head><mj-attributes><mj-all colour="red" /></mj-attributes></mj-head>',
            "column 39: <mj-all> has no attribute colour; did you mean color?",
        ),
        (
            "<mj-head><mj-attributes><mj-text>x</mj-text></mj-attributes></mj-head>",
            "column 31: <mj-text> in <mj-attributes> holds nothing but attributes",
        ),
        (
            "<mj-head><mj-preview>a <b>c</b></mj-preview></mj-head>",
            "column 16: here our compiler of MJML fails: unexpected token",
        ),
    ],
)
def test_the_head_is_judged_too(complaint, head, said):
    assert complaint(head=head).startswith(f"line 1, {said}")


def test_words_between_tags_would_be_lost_and_are_refused(complaint):
    lost = '"Hello again": words in <mj-column> itself are lost; put them in <mj-text>'
    assert complaint("Hello again") == f"line 3, column 5: {lost}"
    assert complaint(section="Hi").startswith('line 2, column 12: "Hi": words in <mj-section>')


def test_a_place_is_told_over_several_lines_and_past_what_jinja_does(complaint):
    spread = '{% if true %}\n{# a > b #}\n<mj-text\n  color="red"\n  algin="left">x</mj-text>\n{% endif %}'
    assert complaint(spread).startswith("line 9, column 3: <mj-text> has no attribute algin")
    after_value = "<mj-text>{{ x }}</mj-text>\n<mj-txt />"
    assert complaint(after_value, x="<b>\n\n").startswith("line 6, column 1: MJML has no tag")


@pytest.mark.parametrize(
    "right",
    [
        "<!-- <mj-foo> & -->",
        '<mj-text color="rgba(0,0,0,0.5)" padding="0 1px 2% 0" mj-class="quiet">x</mj-text>',
        '<mj-text css-class="a b" line-height="1.5">a<br />b <b>c</b>&nbsp;&rarr;</mj-text>',
        '<mj-image src="a.png" fluid-on-mobile="true" height="auto" width="10px" />',
        '<mj-social><mj-social-element name="facebook">a <b>c</b></mj-social-element></mj-social>',
        '<mj-navbar><mj-navbar-link href="x">a</mj-navbar-link></mj-navbar>',
        "<mj-table><tr><td>x</td></tr></mj-table><mj-spacer />",
        "<mj-raw><!--[if mso]><b>x</b><![endif]--></mj-raw>",
    ],
)
def test_what_mjml_allows_is_compiled(compiled, right):
    assert "Hello" in compiled(LETTER.format(head="", section="", column=right))


@pytest.mark.parametrize(
    ("nothing", "said"),
    [
        ("", "this makes an empty letter; there is no <mjml>"),
        ("Hi", "after this comes 'Hi' (syntax error)"),
        ("<mjml></mjml>", "this makes an empty letter; it has no <mj-body>"),
        (
            "<mjml><mj-head><mj-title>Hi</mj-title></mj-head><mj-body> </mj-body></mjml>",
            "this makes an empty letter; there are no words in its <mj-body>",
        ),
        (
            "<?xml version='1.0'?><mjml><mj-body><mj-raw>Hi</mj-raw></mj-body></mjml>",
            "here our compiler of MJML fails: unexpected token",
        ),
        ("<html>Hi</html>", "an e-mail in MJML begins with <mjml>, not with <html>"),
        ("<mj-body />", "an e-mail in MJML begins with <mjml>, not with <mj-body>"),
    ],
)
def test_a_template_that_makes_no_letter_is_refused(compiled, nothing, said):
    with pytest.raises(TemplateBroken) as caught:
        compiled(nothing)
    assert str(caught.value) == f"{NAME}, line 1, column 1: {said}"


def test_mjml_without_marks_is_judged_as_well():
    with pytest.raises(TemplateBroken) as caught:
        compile_mjml("<mjml><mj-body><mj-txt /></mj-body></mjml>")
    assert "MJML has no tag <mj-txt>" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    ["<mj-buton>x</mj-buton>", '<mj-text algin="left">x</mj-text>', "<mj-text>", "<p>x</p>", "x"],
)
def test_the_compiler_never_sees_what_is_refused(complaint, monkeypatch, wrong):
    def seen(*_: object, **__: object) -> str:
        raise AssertionError("mrml saw it")

    monkeypatch.setattr("content.mjml.compiler.mjml2html", seen)
    assert complaint(wrong)
