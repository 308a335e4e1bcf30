"""Resend's webhooks, signed by the scheme of Svix: HMAC-SHA256 over id, timestamp and raw body.

Sources: resend.com/docs, "Managing Webhooks", "Verify Webhook Requests", "Event Types"; the
"Standard Webhooks" specification, which Svix follows.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from delivery.errors import BadEvent
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming
from delivery.events.passwords import as_bytes, is_one_of
from delivery.events.reading import (
    Fields,
    as_raw,
    fingerprint,
    key_of_tags,
    moment,
    part,
    read_object,
    text,
)

_TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_VERSION = "v1"
_KINDS = {
    "email.sent": EventKind.ACCEPTED,
    "email.delivered": EventKind.DELIVERED,
    "email.delivery_delayed": EventKind.DEFERRED,
    "email.complained": EventKind.COMPLAINED,
    "email.failed": EventKind.FAILED,
}
_SUPPRESSED = {"previous_bounce": "bounced", "previous_complaint": "complained"}
_ON_A_LIST = ("Suppressed", "OnAccountSuppressionList")
_ABOUT_THE_LETTER = ("MessageTooLarge", "ContentRejected", "AttachmentRejected")


class ResendEvents(EventReader):
    """Reads webhooks signed with one of these secrets, each as Resend shows it (`whsec_...`).

    Raises:
        ValueError: a secret that is none.
    """

    name = "resend"

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [_as_key(secret) for secret in secrets]

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check its age, then its signature."""
        message_id, sent = _header(incoming, "id"), _header(incoming, "timestamp")
        if not _is_fresh(sent, now):
            raise BadEvent("resend: a webhook too old or too new; is this machine's clock right?")
        signed = as_bytes(f"{message_id}.{sent}.") + incoming.body
        right = [b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in self._keys]
        if not message_id or not any(is_one_of(given, right) for given in _signatures(incoming)):
            raise BadEvent("resend: a webhook not signed with our secret; look at the one set here")

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """One object is one event."""
        item = read_object(incoming.body, self.name)
        return [_as_event(_header(incoming, "id"), item, now)]


def _as_key(secret: str) -> bytes:
    key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not key:
        raise ValueError("resend: the signing secret is empty")
    return key


def _header(incoming: Incoming, name: str) -> str:
    return incoming.header(f"svix-{name}") or incoming.header(f"webhook-{name}")


def _is_fresh(sent: str, now: datetime) -> bool:
    try:
        return abs(now - datetime.fromtimestamp(int(sent), UTC)) <= _TOLERANCE
    except (ValueError, OverflowError, OSError):
        return False


def _signatures(incoming: Incoming) -> Iterator[bytes]:
    """The candidates: while a secret is changed there are several, separated by spaces."""
    for candidate in _header(incoming, "signature").split():
        version, _, signature = candidate.partition(",")
        if version == _VERSION:
            yield as_bytes(signature)


def _as_event(dedupe: str, item: Fields, now: datetime) -> Event:
    data = part(item, "data")
    tags = _tags(data)
    kind, detail = _kind(text(item, "type"), data)
    return Event(
        dedupe=dedupe or fingerprint(as_raw(item)),
        kind=kind,
        occurred=moment(item.get("created_at"), now),
        send_key=key_of_tags(tags),
        batch_id=text(tags, "batch"),
        provider_id=text(data, "email_id"),
        recipient=text(data, "to"),
        code=_code(data),
        detail=detail,
        raw=as_raw(item),
    )


def _tags(data: Fields) -> Fields:
    """The tags by name: an object, or a list of names and values as they are sent."""
    tags = data.get("tags")
    if isinstance(tags, list):
        return {text(tag, "name"): text(tag, "value") for tag in tags if isinstance(tag, dict)}
    return part(data, "tags")


def _kind(event: str, data: Fields) -> tuple[EventKind, str]:
    if event == "email.bounced":
        return _kind_of_bounce(data), ""
    if event == "email.suppressed":
        return EventKind.SUPPRESSED, _SUPPRESSED.get(text(part(data, "suppressed"), "reason"), "")
    return _KINDS.get(event, EventKind.OTHER), ""


def _kind_of_bounce(data: Fields) -> EventKind:
    bounce = part(data, "bounce")
    if text(bounce, "subType") in _ON_A_LIST:
        return EventKind.SUPPRESSED
    if text(bounce, "subType") in _ABOUT_THE_LETTER:
        return EventKind.BLOCKED
    for_good = text(bounce, "type") == "Permanent"
    return kind_of_bounce(_code(data), for_good=for_good, words=text(bounce, "diagnosticCode"))


def _code(data: Fields) -> str:
    bounce = part(data, "bounce")
    return find_code(text(bounce, "diagnosticCode"), text(bounce, "message"))
