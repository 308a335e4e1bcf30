"""The pure rules: in which order readers are written to, when a mailing stops, how fast it goes."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.brakes import Evidence, brake
from delivery.mailing import Owed
from delivery.pace import UNBOUNDED, Allowance, Pace, Spent, letters_left
from delivery.progress import Answered, Progress, over_time
from delivery.providers.base import Limits
from delivery.spread import spread
from tests.fakes import NOON


def people(**domains: int) -> list[Owed]:
    return [
        Owed(f"{domain}{n}", f"{n}@{domain}.example", "")
        for domain, count in domains.items()
        for n in range(count)
    ]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60)))
def test_spreading_keeps_everybody_once(domains):
    audience = people(**domains)
    assert Counter(spread(audience)) == Counter(audience)


def test_a_domain_with_many_readers_is_spread_over_the_whole_mailing():
    audience = people(big=600, firm=200, small=200)
    order = [owed.address.partition("@")[2] for owed in spread(audience)]
    for start in range(0, 1_000, 100):
        part = Counter(order[start : start + 100])
        assert 50 <= part["big.example"] <= 70
        assert 12 <= part["firm.example"] <= 28


def test_readers_who_are_alone_at_their_domain_do_not_all_come_first():
    audience = [*people(big=500), *(Owed(f"s{n}", f"a@s{n}.example", "") for n in range(500))]
    first = [owed.address for owed in spread(audience)][:100]
    assert 30 <= sum(address.endswith("big.example") for address in first) <= 70


def test_an_audience_is_spread_without_being_read_as_a_whole():
    read = []

    def endless():
        for n in range(1_000_000):
            read.append(n)
            yield Owed(str(n), f"{n}@example.com", "")

    next(spread(endless()))
    assert len(read) <= 10_000


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (Evidence(200, 10, 0, {}), ""),
        (Evidence(200, 11, 0, {}), "11 of the last 200 addresses were refused"),
        (Evidence(11, 11, 0, {}), "11 of the last 11 addresses were refused"),
        (Evidence(10, 10, 0, {}), ""),
        (Evidence(500, 24, 0, {}), ""),
        (Evidence(0, 0, 1_000, {"complained": 2}), ""),
        (Evidence(0, 0, 1_000, {"complained": 3}), "3 of 1000 letters were reported as spam"),
        (Evidence(0, 0, 10, {"complained": 1}), ""),
        (Evidence(0, 0, 300, {"bounced": 14}), ""),
        (Evidence(0, 0, 300, {"bounced": 15}), "15 of 300 letters came back: the list may be old"),
        (Evidence(0, 0, 300, {"blocked": 29}), ""),
        (Evidence(0, 0, 300, {"delivered": 300}), ""),
    ],
)
def test_a_brake_stops_what_goes_wrong_for_many_and_nothing_else(evidence, why):
    assert brake(evidence) == why


def test_blocks_for_the_senders_sake_stop_a_mailing_too():
    assert "blocked for the sender's sake" in brake(Evidence(0, 0, 300, {"blocked": 30}))


@pytest.mark.parametrize(
    ("allowance", "spent", "left"),
    [
        (UNBOUNDED, Spent(10**6, 10**12, 0, NOON), None),
        (Allowance(letters=100), Spent(30, 0, 0, NOON), 70),
        (Allowance(letters=100), Spent(130, 0, 0, NOON), 0),
        (Allowance(bytes=10), Spent(1, 10, 0, NOON), 0),
        (Allowance(bytes=10), Spent(1, 9, 0, NOON), None),
        (Allowance(warm_up=(5, 50)), Spent(2, 0, 0, NOON), 3),
        (Allowance(warm_up=(5, 50)), Spent(2, 0, 1, NOON), 48),
        (Allowance(warm_up=(5, 50)), Spent(2, 0, 2, NOON), None),
        (Allowance(letters=20, warm_up=(5, 50)), Spent(2, 0, 1, NOON), 18),
    ],
)
def test_what_may_still_be_sent_today(allowance, spent, left):
    assert letters_left(allowance, spent) == left


@given(st.lists(st.booleans(), max_size=60), st.floats(0.5, 50))
def test_the_pace_never_leaves_its_bounds_and_finds_back_to_them(answers, ceiling):
    pace = Pace.found(Limits(letters=1, bytes=1, calls=ceiling), None)
    for taken in answers:
        pace = pace.faster() if taken else pace.slower(measured=ceiling)
        assert 0 < pace.calls <= ceiling
    for _ in range(40):
        pace = pace.faster()
    assert pace.calls == pytest.approx(ceiling)


def test_a_provider_without_a_bound_gets_one_when_it_says_no():
    pace = Pace.found(Limits(letters=1, bytes=1), None)
    assert pace.gap(100, None) == 0
    assert pace.faster() is pace
    assert pace.slower(measured=8.0).gap(100, None) == pytest.approx(0.25)


def test_letters_a_second_bound_big_calls_more_than_small_ones():
    pace = Pace.found(Limits(letters=1, bytes=1, calls=2.0), None)
    assert pace.gap(5, 10.0) == pytest.approx(0.5)
    assert pace.gap(50, 10.0) == pytest.approx(5.0)


def test_no_call_carries_more_than_the_provider_takes():
    limits = Limits(letters=200, most=1_000, bytes=1)
    assert limits.paced(letters=5_000).letters == 1_000
    assert limits.paced().letters == 200
    assert limits.paced(letters=10).letters == 10


def test_the_curve_of_a_mailing_begins_at_nothing_and_ends_with_all_of_it():
    answers = [
        Answered(NOON + timedelta(seconds=n), NOON + timedelta(seconds=n + 1), 10, n % 2)
        for n in range(60)
    ]
    curve = over_time(answers, 20)
    assert (curve[0], curve[-1]) == ((NOON, 0, 0), (NOON + timedelta(seconds=60), 600, 30))
    assert [taken for _, taken, _ in curve] == sorted(taken for _, taken, _ in curve)
    assert len(curve) == 21


def test_where_nothing_moves_nobody_says_when_it_will_be_done():
    still = Progress(
        key="k",
        taken=1,
        refused=0,
        unknown=0,
        under_way=0,
        pending=9,
        recent=0,
        window_start=None,
        beat=None,
    )
    assert (still.rate(NOON), still.seconds_left(NOON), still.is_alive(NOON)) == (0.0, None, False)
