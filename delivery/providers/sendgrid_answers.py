"""What SendGrid answers, sorted by what the caller may do next. Pure.

Source: docs.sendgrid.com, "Errors", "Rate limits". A wrong address on one of its lists is no error:
it comes back as an event.
"""

import re
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import orjson
import requests

from delivery.errors import (
    AccountHalted,
    AddressRefused,
    LetterRefused,
    ProviderError,
    QuotaExhausted,
    Throttled,
)
from delivery.providers.http import seconds_until, sort_status, wait_named

_NO_CREDITS = "maximum credits exceeded"
_NO_SUCH_API = (AccountHalted, "there is no such API at this address")
_REFUSED: dict[int, tuple[type[ProviderError], str]] = {
    HTTPStatus.UNAUTHORIZED: (AccountHalted, "the key is wrong"),
    HTTPStatus.FORBIDDEN: (AccountHalted, "it may not send as this sender; is it verified?"),
    HTTPStatus.NOT_FOUND: _NO_SUCH_API,
    HTTPStatus.METHOD_NOT_ALLOWED: _NO_SUCH_API,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (LetterRefused, "the batch is too large"),
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: (AccountHalted, "the key is of another region"),
}
_MOMENT = re.compile(r"[0-9]{1,11}")
_OF_ADDRESS = re.compile(r"personalizations\.([0-9]+)\.to\b")


def as_id(answer: requests.Response) -> str:
    """The id of a call that was taken: events' ids begin with it. The answer is empty otherwise."""
    return answer.headers.get("X-Message-Id", "")


def as_trouble(answer: requests.Response, expected: int) -> ProviderError:
    """What an answer means that is not 202; `expected` is how many readers the call had."""
    status = answer.status_code
    if status == HTTPStatus.BAD_REQUEST:
        return _as_refusal(_fields_of(answer), expected)
    if status == HTTPStatus.UNAUTHORIZED and _NO_CREDITS in answer.text.lower():
        return QuotaExhausted("sendgrid: the account is out of credits")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled("sendgrid: HTTP 429, it asks us to wait", wait=_wait(answer))
    if status in _REFUSED:
        kind, why = _REFUSED[status]
        return kind(f"sendgrid: {why}")
    return sort_status(answer, "sendgrid")


def _as_refusal(fields: list[str], expected: int) -> ProviderError:
    """A whole call is refused for one field."""
    found = [_OF_ADDRESS.match(field) for field in fields]
    places = {int(match[1]) for match in found if match}
    if fields and all(found) and max(places) < expected:
        return AddressRefused("sendgrid: an address is not accepted", places=sorted(places))
    return LetterRefused("sendgrid: something in the letter is not accepted")


def _fields_of(answer: requests.Response) -> list[str]:
    """The field of each error, or '' for one that is about none."""
    try:
        errors: Any = orjson.loads(answer.content)["errors"]
        return [str(error.get("field") or "") for error in errors]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def _wait(answer: requests.Response) -> float | None:
    """X-RateLimit-Reset is a moment, in seconds since 1970."""
    reset = answer.headers.get("X-RateLimit-Reset", "")
    if _MOMENT.fullmatch(reset):
        return seconds_until(formatdate(int(reset), usegmt=True), answer)
    return wait_named(answer)
