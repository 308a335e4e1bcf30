"""Mailgun's messages API: one letter with variables, and small values for each reader.

Sources: documentation.mailgun.com, "Sending messages", "Batch sending", "Events", "Suppressions".
It knows no idempotency key. A call is taken as a whole or not at all, so one accepted message of a
batch, found by the tag that the batch's id is, proves the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr, parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson

from delivery.errors import ProviderUnavailable
from delivery.events.bounce_codes import find_code, kind_of_bounce
from delivery.events.event import EventKind
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
from delivery.providers.base import BarReason, Barred, Limits, Plain
from delivery.providers.form import as_form, boundary_of
from delivery.providers.headers import constant_headers
from delivery.providers.http import Api
from delivery.providers.mailgun_answers import as_id, as_trouble
from delivery.providers.merge import Merged, Syntax, merge, short_names

API = "https://api.mailgun.net"
API_EU = "https://api.eu.mailgun.net"
_TRIGGERS = ("%recipient", "%unsubscribe_url", "%tag_unsubscribe", "%mailing_list_unsubscribe")
_UNTRACKED = (("o:tracking", "no"), ("o:tracking-clicks", "no"), ("o:tracking-opens", "no"))
_READER = "Z"  # no letter has so many slots that one has this name
_PAGE = 1000
# The call reached Mailgun after we wrote down that it left, by two clocks.
_CLOCKS_DIFFER = timedelta(minutes=5)
_LISTS = {
    "bounces": BarReason.BOUNCED,
    "complaints": BarReason.COMPLAINED,
    "unsubscribes": BarReason.UNSUBSCRIBED,
}


class Mailgun(Plain):
    """Sends from one domain; `api` is that of the domain's region (`API`, `API_EU`)."""

    name = "mailgun"
    limits = Limits(
        letters=200,
        most=1000,
        bytes=1024**3,  # the letter stands in a call only once: the readers are the bound
        calls=2,
        lookup_after=timedelta(minutes=1),
        absent_after=timedelta(minutes=30),  # events come late; Mailgun trusts them by then
        remembers=timedelta(days=1),  # on the smallest plan
        as_one=True,
    )

    def __init__(self, key: str, *, domain: str, api: str = API) -> None:
        # Another domain of the same account has never heard of this one's messages.
        self._api = Api("mailgun", api, secret=f"{domain} {key}", auth=("api", key))
        self.account = self._api.account
        self._path = f"/v3/{domain}"

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """A form: urlencoding would triple the JSON in it."""
        boundary = boundary_of(batch_id)
        body = as_form(_fields(batch_id, letter, messages), boundary)
        kind = f"multipart/form-data; boundary={boundary}"
        return Payload(batch_id, tuple(messages), (body,), kind=kind)

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once; Mailgun names the call, not its messages."""
        answer = self._api.hand_over(f"{self._path}/messages", payload.body, kind=payload.kind)
        if answer.status_code != HTTPStatus.OK:
            raise as_trouble(answer)
        return all_taken(payload.messages, [as_id(answer)] * len(payload.messages))

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """Look for one accepted message with the batch's tag."""
        begin = (batch.posted or now) - _CLOCKS_DIFFER
        asked = {
            "event": "accepted",
            "tags": batch.id,
            "begin": str(int(begin.timestamp())),
            "ascending": "yes",
            "limit": "1",
        }
        page = self._api.ask("GET", f"{self._path}/events", params=asked)
        try:
            ids = [str(item["message"]["headers"]["message-id"]) for item in page["items"]]
        except (KeyError, TypeError) as error:
            raise ProviderUnavailable("mailgun: the events give no answer") from error
        return {key: Receipt(key, Answer.SUBMITTED, ids[0]) for key in batch.send_keys if ids}

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The domain's own lists. They cannot be asked for a time, so all is read each time."""
        for name, reason in _LISTS.items():
            for entry in self._entries(name):
                barred = _as_barred(entry, reason)
                if _is_for_good(entry, reason) and not _is_before(barred, since):
                    yield barred

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def _entries(self, name: str) -> Iterator[dict[str, Any]]:
        path = f"{self._path}/{name}?limit={_PAGE}"
        while True:
            page = self._api.ask("GET", path)
            try:
                entries, after = list(page["items"]), urlsplit(page["paging"]["next"])
            except (KeyError, TypeError, ValueError) as error:
                raise ProviderUnavailable(f"mailgun: no list of {name}") from error
            yield from entries
            following = f"{after.path}?{after.query}"
            if not entries or following == path:  # behind the last page is an empty one
                return
            path = following


def _fields(
    batch_id: str, letter: FormLetter, messages: Sequence[Message]
) -> Iterator[tuple[str, str | bytes]]:
    """What the form says."""
    short = short_names(letter)
    syntax = Syntax(lambda name: _variable(short[name]), _TRIGGERS)
    merged = merge(letter, messages, syntax)
    mailing = _common_start(messages)
    yield "from", _mailbox(letter.sender_name, letter.sender_address, syntax)
    yield "to", ",".join(_mailbox(m.name, m.address, syntax) for m in messages)
    yield "subject", merged.subject
    yield "text", merged.text
    yield "html", merged.html
    yield from _headers(letter, merged, syntax)
    yield "o:tag", batch_id
    yield from _UNTRACKED
    yield "v:batch", batch_id
    yield "v:send_key", mailing + _variable(_READER)
    # Always: without it everybody in `to` would see everybody.
    yield (
        "recipient-variables",
        orjson.dumps(
            {
                message.address: {
                    **{short[slot]: _tame(value, syntax) for slot, value in values.items()},
                    _READER: message.send_key.removeprefix(mailing),
                }
                for message, values in zip(messages, merged.values, strict=True)
            }
        ),
    )


def _headers(letter: FormLetter, merged: Merged, syntax: Syntax) -> list[tuple[str, str]]:
    headers = [("h:Reply-To", letter.reply_to)] if letter.reply_to else []
    if not letter.exit_url:
        return headers
    return [
        *headers,
        *((f"h:{n}", _tame(value, syntax)) for n, value in constant_headers(letter).items()),
        ("h:List-Unsubscribe", f"<{merged.exit_url}>"),
    ]


def _variable(name: str) -> str:
    return f"%recipient.{name}%"


def _tame(value: str, syntax: Syntax) -> str:
    """A value in which Mailgun finds nothing to fill in, should it look there too."""
    return syntax.plain(value) if "%" in value else value


def _mailbox(name: str, address: str, syntax: Syntax) -> str:
    return formataddr((_tame(in_one_line(name), syntax), address))


def _common_start(messages: Sequence[Message]) -> str:
    """The name of the mailing, which stands in every send key, or '' where there are several."""
    mailings = {message.send_key.rpartition(".")[0] for message in messages}
    return f"{mailings.pop()}." if len(mailings) == 1 else ""


def _as_barred(entry: Mapping[str, Any], reason: BarReason) -> Barred:
    try:
        return Barred(str(entry["address"]), reason, parsedate_to_datetime(entry["created_at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable(f"mailgun: an entry of {reason} that is none") from error


def _is_for_good(entry: Mapping[str, Any], reason: BarReason) -> bool:
    """Mailgun lists bounces for policy too, and such as pass: they say nothing of the reader."""
    said = str(entry.get("error", ""))
    code = find_code(said) or str(entry.get("code", ""))
    kind = kind_of_bounce(code, for_good=True, words=said)
    return reason is not BarReason.BOUNCED or kind is EventKind.BOUNCED


def _is_before(barred: Barred, since: datetime | None) -> bool:
    return since is not None and barred.since is not None and barred.since < since
