"""Postmark's webhooks. It signs nothing: a password in the address, and the secret path, lock them.

Sources: postmarkapp.com/developer, "Webhooks overview", "Bounce webhook", "Spam complaint webhook",
"Subscription change webhook", "Bounce API" (its table of types).
"""

from collections.abc import Sequence
from datetime import datetime

from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming, Replies
from delivery.events.passwords import as_bytes, check_password
from delivery.events.reading import (
    Fields,
    as_raw,
    fingerprint,
    moment,
    part,
    read_objects,
    text,
)

_BOUNCES = ("Bounce", "SpamComplaint")
_MOMENTS = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")
# What is no bounce although it comes as one, whatever Postmark does with the address.
_PEOPLE = {
    "SpamComplaint": EventKind.COMPLAINED,
    "Unsubscribe": EventKind.UNSUBSCRIBED,
    "ManuallyDeactivated": EventKind.SUPPRESSED,
}
# Types where Postmark goes on writing to the address and that are more than a soft bounce.
_TYPES = {
    "AutoResponder": EventKind.OTHER,
    "AddressChange": EventKind.OTHER,
    "ChallengeVerification": EventKind.OTHER,
    "OpenRelayTest": EventKind.OTHER,
    "Subscribe": EventKind.OTHER,
    "Blocked": EventKind.BLOCKED,
    "DMARCPolicy": EventKind.BLOCKED,
    "SpamNotification": EventKind.BLOCKED,
    "VirusNotification": EventKind.BLOCKED,
    "InboundError": EventKind.FAILED,
    "SMTPApiError": EventKind.FAILED,
    "TemplateRenderingFailed": EventKind.FAILED,
    "Unconfirmed": EventKind.FAILED,
}
# A hard bounce comes also as a Bounce, with its code.
_CHANGES = {
    "HardBounce": EventKind.SUPPRESSED,
    "SpamComplaint": EventKind.COMPLAINED,
    "ManualSuppression": EventKind.UNSUBSCRIBED,
}


class PostmarkEvents(EventReader):
    """Reads webhooks that carry one of these passwords, each as `user:password`."""

    name = "postmark"
    replies = Replies(unsigned=401)  # a 403 would end its retries for good

    def __init__(self, passwords: Sequence[str] = ()) -> None:
        self._passwords = [as_bytes(password) for password in passwords]

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Compare the password."""
        check_password(incoming, self._passwords, self.name)

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """One object is one event."""
        return [_as_event(item, now) for item in read_objects(incoming.body, self.name)]


def _as_event(item: Fields, now: datetime) -> Event:
    metadata = part(item, "Metadata")
    return Event(
        dedupe=_dedupe(item),
        kind=_kind(item),
        occurred=moment(_when(item), now),
        send_key=text(metadata, "send_key"),
        batch_id=text(metadata, "batch"),
        provider_id=text(item, "MessageID"),
        recipient=text(item, "Recipient") or text(item, "Email"),
        code=find_code(text(item, "Details")),
        raw=as_raw(item),
    )


def _kind(item: Fields) -> EventKind:
    record = text(item, "RecordType")
    if record in _BOUNCES:
        return _kind_of_bounce(item)
    if record == "SubscriptionChange" and item.get("SuppressSending") is True:
        return _CHANGES.get(text(item, "SuppressionReason"), EventKind.SUPPRESSED)
    return EventKind.DELIVERED if record == "Delivery" else EventKind.OTHER


def _kind_of_bounce(item: Fields) -> EventKind:
    """A bounce is for good when Postmark itself writes to the address no more: `Inactive`."""
    kind = text(item, "Type") or text(item, "RecordType")
    if kind in _PEOPLE:
        return _PEOPLE[kind]
    inactive = item.get("Inactive") is True
    if kind in _TYPES and not inactive:
        return _TYPES[kind]
    words = text(item, "Details")
    return kind_of_bounce(find_code(words), for_good=inactive, words=words)


def _dedupe(item: Fields) -> str:
    record, number = text(item, "RecordType"), text(item, "ID")
    if record in _BOUNCES and number:
        return f"{record}:{number}"
    told = (text(item, "MessageID"), text(item, "Recipient"), _when(item))
    return f"{record}:{fingerprint(*told) if any(told) else fingerprint(as_raw(item))}"


def _when(item: Fields) -> str:
    return next((text(item, name) for name in _MOMENTS if text(item, name)), "")
