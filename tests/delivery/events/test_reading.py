from datetime import UTC, datetime, timedelta, timezone

import pytest

from delivery.errors import BadEvent
from delivery.events.reading import fingerprint, moment, part, read_object, read_objects, text
from tests.conftest import NOON

BEFORE = datetime(2026, 12, 1, 11, 58, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "2026-12-01T11:58:03Z",
        "2026-12-01T06:58:03.0000001-05:00",  # seven digits, as Postmark writes
        "2026-12-01T11:58:03",
        1796126283,
        1796126283.0,
    ],
)
def test_a_moment_is_read_as_each_provider_writes_it(told):
    assert moment(told, NOON) == BEFORE
    assert moment(told, NOON).tzinfo is UTC


@pytest.mark.parametrize(
    "told",
    [None, "", "soon", True, [], {}, 1e300, float("nan"), -1e18, "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_moment_is_now(told):
    assert moment(told, NOON) == NOON


def test_nothing_happens_later_than_now():
    assert moment("2999-01-01T00:00:00Z", NOON) == NOON
    assert moment(NOON.timestamp() + 1, NOON) == NOON


def test_a_moment_elsewhere_is_told_in_utc():
    there = NOON.astimezone(timezone(timedelta(hours=-5))) - timedelta(hours=1)
    assert moment(there.isoformat(), NOON).isoformat() == "2026-12-01T11:00:00+00:00"


def test_a_field_of_another_type_is_empty():
    fields = {
        "a": None,
        "b": 7,
        "c": ["x", "y"],
        "d": [],
        "e": {"f": {"g": 1}},
        "h": True,
        "i": 1.5,
    }
    assert [text(fields, name) for name in "abcdehiz"] == ["", "7", "x", "", "", "", "", ""]
    assert part(fields, "e", "f") == {"g": 1}
    assert part(fields, "e", "a", "f") == part(fields, "c") == part(fields, "z") == {}


def test_fingerprints_tell_parts_apart():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"null", b"7", b'"x"', b"[1]", b"[" * 5000])
def test_what_is_not_json_objects_is_refused(body):
    with pytest.raises(BadEvent):
        read_objects(body, "fake")
    with pytest.raises(BadEvent):
        read_object(body, "fake")
