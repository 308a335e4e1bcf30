"""SendGrid's mail/send: one letter with tokens, and a personalization for each reader.

Sources: docs.sendgrid.com, "Mail Send", "Substitution Tags", "Suppressions"; the public description
of the API, github.com/twilio/sendgrid-oai. It knows no idempotency key, and to look for messages is
an add-on that is paid for: a batch without an answer is found out by its events, or by a person.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson

from delivery.errors import ProviderUnavailable
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import EventKind
from delivery.mailing import Batch
from delivery.message import (
    FormLetter,
    Handover,
    Message,
    Payload,
    Receipt,
    all_taken,
    in_one_line,
)
from delivery.providers.base import BarReason, Barred, Limits, Plain
from delivery.providers.headers import constant_headers, exit_headers
from delivery.providers.http import Api
from delivery.providers.merge import Syntax, merge, short_names
from delivery.providers.sendgrid_answers import as_id, as_trouble

API = "https://api.sendgrid.com"
API_EU = "https://api.eu.sendgrid.com"
_TRIGGERS = ("<%asm_",)
# SendGrid picks Latin-1 for a part that has nothing else, and Gmail clips such a part however short
# it is. This sign is none of Latin-1 and is not seen.
_NOT_LATIN = "\N{ZERO WIDTH NON-JOINER}"
_OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}
_EXIT = "List-Unsubscribe"
_PAGE = 500
_LISTS = {
    "bounces": BarReason.BOUNCED,
    "invalid_emails": BarReason.BOUNCED,
    "spam_reports": BarReason.COMPLAINED,
    "unsubscribes": BarReason.UNSUBSCRIBED,
}


class SendGrid(Plain):
    """Sends through one account's key; `api` is that of its region (`API`, `API_EU`)."""

    name = "sendgrid"
    limits = Limits(
        letters=100,
        most=1000,
        bytes=1024**3,  # the letter stands in a call only once: the readers are the bound
        calls=5,
        as_one=True,
    )

    def __init__(self, key: str, *, api: str = API) -> None:
        bearer = {"Authorization": f"Bearer {key}"}
        self._api = Api("sendgrid", api, secret=key, headers=bearer)
        self.account = self._api.account

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """One letter, and everything of each reader."""
        short, mark = short_names(letter), _mark(letter, messages)
        syntax = Syntax(lambda name: f"{mark}{short[name]}-", _TRIGGERS)
        merged = merge(letter, messages, syntax)
        body: dict[str, Any] = {
            "from": _person(letter.sender_name, letter.sender_address),
            "subject": merged.subject,
            "content": [
                {"type": "text/plain", "value": merged.text + _NOT_LATIN},
                {"type": "text/html", "value": _with_sign(merged.html)},
            ],
            "custom_args": {"batch": batch_id},
            "tracking_settings": _OFF,
            "personalizations": [
                _personalization(letter, message, values, syntax)
                for message, values in zip(messages, merged.values, strict=True)
            ],
        }
        if letter.exit_url:  # the headers of one reader come on top of these
            body["headers"] = constant_headers(letter)
        if letter.reply_to:
            body["reply_to"] = {"email": letter.reply_to}
        return Payload(batch_id, tuple(messages), (orjson.dumps(body),))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once; SendGrid names the call, not its messages."""
        answer = self._api.hand_over("/v3/mail/send", payload.body)
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise as_trouble(answer, len(payload.messages))
        return all_taken(payload.messages, [as_id(answer)] * len(payload.messages))

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """SendGrid cannot be asked."""
        return {}

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The account's lists. What is blocked is not for the reader's sake, and no bar."""
        for name, reason in _LISTS.items():
            for entry in self._entries(name, since):
                if _is_for_good(entry, reason):
                    yield _as_barred(entry, reason)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _entries(self, name: str, since: datetime | None) -> Iterator[dict[str, Any]]:
        asked = {"limit": str(_PAGE)}
        if since:
            asked["start_time"] = str(int(since.timestamp()))
        offset = 0
        while True:
            asked["offset"] = str(offset)
            page = self._api.ask("GET", f"/v3/suppression/{name}", params=asked)
            if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
                raise ProviderUnavailable(f"sendgrid: no list of {name}")
            yield from page
            if len(page) < _PAGE:
                return
            offset += len(page)


def _personalization(
    letter: FormLetter, message: Message, values: Mapping[str, str], syntax: Syntax
) -> dict[str, Any]:
    """One reader. Values are strings, else SendGrid says "Bad Request" and no more."""
    made: dict[str, Any] = {
        "to": [_person(message.name, message.address)],
        "substitutions": {syntax.variable(slot): value for slot, value in values.items()},
        "custom_args": {"send_key": message.send_key},
    }
    headers = exit_headers(letter, message)
    if headers:  # tokens are not looked for in headers
        made["headers"] = {_EXIT: headers[_EXIT]}
    return made


def _person(name: str, address: str) -> dict[str, str]:
    """SendGrid does not quote a name with a comma or semicolon in it: it would be two addresses."""
    shown = in_one_line(name.replace(",", " ").replace(";", " "))
    return {"email": address, "name": shown} if shown else {"email": address}


def _mark(letter: FormLetter, messages: Sequence[Message]) -> str:
    """What every token begins with: it stands nowhere in the letter and in nobody's values."""
    parts = [letter.subject, *letter.html, *letter.text]
    whole = "\n".join([*parts, *(value for m in messages for value in m.values.values())])
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    marks = (f"-{digest[start : start + 4]}" for start in range(len(digest) - 3))
    return next((mark for mark in marks if mark not in whole), f"-{digest}")


def _with_sign(page: str) -> str:
    before, end, after = page.rpartition("</body>")
    return before + _NOT_LATIN + end + after if end else page + _NOT_LATIN


def _as_barred(entry: Mapping[str, Any], reason: BarReason) -> Barred:
    try:
        return Barred(
            str(entry["email"]), reason, datetime.fromtimestamp(int(entry["created"]), UTC)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable(f"sendgrid: an entry of {reason} that is none") from error


def _is_for_good(entry: Mapping[str, Any], reason: BarReason) -> bool:
    """A bounce for policy, or one that passes, says nothing of the reader."""
    said = str(entry.get("reason", ""))
    code = find_code(str(entry.get("status", "")), said)
    kind = kind_of_bounce(code, for_good=True, words=said)
    return reason is not BarReason.BOUNCED or kind is EventKind.BOUNCED
