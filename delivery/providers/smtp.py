"""Any SMTP server: one's own, or a relay that takes letters from its customers.

Nothing can be asked afterwards. A letter whose final dot left us and was not answered is unknown;
every other letter is certain (RFC 5321, 4.2.5).
"""

import hashlib
import re
import ssl
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import idna

from delivery.errors import AccountHalted
from delivery.mailing import Batch
from delivery.message import Answer, FormLetter, Handover, Message, Payload, Receipt
from delivery.mime import dot_stuffed, mime_parts, mime_values
from delivery.providers.base import Limits, Plain
from delivery.providers.smtp_login import Security, SmtpServer, open_session
from delivery.providers.smtp_run import SmtpLetter, SmtpRun
from delivery.providers.smtp_session import SmtpSession
from delivery.stencil import Stencil

_END = b".\r\n"
# What may stand between < and > in a command: no space, no line end, nothing that ends it.
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_MOST_LETTERS = (
    500  # of a connection; Exim hangs up after 1,000, and who does earlier is remembered
)
_MOST_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3


class Smtp(Plain):
    """Hands over finished messages, each with its own envelope.

    `security` is "starttls", "tls" from the first byte on, or "none". Without TLS a password is
    sent to this machine only. `hello` is our own name in EHLO, the machine's where it is ''.
    """

    name = "smtp"
    limits = Limits(letters=100, bytes=32 * 1024**2, connections=4)

    def __init__(
        self,
        host: str,
        *,
        port: int = 0,
        security: Security = "starttls",
        user: str = "",
        password: str = "",
        hello: str = "",
    ) -> None:
        self._server = SmtpServer(host, port, security, user, password, hello)
        text = f"{self._server.where} {user}"
        self.account = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._context = ssl.create_default_context()
        self._lock = threading.Lock()
        self._idle: list[SmtpSession] = []
        self._most_letters = _MOST_LETTERS
        self._stencils: dict[FormLetter, Stencil] = {}

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """One message (RFC 5322) a reader as DATA wants it: dots doubled, and one at the end."""
        if letter not in self._stencils:
            self._stencils[letter] = _stencil(letter, now)
        stencil = self._stencils[letter]
        parts = tuple(b"".join(stencil.pieces(_values(message))) for message in messages)
        sender = _in_ascii(letter.sender_address)
        return Payload(batch_id, tuple(messages), parts, kind="message/rfc822", sender=sender)

    def submit(self, payload: Payload) -> Handover:
        """Hand over message by message on one connection; several calls use one each."""
        if not payload.sender:
            raise AccountHalted("smtp: the sender's address is none that SMTP can write")
        session = self._take_idle() or open_session(self._server, self._context)
        run = SmtpRun(session, _letters(payload))
        try:
            handover = run.hand_over()
        except BaseException:
            session.drop()
            raise
        self._keep(session)
        if handover.trouble and all(
            receipt.answer is Answer.NOT_NOW for receipt in handover.receipts
        ):
            raise handover.trouble
        return handover

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """SMTP has no question for it."""
        return {}

    def close(self) -> None:
        """Take leave of the server on every connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.quit()

    def _take_idle(self) -> SmtpSession | None:
        """A connection that an earlier call left, unless the server has ended it meanwhile."""
        with self._lock:
            while self._idle:
                session = self._idle.pop()
                if session.is_idle():
                    return session
                session.drop()
        return None

    def _keep(self, session: SmtpSession) -> None:
        """Keep a connection for another call, where the server is likely to like that."""
        if session.hung_up and session.taken:
            self._most_letters = min(self._most_letters, session.taken)
        if session.is_dropped:
            return
        if session.taken + self.limits.letters > self._most_letters:
            session.quit()
            return
        with self._lock:
            self._idle.append(session)


def _stencil(letter: FormLetter, now: datetime) -> Stencil:
    in_ascii = replace(letter, sender_address=_in_ascii(letter.sender_address))
    return Stencil([*dot_stuffed(mime_parts(in_ascii, now=now)), _END])


def _values(message: Message) -> dict[str, str]:
    return mime_values(replace(message, address=_in_ascii(message.address)))


def _letters(payload: Payload) -> list[SmtpLetter]:
    domain = payload.sender.partition("@")[2]
    return [
        SmtpLetter(
            send_key=message.send_key,
            message_id=f"{message.send_key}@{domain}",
            sender=payload.sender,
            recipient=_in_ascii(message.address),
            content=part,
        )
        for message, part in zip(payload.messages, payload.parts, strict=True)
    ]


def _in_ascii(address: str) -> str:
    """An address as it may stand in a command, its domain as A-labels (RFC 5890); '' if it cannot.

    Names of mailboxes in other scripts need SMTPUTF8, which few servers have.
    """
    if not address.isascii():
        local, _, domain = address.rpartition("@")
        try:
            address = f"{local}@{idna.encode(domain, uts46=True).decode()}"
        except idna.IDNAError:
            return ""
    fits = len(address) <= _MOST_CHARACTERS and _ADDRESS.fullmatch(address)
    return address if fits else ""
