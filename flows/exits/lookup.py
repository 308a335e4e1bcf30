"""The answer to one question to the DNS, and how the tags of a record are read. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lookup:
    """What stands under one name: texts, hosts or addresses, in no order.

    `known` is False where there is no such name at all (NXDOMAIN, RFC 8020), `silent` True where
    nobody could say.
    """

    values: tuple[str, ...] = ()
    known: bool = True
    silent: bool = False


# A name without its last dot, and the type of the record (TXT, MX, A, AAAA).
LookUp = Callable[[str, str], Lookup]
SILENT = Lookup(silent=True)


def tags_of(record: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record, as in `v=DKIM1; p=…` (RFC 6376, 3.2); of each the first.

    What is no tag is left out.
    """
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            tags.setdefault(name.strip(), value.strip())
    return tags
