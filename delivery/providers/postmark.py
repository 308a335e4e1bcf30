"""Postmark's batch API: finished messages, up to 500 a call.

Sources: postmarkapp.com/developer, "Batch emails", "API error codes", "Messages API". It knows no
idempotency key, so a batch without an answer is looked up by the metadata we gave it.
"""

import hashlib
import html
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any

import orjson
import requests

from delivery.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from delivery.mailing import Batch
from delivery.message import Answer, FormLetter, Message, Receipt, in_one_line
from delivery.providers.base import Limits
from delivery.stencil import Gap, Stencil, cut, join

CONNECT_SECONDS = 5
READ_SECONDS = 60
API = "https://api.postmarkapp.com"
_PAGE = 500

# Error codes stand in the body; they are not HTTP statuses even where they look like them.
_REFUSED_READER = {300: "invalid address", 406: "inactive at the provider"}
_REFUSED_BATCH = {
    10: "the server token is wrong",
    400: "the sender address is not confirmed",
    401: "the sender address is not confirmed",
    402: "the request is not understood",
    403: "the request is not understood",
    405: "the account is out of credits",
    409: "the request is not understood",
    410: "the batch is too large",
    411: "attachments are not allowed",
    412: "the account waits for approval",
    413: "the account may not send",
    1235: "the message stream does not exist",
    1236: "the message stream is of the wrong type",
}
_MAINTENANCE = 100


class Postmark:
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
        absent_until=timedelta(days=40),  # Postmark keeps messages for 45 days
    )

    def __init__(self, token: str, *, stream: str, api: str = API) -> None:
        # No retries: `requests` makes none of its own, and neither must anything added here.
        self._session = requests.Session()
        # Another server of the same account has never heard of this one's messages.
        self.account = hashlib.sha256(f"{api} {token}".encode()).hexdigest()[:16]
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Postmark-Server-Token": token,
        }
        self._stream = stream
        self._api = api
        self._stencils: dict[FormLetter, Stencil] = {}

    def submit(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> list[Receipt]:
        """POST one batch, exactly once."""
        stencil = self._stencil(letter)
        letters = [stencil.pieces(_values(message, batch_id)) for message in messages]
        body = b"[" + join(letters, separator=b",") + b"]"
        answer = self._post(body)
        items = _items(answer, len(messages))
        return [_as_receipt(item, message) for item, message in zip(items, messages, strict=True)]

    def look_up(self, batch: Batch) -> dict[str, Receipt]:
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
        """Give the connection back."""
        self._session.close()

    def _post(self, body: bytes) -> requests.Response:
        try:
            answer = self._session.post(
                f"{self._api}/email/batch",
                data=body,
                headers=self._headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise ProviderUnavailable("postmark: no connection in 5 seconds") from error
        except requests.ConnectionError as error:
            if _never_left(error):
                raise ProviderUnavailable("postmark: no connection") from error
            raise OutcomeUnknown("postmark: the connection broke before an answer") from error
        except requests.RequestException as error:
            raise OutcomeUnknown(f"postmark: {type(error).__name__} before an answer") from error
        _check_status(answer)
        return answer

    def _search(self, batch_id: str, offset: int) -> list[dict[str, Any]]:
        try:
            answer = self._session.get(
                f"{self._api}/messages/outbound",
                params={
                    "metadata_batch": batch_id,
                    "messagestream": self._stream,  # else only the default one is searched
                    "count": str(_PAGE),
                    "offset": str(offset),
                },
                headers=self._headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )
            answer.raise_for_status()
            return list(answer.json()["Messages"])
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            raise ProviderUnavailable("postmark: the message search gives no answer") from error

    def _stencil(self, letter: FormLetter) -> Stencil:
        if letter not in self._stencils:
            self._stencils[letter] = _as_stencil(letter, self._stream)
        return self._stencils[letter]


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


def _never_left(error: requests.ConnectionError) -> bool:
    """Tell whether not even the connection was made: DNS, nobody listening, a wrong certificate.

    Any other TLS error may come while the answer is read, when the batch has been taken.
    """
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    certificate = isinstance(cause, ssl.SSLCertVerificationError)
    return certificate or type(reason).__name__ in ("NewConnectionError", "NameResolutionError")


def _check_status(answer: requests.Response) -> None:
    """Sort an answer that is not a list of receipts by what the caller may do next."""
    status = answer.status_code
    if status == requests.codes.ok:
        return
    code = _error_code(answer)
    if status == requests.codes.too_many_requests or code == _MAINTENANCE:
        hint = answer.headers.get("Retry-After", "")
        wait = float(hint) if hint.isdigit() else None
        raise ProviderUnavailable(f"postmark: HTTP {status}, it asks us to wait", wait=wait)
    if status == requests.codes.unprocessable or status in (401, 403, 404, 413):
        why = _REFUSED_BATCH.get(code, f"HTTP {status}, error code {code}")
        raise ProviderRefused(f"postmark: {why}")
    raise OutcomeUnknown(f"postmark: HTTP {status}, which leaves open what became of the batch")


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


def _as_receipt(item: Mapping[str, Any], message: Message) -> Receipt:
    """Read one item of the answer; an item may lack ErrorCode when it was queued."""
    code = int(item.get("ErrorCode") or 0)
    if code == 0:
        return Receipt(message.send_key, Answer.SUBMITTED, str(item.get("MessageID", "")))
    if code in _REFUSED_READER:
        return Receipt(message.send_key, Answer.REFUSED, reason=_REFUSED_READER[code])
    reason = f"postmark: {_REFUSED_BATCH.get(code, f'error code {code}')}"
    return Receipt(message.send_key, Answer.NOT_NOW, reason=reason)
