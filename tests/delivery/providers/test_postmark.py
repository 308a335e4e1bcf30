"""Postmark over real sockets: the exact request, and every kind of answer or silence."""

import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import replace

import pytest
import trustme
from werkzeug import Response

from delivery.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from delivery.message import Answer
from delivery.providers import http
from delivery.providers.postmark import Postmark
from tests.delivery.providers.contract import MESSAGES, ProviderContract, address, batch
from tests.fakes import LETTER, NOON, postmark_answer


def make(api: str) -> Postmark:
    return Postmark("server-token", stream="broadcast", api=api)


@pytest.fixture
def inbox(httpserver):
    """What the stand-in for Postmark took, message by message."""
    messages: list[dict] = []

    def take(request):
        assert request.headers["X-Postmark-Server-Token"] == "server-token"
        assert request.headers["Accept"] == "application/json"
        messages.extend(json.loads(request.data))
        return Response(postmark_answer(request.data), content_type="application/json")

    def search(request):
        wanted = request.args["metadata_batch"]
        found = [m for m in messages if m["Metadata"]["batch"] == wanted]
        offset, count = int(request.args["offset"]), int(request.args["count"])
        page = [{"MessageID": f"pm-{n}", "Metadata": m["Metadata"]} for n, m in enumerate(found)][
            offset : offset + count
        ]
        body = json.dumps({"TotalCount": len(found), "Messages": page})
        return Response(body, content_type="application/json")

    httpserver.expect_request("/email/batch", method="POST").respond_with_handler(take)
    httpserver.expect_request("/messages/outbound", method="GET").respond_with_handler(search)
    return messages


@pytest.fixture
def provider(httpserver, inbox):
    with_api = make(httpserver.url_for("").rstrip("/"))
    yield with_api
    with_api.close()


@pytest.fixture
def taken(inbox):
    def read():
        return [
            {
                "to": address(m["To"]),
                "subject": m["Subject"],
                "headers": {h["Name"]: h["Value"] for h in m["Headers"]},
                "html": m["HtmlBody"],
                "text": m["TextBody"],
            }
            for m in inbox
        ]

    return read


class TestPostmark(ProviderContract):
    """The contract, over HTTP."""


def test_nothing_is_tracked_and_no_address_is_in_the_metadata(provider, inbox):
    provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON))
    first = inbox[0]
    assert (first["TrackOpens"], first["TrackLinks"]) == (False, "None")
    assert first["MessageStream"] == "broadcast"
    assert first["Metadata"] == {"batch": "b1", "send_key": "digest-2026-11.ada1"}


def test_a_name_of_several_lines_is_one_line_of_the_address(provider, inbox):
    lines = "Tide\r\nBcc: x@evil.example"
    letter, to = replace(LETTER, sender_name=lines), replace(MESSAGES[0], name=lines)
    provider.submit(provider.encode("b1", letter, [to], now=NOON))
    for field in ("From", "To"):
        assert inbox[0][field].startswith('"Tide Bcc: x@evil.example" <')


def submit_to(httpserver, body: str | bytes, status: int = 200):
    httpserver.expect_request("/email/batch", method="POST").respond_with_data(
        body, status=status, content_type="application/json"
    )
    provider = make(httpserver.url_for("").rstrip("/"))
    try:
        return provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON)).receipts
    finally:
        provider.close()
        assert len(httpserver.log) == 1  # one call of submit is one request


def test_each_item_has_its_own_verdict(httpserver):
    answer = [
        {"ErrorCode": 0, "MessageID": "m1"},
        {"ErrorCode": 300, "Message": "Invalid 'To' address: zoe@example.org"},
        {"ErrorCode": 406, "Message": "inactive: bo@example.net"},
        {"Message": "Message OK, but delivery may be delayed", "MessageID": "m4"},
    ]
    receipts = submit_to(httpserver, json.dumps(answer))
    assert [(r.answer, r.provider_id, r.reason) for r in receipts] == [
        (Answer.SUBMITTED, "m1", ""),
        (Answer.REFUSED, "", "invalid address"),
        (Answer.REFUSED, "", "inactive at the provider"),
        (Answer.SUBMITTED, "m4", ""),
    ]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, '{"ErrorCode": 10, "Message": "bad token"}', ProviderRefused),
        (403, "<html>blocked</html>", ProviderRefused),
        (422, '{"ErrorCode": 405, "Message": "no credits"}', ProviderRefused),
        (422, '{"ErrorCode": 410, "Message": "too many"}', ProviderRefused),
        (413, "", ProviderRefused),
        (429, "", ProviderUnavailable),
        (503, '{"ErrorCode": 100, "Message": "maintenance"}', ProviderUnavailable),
        (500, '{"ErrorCode": 0}', OutcomeUnknown),
        (502, "<html>bad gateway</html>", OutcomeUnknown),
        (301, "", OutcomeUnknown),
        (200, "<html>welcome</html>", OutcomeUnknown),
        (200, "[]", OutcomeUnknown),
        (200, '{"ErrorCode": 0}', OutcomeUnknown),
        (200, '[1, 2, 3, "four"]', OutcomeUnknown),
    ],
)
def test_an_answer_for_the_whole_batch_is_sorted_by_what_to_do_next(
    httpserver, status, body, error
):
    with pytest.raises(error) as raised:
        submit_to(httpserver, body, status)
    assert "@" not in str(raised.value)


