"""The SPF record of the sender's domain: which servers may send for it (RFC 7208)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from content.markup.tree import readable
from content.preflight.finding import Finding, Level, shorten
from flows.exits.lookup import LookUp

MAX_LOOKUPS = 10  # section 4.6.4
_TERM = re.compile(r"([+?~-]?)([A-Za-z][\w.-]*)([:=/]?)(\S*)", re.ASCII)
_MECHANISMS = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}
# Each costs whoever receives a letter a question to the DNS.
_ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
# What letters of each provider are sent from, where its own return path is not in use.
_SPF_OF = {
    "postmark": "spf.mtasv.net",
    "sendgrid": "sendgrid.net",
    "mailgun": "mailgun.org",
    "ses": "amazonses.com",
    "resend": "amazonses.com",
    "brevo": "spf.brevo.com",
}


@dataclass(frozen=True, slots=True)
class Spf:
    """What a domain's SPF comes to. `trouble` is why receivers can make nothing of it (permerror).

    `includes` are all domains that it leads to; `open_to_all` is a plain `all`.
    """

    exists: bool = True
    silent: bool = False
    trouble: str = ""
    includes: frozenset[str] = frozenset()
    open_to_all: bool = False


class _PermanentError(Exception):
    """The record counts for nothing (RFC 7208, section 2.6.7); the text says why."""


@dataclass(frozen=True, slots=True)
class _Term:
    qualifier: str
    name: str
    sign: str
    value: str


def read_spf(domain: str, look_up: LookUp) -> Spf:
    """Read a domain's record, and those that it leads to."""
    walk = _Walk(look_up)
    try:
        exists = walk.enter(domain)
    except _PermanentError as error:
        return Spf(trouble=str(error))
    return Spf(
        exists=exists,
        silent=walk.silent,
        includes=frozenset(walk.includes),
        open_to_all=_lets_everybody(walk.read),
    )


def judge_spf(domain: str, spf: Spf, provider: str) -> Iterator[Finding]:
    """What is wrong with a domain's SPF.

    DMARC asks for one of SPF and DKIM, and most providers have a return path of their own, whose
    SPF is theirs: so a provider that is not in the record is only told.
    """
    if spf.trouble:
        said = f"{spf.trouble}, so receivers take the whole of it for wrong; correct the TXT record"
        yield Finding(Level.ERROR, "spf", f"SPF: {said}", domain)
    elif spf.silent:
        return
    elif not spf.exists:
        said = "there is no SPF record; your provider's page on your domain shows what to put there"
        yield Finding(Level.WARNING, "spf", said, domain)
    elif spf.open_to_all:
        said = "SPF lets everybody send in your name (`all` without `~` or `-`); write ~all"
        yield Finding(Level.WARNING, "spf", said, domain)
    elif (theirs := _SPF_OF.get(provider)) and theirs not in spf.includes:
        said = f"SPF does not name {theirs}: {provider}'s own return path makes up for it"
        yield Finding(Level.NOTE, "spf", said, domain)


class _Walk:
    """Goes from record to record as a receiver does whose letter matches none of them."""

    def __init__(self, look_up: LookUp) -> None:
        self.includes: set[str] = set()
        self.silent = False
        self.read: list[list[_Term]] = []  # the domain's own first
        self._look_up = look_up
        self._lookups = 0

    def enter(self, domain: str) -> bool:
        """Follow a domain's record; tell whether it has one, or may have."""
        found = self._look_up(domain, "TXT")
        self.silent |= found.silent
        records = [text for text in found.values if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
        if len(records) > 1:
            raise _PermanentError(f"{_quote(domain)} has {len(records)} records")
        if not records:
            return found.silent
        terms = [_read_term(term) for term in records[0].split()[1:]]
        self.read.append(terms)
        for term in _followed(terms):
            self._follow(term)
        return True

    def _follow(self, term: _Term) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise _PermanentError(f"the record takes more than {MAX_LOOKUPS} lookups")
        if term.name not in ("include", "redirect") or "%" in term.value:
            return  # a macro stands for what only the receiver of a letter knows
        target = term.value.lower().rstrip(".")
        self.includes.add(target)
        if not self.enter(target):
            raise _PermanentError(f"the record leads to {_quote(target)}, which has none")


def _followed(terms: list[_Term]) -> Iterator[_Term]:
    """What costs a lookup: nothing after `all`, and no redirect beside it (5.1 and 6.1)."""
    names = [term.name for term in terms]
    end = names.index("all") if "all" in names else len(terms)
    yield from (t for t in terms[:end] if t.name in _ASKING and t.name != "redirect")
    if "all" not in names:
        yield from (term for term in terms if term.name == "redirect")


def _lets_everybody(records: list[list[_Term]]) -> bool:
    own = records[0] if records else []
    return any(term.name == "all" and term.qualifier in ("", "+") for term in own)


def _read_term(text: str) -> _Term:
    """Read a mechanism or a modifier; one mistake spoils the record (section 4.6)."""
    match = _TERM.fullmatch(text)
    if match is None:
        raise _PermanentError(f"`{_quote(text)}` in the record is no term")
    term = _Term(match[1], match[2].lower(), match[3], match[4])
    if term.sign != "=" and not _is_mechanism(term):
        raise _PermanentError(f"`{_quote(text)}` in the record is no mechanism")
    return term


def _quote(text: str) -> str:
    """A stranger's record on a terminal: without control characters, and not for ever."""
    return shorten(readable(text))


def _is_mechanism(term: _Term) -> bool:
    if term.name in ("ip4", "ip6"):
        return _is_network(term)
    if term.name in ("include", "exists"):
        return term.sign == ":" and bool(term.value)
    return term.name in _MECHANISMS and not (term.name == "all" and term.sign)


def _is_network(term: _Term) -> bool:
    try:
        return ip_network(term.value, strict=False).version == int(term.name[2])
    except ValueError:
        return False
