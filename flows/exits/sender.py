"""Find the sender's domain in the settings, and what is wrong with its DNS."""

import subscribers.store
from content.preflight.finding import Finding
from flows.exits.domain import SenderDomain, judge_domain, read_domain
from flows.exits.name_server import NameServer
from flows.resources import Resources
from subscribers.consent import Ruling


def check_sender(resources: Resources) -> list[Finding]:
    """Ask the DNS for the sender's domain, and tell what is wrong with it."""
    sender = _sender_domain(resources)
    name_server = NameServer(resources.settings.preflight.resolver)
    return judge_domain(sender, read_domain(sender, name_server.look_up))


def _sender_domain(resources: Resources) -> SenderDomain:
    """Mailgun signs for the domain of the account, others for that of From."""
    settings = resources.settings
    domain = _domain_of(settings.sender.address)
    readers = subscribers.store.count_rulings(resources.db, resources.today)
    return SenderDomain(
        domain=domain,
        reply_domain=_domain_of(settings.sender.reply_to or settings.sender.address),
        signed_domain=settings.provider.domain.lower() or domain,
        provider=settings.provider.name,
        selector=settings.preflight.dkim_selector,
        readers=readers.get(Ruling.MAY_SEND, 0),
    )


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
