"""What Postmark answers, sorted by what the caller may do next. Pure.

Source: postmarkapp.com/developer, "API error codes". They stand in the body; they are not HTTP
statuses even where they look like them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr
from http import HTTPStatus
from typing import Any

import orjson
import requests

from delivery.errors import (
    AccountHalted,
    LetterRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    QuotaExhausted,
    Throttled,
)
from delivery.message import Answer, Handover, Message, Receipt
from delivery.providers.base import BarReason, Barred
from delivery.providers.http import sort_status, wait_named

_REFUSED_READER = {300: "invalid address", 406: "inactive at the provider"}
_NOT_UNDERSTOOD = (LetterRefused, "the request is not understood")
_UNCONFIRMED = (AccountHalted, "the sender address is not confirmed")
_TEMPLATE = (LetterRefused, "the stored letter is gone or not understood; run it again")
_REFUSED_BATCH: dict[int, tuple[type[ProviderError], str]] = {
    10: (AccountHalted, "the server token is wrong"),
    400: _UNCONFIRMED,
    401: _UNCONFIRMED,
    402: _NOT_UNDERSTOOD,
    403: _NOT_UNDERSTOOD,
    405: (QuotaExhausted, "the account is out of credits"),
    409: _NOT_UNDERSTOOD,
    410: (LetterRefused, "the batch is too large"),
    411: (LetterRefused, "attachments are not allowed"),
    412: (AccountHalted, "the account waits for approval"),
    413: (AccountHalted, "the account may not send"),
    1101: _TEMPLATE,
    1109: _TEMPLATE,
    1120: _TEMPLATE,
    1121: _TEMPLATE,
    1122: _TEMPLATE,
    1123: _TEMPLATE,
    1235: (AccountHalted, "the message stream does not exist"),
    1236: (AccountHalted, "the message stream is of the wrong type"),
}
_MAINTENANCE = 100
_BARRED = {
    "HardBounce": BarReason.BOUNCED,
    "SpamComplaint": BarReason.COMPLAINED,
    "ManualSuppression": BarReason.UNSUBSCRIBED,
}


def check_status(answer: requests.Response) -> None:
    """Pass an answer that has receipts.

    Raises:
        ProviderError: it has none; what that means.
    """
    status = answer.status_code
    if status == HTTPStatus.OK:
        return
    code = error_code(answer)
    if code == _MAINTENANCE:
        raise Throttled("postmark: it is under maintenance", wait=wait_named(answer))
    if status == HTTPStatus.UNPROCESSABLE_ENTITY or status in (401, 403, 404, 413):
        raise _trouble(code, f"HTTP {status}, error code {code}")
    raise sort_status(answer, "postmark")


def error_code(answer: requests.Response) -> int:
    """Postmark's own number for what is wrong, or 0."""
    try:
        return int(answer.json()["ErrorCode"])
    except (KeyError, TypeError, ValueError):
        return 0


def as_handover(answer: requests.Response, messages: Sequence[Message]) -> Handover:
    """Read the answer item by item; one may lack ErrorCode when its message was queued.

    Raises:
        OutcomeUnknown: it does not fit the batch.
    """
    items = _items(answer, len(messages))
    _require_order(messages, items)
    codes = [int(item.get("ErrorCode") or 0) for item in items]
    receipts = tuple(
        _receipt(message, item, code)
        for message, item, code in zip(messages, items, codes, strict=True)
    )
    troubles = [code for code in codes if code and code not in _REFUSED_READER]
    return Handover(
        receipts, _trouble(troubles[0], f"error code {troubles[0]}") if troubles else None
    )


def as_barred(page: Any) -> list[Barred]:
    """The entries of a stream's suppression list.

    Raises:
        ProviderUnavailable: it is none.
    """
    try:
        return [
            Barred(
                str(entry["EmailAddress"]),
                _BARRED[entry["SuppressionReason"]],
                datetime.fromisoformat(entry["CreatedAt"]),
            )
            for entry in page["Suppressions"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable("postmark: the suppression list is not understood") from error


def _trouble(code: int, otherwise: str) -> ProviderError:
    kind, why = _REFUSED_BATCH.get(code, (AccountHalted, otherwise))
    return kind(f"postmark: {why}")


def _items(answer: requests.Response, expected: int) -> list[dict[str, Any]]:
    try:
        items = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise OutcomeUnknown("postmark: an answer that is not JSON") from error
    fits = isinstance(items, list) and len(items) == expected
    if not fits or not all(isinstance(item, dict) for item in items):
        raise OutcomeUnknown("postmark: an answer that does not fit the batch")
    return list(items)


def _require_order(messages: Sequence[Message], items: Sequence[Mapping[str, Any]]) -> None:
    """See that no answer is another message's; one may not say whose it is, or say it otherwise."""
    places = {message.address.lower(): place for place, message in enumerate(messages)}
    for place, item in enumerate(items):
        to = parseaddr(str(item.get("To") or ""))[1].lower()
        if places.get(to, place) != place:
            raise OutcomeUnknown("postmark: answers in another order than the batch")


def _receipt(message: Message, item: Mapping[str, Any], code: int) -> Receipt:
    if code == 0:
        return Receipt(message.send_key, Answer.SUBMITTED, str(item.get("MessageID", "")))
    if code in _REFUSED_READER:
        return Receipt(message.send_key, Answer.REFUSED, reason=_REFUSED_READER[code])
    return Receipt(message.send_key, Answer.NOT_NOW)
