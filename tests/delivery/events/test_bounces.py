from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.bounces import PastEvent, is_for_good, is_given_up
from delivery.events.event import EventKind
from tests.conftest import NOON


def soft(day: float, mailing: str = "") -> PastEvent:
    return PastEvent(mailing or f"m-{day}", EventKind.SOFT_BOUNCED, NOON + timedelta(days=day))


def hard(day: float, code: str) -> PastEvent:
    return PastEvent(f"m-{day}", EventKind.BOUNCED, NOON + timedelta(days=day), code)


def arrived(day: float) -> PastEvent:
    return PastEvent(f"m-{day}", EventKind.DELIVERED, NOON + timedelta(days=day))


FIVE = [soft(0), soft(3), soft(6), soft(9), soft(14)]


def test_five_soft_bounces_of_three_mailings_over_two_weeks_are_enough():
    assert is_given_up(FIVE)
    assert is_given_up([soft(0, "a"), soft(1, "a"), soft(2, "b"), soft(3, "b"), soft(14, "c")])


def test_four_are_not():
    assert not is_given_up(FIVE[1:])
    four = [soft(0), soft(3), soft(6), soft(14)]
    assert not is_given_up([*four, *four])  # told twice


def test_five_of_two_mailings_are_not():
    assert not is_given_up([soft(day, f"m-{day // 7}") for day in (0, 1, 2, 7, 14)][:4])
    assert not is_given_up([soft(0, "a"), soft(1, "a"), soft(2, "a"), soft(3, "b"), soft(14, "b")])


def test_five_in_less_than_two_weeks_are_not():
    assert not is_given_up([soft(0), soft(3), soft(6), soft(9), soft(13.9)])


def test_a_letter_that_arrives_ends_the_count():
    assert not is_given_up([*FIVE, arrived(7)])
    assert not is_given_up([*FIVE, arrived(14)])
    assert not is_given_up([*FIVE, arrived(15)])


def test_a_letter_that_arrived_before_them_all_changes_nothing():
    assert is_given_up([*FIVE, arrived(-1)])
    assert not is_given_up([*FIVE, arrived(0)])


def test_a_mailbox_that_is_not_there_is_believed_at_once():
    assert is_for_good(EventKind.BOUNCED, "5.1.1")
    assert is_for_good(EventKind.BOUNCED, "")
    assert not is_for_good(EventKind.SOFT_BOUNCED, "4.2.2")


def test_a_bad_domain_and_a_disabled_mailbox_are_believed_when_they_last_a_day():
    for code in ("5.1.2", "5.2.1"):
        assert not is_for_good(EventKind.BOUNCED, code)
        assert not is_given_up([hard(0, code)])
        assert not is_given_up([hard(0, code), hard(0.9, code)])
        assert is_given_up([hard(0, code), hard(1, code)])
        assert not is_given_up([hard(0, code), arrived(0.5), hard(1, code)])


moments = st.integers(-30, 30).map(lambda day: NOON + timedelta(days=day))
histories = st.lists(
    st.builds(
        PastEvent,
        st.sampled_from("abcd"),
        st.sampled_from([EventKind.SOFT_BOUNCED, EventKind.BOUNCED, EventKind.DELIVERED]),
        moments,
        st.sampled_from(["", "5.1.2"]),
    ),
    max_size=12,
)


@given(history=histories, shuffled=st.randoms())
def test_neither_order_nor_repetition_counts(history, shuffled):
    again = [*history, *history[:3]]
    shuffled.shuffle(again)
    assert is_given_up(again) == is_given_up(history)


@given(history=histories)
def test_whose_last_letter_arrived_is_never_given_up(history):
    latest = max((event.occurred for event in history), default=NOON)
    assert not is_given_up([*history, PastEvent("e", EventKind.DELIVERED, latest)])


def test_a_code_is_found_among_other_numbers():
    assert find_code("smtp; 550 5.1.1 <a@reader.example>: no such user") == "5.1.1"
    assert find_code("", "550-5.7.26 unauthenticated.") == "5.7.26"
    assert find_code("from 5.10.20.30 and 192.5.1.1 at 4.2") == ""
    assert find_code("(5.4.1)", "5.1.1") == "5.4.1"
    assert find_code("15.1.1", "5.1.1000", "3.1.1") == ""


def test_a_bounce_for_good_is_less_grave_for_some_codes_and_never_graver():
    def kind(code: str, words: str = "") -> EventKind:
        return kind_of_bounce(code, for_good=True, words=words)

    assert kind("5.1.1") is kind("") is kind("5.5.0") is EventKind.BOUNCED
    assert kind("5.2.2") is kind("4.4.7") is kind("5.4.4") is EventKind.SOFT_BOUNCED
    assert kind("5.7.1") is kind("5.7.515") is kind("4.7.0") is EventKind.BLOCKED
    assert kind("5.2.3") is kind("5.3.4") is EventKind.BLOCKED
    assert kind("5.4.1", "no answer from host") is EventKind.SOFT_BOUNCED
    assert kind("5.4.1", "Recipient address rejected: Access denied.") is EventKind.BOUNCED
    assert kind_of_bounce("5.1.1", for_good=False) is EventKind.SOFT_BOUNCED
