"""What Mailgun answers, sorted by what the caller may do next. Pure.

Source: documentation.mailgun.com, "Errors". An error is a sentence, so parts of it are looked for.
"""

import re
from http import HTTPStatus

import requests

from delivery.errors import (
    AccountHalted,
    AddressRefused,
    LetterRefused,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Throttled,
)
from delivery.providers.http import json_of, seconds_until, sort_status, wait_named

# In lower case. Mailgun says no with 400 also where it means the account.
_ABOUT_ADDRESS = "parameter is not a valid address"
_ABOUT_ACCOUNT = ("not allowed to send", "unverified", "sandbox", "free account", "activate")
_TOO_MANY = "too many recipients"
_AFTER = re.compile(r"try again after ([^\"}]+)", re.IGNORECASE)
_REFUSED: dict[int, tuple[type[ProviderError], str]] = {
    HTTPStatus.UNAUTHORIZED: (AccountHalted, "the key is wrong, or of another region"),
    HTTPStatus.PAYMENT_REQUIRED: (QuotaExhausted, "the account's plan is used up"),
    HTTPStatus.FORBIDDEN: (AccountHalted, "the account may not send, or not so many at once yet"),
    HTTPStatus.NOT_FOUND: (AccountHalted, "no such domain; it may be of another region"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (LetterRefused, "the batch is too large"),
}


def as_id(answer: requests.Response) -> str:
    """The id of a call that was taken, as events name it.

    Raises:
        OutcomeUnknown: it is not what a taken call is answered with. With a wrong path Mailgun
            answers 200 too, and greets as "Mailgun Magnificent API".
    """
    said = json_of(answer, "mailgun", OutcomeUnknown)
    if not isinstance(said, dict) or not str(said.get("message", "")).startswith("Queued"):
        raise OutcomeUnknown("mailgun: an answer that does not say that the batch is queued")
    call = said.get("id")
    if not isinstance(call, str) or not call:
        raise OutcomeUnknown("mailgun: an answer without an id")
    return call.strip("<>")


def as_trouble(answer: requests.Response) -> ProviderError:
    """What an answer without an id means."""
    status = answer.status_code
    if status == HTTPStatus.BAD_REQUEST:
        return _as_refusal(answer.text.lower())
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled("mailgun: HTTP 429, it asks us to wait", wait=_wait(answer))
    if status in _REFUSED:
        kind, why = _REFUSED[status]
        return kind(f"mailgun: {why}")
    return sort_status(answer, "mailgun")


def _as_refusal(said: str) -> ProviderError:
    if _ABOUT_ADDRESS in said and "from parameter" not in said:
        return AddressRefused("mailgun: an address is not accepted")
    if any(words in said for words in _ABOUT_ACCOUNT):
        return AccountHalted("mailgun: the domain may not send; is it verified and active?")
    if _TOO_MANY in said:
        return LetterRefused("mailgun: the batch is too large; set fewer `letters` a call")
    return LetterRefused("mailgun: something in the letter is not accepted")


def _wait(answer: requests.Response) -> float | None:
    """The date stands in the sentence: "try again after Tue, 01 Dec 2026 12:00:30 GMT"."""
    found = _AFTER.search(answer.text)
    named = seconds_until(found[1].strip(), answer) if found else None
    return wait_named(answer) if named is None else named
