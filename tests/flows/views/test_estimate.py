"""What a plan says that sending would take: bytes, calls, time, days, money."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.pace import Allowance
from flows.views.estimate import days_for
from tests.flows.homes import bring_in, change
from tests.flows.terminal import Ran


@pytest.mark.parametrize(
    ("allowance", "letters", "days"),
    [
        (Allowance(), 1_000_000, 1),
        (Allowance(), 0, 0),
        (Allowance(letters=100), 100, 1),
        (Allowance(letters=100), 101, 2),
        (Allowance(letters=100), 1000, 10),
        (Allowance(warm_up=(10, 20)), 30, 2),
        (Allowance(warm_up=(10, 20)), 31, 3),
        (Allowance(letters=50, warm_up=(10, 20)), 130, 4),
        (Allowance(letters=50, warm_up=(10, 20)), 131, 5),
    ],
)
def test_what_is_allowed_a_day_spreads_a_mailing(allowance, letters, days):
    assert days_for(allowance, letters) == days


@given(st.integers(1, 100), st.lists(st.integers(1, 100), max_size=4), st.integers(0, 2_000))
def test_in_so_many_days_all_are_sent_and_not_in_one_less(most, warm_up, letters):
    allowance = Allowance(letters=most, warm_up=tuple(warm_up))
    days = days_for(allowance, letters)
    sent = [allowance.letters_on(day) for day in range(days)]
    assert sum(sent) >= letters
    assert not days or sum(sent[:-1]) < letters


def test_a_plan_says_what_the_month_takes(newsletter):
    asked = (
        'letters = 10\ncalls_per_second = 0.05\nletters_per_day = 20\nprice = 0.9\ncurrency = "EUR"'
    )
    change(newsletter, 'name = "outbox"', f'name = "outbox"\n{asked}')
    bring_in(newsletter)
    said = Ran("plan", "2026-11").out
    assert ", 6 calls, about 2 min at the provider's pace, over 3 days" in said
    assert "0.04 EUR" in said
    estimate = json.loads(Ran("plan", "2026-11", "--json").out)["estimate"]
    assert estimate["calls"] == 6  # 42 readers are offered one program, 4 the other
    assert estimate["seconds"] == 120
    assert 10_000 < estimate["bytes"] < 100_000


def test_a_plan_needs_no_key_of_the_provider(newsletter):
    change(newsletter, 'name = "outbox"', 'name = "postmark"')
    change(newsletter, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
    change(newsletter, "http://127.0.0.1:8000", "https://news.example")
    bring_in(newsletter)
    assert json.loads(Ran("plan", "2026-10", "--json").out)["estimate"] is None
