"""Compare what a webhook brought with what only its provider knows, in constant time. Pure.

Several secrets at once, so that they can be changed without losing an event.
"""

import hmac
from base64 import b64decode
from collections.abc import Iterable, Sequence

from delivery.errors import BadEvent
from delivery.events.event import Incoming


def is_one_of(given: bytes, known: Iterable[bytes]) -> bool:
    """Whether it is one of those; how long this takes does not tell how nearly."""
    return any(hmac.compare_digest(given, one) for one in known)


def check_password(incoming: Incoming, passwords: Sequence[bytes], name: str) -> None:
    """Check the Authorization header: Basic `user:password` (RFC 7617), or Bearer (RFC 6750).

    Without passwords the secret path of our webhook is the only lock.

    Raises:
        BadEvent: none of the passwords.
    """
    if passwords and not is_one_of(_credentials(incoming), passwords):
        raise BadEvent(f"{name}: a webhook with a wrong password; look at the one set there")


def _credentials(incoming: Incoming) -> bytes:
    scheme, _, given = incoming.header("authorization").strip().partition(" ")
    if scheme.lower() == "bearer":
        return as_bytes(given.strip())
    return decode_base64(given.strip()) if scheme.lower() == "basic" else b""


def as_bytes(given: str) -> bytes:
    """Text as bytes, whatever came in it."""
    return given.encode("utf-8", "replace")


def decode_base64(given: str) -> bytes:
    """The bytes that were meant, or none."""
    try:
        return b64decode(as_bytes(given), validate=True)
    except ValueError:
        return b""
