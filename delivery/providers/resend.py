"""Resend's batch API: finished messages, up to 100 a call.

Sources: resend.com/docs, "Send Batch Emails", "Idempotency Keys", "Errors", "List Suppressions".
It remembers a key for 24 hours and answers the same bytes as it did the first time, so a batch
without an answer is handed over again. Opens and clicks are tracked by domain only: that has to be
off in Resend's own settings.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr
from http import HTTPStatus
from typing import Any

import orjson

from delivery.mailing import Batch
from delivery.message import (
    Answer,
    FormLetter,
    Handover,
    Message,
    Payload,
    Receipt,
    all_taken,
    in_one_line,
)
from delivery.providers.base import Barred, Limits, Plain
from delivery.providers.headers import constant_headers, encoded_word
from delivery.providers.http import Api
from delivery.providers.resend_answers import as_barred, as_entries, as_ids, as_trouble
from delivery.providers.tags import MAILING, READER, as_tags
from delivery.stencil import Gap, Stencil, cut, join

API = "https://api.resend.com"
_PATH = "/emails/batch"
_PAGE = 100


class Resend(Plain):
    """Sends through one team's key.

    A call is checked as a whole before anything of it is sent ("strict" validation).
    """

    name = "resend"
    limits = Limits(
        letters=100,
        most=100,
        bytes=16 * 1024**2,
        calls=4,  # Resend allows 5
        remembers=timedelta(hours=23),  # Resend: 24; what is on its way must arrive before
        as_one=True,
        replays=True,
    )

    def __init__(self, key: str, *, api: str = API) -> None:
        self._api = Api("resend", api, secret=key, headers={"Authorization": f"Bearer {key}"})
        self.account = self._api.account
        self._stencils: dict[FormLetter, Stencil] = {}

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """Finished messages in a JSON array."""
        if letter not in self._stencils:
            self._stencils[letter] = _as_stencil(letter)
        stencil = self._stencils[letter]
        letters = [stencil.pieces(_values(message)) for message in messages]
        body = join(letters, start=b"[", separator=b",", end=b"]")
        return Payload(batch_id, tuple(messages), (body,))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once."""
        messages = payload.messages
        return all_taken(messages, self._post(payload.batch_id, payload.body, len(messages)))

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Hand the same bytes over under the same key: they are sent once, then or now.

        Raises:
            ProviderError: as `submit`; it is still not known.
        """
        if not batch.body:
            return {}
        keys = batch.send_keys
        ids = self._post(batch.id, batch.body, len(keys))
        return {
            key: Receipt(key, Answer.SUBMITTED, provider_id)
            for key, provider_id in zip(keys, ids, strict=True)
        }

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The team's suppression list; its order is not documented, so all of it is read."""
        asked = {"limit": str(_PAGE)}
        while True:
            page = self._api.ask("GET", "/suppressions", params=asked)
            entries = as_entries(page)
            found = [as_barred(entry) for entry in entries]
            yield from (one for one in found if not since or not one.since or one.since >= since)
            if not entries or not page.get("has_more"):
                return
            asked["after"] = entries[-1]["id"]

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _post(self, batch_id: str, body: bytes, expected: int) -> list[str]:
        """One call; give the ids of what was taken, in order."""
        headers = {"Idempotency-Key": batch_id, "x-batch-validation": "strict"}
        answer = self._api.hand_over(_PATH, body, headers=headers)
        if answer.status_code != HTTPStatus.OK:
            raise as_trouble(answer)
        return as_ids(answer, expected)


def _as_stencil(letter: FormLetter) -> Stencil:
    """One message of the batch as JSON, with its constant parts escaped once."""
    constant: dict[str, Any] = {"from": _sender(letter), "subject": letter.subject}
    if letter.reply_to:
        constant["reply_to"] = letter.reply_to
    return Stencil(
        [
            orjson.dumps(constant)[:-1] + b',"to":["',
            Gap("to", _escape),
            *_tag_parts(),
            b',"headers":{',
            *_exit_headers(letter),
            b'},"text":"',
            *cut(letter.text, _escape, _escape),
            b'","html":"',
            *cut(letter.html, _escape, _escape_html),
            b'"}',
        ]
    )


def _tag_parts() -> list[bytes | Gap]:
    return [
        f'"],"tags":[{{"name":"{MAILING}","value":"'.encode(),
        Gap(MAILING, _escape),
        f'"}},{{"name":"{READER}","value":"'.encode(),
        Gap(READER, _escape),
        b'"}]',
    ]


def _exit_headers(letter: FormLetter) -> list[bytes | Gap]:
    if not letter.exit_url:
        return []
    return [
        orjson.dumps(constant_headers(letter))[1:-1] + b',"List-Unsubscribe":"<',
        *cut(letter.exit_url, _escape, _escape),
        b'>"',
    ]


def _sender(letter: FormLetter) -> str:
    """Resend refuses an encoded or quoted name here, and takes any other as it is."""
    name = in_one_line(letter.sender_name)
    return f"{name} <{letter.sender_address}>" if name else letter.sender_address


def _values(message: Message) -> Mapping[str, str]:
    return {**message.values, **as_tags(message.send_key), "to": _mailbox(message)}


def _mailbox(message: Message) -> str:
    """Resend refuses a quoted name, so what would need quotes is an encoded word."""
    name = in_one_line(message.name)
    mailbox = formataddr((name, message.address))
    return f"{encoded_word(name)} <{message.address}>" if mailbox.startswith('"') else mailbox


def _escape(text: str) -> bytes:
    return orjson.dumps(text)[1:-1]


def _escape_html(value: str) -> bytes:
    return _escape(html.escape(value))
