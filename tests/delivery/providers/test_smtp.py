"""SMTP against real servers: what arrives, how we log in, and how connections are kept."""

import base64
import hmac
import logging
import os
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.errors import AccountHalted, LetterRefused, NotSent, Throttled
from delivery.message import Answer
from delivery.mime import mime_stencil, mime_values
from delivery.providers.smtp import Smtp
from tests.delivery.providers.contract import MESSAGES, ProviderContract
from tests.delivery.providers.recorded import RECORDED
from tests.delivery.providers.smtp_script import HANG_UP, SmtpScript
from tests.delivery.providers.test_outbox import as_letter
from tests.fakes import LETTER, NOON

USER, PASSWORD = "clinic", "correct horse"


def written(letter=LETTER, message=MESSAGES[0]) -> bytes:
    return b"".join(mime_stencil(letter, now=NOON).pieces(mime_values(message)))


def hand_over(provider, letter=LETTER, messages=MESSAGES):
    return provider.submit(provider.encode("b1", letter, messages, now=NOON))


class Inbox:
    """What the server took. `pipelines` makes it say that several commands may come at once."""

    def __init__(self, *, pipelines: bool) -> None:
        self.pipelines = pipelines
        self.envelopes = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(["250-PIPELINING"] if self.pipelines else []), *responses[1:]]

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append((envelope, session.authenticated))
        return "250 OK"


def authenticate(server, session, envelope, mechanism, login):
    given = (login.login.decode(), login.password.decode())
    return AuthResult(success=given == (USER, PASSWORD), handled=False)


class AnyPort(Controller):
    """On a port that is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class OverTls(AnyPort):
    """Encrypted from the first byte on, which aiosmtpd does not tell its server."""

    def factory(self):
        return SMTP(self.handler, auth_require_tls=False, **self.SMTP_kwargs)


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """Whom this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def server_context(authority, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(params=["starttls, pipelined", "starttls", "tls"])
def server(request, authority, caplog):
    """A server that wants TLS and a login."""
    caplog.set_level(logging.ERROR, "mail.log")
    inbox = Inbox(pipelines="pipelined" in request.param)
    security = request.param.partition(",")[0]
    context = server_context(authority)
    common = {"hostname": "127.0.0.1", "port": 0, "authenticator": authenticate}
    if security == "tls":
        server = OverTls(inbox, ssl_context=context, **common)
    else:
        server = AnyPort(
            inbox, tls_context=context, require_starttls=True, auth_required=True, **common
        )
    server.start()
    server.security = security
    yield server
    server.stop()


@pytest.fixture
def provider(server):
    port = server.port
    provider = Smtp("127.0.0.1", port=port, security=server.security, user=USER, password=PASSWORD)
    yield provider
    provider.close()


@pytest.fixture
def taken(server):
    return lambda: [as_letter(envelope.content) for envelope, _ in server.handler.envelopes]


class TestSmtp(ProviderContract):
    """The contract, over TLS with a login, pipelined or not."""

    remembers = False

    def test_what_arrives_is_what_was_made_to_the_byte(self, provider, server):
        hand_over(provider)
        for (envelope, authenticated), message in zip(
            server.handler.envelopes, MESSAGES, strict=True
        ):
            assert authenticated
            assert envelope.mail_from == LETTER.sender_address
            assert envelope.rcpt_tos == [message.address]
            assert envelope.content == written(message=message)

    def test_a_wrong_password_halts_the_account(self, provider, server):
        wrong = Smtp(
            "127.0.0.1",
            port=server.port,
            security=server.security,
            user=USER,
            password="guessed",
        )
        with pytest.raises(AccountHalted, match="refuses the login"):
            hand_over(wrong)
        assert not server.handler.envelopes


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("name", ["127.0.0.1", "mail.example"])
def test_a_certificate_of_a_stranger_or_another_is_not_trusted(authority, security, name):
    stranger = trustme.CA() if name == "127.0.0.1" else authority
    context = server_context(stranger, name)
    with SmtpScript(extensions=("STARTTLS",), tls=context, tls_first=security == "tls") as server:
        provider = Smtp("127.0.0.1", port=server.port, security=security, user="u", password="p")
        with pytest.raises(NotSent, match="not trusted"):
            hand_over(provider)
    assert server.said["AUTH"] == server.said["MAIL"] == 0


def test_without_starttls_nothing_is_said_in_the_clear():
    with SmtpScript(extensions=("AUTH PLAIN",)) as server:
        provider = Smtp("127.0.0.1", port=server.port, user=USER, password=PASSWORD)
        with pytest.raises(AccountHalted, match="no STARTTLS"):
            hand_over(provider)
    assert [command.split()[0].upper() for command in server.commands] == ["EHLO"]


def test_what_was_said_before_tls_is_not_believed(authority):
    """A stranger on the way may put answers behind the last one in the clear (RFC 3207, 6)."""
    said = b"220 go\r\n250-here\r\n250 PIPELINING\r\n"
    context = server_context(authority)
    extensions = ("STARTTLS", "AUTH PLAIN")
    with SmtpScript({("STARTTLS", 1): said}, extensions=extensions, tls=context) as server:
        provider = Smtp("127.0.0.1", port=server.port)
        assert hand_over(provider).trouble is None
        provider.close()
    assert server.said["EHLO"] == 2
    assert server.rushed == 0  # it does not pipeline


def test_no_password_leaves_this_machine_without_tls():
    provider = Smtp("mail.invalid", security="none", user=USER, password=PASSWORD)
    with pytest.raises(AccountHalted, match=r"no password goes to mail\.invalid:25 without TLS"):
        hand_over(provider)


def test_a_password_of_other_letters_is_refused_with_a_reason():
    provider = Smtp("127.0.0.1", security="none", user=USER, password="schlüssel")
    with pytest.raises(AccountHalted, match="must be ASCII") as raised:
        hand_over(provider)
    assert "schl" not in str(raised.value)


def test_a_password_may_be_proven_without_being_said():
    challenge = base64.b64encode(b"<1896.697170952@here>")
    proof = hmac.new(PASSWORD.encode(), b"<1896.697170952@here>", "md5").hexdigest()
    answer = base64.b64encode(f"{USER} {proof}".encode()).decode()
    said = {("AUTH", 1): b"334 " + challenge + b"\r\n", (answer.upper(), 1): b"235 welcome\r\n"}
    with SmtpScript(said, extensions=("AUTH CRAM-MD5",)) as server:
        provider = Smtp(
            "127.0.0.1", port=server.port, security="none", user=USER, password=PASSWORD
        )
        assert hand_over(provider).trouble is None
        provider.close()
    assert len(server.taken) == len(MESSAGES)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [(b"535 5.7.8 no\r\n", AccountHalted), (b"454 4.7.0 try later\r\n", Throttled)],
)
def test_a_login_refused_for_good_is_not_one_refused_for_now(said, trouble):
    with SmtpScript({("AUTH", 1): said}, extensions=("AUTH PLAIN",)) as server:
        provider = Smtp("127.0.0.1", port=server.port, security="none", user="u", password="p")
        with pytest.raises(trouble):
            hand_over(provider)


