"""Brevo's transactional webhooks. It signs nothing: a password and the secret path lock them.

Sources: developers.brevo.com, "Transactional webhooks", "Securing webhooks". Its events have no
name of their own and come out of order; `ts_epoch` is the only time that can be relied on.
"""

from collections.abc import Sequence
from datetime import datetime

from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming, Replies
from delivery.events.passwords import as_bytes, check_password
from delivery.events.reading import Fields, as_raw, fingerprint, moment, read_objects, text

_KINDS = {
    "request": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "invalid_email": EventKind.BOUNCED,
    "blocked": EventKind.SUPPRESSED,  # Brevo's word for its own list
    "error": EventKind.FAILED,
    "spam": EventKind.COMPLAINED,
    "complaint": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
}
_BOUNCES = {"hard_bounce": True, "soft_bounce": False}
_TELLS_APART = ("event", "message-id", "email", "ts_epoch", "link")
_LEAST_MILLISECONDS = 10**11  # as seconds, this would be the year 5138


class BrevoEvents(EventReader):
    """Reads webhooks with one of these passwords: `user:password` for Basic, a token for Bearer."""

    name = "brevo"
    replies = Replies(not_stored=429)  # after any other 4xx, and any 5xx, the event is lost

    def __init__(self, passwords: Sequence[str] = ()) -> None:
        self._passwords = [as_bytes(password) for password in passwords]

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Compare the password."""
        check_password(incoming, self._passwords, self.name)

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """One object is one event; there may be an array of them."""
        return [_as_event(item, now) for item in read_objects(incoming.body, self.name)]


def _as_event(item: Fields, now: datetime) -> Event:
    words = text(item, "reason")
    event, code = text(item, "event"), find_code(words)
    kind = _KINDS.get(event, EventKind.OTHER)
    if event in _BOUNCES:
        kind = kind_of_bounce(code, for_good=_BOUNCES[event], words=words)
    return Event(
        dedupe=_dedupe(item),
        kind=kind,
        occurred=moment(_seconds(item), now),
        send_key=text(item, "X-Mailin-custom"),
        provider_id=text(item, "message-id"),
        recipient=text(item, "email"),
        code=code,
        raw=as_raw(item),
    )


def _dedupe(item: Fields) -> str:
    told = [text(item, name) for name in _TELLS_APART]
    return fingerprint(*told) if any(told) else fingerprint(as_raw(item))


def _seconds(item: Fields) -> float | None:
    """`ts_epoch` is in milliseconds, but has been seen in seconds."""
    epoch = item.get("ts_epoch")
    if not isinstance(epoch, int | float) or isinstance(epoch, bool):
        return None
    return epoch / 1000 if epoch >= _LEAST_MILLISECONDS else epoch
