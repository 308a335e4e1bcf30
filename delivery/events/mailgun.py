"""Mailgun's webhooks: HMAC-SHA256 over a timestamp and a token, not over the body.

So a signature that was seen once could carry any body: the token is what tells events apart, and
the second one of a token is thrown away. Sources: documentation.mailgun.com, "Webhooks", "Events".
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from delivery.errors import BadEvent
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming, Replies
from delivery.events.passwords import as_bytes, is_one_of
from delivery.events.reading import Fields, as_raw, moment, part, read_object, text

_KINDS = {
    "accepted": EventKind.ACCEPTED,
    "rejected": EventKind.FAILED,
    "delivered": EventKind.DELIVERED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
}
_SUPPRESSED = {
    "suppress-bounce": "bounced",
    "suppress-complaint": "complained",
    "suppress-unsubscribe": "unsubscribed",
}
_SUPPRESSED_CODES = {"605": "bounced", "606": "unsubscribed", "607": "complained"}
_GAVE_UP = "old"  # after hours of temporary failures; `permanent` says only that it tries no more
_BLOCKED = "espblock"


class MailgunEvents(EventReader):
    """Reads webhooks signed with one of these keys: the "HTTP webhook signing key", no API key."""

    name = "mailgun"
    replies = Replies(unsigned=406, unread=406)  # it comes again after any other status

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [as_bytes(key) for key in keys]

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check the signature, of any age: it may come again for eight hours."""
        signature = part(read_object(incoming.body, self.name), "signature")
        token = text(signature, "token")
        signed = as_bytes(text(signature, "timestamp") + token)
        right = [hmac.new(key, signed, hashlib.sha256).hexdigest().encode() for key in self._keys]
        if not token or not is_one_of(as_bytes(text(signature, "signature")), right):
            raise BadEvent("mailgun: a webhook not signed with our key; look at the signing key")

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """One object is one event."""
        item = read_object(incoming.body, self.name)
        token, data = text(part(item, "signature"), "token"), part(item, "event-data")
        if not token:
            raise BadEvent("mailgun: a webhook without a token")
        return [_as_event(token, data, now)]


def _as_event(token: str, data: Fields, now: datetime) -> Event:
    kind, detail = _kind(data)
    variables = part(data, "user-variables")
    return Event(
        dedupe=token,
        kind=kind,
        occurred=moment(data.get("timestamp"), now),
        send_key=text(variables, "send_key"),
        batch_id=text(variables, "batch"),
        provider_id=text(part(data, "message", "headers"), "message-id"),
        recipient=text(data, "recipient"),
        code=_code(data),
        detail=detail,
        raw=as_raw(data),
    )


def _kind(data: Fields) -> tuple[EventKind, str]:
    if text(data, "event") == "failed":
        return _kind_of_failure(data)
    return _KINDS.get(text(data, "event"), EventKind.OTHER), ""


def _kind_of_failure(data: Fields) -> tuple[EventKind, str]:
    """A temporary one is tried again; only the last one, with the reason `old`, is a bounce."""
    status, reason = part(data, "delivery-status"), text(data, "reason")
    if text(data, "severity") == "temporary":
        return EventKind.DEFERRED, ""
    listed = _SUPPRESSED.get(reason) or _SUPPRESSED_CODES.get(text(status, "code"))
    if listed:
        return EventKind.SUPPRESSED, listed
    if reason == _BLOCKED:
        return EventKind.BLOCKED, ""
    for_good = text(data, "severity") == "permanent" and reason != _GAVE_UP
    return kind_of_bounce(_code(data), for_good=for_good, words=text(status, "message")), ""


def _code(data: Fields) -> str:
    status = part(data, "delivery-status")
    names = ("enhanced-code", "bounce-code", "message", "description")
    return find_code(*(text(status, name) for name in names))
