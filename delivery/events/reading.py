"""Take fields out of what a provider sent, whatever stands there. Pure.

A field that is missing, null or of another type reads as empty: vendors add and leave out fields
unannounced, and an event that was not stored is lost.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from delivery.errors import BadEvent
from delivery.providers.tags import MAILING, READER, send_key_of

Fields = Mapping[str, Any]


def read_object(body: bytes, name: str) -> Fields:
    """The one JSON object of a body.

    Raises:
        BadEvent: it is anything else.
    """
    found = _parse(body, name)
    if not isinstance(found, dict):
        raise BadEvent(f"{name}: a webhook that is not a JSON object")
    return found


def read_objects(body: bytes, name: str) -> list[Fields]:
    """The JSON objects of a body, which is one of them or an array.

    Raises:
        BadEvent: it is anything else.
    """
    found = _parse(body, name)
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, dict) for item in items):
        raise BadEvent(f"{name}: a webhook that is not JSON objects")
    return items


def _parse(body: bytes, name: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadEvent(f"{name}: a webhook that is not JSON") from error


def part(fields: Fields, *names: str) -> Fields:
    """An object inside others, by the names on the way; empty where there is none."""
    for name in names:
        inner = fields.get(name)
        fields = inner if isinstance(inner, dict) else {}
    return fields


def text(fields: Fields, name: str) -> str:
    """A text, or a whole number as text; of a list its first."""
    value = fields.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def moment(value: object, now: datetime) -> datetime:
    """When something happened: ISO 8601, or seconds since 1970; `now` where neither is told.

    Never later than `now`: one wrong clock must not outlast every true event that follows.
    """
    try:
        found = _as_moment(value)
    except (ValueError, OverflowError, OSError):
        return now
    return min(found, now) if found else now


def _as_moment(value: object) -> datetime | None:
    if isinstance(value, str):
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    return None


def key_of_tags(tags: Fields) -> str:
    """The send key where it comes in two tags, because a tag takes no dot; '' without them."""
    return send_key_of({name: text(tags, name) for name in (MAILING, READER)})


def fingerprint(*parts: str) -> str:
    """A name for an event that has none, made of what tells it apart; it shows no address."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def as_raw(fields: Fields) -> str:
    """One event as it is kept."""
    return orjson.dumps(fields).decode()
