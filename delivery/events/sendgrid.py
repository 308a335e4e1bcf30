"""SendGrid's event webhook, signed: ECDSA P-256 with SHA-256 over the timestamp and the raw body.

Sources: docs.sendgrid.com, "Event Webhook Reference", "Getting Started with the Event Webhook
Security Features". No age is checked: it tries for 24 hours with the first signature.
"""

from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from delivery.errors import BadEvent
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming
from delivery.events.passwords import as_bytes, decode_base64
from delivery.events.reading import Fields, as_raw, fingerprint, moment, read_objects, text

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_KINDS = {
    "processed": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
}
_DROPPED = {
    "invalid": (EventKind.BOUNCED, "invalid address"),
    "unsubscribed address": (EventKind.SUPPRESSED, "unsubscribed"),
    "bounced address": (EventKind.SUPPRESSED, "bounced"),
    "spam reporting address": (EventKind.SUPPRESSED, "complained"),
    "spam content": (EventKind.BLOCKED, "content"),
}


class SendGridEvents(EventReader):
    """Reads webhooks signed with one of these keys, each as SendGrid shows it (base64 of SPKI).

    Raises:
        ValueError: a key that is none.
    """

    name = "sendgrid"

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [_as_key(key) for key in keys]

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check the signature over the body as it came."""
        signature = decode_base64(incoming.header(_SIGNATURE))
        signed = as_bytes(incoming.header(_TIMESTAMP)) + incoming.body
        if not any(_is_signed(key, signature, signed) for key in self._keys):
            raise BadEvent("sendgrid: a webhook not signed with our key; look at the key set here")

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """An array of events."""
        return [_as_event(item, now) for item in read_objects(incoming.body, self.name)]


def _as_key(key: str) -> EllipticCurvePublicKey:
    found = load_der_public_key(b64decode(key))
    if not isinstance(found, EllipticCurvePublicKey):
        raise ValueError("sendgrid: the verification key is of another kind (not ECDSA)")
    return found


def _is_signed(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _as_event(item: Fields, now: datetime) -> Event:
    kind, detail = _kind(item)
    return Event(
        dedupe=text(item, "sg_event_id") or fingerprint(as_raw(item)),
        kind=kind,
        occurred=moment(item.get("timestamp"), now),
        send_key=text(item, "send_key"),
        batch_id=text(item, "batch"),
        provider_id=text(item, "sg_message_id").partition(".")[0],
        recipient=text(item, "email"),
        code=_code(item),
        detail=detail,
        raw=as_raw(item),
    )


def _kind(item: Fields) -> tuple[EventKind, str]:
    event = text(item, "event")
    if event == "bounce":
        return _kind_of_bounce(item), ""
    if event == "dropped":
        return _DROPPED.get(text(item, "reason").lower(), (EventKind.FAILED, "dropped"))
    return _KINDS.get(event, EventKind.OTHER), ""


def _kind_of_bounce(item: Fields) -> EventKind:
    """`type` is `bounce` for good, `blocked` for the sender's sake, `expired` after days."""
    if text(item, "type") == "blocked":
        return EventKind.BLOCKED
    for_good = text(item, "type") == "bounce"
    return kind_of_bounce(_code(item), for_good=for_good, words=text(item, "reason"))


def _code(item: Fields) -> str:
    return find_code(text(item, "status"), text(item, "reason"), text(item, "response"))
