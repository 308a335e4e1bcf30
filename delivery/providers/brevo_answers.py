"""What Brevo answers, sorted by what the caller may do next. Pure.

Sources: developers.brevo.com, "Error codes", "Idempotency for batch emails", "API rate limits".
"""

import re
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

_KEY = (AccountHalted, "the API key is wrong or may not send")
_REFUSED: dict[str, tuple[type[ProviderError], str]] = {
    "unauthorized": _KEY,
    "permission_denied": _KEY,
    "account_under_validation": (AccountHalted, "the account waits for approval"),
    "not_enough_credits": (QuotaExhausted, "the account is out of credits"),
    "document_not_found": (AccountHalted, "there is no such API at this address"),
    "method_not_allowed": (AccountHalted, "there is no such API at this address"),
}
_KNOWN_ALREADY = "duplicate_parameter"
_ADDRESS = re.compile(r"\b(email|to) is not valid in (to|messageversions)\b", re.IGNORECASE)
_BARRED = {
    "hardBounce": BarReason.BOUNCED,
    "contactFlaggedAsSpam": BarReason.COMPLAINED,
}


def as_ids(answer: requests.Response, expected: int) -> list[str]:
    """The ids of a batch that was taken, in the order of its messages.

    Raises:
        OutcomeUnknown: it is not what a taken batch is answered with.
    """
    taken = json_of(answer, "brevo", OutcomeUnknown)
    taken = taken if isinstance(taken, dict) else {}
    ids = taken.get("messageIds") or [taken.get("messageId")]
    fits = isinstance(ids, list) and len(ids) == expected
    if not fits or not all(isinstance(one, str) and one for one in ids):
        raise OutcomeUnknown("brevo: an answer that does not fit the batch")
    return list(ids)


def was_taken_before(answer: requests.Response) -> bool:
    """Whether it says that the key of this batch was used already."""
    return answer.status_code == HTTPStatus.BAD_REQUEST and _error_of(answer)[0] == _KNOWN_ALREADY


def as_trouble(answer: requests.Response) -> ProviderError:
    """What an answer without receipts means."""
    status = answer.status_code
    code, message = _error_of(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = wait_named(answer, "x-sib-ratelimit-reset")
        return Throttled("brevo: HTTP 429, it asks us to wait", wait=wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return sort_status(answer, "brevo")
    if code in _REFUSED:
        kind, why = _REFUSED[code]
        return kind(f"brevo: {why}")
    if code and status == HTTPStatus.BAD_REQUEST:
        return _bad_request(message)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return LetterRefused("brevo: the batch is too large; set fewer `letters` a call")
    return sort_status(answer, "brevo")


def _bad_request(message: str) -> ProviderError:
    if _ADDRESS.search(message):
        return AddressRefused("brevo: an address is not accepted")
    if "sender" in message.lower():
        return AccountHalted("brevo: the sender is not accepted; is it validated there?")
    return LetterRefused("brevo: something in the letter is not accepted")


def _error_of(answer: requests.Response) -> tuple[str, str]:
    """The error's code, and its words, which may hold addresses."""
    try:
        error = orjson.loads(answer.content)
        return str(error["code"]), str(error.get("message", ""))
    except (KeyError, TypeError, ValueError):
        return "", ""


def as_contacts(page: Any) -> list[dict[str, Any]]:
    """The entries of one page of the block list; Brevo leaves the key out where there are none.

    Raises:
        ProviderUnavailable: it is no such page.
    """
    contacts = page.get("contacts", []) if isinstance(page, dict) and "count" in page else None
    if not isinstance(contacts, list):
        raise ProviderUnavailable("brevo: the block list gives no answer")
    return contacts


def as_barred(contact: Mapping[str, Any]) -> Barred:
    """One entry; what the account's owner blocked counts as a wish to get no more.

    Raises:
        ProviderUnavailable: it is no such entry.
    """
    try:
        since = datetime.fromisoformat(contact["blockedAt"])
        reason = _BARRED.get(contact["reason"]["code"], BarReason.UNSUBSCRIBED)
        return Barred(str(contact["email"]), reason, since)
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable("brevo: an entry of the block list is unknown") from error
