"""A form letter as an RFC 5322 message. Pure."""

import html
from collections.abc import Iterable
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime, formataddr
from functools import cache

from delivery.message import FormLetter, Message, in_one_line
from delivery.stencil import Encode, Gap, Stencil, cut

# Quoted-printable: MJML's HTML is one line of 40,000 characters, and RFC 5322 allows 998.
_SOFT_BREAK = b"=\r\n"
_LINE = 76  # characters, the soft break among them
# RFC 2047, section 2: a line with an encoded word has 76 characters at most, "From: " among them.
_MAX_MAILBOX = 70
_BOUNDARY = "lettermill-alternative"


def mime_stencil(letter: FormLetter, *, now: datetime) -> Stencil:
    """Encode everything that is the same for every reader; `now` becomes the Date."""
    return Stencil(mime_parts(letter, now=now))


def mime_parts(letter: FormLetter, *, now: datetime) -> list[bytes | Gap]:
    """The parts of that stencil."""
    return [
        _constant_headers(letter, now),
        b"To: ",
        Gap("to", _ascii),
        b"\r\nMessage-ID: <",
        Gap("send_key", _ascii),
        f"@{letter.sender_address.partition('@')[2]}>\r\n".encode(),
        *_exit_headers(letter),
        b"\r\n",
        _part_start("plain"),
        *cut(letter.text, _quote, _quote_value),
        b"\r\n" + _part_start("html"),
        *cut(letter.html, _quote, _quote_html_value),
        f"\r\n--{_BOUNDARY}--\r\n".encode(),
    ]


def dot_stuffed(parts: Iterable[bytes | Gap]) -> list[bytes | Gap]:
    """Double the dots at line starts (RFC 5321, 4.5.2): the constant parts' now, and once.

    A value in the body has lines of its own; one in the head stands within a line, and is folded
    before a space.
    """
    stuffed: list[bytes | Gap] = []
    at_start = True
    for part in parts:
        if isinstance(part, bytes):
            stuffed.append(_stuff(part) if at_start else _stuff(b"-" + part)[1:])
            at_start = part.endswith(b"\r\n") or (at_start and not part)
        else:
            at_start = part.encode("").endswith(b"\r\n")
            stuffed.append(Gap(part.slot, _stuffing(part.encode)) if at_start else part)
    return stuffed


def mime_values(message: Message) -> dict[str, str]:
    """The values of one reader, for the stencil above."""
    to = _mailbox(message.name, message.address)
    return {**message.values, "to": to, "send_key": message.send_key}


@cache
def _stuffing(encode: Encode) -> Encode:
    """One function for each, so that a slot that is there ten times is encoded once."""
    return lambda value: _stuff(encode(value))


def _stuff(lines: bytes) -> bytes:
    return (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]


def _exit_headers(letter: FormLetter) -> list[bytes | Gap]:
    if not letter.exit_url:
        return []
    return [
        b"List-Unsubscribe: <",
        *cut(letter.exit_url, _ascii, _ascii),
        b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ]


def _constant_headers(letter: FormLetter, now: datetime) -> bytes:
    headers = EmailMessage(policy=SMTP)
    if letter.reply_to:
        headers["Reply-To"] = letter.reply_to
    headers["Subject"] = letter.subject
    headers["Date"] = format_datetime(now)
    if letter.exit_url:
        headers["List-Id"] = f'"{letter.list_name}" <{letter.list_id}>'
    if letter.feedback_id:
        headers["Feedback-ID"] = letter.feedback_id
    kind = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"'
    sender = _mailbox(letter.sender_name, letter.sender_address)
    rest = headers.as_bytes().rstrip() + f"\r\nMIME-Version: 1.0\r\n{kind}\r\n".encode()
    return f"From: {sender}\r\n".encode("ascii") + rest


def _mailbox(name: str, address: str) -> str:
    """A name of one line with its address, a long name in several encoded words.

    Not by `EmailMessage`: it forgets to quote, and a comma would make two addresses of one.
    """
    name = in_one_line(name)
    whole = formataddr((name, address))
    if name.isascii() or len(whole) <= _MAX_MAILBOX:
        return whole
    words = Header(name, "utf-8").encode(maxlinelen=_MAX_MAILBOX, linesep="\r\n")
    return f"{words}\r\n <{address}>"


def _part_start(kind: str) -> bytes:
    return (
        f"--{_BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _ascii(text: str) -> bytes:
    return text.encode("ascii")


def _quote(text: str) -> bytes:
    """A constant part; it ends with a soft break, so that a value may follow on its own line."""
    as_bytes = text.encode().decode("latin-1")
    return body_encode(as_bytes, eol="\r\n").encode("ascii") + _SOFT_BREAK


def _quote_value(value: str) -> bytes:
    """Most values are tokens and plain names, which quoted-printable leaves as they are."""
    return value.encode() + _SOFT_BREAK if _is_plain(value) else _quote(value)


def _is_plain(value: str) -> bool:
    """One short line of printable ASCII (RFC 2045, section 6.7, rules 2 and 5)."""
    return len(value) < _LINE and value.isascii() and value.isprintable() and "=" not in value


def _quote_html_value(value: str) -> bytes:
    return _quote_value(html.escape(value))
