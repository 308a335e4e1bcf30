"""What every event reader must do; subclass it and say how the provider signs."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from delivery.errors import BadEvent
from delivery.events import store
from delivery.events.event import Event, EventKind, EventReader, Incoming
from tests.conftest import NOON, ROOT

SEND_KEY = "digest-2026-11.r_4k-Zq"
THEN = datetime(2026, 12, 1, 11, 58, 3, tzinfo=UTC)
# Kind, enhanced code, a word of ours.
Outcome = tuple[EventKind, str, str]


class ReaderContract:
    """`sign` makes a request as the provider would, with the key of this name."""

    provider: ClassVar[str]
    outcomes: ClassVar[dict[str, Outcome]]
    unnamed: ClassVar[set[str]] = set()  # recorded events that are of no message

    def reader(self, *keys: str) -> EventReader:
        raise NotImplementedError

    def sign(self, payload: Any, key: str = "new", tail: bytes = b"") -> Incoming:
        raise NotImplementedError

    def unsigned(self, payload: Any) -> Incoming:
        return Incoming({}, json.dumps(payload).encode())

    def as_unknown(self, payload: Any) -> Any:
        """The same under a name that nobody has heard."""
        raise NotImplementedError

    def event(self, name: str) -> Event:
        incoming = self.sign(self.recorded(name))
        [event] = self.reader("new").read(incoming, now=NOON)
        return event

    def recorded(self, name: str) -> Any:
        return json.loads((self.folder() / f"{name}.json").read_text())

    def folder(self) -> Path:
        return ROOT / "tests" / "data" / "events" / self.provider

    def all_recorded(self) -> dict[str, Any]:
        return {path.stem: self.recorded(path.stem) for path in self.folder().glob("*.json")}

    def any_recorded(self) -> Any:
        return self.recorded(next(iter(self.outcomes)))

    def test_what_the_provider_signed_is_believed(self):
        self.reader("new").verify(self.sign(self.any_recorded()), now=NOON)

    def test_what_somebody_else_signed_is_not_believed(self):
        with pytest.raises(BadEvent):
            self.reader("new").verify(self.sign(self.any_recorded(), "another"), now=NOON)

    def test_what_nobody_signed_is_not_believed(self):
        with pytest.raises(BadEvent):
            self.reader("new").verify(self.unsigned(self.any_recorded()), now=NOON)

    def test_a_line_end_after_the_body_changes_nothing(self):
        incoming = self.sign(self.any_recorded(), tail=b"\r\n")
        self.reader("new").verify(incoming, now=NOON)
        assert self.reader("new").read(incoming, now=NOON)

    def test_each_recorded_event_means_what_its_provider_says(self):
        events = {name: self.event(name) for name in self.all_recorded() if name != "several"}
        assert {n: (e.kind, e.code, e.detail) for n, e in events.items()} == self.outcomes

    def test_each_recorded_event_names_its_delivery_its_reader_and_its_moment(self):
        for name in self.outcomes.keys() - self.unnamed:
            event = self.event(name)
            assert (event.send_key, event.recipient) == (SEND_KEY, "ada@reader.example"), name
            assert event.occurred.replace(microsecond=0) == THEN, name
            assert event.provider_id, name

    def test_what_is_kept_is_this_one_event(self):
        for name in self.outcomes:
            assert json.loads(self.event(name).raw) == self.one_event(self.recorded(name))

    def one_event(self, payload: Any) -> Any:
        return payload

    def test_an_event_has_the_same_name_whenever_it_comes_and_the_name_shows_no_address(self):
        names = set()
        for name in self.outcomes:
            incoming = self.sign(self.recorded(name))
            [again] = self.reader("new").read(incoming, now=NOON + timedelta(hours=9))
            assert again.dedupe == self.event(name).dedupe
            assert "reader.example" not in again.dedupe
            assert "@" not in again.dedupe
            names.add(again.dedupe)
        assert len(names) == len(self.outcomes)

    def test_an_event_that_comes_again_is_kept_once(self, db):
        events = [self.event(name) for name in self.outcomes]
        with db.atomic():
            assert store.keep(db, self.provider, events, now=NOON) == len(events)
            assert store.keep(db, self.provider, events, now=NOON) == 0

    def test_an_event_with_a_new_name_is_kept_for_later(self):
        payload = self.as_unknown(self.any_recorded())
        [event] = self.reader("new").read(self.sign(payload), now=NOON)
        assert (event.kind, event.send_key) == (EventKind.OTHER, SEND_KEY)

    def test_a_field_that_is_null_or_missing_loses_no_event(self):
        reader = self.reader("new")
        for payload in self.all_recorded().values():
            count = len(reader.read(self.sign(payload), now=NOON))
            for damaged in damages(payload):
                assert len(reader.read(self.sign(damaged), now=NOON)) == count


class KeysContract:
    """For providers whose keys are in our settings."""

    def test_a_key_can_be_changed_without_losing_an_event(self):
        both = self.reader("old", "new")
        for key in ("old", "new"):
            both.verify(self.sign(self.any_recorded(), key), now=NOON)
        with pytest.raises(BadEvent):
            self.reader("new").verify(self.sign(self.any_recorded(), "old"), now=NOON)


class HeadersContract:
    """For providers that sign in headers."""

    @pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
    def test_headers_have_names_of_any_case(self, case):
        signed = self.sign(self.any_recorded())
        headers = {case(name): value for name, value in signed.headers.items()}
        self.reader("new").verify(Incoming(headers, signed.body), now=NOON)

    def test_a_header_of_any_characters_is_only_not_believed(self):
        signed = self.sign(self.any_recorded())
        for strange in ("", " ", "\N{SNOWMAN}", "\ud800", "Basic \N{SNOWMAN}", "Bearer ", "v1,"):
            headers = dict.fromkeys(signed.headers, strange)
            with pytest.raises(BadEvent):
                self.reader("new").verify(Incoming(headers, signed.body), now=NOON)


class BodyContract:
    """For providers whose signature covers the body."""

    def test_a_body_that_was_altered_is_not_believed(self):
        signed = self.sign(self.any_recorded())
        altered = signed.body.replace(b"ada@reader.example", b"bob@reader.example")
        assert altered != signed.body
        with pytest.raises(BadEvent):
            self.reader("new").verify(Incoming(signed.headers, altered), now=NOON)


Path_ = tuple[str | int, ...]


def paths(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Where something stands in a JSON document, the whole left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, below in inner:
        yield (*at, name)
        if isinstance(below, dict | list):
            yield from paths(below, (*at, name))


def write(payload: Any, path: Path_, value: Any) -> None:
    for name in path[:-1]:
        payload = payload[name]
    payload[path[-1]] = value


def damages(payload: Any) -> Iterator[Any]:
    """The document with each of its fields null, and without it."""
    for path in paths(payload):
        if isinstance(path[-1], int) or path[0] == "signature":  # without that it is no event
            continue
        emptied, shortened = deepcopy(payload), deepcopy(payload)
        write(emptied, path, None)
        inner = shortened
        for name in path[:-1]:
            inner = inner[name]
        del inner[path[-1]]
        yield emptied
        yield shortened
