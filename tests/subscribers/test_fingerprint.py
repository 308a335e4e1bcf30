"""An erased address is known again by who has the keys, and by nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from subscribers.fingerprint import Fingerprints
from subscribers.links import ReaderLinks

keys = st.lists(st.text(min_size=16, max_size=40), min_size=1, max_size=4, unique=True)


@given(keys, st.data())
def test_a_fingerprint_is_known_again_through_key_rotation(some, data):
    then = some[: data.draw(st.integers(1, len(some)))]
    kept = Fingerprints(then).of("ada@example.com")
    assert kept in Fingerprints(some).all_of("ada@example.com")
    assert kept not in Fingerprints(some).all_of("bo@example.com")
    assert kept.key_id in Fingerprints(some).key_ids


def test_without_its_key_a_fingerprint_fits_nobody():
    kept = Fingerprints(["a key of last year"]).of("ada@example.com")
    now = Fingerprints(["a key of this year"])
    assert kept not in now.all_of("ada@example.com")
    assert kept.key_id not in now.key_ids


def test_a_fingerprint_says_nothing_of_the_address_and_is_no_link():
    key = "one key for two purposes"
    value = Fingerprints([key]).of("ada@example.com").value
    assert "ada" not in value
    assert value not in ReaderLinks([key], "unsubscribe").sign("ada@example.com")
