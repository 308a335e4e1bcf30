"""The author's secret keys, told apart and put to one use each. Pure."""

import base64
import hashlib
import hmac

ID_LENGTH = 6


def key_id(key: str) -> str:
    """A name for a key that says nothing of it: 36 bits of its hash."""
    digest = hashlib.sha256(f"lettermill key {key}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:ID_LENGTH].decode()


def derive(key: str, purpose: str) -> bytes:
    """The key for one purpose: what is made for another is worth nothing here."""
    return hmac.digest(key.encode(), f"lettermill {purpose}".encode(), hashlib.sha256)
