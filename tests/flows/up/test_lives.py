"""What becomes of a part of `lettermill up`, second by second, without a process."""

from hypothesis import given
from hypothesis import strategies as st

from flows.up.lives import (
    PATIENCE_AT_START,
    PATIENCE_WITH_SILENCE,
    Life,
    Order,
    Seen,
    Standing,
    next_step,
    rest_after,
)

IDLE = Seen(runs=False, answers=False)
SILENT = Seen(runs=True, answers=False)
WELL = Seen(runs=True, answers=True)
KILLED = Seen(runs=False, answers=False, ended_because="ended by SIGKILL")


def live(*seen: tuple[float, Seen]) -> tuple[Life, list[Order]]:
    life, orders = Life(), []
    for now, what in seen:
        life, order = next_step(life, what, now)
        orders.append(order)
    return life, orders


def test_a_part_starts_and_is_up_once_it_answers():
    life, orders = live((0, IDLE), (1, SILENT), (2, WELL))
    assert (life.standing, life.since, life.restarts) == (Standing.UP, 2, 0)
    assert orders == [Order.START, Order.NOTHING, Order.NOTHING]


def test_a_part_waits_for_the_one_that_it_needs():
    life, orders = live((0, Seen(runs=False, answers=False, may_start=False)))
    assert (life.standing, orders) == (Standing.WAITING, [Order.NOTHING])


def test_who_dies_rests_is_started_again_and_says_why():
    life, orders = live((0, IDLE), (1, WELL), (5, KILLED), (5.5, IDLE), (6, IDLE))
    assert orders[2:] == [Order.END, Order.NOTHING, Order.START]
    assert (life.restarts, life.why) == (1, "ended by SIGKILL")


def test_who_does_not_answer_is_given_time_then_ended():
    at_start, orders = live((0, IDLE), (PATIENCE_AT_START - 1, SILENT), (PATIENCE_AT_START, SILENT))
    assert orders == [Order.START, Order.NOTHING, Order.END]
    assert at_start.why == "gave no answer for 240 seconds"
    gone = 10 + PATIENCE_WITH_SILENCE
    later, orders = live((0, IDLE), (1, WELL), (10, SILENT), (gone - 1, SILENT), (gone, SILENT))
    assert orders[2:] == [Order.NOTHING, Order.NOTHING, Order.END]
    assert later.standing is Standing.DOWN


def test_who_answers_again_was_not_ended():
    life, orders = live((0, IDLE), (1, WELL), (10, SILENT), (50, WELL))
    assert (life.standing, life.restarts) == (Standing.UP, 0)
    assert Order.END not in orders


def test_the_rest_doubles_and_ends_at_a_minute():
    assert [rest_after(n) for n in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, 60]


def test_who_was_up_for_a_minute_begins_with_a_short_rest_again():
    row = [(0, IDLE), (0, KILLED), (1, IDLE), (1, KILLED), (3, IDLE), (4, WELL)]
    tired, _ = live(*row, (10, KILLED))
    assert tired.again_at == 10 + 4
    rested, _ = live(*row, (64, WELL), (70, KILLED))
    assert rested.again_at == 70 + 1


looks = st.sampled_from([IDLE, SILENT, WELL, KILLED])


@given(st.lists(st.tuples(st.floats(0, 300), looks), max_size=60))
def test_whatever_happens_a_part_is_never_given_up_nor_started_twice(steps):
    life, now, started = Life(), 0.0, False
    for after, seen in steps:
        now += after
        if not started and seen.runs:
            continue
        life, order = next_step(life, seen, now)
        assert not (order is Order.START and started)
        started = order is Order.START or (started and order is not Order.END)
        assert started == (life.standing in (Standing.STARTING, Standing.UP, Standing.SILENT))
    if not started:
        assert next_step(life, IDLE, now + 61)[1] is Order.START
