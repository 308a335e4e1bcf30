"""Postmark's batch API: finished messages, up to 500 a call.

Sources: postmarkapp.com/developer, "Batch emails", "API error codes", "Messages API". It knows no
idempotency key, so a batch without an answer is looked up by the metadata we gave it.
"""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr
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
from delivery.mailing import Batch
from delivery.message import (
    Answer,
    FormLetter,
    Handover,
    Message,
    Payload,
    Receipt,
    in_one_line,
)
from delivery.providers.base import Limits, Plain
from delivery.providers.http import Api, sort_status, wait_named
from delivery.stencil import Gap, Stencil, cut, join

API = "https://api.postmarkapp.com"
_PAGE = 500

# Error codes stand in the body; they are not HTTP statuses even where they look like them.
_REFUSED_READER = {300: "invalid address", 406: "inactive at the provider"}
_NOT_UNDERSTOOD = "the request is not understood"
_UNCONFIRMED = "the sender address is not confirmed"
_REFUSED_BATCH: dict[int, tuple[type[ProviderError], str]] = {
    10: (AccountHalted, "the server token is wrong"),
    400: (AccountHalted, _UNCONFIRMED),
    401: (AccountHalted, _UNCONFIRMED),
    402: (LetterRefused, _NOT_UNDERSTOOD),
    403: (LetterRefused, _NOT_UNDERSTOOD),
    405: (QuotaExhausted, "the account is out of credits"),
    409: (LetterRefused, _NOT_UNDERSTOOD),
    410: (LetterRefused, "the batch is too large"),
    411: (LetterRefused, "attachments are not allowed"),
    412: (AccountHalted, "the account waits for approval"),
    413: (AccountHalted, "the account may not send"),
    1235: (AccountHalted, "the message stream does not exist"),
    1236: (AccountHalted, "the message stream is of the wrong type"),
}
_MAINTENANCE = 100


class Postmark(Plain):
    """Sends through one server and one message stream.

    The stream must leave unsubscribing to us ("manage unsubscribes on your own"), else Postmark
    puts its own List-Unsubscribe in place of ours.
    """

    name = "postmark"
    limits = Limits(
        letters=500,
        bytes=32 * 1024**2,  # Postmark takes 50 MB
        lookup_after=timedelta(minutes=2),
        absent_after=timedelta(minutes=10),
        remembers=timedelta(days=40),  # Postmark keeps messages for 45 days
    )

    def __init__(self, token: str, *, stream: str, api: str = API) -> None:
        # Another server of the same account has never heard of this one's messages.
        self._api = Api("postmark", api, secret=token, headers={"X-Postmark-Server-Token": token})
        self.account = self._api.account
        self._stream = stream
        self._stencils: dict[FormLetter, Stencil] = {}

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """Finished messages in a JSON array."""
        if letter not in self._stencils:
            self._stencils[letter] = _as_stencil(letter, self._stream)
        stencil = self._stencils[letter]
        letters = [stencil.pieces(_values(message, batch_id)) for message in messages]
        body = b"[" + join(letters, separator=b",") + b"]"
        return Payload(batch_id, tuple(messages), (body,))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once."""
        answer = self._api.hand_over("/email/batch", payload.body)
        _check_status(answer)
        items = _items(answer, len(payload.messages))
        return _handover(payload.messages, items)

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Find the messages of a batch by the metadata they were sent with."""
        found: dict[str, Receipt] = {}
        for offset in range(0, len(batch.deliveries) + 1, _PAGE):
            page = self._search(batch.id, offset)
            for item in page:
                key = item.get("Metadata", {}).get("send_key", "")
                found[key] = Receipt(key, Answer.SUBMITTED, str(item.get("MessageID", "")))
            if len(page) < _PAGE:
                break
        return found

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _search(self, batch_id: str, offset: int) -> list[dict[str, Any]]:
        asked = {
            "metadata_batch": batch_id,
            "messagestream": self._stream,  # else only the default one is searched
            "count": str(_PAGE),
            "offset": str(offset),
        }
        try:
            return list(self._api.ask("GET", "/messages/outbound", params=asked)["Messages"])
        except (KeyError, TypeError) as error:
            raise ProviderUnavailable("postmark: the message search gives no answer") from error


