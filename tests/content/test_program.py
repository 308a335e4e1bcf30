"""Which program an edition invites to, and by which rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.program import CallToAction, Program, choose_program
from tests.content.builders import program

HIPS = program("Hips online", topics=("hip", "groin"))
BACKS = program("Strong backs", topics=("back",))
TODAY = date(2026, 12, 1)


def choose(programs, *texts: str, last: str = "") -> Program | None:
    call = choose_program(programs, texts, on=TODAY, last=last)
    return call and call.program


def test_the_program_that_fits_the_posts_is_chosen_and_says_why():
    texts = ["Sore hips", "The groin and the hip", "A stiff back"]
    assert choose_program([BACKS, HIPS], texts, on=TODAY) == CallToAction(
        HIPS, "its topics fit these posts best (hip in 2, groin in 1 of 3 posts)"
    )


def test_a_topic_counts_once_for_each_post():
    assert choose([HIPS, BACKS], "hip hip hip hip", "back", "back") == BACKS


def test_weight_counts():
    heavy = program("Hips online", topics=("hip",), weight=3)
    assert choose([BACKS, heavy], "hip", "back", "back") == heavy


@pytest.mark.parametrize("text", ["HIPS", "your hip.", "hip-opening", "(hips)", "Hüfte und Hips"])
def test_a_topic_is_found_at_the_beginning_of_a_word(text):
    assert choose([BACKS, HIPS], text) == HIPS


@pytest.mark.parametrize("text", ["ship shape", "whip", "h i p"])
def test_a_topic_is_not_found_inside_another_word(text):
    call = choose_program([HIPS], [text], on=TODAY)
    assert call == CallToAction(HIPS, "no program fits the posts by topic; it is the next one open")


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


programs = st.lists(
    st.builds(
        program,
        st.sampled_from("ABCD"),
        topics=st.lists(st.sampled_from(["hip", "back", "knee"]), max_size=2).map(tuple),
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
