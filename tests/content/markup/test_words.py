"""Plain words out of HTML, in one line or a line for each block."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.markup.words import EXCERPT_CHARS, as_text, excerpt, paragraphs

words = st.lists(st.text("abcXYZ.,é", min_size=1, max_size=12), min_size=1, max_size=120)
shreds = st.sampled_from(
    [
        *"ab .;!?'\"語。",
        *"<p> </p> <b > & &amp; &#55357; <br> <!-- <![ <? <td> <li> <style> <!DOCTYPE".split(),
        *("<img src=x", "<img src='", chr(0), chr(0xD800)),
    ]
)
html = st.lists(shreds, max_size=40).map("".join)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Plain words", "Plain words"),
        ("R&D at AT&T", "R&D at AT&T"),
        ("5 < 6 > 4, I <3 it", "5 < 6 > 4, I <3 it"),
        ("A <em>bold</em> claim &amp; more", "A bold claim & more"),
        ("One<br>Two", "One Two"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<style>p { color: red }</style>Words", "Words"),
        ("<p>Some <script>x()</script>words</p>", "Some words"),
        ("<!-- hidden -->Words", "Words"),
        ("a\n\n\tb\u00a0c\u2028d", "a b c d"),
        ("a\0b\x1bc\x7fd\u202ee\ufefff", "abcdef"),
        ("<b>a\0\u202eb</b>", "ab"),
        ("&#0;", "\ufffd"),
        ("", ""),
    ],
)
def test_words_are_read_as_people_see_them(written, read):
    assert as_text(written) == read


@pytest.mark.parametrize("odd", ["\ufffe", "\uffff", "\ud800", "\x0b", "\x1f"])
def test_what_xml_cannot_say_is_no_text(odd):
    assert as_text(f"a{odd}b") == "ab"
    assert as_text(f"<b>a{odd}b</b>") == "ab"


@pytest.mark.parametrize("depth", [10, 250, 300])
@pytest.mark.parametrize("reader", [as_text, excerpt])
def test_words_deep_down_in_html_are_found(reader, depth):
    assert reader("<div>" * depth + "hi" + "</div>" * depth) == "hi"


def test_a_short_post_is_its_own_excerpt():
    assert excerpt("<p>Short and whole</p>") == "Short and whole"
    assert excerpt("x" * EXCERPT_CHARS) == "x" * EXCERPT_CHARS
    assert excerpt("") == ""


def test_an_excerpt_is_made_of_whole_sentences():
    first = "The first sentence is long enough to stand for the whole post by itself, we think."
    second = "The second one fits as well (“it does!”)"
    rest = " And then it goes on and on." * 10
    assert excerpt(f"<p>{first}</p><p>{second}{rest}</p>", limit=140) == f"{first} {second}"


def test_a_sentence_that_just_fits_is_kept_and_one_that_just_does_not_is_cut():
    sentence = "word " * 19 + "ends."
    assert excerpt(f"{sentence} And more.", limit=100) == sentence
    assert excerpt(f"{sentence} And more.", limit=99) == "word " * 18 + "word…"


def test_a_full_stop_inside_a_number_ends_no_sentence():
    found = excerpt("x" * 70 + " of 3.5 kilograms, about", limit=85)
    assert found == "x" * 70 + " of 3.5…"


def test_a_first_sentence_that_is_too_long_is_cut_between_words():
    assert excerpt("one, two, three", limit=9) == "one…"
    assert excerpt("one two three", limit=9) == "one two…"


def test_a_word_longer_than_the_excerpt_has_to_be_cut():
    assert excerpt("語" * 300) == "語" * (EXCERPT_CHARS - 1) + "…"


def test_sentences_of_languages_without_spaces_are_kept_whole():
    sentence = "腰の痛みは朝がいちばん強い" * 7 + "。"
    assert excerpt(sentence * 3, limit=200) == sentence * 2


@given(words, st.integers(1, 400))
@example(["あ。" * 200], 260)
@example(["x" + "あ。" * 200], 260)
def test_an_excerpt_is_never_longer_than_its_limit(words, limit):
    assert len(excerpt(" ".join(words), limit=limit)) <= limit


@given(words, st.integers(14, 400))
def test_an_excerpt_never_cuts_a_word_that_fits(words, limit):
    text = " ".join(words).strip(" .")
    found = excerpt(text, limit=limit)
    begun = found.removesuffix("…")
    assert text.startswith(begun)
    assert found == text or text[len(begun)] in " ,"


@given(html)
@example("<!DOCTYPE html><style>")
def test_no_html_is_too_broken_to_be_read(html):
    for read in (as_text, excerpt):
        assert read(html) == " ".join(read(html).split())
        assert "</html" not in read(html)


@pytest.mark.parametrize(
    "opened", ["<title>", "<style>", "<script>", "<textarea>", "<!--", "<b", "<img src=/a.png"]
)
@pytest.mark.parametrize("reader", [as_text, excerpt])
def test_what_is_opened_and_never_closed_adds_no_words(reader, opened):
    assert reader(f"The words {opened}") in ("The words", f"The words {opened}")


@pytest.mark.parametrize("hostile", ["<" * 300_000, "&" * 300_000, "<a " * 100_000, "x" * 300_000])
def test_very_long_html_is_read_as_well(hostile):
    assert 0 < len(excerpt(f"Words. {hostile}")) <= EXCERPT_CHARS
    assert as_text(f"Words. {hostile}").startswith("Words.")


def test_paragraphs_go_before_captions_headings_and_lists():
    paragraph = (
        "Stairs ask more of a knee than you might think, and going down asks the most of all."
    )
    post = f"<h2>Stairs</h2><figcaption>A stair</figcaption><p>{paragraph}</p><ul><li>Rail</ul>"
    assert excerpt(post) == paragraph


def test_a_heading_that_repeats_the_title_is_left_out():
    assert excerpt("<h2>Hip pain</h2><p>It passes.</p>", title="Hip pain") == "It passes."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Hip", "Hipsters run too."),
        ("Hip pain", "Hip pain is common, but it need not stay."),
        ("Back", "Background reading for patient people."),
    ],
)
def test_a_sentence_that_begins_with_the_title_stays_whole(title, text):
    assert excerpt(f"<p>{text}</p>", title=title) == text


@pytest.mark.parametrize("text", [".NET for clinics", "… and so it goes", "...but why?"])
def test_an_excerpt_begins_where_the_post_does(text):
    assert excerpt(text) == text


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (
            "<h2>Stairs</h2><p>One <b>knee</b>.</p><ul><li>Up<li>Down</ul>",
            "Stairs|One knee.|Up|Down",
        ),
        ("<div>One<div>Two</div>Three</div>", "One|Two|Three"),
        ("One<br>line<br><br>Two<br /> <br /> <br />Three", "One line|Two|Three"),
        ("One<br>two<br>three", "One two three"),
        ("<p>One</p><p>&nbsp;</p><p>Two</p>", "One|Two"),
        ("<table><tr><td>A<td>B</table>", "A|B"),
        ("Words <iframe src=x><p>no frames</p></iframe>", "Words"),
        ("Words", "Words"),
        ("", ""),
    ],
)
def test_each_block_is_a_line_of_its_own(html, lines):
    assert paragraphs(html) == [line for line in lines.split("|") if line]
