"""The few words that stand for a post: whole sentences, in any script, that somebody wrote."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.sentences import cut, sentence_ends
from content.markup.words import EXCERPT_CHARS, as_text, excerpt, teaser_text

LONG = "A hip that hurts at night is mostly one that did too much in the day, or did too little."
OTHER = "Sleep on the other side, with a pillow between your knees, for as long as it takes you."
BODY = f"<p>{LONG}</p><p>{OTHER}</p><p>{LONG}</p><p>{OTHER}</p>"


def sentences(text: str) -> list[str]:
    ends = [0, *sentence_ends(text, len(text))]
    return [text[start:end].strip() for start, end in pairwise(ends)]


@pytest.mark.parametrize(
    "text",
    [
        "One. Two! Three? Four…",
        "He said “stop.” She did (at once!) It was “over”.",
        "Qué tal? ¿Bien? ¡Sí!",
        "朝が痛い。昼は平気！夜は？「また痛い。」",
        "کمر میں درد ہے۔ کیا کریں؟ آرام کریں۔",
        "कमर दर्द है। आराम करें॥ फिर चलें।",
        "Ցավում է։ Հանգստացեք։",
        "ወገቤን ያመኛል። ዕረፍት ያድርጉ።",
        "ឈឺចង្កេះ។ សម្រាកសិន។",
        "ခါးနာတယ်။ နားပါ။",
        "Πονάει η μέση; Ξεκουραστείτε.",
        "It cost 5 dollars. It was 1,000.50 before. In 2025. Now less.",
    ],
)
def test_each_script_ends_its_sentences_in_its_own_way(text):
    found = sentences(text)
    assert len(found) > 1
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(len(sentences(sentence)) == 1 for sentence in found)


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith and Mrs. Jones met Prof. Lee.",
        "Use heat, e.g. a bottle, i.e. something warm, etc. and rest.",
        "J. R. R. Tolkien walked.",
        "She has a Ph.D. in it, from the U.S. Navy.",
        "See No. 5, Fig. 2 and Nov. 3 for it.",
        "Am 5. November, z. B. um 8 Uhr, kommt Hr. Maier bzw. Fr. Maier.",
        "It weighs 3.5 kilograms at version 2.0.1 of it.",
        "Hip vs. Knee is no fight.",
        "“Stop!” she said, and he did.",
        "Wait... what was that; a semicolon.",
        "Yahoo! is not in pain.",
        "А. С. Пушкин и т. д. писал.",
    ],
)
def test_a_mark_inside_a_sentence_does_not_end_it(text):
    assert sentences(text) == [text]


def test_a_short_word_ends_a_sentence_where_no_number_follows():
    assert sentences("She said no. Then she sat. It was art. We left.") == [
        "She said no.",
        "Then she sat.",
        "It was art.",
        "We left.",
    ]


def test_an_excerpt_ends_with_the_last_sentence_that_fits():
    text = f"{LONG} As Dr. Smith says: rest. {OTHER}"
    assert cut(text, 130) == f"{LONG} As Dr. Smith says: rest."
    assert cut(text, 105) == LONG


def test_a_few_words_are_no_excerpt():
    words = "It hurts. " + "Word " * 60
    assert cut(words, 100) == words[:99] + "…"


def test_a_chinese_sentence_says_as_much_in_half_the_characters():
    sentence = (
        "腰の痛みは朝がいちばん強く、" + "しばらく歩くとたいていは少しずつやわらいでいくものです。"
    )
    assert cut(sentence + "次は昼の話" * 30, 100) == sentence


@pytest.mark.parametrize(
    "text", ["朝が痛くて、昼も痛くて、夜も痛い" * 9, "早上疼，中午疼，晚上也疼" * 9]
)
def test_where_there_are_no_spaces_the_cut_comes_after_a_comma(text):
    found = cut(text, 50)
    assert text[len(found) - 1] in "、，"
    assert found.endswith("…")


def test_latin_words_in_a_text_without_spaces_stay_whole():
    assert cut("语" * 40 + "WordPress" + "语" * 40, 45) == "语" * 40 + "…"
    assert cut("語" * 40 + "コンピュータ" + "語" * 40, 45) == "語" * 40 + "…"


@pytest.mark.parametrize(
    "character",
    [
        *(
            "e\u0301",
            "👍🏽",
            "❤\ufe0f",
            "👨\u200d👩\u200d👧",
            "🇩🇪",
            "क्षि",
            "가\u11a8",
            "\u1112\u1161\u11ab",
        ),
        *("กำ", "เก", "ກຳ", "ခြ", "🏴\U000e0067\U000e0062\U000e007f", "ﾊﾞ", "\u1100\u1100\u1161"),
    ],
)
def test_no_character_is_ever_cut_in_two(character):
    for limit in range(40, 60):
        begun = cut(character * 60, limit).removesuffix("…")
        assert begun == character * (len(begun) // len(character))
        assert begun


@given(st.text(st.sampled_from("ab é語、。กำ👍🏽🇩🇪\u0301\u200d"), max_size=80), st.integers(1, 60))
def test_a_cut_text_is_short_and_starts_as_the_text_does(text, limit):
    found = cut(text, limit)
    assert len(found) <= limit or found == text
    assert text.startswith(found.removesuffix("…"))
    following = text[len(found.removesuffix("…")) :][:1]
    if limit > 20 and following:
        assert not unicodedata.combining(following) or len(found.strip("…")) <= 1


@pytest.mark.parametrize("mark", ["[…]", "[...]", "[&hellip;]", " [ … ]"])
def test_what_the_feed_cut_ends_with_a_sentence_or_says_that_it_goes_on(mark):
    assert excerpt(f"<p>{LONG} And then {mark}</p>") == LONG
    assert excerpt(f"<p>It hurts and then {mark}</p>") == "It hurts and then…"


@pytest.mark.parametrize(
    "summary",
    [
        "Hip pain at night: the two habits that make it worse.",
        "<p>Hip pain at night: the <b>two habits</b> that make it worse.</p>",
        "夜の股関節の痛み：悪化させる二つの習慣について。",
    ],
)
def test_a_summary_that_somebody_wrote_stands_for_the_post(summary):
    assert teaser_text(summary, BODY, title="Hips") == excerpt(summary)


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "A post.",
        LONG,
        f"{LONG} Sleep on the other…",
        f"{LONG} {OTHER[:20]} [&hellip;]",
        LONG[:60],
        f"{LONG.upper()}\n{OTHER}",
        "What a hip needs at night, and what it does not need ...",
        "What a hip needs at night, and what it needs by day … Continue reading →",
        '<p>The post <a href="x">Hips</a> appeared first on <a href="y">The Blog</a>.</p>',
        f'<p>{LONG[:50]} [&#8230;]</p><p>The post <a href="x">Hips</a> appeared first on Blog.</p>',
    ],
)
def test_a_summary_that_a_program_made_does_not(summary):
    assert teaser_text(summary, BODY, title="Hips") == f"{LONG} {OTHER}"


def test_a_summary_stands_for_the_post_where_there_is_nothing_else():
    assert teaser_text("Short.", "", title="Hips") == "Short."
    assert teaser_text("Short.", "<img src=a>", title="Hips") == "Short."
    assert teaser_text("", "", title="Hips") == ""


@pytest.mark.parametrize(
    "under",
    [
        '<p>The post <a href="x">Hips</a> appeared first on <a href="y">Blog</a>.</p>',
        "<p>The post Hips appeared first on Blog.</p>",
        '<p>Der Beitrag <a href="x">Hips</a> erschien zuerst auf <a href="y">Blog</a>.</p>',
        '<p>投稿 <a href="x">Hips</a> は <a href="y">Blog</a> に最初に表示されました。</p>',
        '<p><a href="x">Continue reading “Where? Here!” &rarr;</a></p>',
        "<p>Read more</p>",
        '<p><a href="x">More</a></p>',
        ' <a href="x">Read more »</a>',
        ' (<a href="x">Weiterlesen</a>)',
        "<p>続きを読む</p>",
        '<p>Read more</p><p>The post <a href="x">Hips</a> appeared first on <a href="y">B</a>.</p>',
        "<p>Thanks for reading Hips! Subscribe for free to receive new posts.</p>",
    ],
)
def test_what_a_blog_puts_under_its_posts_is_left_out(under):
    assert excerpt(f"<p>{LONG} {under}</p>", title="Hips") == LONG
    assert teaser_text("", f"<p>{LONG}</p>{under}", title="Hips") == LONG


@pytest.mark.parametrize(
    "text",
    [
        "If it still hurts you can <a href='x'>read more about hips</a>",
        "Read more books. That is all.",
        "The post office is closed today.",
        "More is more.",
        "<a href='x'>Hips</a> and <a href='y'>knees</a>",
        "See <a href='x'><img src=a></a> and <a href='y'><img src=b></a> here.",
    ],
)
def test_the_last_words_of_an_author_stay(text):
    assert excerpt(f"<p>{LONG}</p><p>{text}</p>") == f"{LONG} {as_text(text)}"


@pytest.mark.parametrize(
    "hostile",
    ["the post " * 40_000, ". " * 200_000, "\u0301" * 200_000, "🇩" * 100_000, "[ " * 150_000],
    ids=["boilerplate", "stops", "accents", "flags", "brackets"],
)
def test_no_text_takes_long_to_cut(hostile):
    assert len(teaser_text(hostile, f"<p>{hostile}</p>", title="Hips")) <= EXCERPT_CHARS
