"""The DMARC record of the sender's domain: what is to become of letters that only pretend to it.

RFC 9989, and RFC 7489 before it, which many receivers still go by.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from content.preflight.finding import Finding, Level
from flows.exits.lookup import LookUp, tags_of

# Gmail, Yahoo and Microsoft ask for DMARC of who sends more than that a day to their users
# (Google, "Email sender guidelines"; Microsoft, May 2025).
BULK = 5000
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The records that hold for a domain; more than one is as good as none."""

    records: tuple[str, ...] = ()
    silent: bool = False


def read_dmarc(domain: str, look_up: LookUp) -> Dmarc:
    """Find the record of a domain: its own, else that of the nearest domain above it.

    The way up is the tree walk of RFC 9989, section 4.10; no list of public suffixes is needed.
    """
    labels = domain.split(".")
    for place in range(len(labels) - 1):
        found = look_up(".".join(["_dmarc", *labels[place:]]), "TXT")
        records = tuple(r for r in found.values if re.match(r"v\s*=\s*DMARC1\s*(;|$)", r))
        if records or found.silent:
            return Dmarc(records, found.silent)
    return Dmarc()


def judge_dmarc(domain: str, dmarc: Dmarc, readers: int) -> Iterator[Finding]:
    """What is wrong with a domain's DMARC; how much it weighs goes by how many letters leave."""
    if dmarc.silent:
        return
    weight = Level.ERROR if readers > BULK else Level.WARNING
    asked = f"Gmail, Yahoo and Microsoft ask for one of who sends over {BULK} letters a day"
    if not dmarc.records:
        said = f'there is no DMARC record, and {asked}; put "v=DMARC1; p=none" there as a TXT'
        yield Finding(weight, "dmarc", said, f"_dmarc.{domain}")
    elif len(dmarc.records) > 1:
        said = (
            f"there are {len(dmarc.records)} DMARC records, so none counts, and {asked}; keep one"
        )
        yield Finding(weight, "dmarc", said, f"_dmarc.{domain}")
    elif tags_of(dmarc.records[0]).get("p", "").lower() not in _POLICIES:
        said = 'the DMARC record says no policy, so many receivers pass over it; write "p=none"'
        yield Finding(Level.WARNING, "dmarc", said, f"_dmarc.{domain}")