class Silence:
    """Listens, reads what comes, and then does `then` to the connection."""

    def __init__(self, then):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, args=(then,), daemon=True)
        self.thread.start()

    def serve(self, then):
        connection, _ = self.server.accept()
        with connection:
            connection.recv(1 << 20)
            then(connection)

    def submit(self):
        provider = make(self.url)
        try:
            provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON))
        finally:
            provider.close()
            self.server.close()
            self.thread.join(5)


def test_a_connection_that_breaks_after_we_wrote_is_unknown():
    with pytest.raises(OutcomeUnknown, match="broke before an answer"):
        Silence(lambda connection: None).submit()


def test_an_answer_cut_short_is_unknown():
    def half(connection):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"ErrorCode"')

    with pytest.raises(OutcomeUnknown):
        Silence(half).submit()


def test_no_answer_at_all_is_unknown(monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    done = threading.Event()
    try:
        with pytest.raises(OutcomeUnknown, match="ReadTimeout before an answer"):
            Silence(lambda connection: done.wait(1)).submit()
    finally:
        done.set()


def test_nobody_listening_means_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = make(f"http://127.0.0.1:{port}")
    with pytest.raises(ProviderUnavailable):
        provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON))
    provider.close()


def test_a_search_that_fails_says_so_and_proves_nothing(httpserver):
    httpserver.expect_request("/messages/outbound").respond_with_data("{}", status=500)
    provider = make(httpserver.url_for("").rstrip("/"))
    with pytest.raises(ProviderUnavailable):
        provider.reconcile(batch(), now=NOON)
    provider.close()


@pytest.mark.parametrize("code", [400, 405, 412])
def test_what_is_wrong_with_the_account_is_not_the_readers_fault(httpserver, code):
    receipts = submit_to(httpserver, json.dumps([{"ErrorCode": code}] * len(MESSAGES)))
    assert {r.answer for r in receipts} == {Answer.NOT_NOW}


class Breaking(Silence):
    """Takes a whole request over TLS, and then sends what cannot be decrypted."""

    def __init__(self, authority: trustme.CA):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        super().__init__(then=None)
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")

    def serve(self, then):
        connection, _ = self.server.accept()
        raw = connection.dup()
        # A client that does not trust us hangs up in the middle of the handshake.
        with (
            raw,
            suppress(ssl.SSLError),
            self.context.wrap_socket(connection, server_side=True) as secure,
        ):
            while not secure.recv(1 << 20).endswith(b"]"):
                pass
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"g" * 32)
            raw.shutdown(socket.SHUT_RDWR)


def test_a_tls_error_while_the_answer_is_read_is_unknown(tmp_path, monkeypatch):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    with pytest.raises(OutcomeUnknown):
        Breaking(authority).submit()


def test_a_certificate_that_nobody_vouches_for_means_nothing_was_sent():
    with pytest.raises(ProviderUnavailable):
        Breaking(trustme.CA()).submit()


def test_the_wait_that_postmark_names_is_kept(httpserver):
    httpserver.expect_request("/email/batch").respond_with_data(
        "", status=429, headers={"Retry-After": "7"}
    )
    provider = make(httpserver.url_for("").rstrip("/"))
    with pytest.raises(ProviderUnavailable) as raised:
        provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON))
    provider.close()
    assert raised.value.wait == 7


def test_answers_in_another_order_are_nobodys(httpserver):
    answers = [{"ErrorCode": 0, "MessageID": m.send_key, "To": m.address} for m in MESSAGES]
    with pytest.raises(OutcomeUnknown, match="another order"):
        submit_to(httpserver, json.dumps(answers[::-1]))


def test_an_address_that_is_told_in_another_way_is_no_other_order(httpserver):
    answers = [
        {"ErrorCode": 0, "MessageID": "m", "To": f"x <{m.address.upper()}>"} for m in MESSAGES
    ]
    assert {r.answer for r in submit_to(httpserver, json.dumps(answers))} == {Answer.SUBMITTED}


def test_an_id_that_is_given_twice_costs_nobody_the_letter(httpserver):
    receipts = submit_to(httpserver, json.dumps([{"ErrorCode": 0, "MessageID": "same"}] * 4))
    assert [(r.answer, r.provider_id) for r in receipts] == [(Answer.SUBMITTED, "same")] * 4
