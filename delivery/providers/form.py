"""A form as it is posted (RFC 7578), with the same bytes for the same fields. Pure."""

import hashlib
from collections.abc import Iterable


def boundary_of(batch_id: str) -> str:
    """What stands between the fields of one batch, and in no letter by chance."""
    return "lettermill-" + hashlib.sha256(batch_id.encode()).hexdigest()[:32]


def as_form(fields: Iterable[tuple[str, str | bytes]], boundary: str) -> bytes:
    """The fields in their order; no value has the boundary in it."""
    parts: list[bytes] = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += [head.encode(), value.encode() if isinstance(value, str) else value, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts)
