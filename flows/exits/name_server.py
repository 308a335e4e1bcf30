"""Ask a name server for a DNS record, and give up in time."""

import time
from urllib.parse import urlsplit

import dns.exception
import dns.name
import dns.rdata
import dns.resolver

from flows.exits.lookup import SILENT, Lookup

ASK_SECONDS = 3.0
RUN_SECONDS = 10.0
_UDP_BYTES = 1232  # what passes every network in one piece (DNS Flag Day 2020)


class NameServer:
    """Asks the name server at `address`, as in 127.0.0.1:5353, or those that the machine uses.

    What is asked more than `seconds` after this was made is not asked any more. Several threads
    may ask at once.
    """

    def __init__(self, address: str = "", *, seconds: float = RUN_SECONDS) -> None:
        self._ends = time.monotonic() + seconds
        self._resolver = _resolver(address)

    def look_up(self, name: str, kind: str) -> Lookup:
        """What stands under a name; silence, and an answer that is none, are no error."""
        left = min(self._ends - time.monotonic(), ASK_SECONDS)
        if self._resolver is None or left <= 0:
            return SILENT
        try:
            whole = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):  # too long, or two dots in a row
            return Lookup(known=False)
        try:
            answer = self._resolver.resolve(whole, kind, lifetime=left)
        except dns.resolver.NXDOMAIN:
            return Lookup(known=False)
        except dns.resolver.NoAnswer:
            return Lookup()
        except (dns.exception.DNSException, OSError):
            return SILENT
        return Lookup(tuple(map(_text, answer)))


def _text(record: dns.rdata.Rdata) -> str:
    """A record's value; the strings of a TXT are one text (RFC 7208, section 3.3)."""
    if hasattr(record, "strings"):
        return b"".join(record.strings).decode("utf-8", "replace")
    return str(getattr(record, "exchange", record))


def _resolver(address: str) -> dns.resolver.Resolver | None:
    try:
        resolver = dns.resolver.Resolver(configure=not address)
    except (dns.resolver.NoResolverConfiguration, OSError):  # a machine that knows no name server
        return None
    # Else an answer over 512 bytes, as with a key of DKIM, takes a second question (RFC 6891).
    resolver.use_edns(0, 0, _UDP_BYTES)
    if address:
        asked = urlsplit(f"//{address}")
        resolver.nameservers = [asked.hostname or ""]
        resolver.port = asked.port or 53
    return resolver
