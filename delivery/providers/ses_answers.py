"""What SES answers, sorted by what the caller may do next. Pure.

Sources: docs.aws.amazon.com/ses, API v2: "SendBulkEmail", "BulkEmailEntryResult", "Common errors".
"""

from collections.abc import Mapping, Sequence
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
from delivery.message import Answer, Handover, Message, Receipt
from delivery.providers.http import json_of, sort_status, wait_named

_Kind = tuple[type[ProviderError], str]
_QUOTA: _Kind = (QuotaExhausted, "the quota of 24 hours is used up")
_SUSPENDED: _Kind = (AccountHalted, "Amazon has suspended the account")
_PAUSED: _Kind = (AccountHalted, "sending is paused for the account or the configuration set")
_UNVERIFIED: _Kind = (
    AccountHalted,
    "the sender's domain is not verified, or the account may only write to verified addresses",
)
_NO_SET: _Kind = (AccountHalted, "there is no such configuration set, or its pool is missing")
_SLOWER: _Kind = (Throttled, "it asks us to be slower")
_REJECTED: _Kind = (LetterRefused, "the letter is rejected")
_FAILED: _Kind = (ProviderUnavailable, "it could not do it now")
_PARAMETER: _Kind = (LetterRefused, "something in the letter is not accepted")

# The gravest first: where several entries fail, one reason is told.
_STATUSES: dict[str, _Kind] = {
    "ACCOUNT_SUSPENDED": _SUSPENDED,
    "ACCOUNT_SENDING_PAUSED": _PAUSED,
    "CONFIGURATION_SET_SENDING_PAUSED": _PAUSED,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": _UNVERIFIED,
    "CONFIGURATION_SET_NOT_FOUND": _NO_SET,
    "INVALID_SENDING_POOL_NAME": _NO_SET,
    "TEMPLATE_NOT_FOUND": _PARAMETER,
    "MESSAGE_REJECTED": _REJECTED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": _QUOTA,
    "ACCOUNT_THROTTLED": _SLOWER,
    "TRANSIENT_FAILURE": _FAILED,
    "FAILED": _FAILED,
}
_TAKEN, _WRONG = "SUCCESS", "INVALID_PARAMETER"
_ERRORS: dict[str, _Kind] = {
    "LimitExceededException": _QUOTA,
    "AccountSuspendedException": _SUSPENDED,
    "SendingPausedException": _PAUSED,
    "MailFromDomainNotVerifiedException": _UNVERIFIED,
    "NotFoundException": _NO_SET,
    "MessageRejected": _REJECTED,
    "BadRequestException": _PARAMETER,
    "SignatureDoesNotMatch": (
        AccountHalted,
        "the secret of the access key or the region is wrong, or this machine's clock",
    ),
}
_ERRORS["InvalidSignatureException"] = _ERRORS["SignatureDoesNotMatch"]


def as_handover(answer: requests.Response, messages: Sequence[Message]) -> Handover:
    """A receipt for each entry, in their order.

    Raises:
        OutcomeUnknown: the answer does not fit the batch.
    """
    results = _results(answer, len(messages))
    statuses = [str(result.get("Status", "")) for result in results]
    # What is wrong for all of several is the letter, and what is wrong for one is its address.
    letter_is_wrong = len(results) > 1 and set(statuses) == {_WRONG}
    receipts = tuple(
        _receipt(message, result, letter_is_wrong=letter_is_wrong)
        for message, result in zip(messages, results, strict=True)
    )
    if letter_is_wrong:
        return Handover(receipts, _say(_PARAMETER))
    return Handover(receipts, _gravest(results))


def _results(answer: requests.Response, expected: int) -> list[dict[str, Any]]:
    body = json_of(answer, "ses", OutcomeUnknown)
    results = body.get("BulkEmailEntryResults") if isinstance(body, dict) else None
    fits = isinstance(results, list) and len(results) == expected
    if not fits or not all(isinstance(result, dict) for result in results or ()):
        raise OutcomeUnknown("ses: an answer that does not fit the batch")
    return list(results or ())


def _receipt(message: Message, result: Mapping[str, Any], *, letter_is_wrong: bool) -> Receipt:
    status = result.get("Status")
    if status == _TAKEN:
        return Receipt(message.send_key, Answer.SUBMITTED, str(result.get("MessageId", "")))
    if status == _WRONG and not letter_is_wrong:
        return Receipt(message.send_key, Answer.REFUSED, reason="invalid address")
    known = status in _STATUSES or status == _WRONG
    return Receipt(message.send_key, Answer.NOT_NOW if known else Answer.UNKNOWN)


def _gravest(results: Sequence[Mapping[str, Any]]) -> ProviderError | None:
    """Why some entries were not taken; a status that nobody knows may have been a yes."""
    by_status = {str(result.get("Status", "")): str(result.get("Error", "")) for result in results}
    for status, kind in _STATUSES.items():
        if status in by_status:
            return _say(_UNVERIFIED if _is_unverified(by_status[status]) else kind)
    if by_status.keys() - {_TAKEN, _WRONG}:
        return OutcomeUnknown("ses: a status that is not known")
    return None


def as_trouble(answer: requests.Response) -> ProviderError:
    """What an answer means that is not a success."""
    name, message = _error_of(answer)
    if "Daily message quota" in message:
        return _say(_QUOTA)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or name.startswith("Throttling"):
        return Throttled("ses: it asks us to be slower", wait=wait_named(answer))
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return sort_status(answer, "ses")
    if name == "MessageRejected" and _is_unverified(message):
        return _say(_UNVERIFIED)
    if name == "BadRequestException" and "address" in message.lower():
        return AddressRefused("ses: an address is not accepted")
    if name in _ERRORS:
        return _say(_ERRORS[name])
    if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return LetterRefused("ses: the batch is too large; set fewer `letters` a call")
    return sort_status(answer, "ses")


def _error_of(answer: requests.Response) -> tuple[str, str]:
    """The error's name, without the address of its schema, and its words."""
    name = answer.headers.get("x-amzn-ErrorType", "")
    try:
        body = orjson.loads(answer.content)
        message = str(body.get("message") or body.get("Message") or "")
        name = name or str(body.get("__type") or body.get("code") or "")
    except (AttributeError, ValueError):
        message = ""
    return name.partition(":")[0].rpartition("#")[2], message


def _is_unverified(message: str) -> bool:
    return "not verified" in message


def _say(kind: _Kind) -> ProviderError:
    error, why = kind
    return error(f"ses: {why}")
