"""Forms from one network: people get through, programs do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.joining.limits import NetworkLimits, network_of


def test_ten_a_minute_are_let_through_and_the_next_is_not():
    limits = NetworkLimits()
    assert [limits.allow("192.0.2.1") for _ in range(11)] == [True] * 10 + [False]


def test_one_network_does_not_use_up_what_another_may():
    limits = NetworkLimits()
    for _ in range(20):
        limits.allow("192.0.2.1")
    assert limits.allow("192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:ff00::1", "2001:db8:0:ffff:1:2:3:4"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
        ("", "not an address"),
    ],
)
def test_what_one_customer_is_given_counts_as_one(one, other):
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8::1", "2001:db8:1::1"), ("192.0.2.1", "192.0.2.2"), ("::", "")]
)
def test_neighbours_count_apart(one, other):
    assert network_of(one) != network_of(other)


@given(st.text() | st.ip_addresses().map(str))
def test_any_host_is_of_some_network(host):
    assert network_of(host)
