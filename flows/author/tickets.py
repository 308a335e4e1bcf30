"""Sign and read the author's links: each is for one draft, with its hash, for two weeks. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from content.intake import LedgerPost
from content.store import EditionRecord
from subscribers.errors import BadLink
from subscribers.links import ReaderLinks

LASTS = timedelta(days=14)
BY_ITS_AUTHOR = "you held it"  # who need not be told of it
_SEPARATOR = "_"  # in no key and no hash, and may stand in a link's id


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to decide about the draft with this hash, `until` a moment."""

    key: str
    content_hash: str
    until: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return now >= self.until


def say_changed(ticket: Ticket) -> str:
    """What is told to whoever comes with a link of an older draft."""
    return f"{ticket.key} has changed since; the newest letter about it has links that work"


def draft_note_id(edition: EditionRecord) -> str:
    """The name of the one note about a draft as it is; changed, held back, or about to go by
    itself, it is another.
    """
    why = "" if edition.held.startswith(BY_ITS_AUTHOR) else edition.held
    why = why or ("by itself" if edition.send_after else "")
    mark = f"-{hashlib.sha256(why.encode()).hexdigest()[:8]}" if why else ""
    return f"{edition.key}-{edition.content_hash}{mark}"


def post_mark(held: LedgerPost) -> str:
    """What stands for a post in a link."""
    return hashlib.sha256(" ".join(held.name).encode()).hexdigest()[:12]


def sign_ticket(links: ReaderLinks, ticket: Ticket) -> str:
    """The token that stands in the author's links."""
    parts = (ticket.key, ticket.content_hash, str(int(ticket.until.timestamp())))
    return links.sign(_SEPARATOR.join(parts))


def read_ticket(links: ReaderLinks, token: str) -> Ticket:
    """What a token is for.

    Raises:
        BadLink: forged, cut short, or signed with a key that has been taken away.
    """
    key, content_hash, until = links.read(token).split(_SEPARATOR)
    if not until.isdigit():
        raise BadLink("the link is not one of ours, or was cut short")
    return Ticket(key, content_hash, datetime.fromtimestamp(int(until), UTC))
