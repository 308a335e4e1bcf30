"""Whether mail to the sender's domain arrives anywhere, by its MX record: else answers are lost."""

from collections.abc import Iterator
from enum import Enum

from content.preflight.finding import Finding, Level
from flows.exits.lookup import LookUp


class Route(Enum):
    """How mail to a domain goes."""

    OPEN = "open"
    CLOSED = "closed"  # it says that it takes none (RFC 7505)
    NOWHERE = "nowhere"
    NO_DOMAIN = "no domain"
    SILENT = "silent"


def read_route(domain: str, look_up: LookUp) -> Route:
    """See where mail goes: to its MX, else to its own address (RFC 5321, section 5.1)."""
    found = look_up(domain, "MX")
    if found.silent:
        return Route.SILENT
    if not found.known:
        return Route.NO_DOMAIN
    if found.values:
        return Route.CLOSED if set(found.values) == {"."} else Route.OPEN
    hosts = [look_up(domain, kind) for kind in ("A", "AAAA")]
    if any(host.values for host in hosts):
        return Route.OPEN
    return Route.SILENT if any(host.silent for host in hosts) else Route.NOWHERE


def judge_route(domain: str, route: Route, *, answers: bool) -> Iterator[Finding]:
    """What is wrong with a domain that letters are from, or that `answers` go to."""
    if route is Route.NO_DOMAIN:
        said = "there is no such domain, and letters from it are refused; is the address right?"
        yield Finding(Level.ERROR, "domain", said, domain)
    elif route is Route.CLOSED:
        said = "its DNS says that it takes no mail (a null MX), so many servers refuse mail from it"
        yield Finding(Level.ERROR, "mail-route", f"{said}; give it a mail server", domain)
    elif route is Route.NOWHERE:
        said = "no mail server takes mail for it (no MX, no address)"
        after = "answers are lost; give it one, or set sender.reply_to" if answers else "add an MX"
        level = Level.ERROR if answers else Level.WARNING
        yield Finding(level, "mail-route", f"{said}: {after}", domain)
