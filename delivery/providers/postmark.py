"""Postmark's batch API, up to 500 readers a call.

Sources: postmarkapp.com/developer, "Batch emails with templates", "Batch emails", "Templates",
"Messages", "Suppressions". A letter is stored there once for its mailing, and a call has only what
is each reader's; where it cannot be stored, a call has finished messages. It knows no idempotency
key, so a batch without an answer is looked up by the metadata we gave it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from delivery.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from delivery.mailing import Batch
from delivery.message import Answer, FormLetter, Handover, Message, Payload, Receipt
from delivery.providers import postmark_body
from delivery.providers.base import Barred, Limits
from delivery.providers.http import Api
from delivery.providers.postmark_answers import as_barred, as_handover, check_status, error_code
from delivery.stencil import Stencil, join

API = "https://api.postmarkapp.com"
_PAGE = 500
_log = logging.getLogger(__name__)

# What a template is refused with, and finished messages may not be: it is one too many, it is not
# understood, the token or a guard before the API does not let it in.
_NOT_STORED = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN)
# "Alias empty, invalid or in use": only the list of templates tells which.
_FIELD_INVALID = 1122


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
        remembers=timedelta(days=40),  # Postmark keeps messages for 45 days
    )

    def __init__(self, token: str, *, stream: str, api: str = API) -> None:
        # Another server of the same account has never heard of this one's messages.
        self._api = Api("postmark", api, secret=token, headers={"X-Postmark-Server-Token": token})
        self.account = self._api.account
        self._stream = stream
        self._aliases: dict[FormLetter, str] = {}
        self._stencils: dict[FormLetter, Stencil] = {}

    def begin(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Store each letter once; a letter that is refused goes out as finished messages."""
        for letter in letters.values():
            self._forget(letter)
            alias, body = postmark_body.as_template(key, letter, self._stream)
            if self._store(alias, body):
                self._aliases[letter] = alias

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """An array of finished messages, or an object of those whose letter is stored."""
        if letter not in self._stencils:
            self._stencils[letter] = self._stencil(letter)
        stencil = self._stencils[letter]
        letters = [
            stencil.pieces(postmark_body.values_of(message, batch_id)) for message in messages
        ]
        body = join(letters, start=b"[", separator=b",", end=b"]")
        if letter in self._aliases:
            body = b'{"Messages":' + body + b"}"
        return Payload(batch_id, tuple(messages), (body,))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once."""
        is_stored = payload.body.startswith(b"{")
        path = "/email/batchWithTemplates" if is_stored else "/email/batch"
        answer = self._api.hand_over(path, payload.body)
        check_status(answer)
        return as_handover(answer, payload.messages)

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Find the messages of a batch by the metadata they were sent with."""
        found: dict[str, Receipt] = {}
        for offset in range(0, len(batch.deliveries) + 1, _PAGE):
            page = self._search({"metadata_batch": batch.id}, offset)
            for item in page:
                key = item.get("Metadata", {}).get("send_key", "")
                found[key] = Receipt(key, Answer.SUBMITTED, str(item.get("MessageID", "")))
            if len(page) < _PAGE:
                break
        return found

    def find(self, send_keys: Sequence[str]) -> dict[str, Receipt]:
        """Look single letters up by the metadata they were sent with, a call for each."""
        found: dict[str, Receipt] = {}
        for key in send_keys:
            for item in self._search({"metadata_send_key": key}, 0)[:1]:
                found[key] = Receipt(key, Answer.SUBMITTED, str(item.get("MessageID", "")))
        return found

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The stream's suppression list."""
        asked = {"fromdate": since.date().isoformat()} if since else {}
        path = f"/message-streams/{self._stream}/suppressions/dump"
        yield from as_barred(self._api.ask("GET", path, params=asked))

    def end(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Take the stored letters away, whoever stored them; a server has room for 100."""
        ours = set()
        for letter in letters.values():
            self._forget(letter)
            ours.add(postmark_body.as_template(key, letter, self._stream)[0])
        try:
            for alias in sorted(ours & self._stored_aliases()):
                self._api.ask("DELETE", f"/templates/{alias}")
        except ProviderError as error:
            _log.warning("%s; delete the templates “Lettermill %s” there by hand", error, key)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _store(self, alias: str, body: bytes) -> bool:
        """Whether Postmark has the letter now.

        Raises:
            ProviderUnavailable: it cannot be found out now.
            ProviderRefused: the account may do nothing at all.
        """
        try:
            answer = self._api.hand_over("/templates", body)
            if answer.status_code not in _NOT_STORED:
                check_status(answer)
                return True
        except OutcomeUnknown as error:
            raise ProviderUnavailable(f"{error}, when a letter was to be stored") from error
        code = error_code(answer)
        if code == _FIELD_INVALID and alias in self._stored_aliases():
            return True
        what = f"HTTP {answer.status_code}, error code {code}"
        _log.warning("postmark: a letter is not stored (%s); it goes out as whole messages", what)
        return False

    def _forget(self, letter: FormLetter) -> None:
        self._aliases.pop(letter, None)
        self._stencils.pop(letter, None)

    def _stored_aliases(self) -> set[str]:
        page = self._api.ask("GET", "/templates", params={"count": str(_PAGE), "offset": "0"})
        try:
            return {str(template["Alias"]) for template in page["Templates"]}
        except (KeyError, TypeError) as error:
            raise ProviderUnavailable("postmark: no list of the templates") from error

    def _stencil(self, letter: FormLetter) -> Stencil:
        if letter in self._aliases:
            return postmark_body.stored(letter, self._stream, self._aliases[letter])
        return postmark_body.finished(letter, self._stream)

    def _search(self, metadata: dict[str, str], offset: int) -> list[dict[str, Any]]:
        asked = {
            **metadata,
            "messagestream": self._stream,  # else only the default one is searched
            "count": str(_PAGE),
            "offset": str(offset),
        }
        try:
            return list(self._api.ask("GET", "/messages/outbound", params=asked)["Messages"])
        except (KeyError, TypeError) as error:
            raise ProviderUnavailable("postmark: the message search gives no answer") from error
