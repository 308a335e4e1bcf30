"""Events of Amazon SES, which come as notifications of an SNS topic.

Sources: docs.aws.amazon.com/ses, "Contents of event data that Amazon SES publishes to Amazon SNS",
"Amazon SNS notification contents".
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson

from delivery.errors import BadEvent
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import Event, EventKind, EventReader, Incoming, Replies
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
from delivery.events.sns import (
    NOTIFICATION,
    SUBSCRIPTION,
    Fetch,
    SnsCertificates,
    check_message,
    is_at_aws,
)

_KINDS = {
    "Send": EventKind.ACCEPTED,
    "Delivery": EventKind.DELIVERED,
    "DeliveryDelay": EventKind.DEFERRED,
    "Reject": EventKind.FAILED,
    "Rendering Failure": EventKind.FAILED,
}
# Where an event of a type says when it happened, and what of whom.
_PARTS = {
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Delivery": "delivery",
    "DeliveryDelay": "deliveryDelay",
}
_ON_A_LIST = ("Suppressed", "OnAccountSuppressionList")
_ABOUT_THE_LETTER = ("MessageTooLarge", "ContentRejected", "AttachmentRejected")
_NO_COMPLAINT = "not-spam"


class SesEvents(EventReader):
    """Reads what these topics (ARNs) send; `fetch` gets the certificates of SNS."""

    name = "ses"
    replies = Replies(unsigned=403)

    def __init__(self, topics: Collection[str], fetch: Fetch) -> None:
        self._topics = frozenset(topics)
        self._certificates = SnsCertificates(fetch)

    def verify(self, incoming: Incoming, *, now: datetime) -> None:
        """Check that it comes from one of our topics, then who signed it."""
        message = read_object(incoming.body, self.name)
        if text(message, "TopicArn") not in self._topics:
            raise BadEvent("ses: a webhook delivered raw, or of a topic not in the settings")
        check_message(message, self._certificates, now=now)

    def read(self, incoming: Incoming, *, now: datetime) -> Sequence[Event]:
        """One notification is one event; SNS's own words, as its first greeting, are none."""
        message = read_object(incoming.body, self.name)
        item = _inner(text(message, "Message"))
        if text(message, "Type") != NOTIFICATION or not item:
            return ()
        return [_as_event(text(message, "MessageId"), item, moment(message.get("Timestamp"), now))]

    def confirmation(self, incoming: Incoming) -> str:
        """Where to say that we want what the topic sends; it has been verified as one of ours."""
        message = read_object(incoming.body, self.name)
        url = text(message, "SubscribeURL")
        return url if text(message, "Type") == SUBSCRIPTION and is_at_aws(url) else ""


def _inner(message: str) -> Fields:
    """The event in a notification; a greeting is no JSON."""
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _as_event(dedupe: str, item: Fields, sent: datetime) -> Event:
    event = text(item, "eventType") or text(item, "notificationType")
    told, mail = part(item, _PARTS.get(event, "")), part(item, "mail")
    when = told.get("timestamp") or (mail.get("timestamp") if event == "Send" else None)
    tags = part(mail, "tags")
    kind, detail = _kind(event, told)
    return Event(
        dedupe=dedupe or fingerprint(as_raw(item)),
        kind=kind,
        occurred=moment(when, sent),
        send_key=key_of_tags(tags),
        batch_id=text(tags, "batch"),
        provider_id=text(mail, "messageId"),
        recipient=text(mail, "destination"),
        code=find_code(*_words(told)),
        detail=detail,
        raw=as_raw(item),
    )


def _kind(event: str, told: Fields) -> tuple[EventKind, str]:
    if event == "Bounce":
        return _kind_of_bounce(told)
    if event == "Complaint":
        return _kind_of_complaint(told)
    return _KINDS.get(event, EventKind.OTHER), ""


def _kind_of_bounce(bounce: Fields) -> tuple[EventKind, str]:
    """`Permanent`, `Transient` (SES has given up) or `Undetermined`, with a sub type."""
    if text(bounce, "bounceSubType") in _ON_A_LIST:
        return EventKind.SUPPRESSED, "bounced"
    if text(bounce, "bounceSubType") in _ABOUT_THE_LETTER:
        return EventKind.BLOCKED, "content"
    words = _words(bounce)
    for_good = text(bounce, "bounceType") == "Permanent"
    return kind_of_bounce(find_code(*words), for_good=for_good, words=" ".join(words)), ""


def _kind_of_complaint(complaint: Fields) -> tuple[EventKind, str]:
    if text(complaint, "complaintFeedbackType") == _NO_COMPLAINT:
        return EventKind.OTHER, _NO_COMPLAINT
    if text(complaint, "complaintSubType") in _ON_A_LIST:
        return EventKind.SUPPRESSED, "complained"
    return EventKind.COMPLAINED, ""


def _words(told: Fields) -> tuple[str, str]:
    """What the mail server said of the one recipient that each message of ours has."""
    people = told.get("bouncedRecipients")
    first = people[0] if isinstance(people, list) and people else {}
    person: Fields = first if isinstance(first, dict) else {}
    return text(person, "status"), text(person, "diagnosticCode")
