"""What came when a feed was fetched; `content/fetch.py` does that."""

import re
from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Validators:
    """What an earlier answer said, so that the next request can ask for changes only.

    `moved_to` is where the feed has moved for good, or ''.
    """

    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""


NOTHING_KNOWN = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it arrived: `body` is decompressed, `headers` have lower-case names.

    `unchanged` since the answer the validators came from: then there is no body. `moved_to` is ''
    unless every redirect from `source` on is for good. Only `source` may hold a password.
    """

    source: str
    url: str
    body: bytes
    headers: dict[str, str]
    unchanged: bool = False
    moved_to: str = ""
    validators: Validators = NOTHING_KNOWN


def shown(address: str) -> str:
    """An address without the password that may stand in it."""
    return re.sub(r"//[^/?#]*@", "//", address)
