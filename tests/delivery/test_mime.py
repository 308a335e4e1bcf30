"""Names in the head of a message: whatever a name holds, it stays the name of one address."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from delivery.message import FormLetter, Message
from delivery.mime import mime_stencil, mime_values

LETTER = FormLetter(
    subject="November",
    sender_name="Tide & Tendon",
    sender_address="hello@tide.example",
    reply_to="",
    list_name="Tide & Tendon",
    list_id="newsletter.tide.example",
    html=("<p>Words.</p>",),
    text=("Words.",),
    exit_url=("https://tide.example/unsubscribe/x",),
)
NAMES = [
    "Ada",
    "Praxis Dr. Müller, Hüfte & Knie",
    'Ada "The" Ö, PhD',
    "Zoë <x@evil.example>",
    "Ö, Bcc: x@evil.example, z",
    "Café @ Home; (open)",
    "膝の学校",
    "é" * 60,
    "🏃" * 40,
]


def written(*, sender: str = "Tide", reader: str = "Ada") -> bytes:
    stencil = mime_stencil(
        replace(LETTER, sender_name=sender), now=datetime(2026, 12, 1, tzinfo=UTC)
    )
    return b"".join(stencil.pieces(mime_values(Message("k", "ada@example.com", reader, {}))))


def addresses(message: bytes, header: str) -> list[tuple[str, str]]:
    parsed = email.message_from_bytes(message, policy=email.policy.default)[header]
    assert not parsed.defects
    return [(one.display_name.replace(" ", ""), one.addr_spec) for one in parsed.addresses]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_name_of_one_address(name):
    bare = name.replace(" ", "")  # Python's reader puts spaces between the words of a long name
    assert addresses(written(sender=name), "From") == [(bare, "hello@tide.example")]
    assert addresses(written(reader=name), "To") == [(bare, "ada@example.com")]


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_the_head_is_longer_than_allowed(name):
    """RFC 2047, section 2: 76 characters for a line with an encoded word."""
    head = written(sender=name, reader=name).partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines if b"=?utf-8?" in line)


@pytest.mark.parametrize("who", ["sender", "reader"])
@pytest.mark.parametrize("end", ["", "\u2028X-Evil: 1"])
def test_a_name_of_several_lines_writes_no_header_of_its_own(who, end):
    message = written(**{who: f"Tide\r\nBcc: x@evil.example{end}"})
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    assert "Bcc" not in parsed
    assert "X-Evil" not in parsed
    assert [one.addr_spec for one in parsed["From"].addresses] == ["hello@tide.example"]