def plain(server) -> Smtp:
    return Smtp("127.0.0.1", port=server.port, security="none")


def test_the_name_in_postfixs_queue_is_the_providers_id():
    with SmtpScript({(".", 2): b"250 fine\r\n"}) as server:
        provider = plain(server)
        receipts = hand_over(provider).receipts
        provider.close()
    assert [receipt.provider_id for receipt in receipts[:2]] == [
        "4bXyZ12",
        "digest-2026-11.zoe2@clinic.example",
    ]


def test_domains_in_other_scripts_are_said_as_dns_knows_them():
    letter = replace(LETTER, sender_address="hallo@bücher.example")
    reader = replace(MESSAGES[0], address="ada@straße.example")
    with SmtpScript(extensions=("SIZE 100000",)) as server:
        provider = plain(server)
        hand_over(provider, letter, [reader])
        provider.close()
    assert server.readers == ["ada@xn--strae-oqa.example"]
    [mail] = [command for command in server.commands if command.startswith("MAIL")]
    assert mail.startswith("MAIL FROM:<hallo@xn--bcher-kva.example> SIZE=")
    assert b"From: The clinic <hallo@xn--bcher-kva.example>" in server.taken[0][1]


def test_the_whole_of_a_hand_over_is_as_recorded():
    path = RECORDED / "smtp.txt"
    with SmtpScript(extensions=("PIPELINING", "SIZE")) as server:
        provider = Smtp("127.0.0.1", port=server.port, security="none", hello="our.example")
        hand_over(provider)
        provider.close()
    said = "\n".join([*server.commands, *(content.decode() for _, content in server.taken)])
    said = said.replace("\r\n", "\n")
    if os.environ.get("GOLDEN") == "write":
        path.write_text(said)
    assert said == path.read_text(), "GOLDEN=write rewrites it"


