"""What Resend answers, sorted by what the caller may do next. Pure.

Sources: resend.com/docs, "Errors", "List Suppressions".
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
import requests

from delivery.errors import (
    AccountHalted,
    AddressRefused,
    LetterRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    QuotaExhausted,
    Throttled,
)
from delivery.providers.base import BarReason, Barred
from delivery.providers.http import json_of, sort_status, wait_named

_SECONDS_CONCURRENT = 5.0
_NOT_UNDERSTOOD = (LetterRefused, "the request is not understood")
_KEY = (AccountHalted, "the API key is wrong or may not send")
_REFUSED: dict[str, tuple[type[ProviderError], str]] = {
    "validation_error": (LetterRefused, "something in the letter is not accepted"),
    "missing_required_field": _NOT_UNDERSTOOD,
    "invalid_parameter": _NOT_UNDERSTOOD,
    "invalid_idempotency_key": _NOT_UNDERSTOOD,
    "invalid_from_address": (
        AccountHalted,
        "the sender is not accepted; its name may have no comma, quote or bracket in it",
    ),
    "security_error": (LetterRefused, "a security check holds the letter back"),
    "missing_api_key": _KEY,
    "restricted_api_key": _KEY,
    "invalid_api_key": _KEY,
    "invalid_access": _KEY,
    "not_found": (AccountHalted, "there is no such API at this address"),
    "method_not_allowed": (AccountHalted, "there is no such API at this address"),
    "daily_quota_exceeded": (QuotaExhausted, "the day's quota is used up"),
    "monthly_quota_exceeded": (QuotaExhausted, "the month's quota is used up"),
    # The same key for another letter would be a fault of ours: what was taken, nobody knows.
    "invalid_idempotent_request": (OutcomeUnknown, "another batch was sent under the same key"),
}
_FORBIDDEN = "it may not send as this sender, or only to its owner; is the domain verified?"
_BARRED = {"bounce": BarReason.BOUNCED, "complaint": BarReason.COMPLAINED}


def as_ids(answer: requests.Response, expected: int) -> list[str]:
    """The ids of a batch that was taken, in the order of its messages.

    Raises:
        OutcomeUnknown: it is not what a taken batch is answered with.
    """
    try:
        ids = [item["id"] for item in json_of(answer, "resend", OutcomeUnknown)["data"]]
    except (KeyError, TypeError) as error:
        raise OutcomeUnknown("resend: an answer that does not fit the batch") from error
    if len(ids) != expected or not all(isinstance(one, str) and one for one in ids):
        raise OutcomeUnknown("resend: an answer that does not fit the batch")
    return ids


def as_trouble(answer: requests.Response) -> ProviderError:
    """What an answer without receipts means. One name stands for several things, by status."""
    status = answer.status_code
    name, message = _error_of(answer)
    if name == "concurrent_idempotent_requests":
        why = "resend: the same batch is being handed over right now"
        return ProviderUnavailable(why, wait=_SECONDS_CONCURRENT)
    if name == "rate_limit_exceeded":
        return Throttled("resend: HTTP 429, it asks us to wait", wait=wait_named(answer))
    if status == HTTPStatus.FORBIDDEN and name == "validation_error":
        return AccountHalted(f"resend: {_FORBIDDEN}")
    if name == "validation_error" and "`to`" in message:
        return AddressRefused("resend: an address is not accepted")
    if name == "validation_error" and "`from`" in message:
        name = "invalid_from_address"
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and name in _REFUSED:
        kind, why = _REFUSED[name]
        return kind(f"resend: {why}")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return LetterRefused("resend: the batch is too large; set fewer `letters` a call")
    return sort_status(answer, "resend")


def _error_of(answer: requests.Response) -> tuple[str, str]:
    """The error's name, and its words, which may hold addresses."""
    try:
        error = orjson.loads(answer.content)
        return str(error["name"]), str(error.get("message", ""))
    except (KeyError, TypeError, ValueError):
        return "", ""


def as_entries(page: Any) -> list[dict[str, Any]]:
    """The entries of one page of the suppression list; each has an id.

    Raises:
        ProviderUnavailable: it is no such page.
    """
    entries = page.get("data") if isinstance(page, dict) else None
    if not isinstance(entries, list) or not all(_has_id(entry) for entry in entries):
        raise ProviderUnavailable("resend: the suppression list gives no answer")
    return entries


def as_barred(entry: Mapping[str, Any]) -> Barred:
    """One entry; what the team put there by hand counts as a wish to get no more.

    Raises:
        ProviderUnavailable: it is no such entry.
    """
    try:
        since = datetime.fromisoformat(entry["created_at"])
        reason = _BARRED.get(entry["origin"], BarReason.UNSUBSCRIBED)
        return Barred(str(entry["email"]), reason, since)
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable("resend: an entry of the suppression list is unknown") from error


def _has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("id"))
