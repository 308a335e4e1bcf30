"""Check and normalise an address. Pure: no DNS is asked."""

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from subscribers.errors import BadAddress

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_SHORT = 64  # characters in all: no limit of RFC 5321 is near


@dataclass(frozen=True, slots=True)
class Address:
    """Where we write. `given` is what the person typed, `key` is the same for all spellings."""

    given: str
    key: str


def read_address(text: str) -> Address:
    """Read an address; the domain is compared without case and in its ASCII form.

    The local part is compared without case as well: no mailbox provider of today tells A from a,
    and somebody who left as `Ada@` must not come back as `ada@`. Non-ASCII local parts are
    refused, since most providers cannot write there.

    Raises:
        BadAddress: not an address.
    """
    return _read_plain(text) or _read_any(text)


def _read_plain(text: str) -> Address | None:
    """Read a usual address a hundred times faster than any, or leave it to `_read_any`."""
    local, _, domain = text.strip().rpartition("@")
    is_plain = len(text) <= _SHORT and _PLAIN_LOCAL.fullmatch(local)
    if not is_plain or local.lower() in CASE_INSENSITIVE_MAILBOX_NAMES:
        return None
    ascii_domain = _domain(domain)
    given = f"{local}@{ascii_domain}"
    return Address(given, given.lower()) if ascii_domain else None


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    """The ASCII form of a domain, or '' if it is none; a list has few of them, many times."""
    try:
        return _read_any(f"a@{domain}").given.removeprefix("a@")
    except BadAddress:
        return ""


def _read_any(text: str) -> Address:
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise BadAddress(_reason(text, str(error))) from error
    ascii_form = valid.ascii_email or valid.normalized
    return Address(ascii_form, ascii_form.casefold())


def _reason(text: str, said: str) -> str:
    """The validator's reason, unless it repeats what was typed; idna's own, in brackets, does."""
    said = re.sub(r" \(\D.*\)", "", said)
    return "not an e-mail address" if text.strip() and text.strip() in said else said
