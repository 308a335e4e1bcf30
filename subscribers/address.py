"""Check and normalise an address. Pure: no DNS is asked."""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import BadAddress


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
