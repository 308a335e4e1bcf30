"""Which program an edition invites to, and by which rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.program import (
    CallToAction,
    OfferedSoFar,
    OfferRule,
    Program,
    offer_for,
    weigh_programs,
)
from tests.content.builders import program

HIPS = program("Hips online", topics=("hip", "groin"))
BACKS = program("Strong backs", topics=("back",))
TODAY = date(2026, 12, 1)


def weigh(programs, *texts: str, last: str = "", language: str = "en") -> tuple[CallToAction, ...]:
    return weigh_programs(programs, texts, on=TODAY, language=language, last=last)


def choose(programs, *texts: str, last: str = "", language: str = "en") -> Program | None:
    calls = weigh(programs, *texts, last=last, language=language)
    return calls[0].program if calls else None


def test_the_program_that_fits_the_posts_is_chosen_and_says_why():
    texts = ["Sore hips", "The groin and the hip", "A stiff back"]
    assert weigh([BACKS, HIPS], *texts) == (
        CallToAction(HIPS, "its topics fit the posts (hip in 2, groin in 1 of 3 posts)", 3),
        CallToAction(BACKS, "its topics fit the posts (back in 1 of 3 posts)", 1),
    )


def test_a_topic_counts_once_for_each_post():
    assert choose([HIPS, BACKS], "hip hip hip hip", "back", "back") == BACKS


def test_weight_counts():
    heavy = program("Hips online", topics=("hip",), weight=3)
    assert choose([BACKS, heavy], "hip", "back", "back") == heavy


@pytest.mark.parametrize("text", ["HIPS", "your hip.", "hip-opening", "(hips)", "Hüfte und Hips"])
def test_a_topic_is_found_in_any_form_of_its_word(text):
    assert choose([BACKS, HIPS], text) == HIPS


@pytest.mark.parametrize("text", ["ship shape", "whip", "h i p", "hippie"])
def test_a_topic_is_not_found_inside_another_word(text):
    (call,) = weigh([HIPS], text)
    assert call == CallToAction(HIPS, "no program fits the posts by topic; it is the next one open")


@pytest.mark.parametrize(
    ("language", "topic", "text"),
    [
        ("en-GB", "lifting", "how to lift"),
        ("de", "übung", "Drei Übungen für zu Hause"),
        ("es", "cadera", "Las caderas duelen"),
        ("fr", "épaule", "des épaules solides"),
        ("ru", "спина", "боль в спине"),
        ("ja", "腰", "朝の腰の痛み"),
        ("ko", "허리", "허리가 아파요"),
        ("xx", "hip", "a hip"),
        ("", "back pain", "no more Back-Pain here"),
    ],
)
def test_topics_are_found_by_the_rules_of_the_newsletters_language(language, topic, text):
    fits = program("Fits", topics=(topic,))
    other = program("Other", topics=("zebra",))
    assert choose([other, fits], text, language=language) == fits
    assert weigh([fits], text, language=language)[0].score == 1


def test_a_topic_of_two_words_is_found_only_as_a_whole():
    desk = program("Desk", topics=("desk work",))
    assert weigh([desk], "Desk workers, rise")[0].score == 0
    assert weigh([desk], "of desks works", "desk work")[0].score == 2


def test_a_topic_is_taken_as_it_is_written():
    odd = program("Odd", topics=("c.re (", "a+b"))
    assert choose([BACKS, odd], "the c.re ( of things") == odd
    assert choose([BACKS, odd], "core, aab, back") == BACKS


def test_the_program_of_the_edition_before_gives_way_to_another_that_fits():
    assert choose([HIPS, BACKS], "hip", "back", last=HIPS.name) == BACKS
    assert choose([HIPS, BACKS], "hip", "groin", "back", last=BACKS.name) == HIPS


def test_but_not_to_one_that_does_not_fit():
    assert choose([HIPS, BACKS], "hip", last=HIPS.name) == HIPS


def test_when_nothing_fits_the_heaviest_other_one_is_next():
    heavy = program("Heavy", weight=2)
    assert choose([HIPS, heavy, BACKS], "knees") == heavy
    assert choose([HIPS, heavy, BACKS], "knees", last="Heavy") == HIPS


def test_an_offer_stands_from_its_first_day_to_its_last():
    offer = program("Autumn", starts=date(2026, 11, 30), ends=date(2026, 12, 1))
    days = [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)]
    assert [offer.is_open(day) for day in days] == [False, True, True, False]
    assert program().is_open(date.min)
    assert program().is_open(date.max)


def test_an_offer_that_does_not_stand_is_not_made():
    over = program("Over", topics=("hip",), ends=date(2026, 11, 30))
    ahead = program("Ahead", topics=("hip",), starts=date(2026, 12, 2))
    assert choose([over, ahead, BACKS], "hip") == BACKS
    assert choose([over, ahead], "hip") is None
    assert choose([], "hip") is None


def test_it_is_said_when_the_better_one_gives_way():
    (first, _) = weigh([HIPS, BACKS], "hip", "groin", "back", last=HIPS.name)
    assert first.because == (
        "its topics fit the posts (back in 1 of 3 posts); "
        "Hips online fits better, and was in the edition before"
    )


FIT = OfferRule("Hips", score=3, weight=1, cap=2, not_for=frozenset({"bought:hips"}))
LESS = OfferRule("Backs", score=1, weight=1, ends=TODAY)
NOT = OfferRule("Sleep", score=0, weight=9)
RULES = [FIT, LESS, NOT]


def offer(reader: OfferedSoFar = OfferedSoFar(), *, on: date = TODAY, last: str = "") -> str:  # noqa: B008
    return offer_for(reader, RULES, on=on, last=last)


def test_a_reader_is_offered_what_fits_best():
    assert offer() == "Hips"


def test_but_not_what_they_have():
    assert offer(OfferedSoFar(tags=frozenset({"runner", "bought:hips"}))) == "Backs"


def test_and_not_more_often_than_its_cap():
    assert offer(OfferedSoFar(times={"Hips": 1})) == "Hips"
    assert offer(OfferedSoFar(times={"Hips": 2})) == "Backs"
    assert offer(OfferedSoFar(times={"Hips": 3})) == "Backs"


def test_what_a_reader_was_offered_last_gives_way_to_another_that_fits():
    assert offer(OfferedSoFar(times={"Hips": 1}, last="Hips")) == "Backs"
    assert offer(OfferedSoFar(times={"Backs": 1}, last="Backs"), last="Hips") == "Hips"


def test_but_not_to_one_that_does_not():
    seen = OfferedSoFar(times={"Hips": 2, "Backs": 4}, last="Backs")
    assert offer(seen) == "Backs"


def test_a_reader_without_an_offer_yet_is_taken_to_have_seen_the_edition_before():
    assert offer(last="Hips") == "Backs"


def test_nobody_is_offered_what_is_over_when_the_letter_leaves():
    seen = OfferedSoFar(times={"Hips": 2})
    assert offer(seen, on=date(2026, 12, 1)) == "Backs"
    assert offer(seen, on=date(2026, 12, 2)) == "Sleep"


def test_a_reader_who_wants_no_offers_gets_none():
    assert offer(OfferedSoFar(wants=False)) == ""


readers = st.builds(
    OfferedSoFar,
    tags=st.frozensets(st.sampled_from(["bought:hips", "runner"])),
    times=st.dictionaries(st.sampled_from(["Hips", "Backs", "Sleep"]), st.integers(0, 3)),
    last=st.sampled_from(["", "Hips", "Backs", "Sleep", "Gone"]),
    wants=st.booleans(),
)
rules = st.lists(
    st.builds(
        OfferRule,
        st.sampled_from(["Hips", "Backs", "Sleep"]),
        score=st.integers(0, 2),
        weight=st.integers(1, 2),
        ends=st.none() | st.sampled_from([TODAY, date(2026, 11, 30)]),
        cap=st.none() | st.integers(1, 2),
        not_for=st.frozensets(st.sampled_from(["bought:hips"])),
    ),
    unique_by=lambda rule: rule.program,
)


@given(readers, rules, st.sampled_from(["", "Hips", "Backs"]))
def test_no_offer_breaks_a_promise_and_there_is_one_whenever_one_may_be_made(reader, rules, last):
    allowed = [
        rule
        for rule in rules
        if reader.wants
        and not reader.tags & rule.not_for
        and (rule.ends is None or rule.ends >= TODAY)
        and (rule.cap is None or reader.times.get(rule.program, 0) < rule.cap)
    ]
    offered = offer_for(reader, rules, on=TODAY, last=last)
    assert offered in {rule.program for rule in allowed} or (offered == "" and not allowed)
    fitting = {rule.program for rule in allowed if rule.score}
    if fitting - {reader.last or last}:
        assert offered in fitting - {reader.last or last}


programs = st.lists(
    st.builds(
        program,
        st.sampled_from("ABCD"),
        topics=st.lists(st.sampled_from(["hip", "back", "knee"]), max_size=2, unique=True).map(
            tuple
        ),
        weight=st.integers(1, 3),
        starts=st.none() | st.sampled_from([TODAY, date(2027, 1, 1)]),
        ends=st.none() | st.sampled_from([TODAY, date(2026, 1, 1)]),
    ),
    max_size=4,
    unique_by=lambda p: p.name,
)
texts = st.lists(st.sampled_from(["hip", "back", "knee", "hip and back", "sleep"]), max_size=4)


@given(programs, texts, st.sampled_from(["", "A", "B"]))
def test_only_an_open_offer_is_chosen_and_one_always_is_when_there_is_one(programs, texts, last):
    open_ones = [p for p in programs if p.is_open(TODAY)]
    chosen = choose(programs, *texts, last=last)
    assert chosen in open_ones if open_ones else chosen is None


@given(programs, texts)
def test_no_other_open_offer_speaks_of_more_posts(programs, texts):
    def fit(p: Program) -> int:
        return p.weight * sum(topic in text for topic in p.topics for text in texts)

    chosen = choose(programs, *texts)
    if chosen:
        assert fit(chosen) == max(fit(p) for p in programs if p.is_open(TODAY))
