"""All DNS records of the sender's domain, read at once, and what is wrong with them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from content.preflight.finding import Finding, Level
from flows.exits.dkim import KeyState, SigningKeys, judge_keys, key_places, read_keys
from flows.exits.dmarc import Dmarc, judge_dmarc, read_dmarc
from flows.exits.lookup import LookUp
from flows.exits.route import Route, judge_route, read_route
from flows.exits.spf import Spf, judge_spf, read_spf


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDomain:
    """Who writes: the domain of From, the one that answers go to, and the one that is signed for.

    `selector` names the DKIM key where the author has said so.
    """

    domain: str
    reply_domain: str
    signed_domain: str
    provider: str
    selector: str
    readers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFacts:
    """What the DNS says of a sender."""

    route: Route
    reply_route: Route
    spf: Spf
    dmarc: Dmarc
    keys: SigningKeys


def read_domain(sender: SenderDomain, look_up: LookUp) -> DomainFacts:
    """Ask for everything at once."""
    places = key_places(sender.signed_domain, sender.provider, sender.selector)
    with ThreadPoolExecutor(5) as pool:
        route = pool.submit(read_route, sender.domain, look_up)
        reply_route = pool.submit(read_route, sender.reply_domain, look_up)
        spf = pool.submit(read_spf, sender.domain, look_up)
        dmarc = pool.submit(read_dmarc, sender.domain, look_up)
        keys = pool.submit(read_keys, places, look_up, named=bool(sender.selector))
    return DomainFacts(
        route=route.result(),
        reply_route=reply_route.result(),
        spf=spf.result(),
        dmarc=dmarc.result(),
        keys=keys.result(),
    )


def judge_domain(sender: SenderDomain, said: DomainFacts) -> list[Finding]:
    """What is wrong with a sender's domain; of one that does not exist only that."""
    answers = sender.reply_domain == sender.domain
    found = list(judge_route(sender.domain, said.route, answers=answers))
    if not answers:
        found += judge_route(sender.reply_domain, said.reply_route, answers=True)
    if said.route is Route.NO_DOMAIN:
        return found
    found += judge_spf(sender.domain, said.spf, sender.provider)
    found += judge_dmarc(sender.domain, said.dmarc, sender.readers)
    found += judge_keys(sender.signed_domain, said.keys, sender.provider)
    found += _judge_silence(sender, said)
    return found


def _judge_silence(sender: SenderDomain, said: DomainFacts) -> Iterator[Finding]:
    """A name server that is ill for an hour is no reason to keep a letter back."""
    silent = {
        "MX": Route.SILENT in (said.route, said.reply_route),
        "SPF": said.spf.silent,
        "DMARC": said.dmarc.silent,
        "DKIM": KeyState.SILENT in said.keys.states,
    }
    unread = ", ".join(what for what, is_so in silent.items() if is_so)
    if unread:
        told = f"no name server answered in time, so nothing is known of {unread}; try again later"
        yield Finding(Level.WARNING, "dns", told, sender.domain)
