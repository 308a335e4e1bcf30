"""Brevo's e-mail API: one letter a call, and small values for each reader (beta).

Sources: developers.brevo.com, "Send a transactional email", "Batch send transactional emails",
"Idempotency for batch emails", "Get the list of blocked or unsubscribed transactional contacts";
help.brevo.com on its template language. It refuses a key that it had in the last 30 minutes, so a
batch without an answer is handed over again. Not yet seen in a real mailbox: whether our
List-Unsubscribe replaces the one that Brevo adds by itself.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
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
from delivery.providers.brevo_answers import (
    as_barred,
    as_contacts,
    as_ids,
    as_trouble,
    was_taken_before,
)
from delivery.providers.headers import encoded_word, exit_headers
from delivery.providers.http import Api
from delivery.providers.merge import Merged, Syntax, merge

API = "https://api.brevo.com/v3"
_PATH = "/smtp/email"
_PAGE = 100
_LONGEST_NAME = 70
# Brevo escapes every value as HTML, in text too; ours are escaped where they have to be.
_SYNTAX = Syntax(
    variable=lambda name: f"{{% autoescape off %}}{{{{ params.{name} }}}}{{% endautoescape %}}",
    triggers=("{{", "{%", "{#"),
)
_KEYS = uuid.UUID("6f2c1f0e-1c0a-5d0b-9b0f-0d1a7c3e5b42")  # ours alone; any other would do as well
_STYLE = re.compile("<style.*?</style>", re.DOTALL | re.IGNORECASE)
_SPECIAL = re.compile(r'[][()<>@,:;".\\]')  # RFC 5322, 3.2.3


class Brevo(Plain):
    """Sends through one account's key."""

    name = "brevo"
    limits = Limits(
        letters=100,
        most=1000,
        bytes=1024**3,  # the letter stands in a call only once
        calls=2,
        remembers=timedelta(minutes=25),  # Brevo: 30; what is on its way must arrive before
        as_one=True,
        replays=True,
    )

    def __init__(self, key: str, *, api: str = API) -> None:
        self._api = Api("brevo", api, secret=key, headers={"api-key": key})
        self.account = self._api.account

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """One letter with variables, and a version with its values for each reader."""
        merged = merge(_loosen_styles(letter), messages, _SYNTAX)
        body: dict[str, Any] = {
            "sender": _person(letter.sender_name, letter.sender_address),
            "subject": merged.subject,
            "htmlContent": merged.html,
            "textContent": merged.text,
            "headers": {"idempotencyKey": str(uuid.uuid5(_KEYS, batch_id))},
            "messageVersions": _versions(letter, messages, merged),
        }
        if letter.reply_to:
            body["replyTo"] = {"email": letter.reply_to}
        return Payload(batch_id, tuple(messages), (orjson.dumps(body),))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once."""
        return all_taken(payload.messages, self._post(payload.body, len(payload.messages)))

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Hand the same bytes over again: they are taken now, or refused as known already.

        Raises:
            ProviderError: as `submit`; it is still not known.
        """
        if not batch.body:
            return {}
        keys = batch.send_keys
        ids = self._post(batch.body, len(keys))
        return {
            key: Receipt(key, Answer.SUBMITTED, provider_id)
            for key, provider_id in zip(keys, ids, strict=True)
        }

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The account's block list, latest first."""
        offset = 0
        while True:
            asked = {"limit": str(_PAGE), "offset": str(offset), "sort": "desc"}
            contacts = as_contacts(self._api.ask("GET", "/smtp/blockedContacts", params=asked))
            for found in map(as_barred, contacts):
                if since and found.since and found.since < since:
                    return
                yield found
            if len(contacts) < _PAGE:
                return
            offset += _PAGE

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _post(self, body: bytes, expected: int) -> list[str]:
        """One call; give the ids of what was taken, in order, or empty ones where it was before."""
        answer = self._api.hand_over(_PATH, body)
        if answer.ok:
            return as_ids(answer, expected)
        if was_taken_before(answer):
            return [""] * expected
        raise as_trouble(answer)


def _versions(
    letter: FormLetter, messages: Sequence[Message], merged: Merged
) -> list[dict[str, Any]]:
    """Whether outer headers are added to those of a version is not documented: each has all."""
    return [
        {
            "to": [_person(message.name, message.address)],
            "params": values,
            "headers": {
                "X-Mailin-custom": message.send_key,
                # Brevo decodes an encoded word, and sends the header in 8-bit.
                **exit_headers(letter, message, encoded=False),
            },
        }
        for message, values in zip(messages, merged.values, strict=True)
    ]


def _person(name: str, address: str) -> dict[str, str]:
    """Brevo drops a name that has both another script's letters and marks, unless it is encoded."""
    name = in_one_line(name)
    if not name.isascii() and _SPECIAL.search(name):
        name = encoded_word(name)
    if not name or len(name) > _LONGEST_NAME:
        return {"email": address}
    return {"email": address, "name": name}


def _loosen_styles(letter: FormLetter) -> FormLetter:
    """Part braces in style sheets by spaces, which change nothing there; an entity would."""
    parts = [_STYLE.sub(_loosen, part) for part in letter.html]
    return replace(letter, html=tuple(parts))


def _loosen(style: re.Match[str]) -> str:
    return re.sub(r"\{(?=[{%#])", "{ ", style[0])