def _as_stencil(letter: FormLetter, stream: str) -> Stencil:
    """One message of the batch as JSON, with its constant parts escaped once."""
    constant = {
        "From": formataddr((in_one_line(letter.sender_name), letter.sender_address)),
        "Subject": letter.subject,
        "MessageStream": stream,
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    if letter.reply_to:
        constant["ReplyTo"] = letter.reply_to
    return Stencil(
        [
            orjson.dumps(constant)[:-1] + b',"To":"',
            Gap("to", _escape),
            b'","Metadata":{"batch":"',
            Gap("batch", _escape),
            b'","send_key":"',
            Gap("send_key", _escape),
            b'"},"Headers":[',
            *_exit_headers(letter),
            b'],"TextBody":"',
            *cut(letter.text, _escape, _escape),
            b'","HtmlBody":"',
            *cut(letter.html, _escape, _escape_html),
            b'"}',
        ]
    )


def _exit_headers(letter: FormLetter) -> list[bytes | Gap]:
    if not letter.exit_url:
        return []
    list_id = _escape(f'"{letter.list_name}" <{letter.list_id}>')
    return [
        b'{"Name":"List-Id","Value":"' + list_id,
        b'"},{"Name":"List-Unsubscribe-Post","Value":"List-Unsubscribe=One-Click"}',
        b',{"Name":"List-Unsubscribe","Value":"<',
        *cut(letter.exit_url, _escape, _escape),
        b'>"}',
    ]


def _values(message: Message, batch_id: str) -> Mapping[str, str]:
    to = formataddr((in_one_line(message.name), message.address))
    return {**message.values, "to": to, "batch": batch_id, "send_key": message.send_key}


def _escape(text: str) -> bytes:
    return orjson.dumps(text)[1:-1]


def _escape_html(value: str) -> bytes:
    return _escape(html.escape(value))


def _check_status(answer: requests.Response) -> None:
    """Sort an answer that is not a list of receipts by what the caller may do next."""
    status = answer.status_code
    if status == requests.codes.ok:
        return
    code = _error_code(answer)
    if code == _MAINTENANCE:
        raise Throttled("postmark: it is under maintenance", wait=wait_named(answer))
    if status == requests.codes.unprocessable or status in (401, 403, 404, 413):
        raise _trouble(code, f"HTTP {status}, error code {code}")
    raise sort_status(answer, "postmark")


def _trouble(code: int, otherwise: str) -> ProviderError:
    kind, why = _REFUSED_BATCH.get(code, (AccountHalted, otherwise))
    return kind(f"postmark: {why}")


def _error_code(answer: requests.Response) -> int:
    try:
        return int(answer.json()["ErrorCode"])
    except (KeyError, TypeError, ValueError):
        return 0


def _items(answer: requests.Response, expected: int) -> list[dict[str, Any]]:
    try:
        items = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise OutcomeUnknown("postmark: an answer that is not JSON") from error
    fits = isinstance(items, list) and len(items) == expected
    if not fits or not all(isinstance(item, dict) for item in items):
        raise OutcomeUnknown("postmark: an answer that does not fit the batch")
    return list(items)


def _handover(messages: Sequence[Message], items: Sequence[Mapping[str, Any]]) -> Handover:
    """Read the answer item by item; one may lack ErrorCode when its message was queued."""
    codes = [int(item.get("ErrorCode") or 0) for item in items]
    receipts = tuple(
        _receipt(message, item, code)
        for message, item, code in zip(messages, items, codes, strict=True)
    )
    troubles = [code for code in codes if code and code not in _REFUSED_READER]
    return Handover(receipts, _trouble(troubles[0], _unknown(troubles[0])) if troubles else None)


def _receipt(message: Message, item: Mapping[str, Any], code: int) -> Receipt:
    if code == 0:
        return Receipt(message.send_key, Answer.SUBMITTED, str(item.get("MessageID", "")))
    if code in _REFUSED_READER:
        return Receipt(message.send_key, Answer.REFUSED, reason=_REFUSED_READER[code])
    return Receipt(message.send_key, Answer.NOT_NOW)


def _unknown(code: int) -> str:
    return f"error code {code}"