def test_one_connection_serves_call_after_call_and_is_left_politely():
    with SmtpScript() as server:
        provider = plain(server)
        for _ in range(3):
            assert hand_over(provider).trouble is None
        provider.close()
    assert server.connections == 1
    assert server.commands[-1] == "QUIT"


def test_a_call_after_a_refusal_begins_with_a_clean_envelope():
    with SmtpScript({("RCPT", 4): b"550 5.1.1 no\r\n"}) as server:
        provider = plain(server)
        hand_over(provider)
        assert {r.answer for r in hand_over(provider).receipts} == {Answer.SUBMITTED}
        provider.close()
    assert server.said["RSET"] == 1


def test_a_call_after_trouble_has_a_connection_of_its_own():
    """The old one waits for a content, and would take our next words for one."""
    said = {(".", n): b"554 5.6.0 no\r\n" for n in (2, 3)}
    with SmtpScript(said) as server:
        provider = plain(server)
        assert isinstance(hand_over(provider).trouble, LetterRefused)
        assert {r.answer for r in hand_over(provider).receipts} == {Answer.SUBMITTED}
        provider.close()
    assert server.connections == 2
    assert len(server.taken) == 1 + len(MESSAGES)


@pytest.mark.parametrize("word", [HANG_UP, b"421 4.4.2 idle too long\r\n"])
def test_a_connection_that_the_server_ended_meanwhile_is_replaced(word):
    with SmtpScript() as server:
        provider = plain(server)
        hand_over(provider)
        if word:
            server.open[0].sendall(word)
        server.hang_up()
        assert hand_over(provider).trouble is None
        provider.close()
    assert server.connections == 2


def test_calls_at_once_have_a_connection_each():
    messages = [
        [replace(m, send_key=f"{n}.{m.send_key}", address=f"{n}.{m.address}") for m in MESSAGES]
        for n in range(40)
    ]
    with SmtpScript() as server:
        provider = plain(server)
        with ThreadPoolExecutor(4) as pool:
            handovers = list(pool.map(lambda some: hand_over(provider, LETTER, some), messages))
        provider.close()
    assert all(handover.trouble is None for handover in handovers)
    assert sorted(server.readers) == sorted(m.address for some in messages for m in some)
    assert server.connections <= 4


def test_a_connection_is_renewed_before_a_server_would_hang_up():
    with SmtpScript() as server:
        provider = plain(server)
        provider.limits = provider.limits.paced(letters=4)
        for _ in range(126):
            hand_over(provider)
        provider.close()
    assert server.connections == 2


def test_how_many_letters_a_server_takes_at_a_time_is_learnt():
    with SmtpScript({("MAIL", 9): b"421 enough for one connection\r\n"}) as server:
        provider = plain(server)
        provider.limits = provider.limits.paced(letters=4)
        hand_over(provider)
        hand_over(provider)
        with pytest.raises(Throttled):
            hand_over(provider)
        for _ in range(4):
            hand_over(provider)
        provider.close()
    assert server.connections == 3  # two calls on each


def test_a_server_that_hangs_up_in_a_call_says_what_to_set():
    with SmtpScript({("MAIL", 3): b"421 enough\r\n"}) as server:
        handover = hand_over(plain(server))
    assert "after 2 letters (421); if it does so again, set `letters` to 2" in str(handover.trouble)


LINES = st.text(st.sampled_from(".ab \r\n=é<&"), max_size=200)


@pytest.fixture(scope="module")
def open_door():
    with SmtpScript(extensions=("PIPELINING", "SIZE")) as server:
        provider = plain(server)
        yield server, provider
        provider.close()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.lists(LINES, min_size=3, max_size=3), html=LINES, value=LINES, exit=LINES)
def test_any_text_arrives_as_it_was_made(open_door, text, html, value, exit):
    server, provider = open_door
    letter = replace(
        LETTER,
        text=(text[0], "first_name", text[1], "exit", text[2]),
        html=(html, "first_name", "." + html),
        exit_url=("https://n.example/", "path", ".html"),
    )
    values = {"first_name": value, "exit": exit, "path": ".x"}
    message = replace(MESSAGES[0], values=values)
    assert hand_over(provider, letter, [message]).trouble is None
    arrived = server.taken.pop()[1]
    assert arrived == written(letter, message)
    assert b"\n" not in arrived.replace(b"\r\n", b"")  # nothing that some take for a line end
    assert b"\r" not in arrived.replace(b"\r\n", b"")
