"""The seed letter: made as the readers' are, for nobody; what its headers say of the way out."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

from content.letter import Letter
from content.preflight.finding import Finding, Level
from delivery.message import Message
from delivery.mime import mime_stencil, mime_values
from delivery.providers.headers import ONE_CLICK
from flows.editions.approval import frozen_letter
from flows.resources import Resources

_NOBODY = "exit-test@example.com"  # RFC 2606; it is never sent
_ONCE = ("From", "To", "Date", "Subject", "Message-ID", "List-Id", "Feedback-ID")


def seed_letter(
    resources: Resources, letter: Letter, *, key: str, sender_name: str, probe: str
) -> EmailMessage:
    """The letter as a mail program reads it, with the probe's links in the place of a reader's."""
    form = frozen_letter(resources, letter, key=key, sender_name=sender_name)
    values = {
        "first_name": resources.settings.letter.name_if_unknown,
        "exit": resources.exits.sign(probe),
        "preferences": resources.preferences.sign(probe),
    }
    message = Message(f"{key}.{probe}", _NOBODY, "", values)
    eml = b"".join(mime_stencil(form, now=resources.clock.now()).pieces(mime_values(message)))
    return BytesParser(_class=EmailMessage, policy=SMTP).parsebytes(eml)


def exit_of(seed: EmailMessage) -> str:
    """Where List-Unsubscribe leads, or '': of several addresses the one that is https."""
    return next(iter(_https_addresses(seed)), "")


def check_headers(seed: EmailMessage, *, sender: str, exit_url: str) -> Iterator[Finding]:
    """What mail programs and Gmail's rules ask of the headers; `exit_url` up to the token.

    RFC 8058, section 3.1 (one https address, one fixed pair), RFC 2919 and RFC 5322, 3.6.
    """
    for name in _ONCE:
        if len(seed.get_all(name, [])) != 1:
            yield _error(f"the header {name} is not there once")
    if [address.addr_spec for address in getattr(seed["From"], "addresses", ())] != [sender]:
        yield _error("the header From does not name sender.address, and nobody else")
    addresses = _https_addresses(seed)
    if len(seed.get_all("List-Unsubscribe", [])) != 1 or len(addresses) != 1:
        yield _error("the header List-Unsubscribe does not give one https address")
    elif not addresses[0].startswith(exit_url) or addresses[0] == exit_url:
        yield _error("the header List-Unsubscribe does not lead to a page under public_url")
    if [str(value) for value in seed.get_all("List-Unsubscribe-Post", [])] != [ONE_CLICK]:
        yield _error(f"the header List-Unsubscribe-Post is not there once, as {ONE_CLICK}")
    if not str(seed["List-Id"] or "").endswith(">"):
        yield _error("the header List-Id has no identifier in angle brackets")


def _https_addresses(seed: EmailMessage) -> list[str]:
    """The addresses of List-Unsubscribe (RFC 2369, section 2) that a POST may go to."""
    parts = ",".join(map(str, seed.get_all("List-Unsubscribe", []))).split(",")
    addresses = [part.strip().removeprefix("<").removesuffix(">") for part in parts]
    return [address for address in addresses if address.startswith("https://")]


def _error(said: str) -> Finding:
    return Finding(Level.ERROR, "exit-header", f"{said}; tell us of it, it is our mistake", "")
