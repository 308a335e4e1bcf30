"""Whatever comes in is refused or read: a webhook never dies of what a stranger sends."""

import json
from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.errors import BadEvent
from delivery.events.event import EventKind, Incoming
from tests.conftest import NOON
from tests.delivery.events import (
    test_brevo,
    test_mailgun,
    test_postmark,
    test_resend,
    test_sendgrid,
    test_ses,
)
from tests.delivery.events.contract import ReaderContract, paths, write

CASES = [
    test_brevo.TestBrevo(),
    test_mailgun.TestMailgun(),
    test_postmark.TestPostmark(),
    test_resend.TestResend(),
    test_sendgrid.TestSendGrid(),
    test_ses.TestSes(),
]
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
each_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.provider)


@each_provider
@given(body=st.binary(max_size=200) | any_json.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused_or_read(case: ReaderContract, body: bytes):
    incoming = Incoming(case.sign(case.any_recorded()).headers, body)
    for act in (case.reader("new").verify, case.reader("new").read):
        with suppress(BadEvent):
            act(incoming, now=NOON)


@each_provider
@given(data=st.data())
def test_any_value_in_any_field_is_refused_or_read(case: ReaderContract, data: st.DataObject):
    payload = deepcopy(case.recorded(data.draw(st.sampled_from(sorted(case.outcomes)))))
    path = data.draw(st.sampled_from(list(paths(payload))))
    write(payload, path, data.draw(any_json))
    with suppress(BadEvent):
        reader, incoming = case.reader("new"), case.sign(payload)
        reader.verify(incoming, now=NOON)
        events = reader.read(incoming, now=NOON)
        assert all(event.occurred <= NOON for event in events)
        assert all(isinstance(event.kind, EventKind) for event in events)
