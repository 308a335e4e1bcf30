"""How a connection to an SMTP server comes about: encrypted, the certificate checked, logged in."""

import smtplib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from delivery.errors import AccountHalted, NotSent, ProviderError
from delivery.providers.smtp_replies import SmtpReply, Step, judge
from delivery.providers.smtp_session import ReplyReader, SmtpSession

Security = Literal["starttls", "tls", "none"]
_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
CONNECT_SECONDS = 10
# Nothing is at stake yet; who greets late (Postfix's postscreen does, by 6 s) is waited for.
GREETING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed over, and who we are there. `hello` is our own name in EHLO."""

    host: str
    port: int = 0
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    hello: str = ""

    @property
    def where(self) -> str:
        """Host and port, for a person to read."""
        return f"{self.host}:{self.port or _PORTS[self.security]}"

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, so that nobody listens on the way."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def open_session(server: SmtpServer, context: ssl.SSLContext) -> SmtpSession:
    """Connect, encrypt, log in.

    Raises:
        NotSent: no connection, or no trust in the certificate.
        Throttled: the server is busy.
        AccountHalted: the login is wrong, or the connection is not fit for a password.
    """
    if server.user and server.security == "none" and not server.is_here:
        raise AccountHalted(f"smtp: no password goes to {server.where} without TLS; set security")
    if not f"{server.user}{server.password}".isascii():
        raise AccountHalted("smtp: user and password must be ASCII")
    try:
        return _open(server, context)
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"smtp: the certificate of {server.where} is not trusted") from error
    except smtplib.SMTPNotSupportedError as error:
        raise AccountHalted(f"smtp: {server.where} offers no STARTTLS or no AUTH") from error
    except smtplib.SMTPResponseException as error:
        raise _refused(server, error) from error
    except smtplib.SMTPServerDisconnected as error:
        raise NotSent(f"smtp: {server.where} closed the connection") from error
    except smtplib.SMTPException as error:
        raise AccountHalted(f"smtp: {server.where} knows no login that we know") from error
    except (OSError, ValueError) as error:  # ValueError: no host name, or an odd challenge
        raise NotSent(f"smtp: no connection to {server.where}") from error


def _open(server: SmtpServer, context: ssl.SSLContext) -> SmtpSession:
    client = _connect(server, context)
    try:
        if server.security == "starttls":
            client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    assert client.sock is not None
    return SmtpSession(client.sock, client.file or ReplyReader(client.sock), client.esmtp_features)


def _connect(server: SmtpServer, context: ssl.SSLContext) -> smtplib.SMTP:
    hello = server.hello or None
    port = server.port or _PORTS[server.security]
    if server.security == "tls":
        return _TlsClient(server.host, port, hello, timeout=CONNECT_SECONDS, context=context)
    return _Client(server.host, port, hello, timeout=CONNECT_SECONDS)


def _refused(server: SmtpServer, error: smtplib.SMTPResponseException) -> ProviderError:
    """What a no means before the first letter: not now, or somebody has to mend something."""
    said = error.smtp_error
    text = said.decode("latin-1") if isinstance(said, bytes) else str(said)
    reply = SmtpReply(int(error.smtp_code), text)
    if reply.kind == 4:
        return judge(Step.SENDER, reply).trouble or NotSent("smtp: not now")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return AccountHalted(f"smtp: {server.where} refuses the login ({reply.numbers})")
    return AccountHalted(f"smtp: {server.where} refuses us ({reply.numbers})")


class _Client(smtplib.SMTP):
    """Reads the first answers as bounded as the later ones.

    What came before TLS is forgotten with `file`, as RFC 3207 wants.
    """

    def getreply(self) -> tuple[int, bytes]:
        assert self.sock is not None
        self.file = self.file or ReplyReader(self.sock)
        try:
            reply = self.file.read(GREETING_SECONDS)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("no answer") from error
        return reply.code, reply.text.encode("latin-1")


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""
