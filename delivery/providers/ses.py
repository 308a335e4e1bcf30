"""Amazon SES, API v2: one letter a call with small values for each reader, up to 50.

Sources: docs.aws.amazon.com/ses, "SendBulkEmail", "Using templates to send personalized email",
"GetAccount", "ListSuppressedDestinations". It knows no idempotency key and no search, so a call
without an answer stays unknown until its events come or a person decides. SES escapes nothing in
the values. The requests are signed with botocore and posted by ourselves, once: botocore's own
client posts up to five times.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import formataddr
from http import HTTPStatus
from typing import Any

import orjson

from delivery.errors import AccountHalted, ProviderError, ProviderUnavailable
from delivery.mailing import Batch
from delivery.message import FormLetter, Handover, Message, Payload, Receipt, in_one_line
from delivery.providers.base import BarReason, Barred, Limits, Plain
from delivery.providers.headers import exit_headers
from delivery.providers.http import Api
from delivery.providers.merge import Syntax, merge
from delivery.providers.ses_answers import as_handover, as_trouble
from delivery.providers.ses_signing import signer
from delivery.providers.tags import as_tags

_PAGE = 1000
_SYNTAX = Syntax(variable=lambda name: f"{{{{{name}}}}}", triggers=("{{",))
_OFF = {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}
_BARRED = {"BOUNCE": BarReason.BOUNCED, "COMPLAINT": BarReason.COMPLAINED}
_USED = 0.8  # of the rate that Amazon allows: other senders of the account want some of it too


@dataclass(frozen=True, slots=True)
class Quota:
    """What an account may send in one region: letters in 24 hours, None for no bound, a second."""

    a_day: int | None
    a_second: float
    sent_today: int

    @property
    def letters_per_second(self) -> float:
        """A pace that keeps clear of the bound."""
        return self.a_second * _USED


class Ses(Plain):
    """Sends through one account in one region.

    Events come only where `configuration_set` names a set that publishes them.
    """

    name = "ses"
    # A new account may send 14 a second, and a call counts as many as it has readers.
    limits = Limits(letters=10, most=50, bytes=1024**3, letters_per_second=14 * _USED)

    def __init__(
        self, user: str, key: str, *, region: str, configuration_set: str = "", api: str = ""
    ) -> None:
        """`user` is the id of an access key, `key` its secret.

        Raises:
            AccountHalted: botocore is not installed.
        """
        address = api or f"https://email.{region}.amazonaws.com"
        self._api = Api("ses", address, secret=user, auth=signer(user, key, region))
        self.account = self._api.account
        self._configuration_set = configuration_set

    def begin(self, key: str, letters: Mapping[str, FormLetter]) -> None:
        """Take the pace from what the account may send, where the author has set none."""
        if self.limits.letters_per_second != Ses.limits.letters_per_second:
            return
        try:
            pace = self.quota().letters_per_second
        except ProviderError:  # a key that may send need not be allowed to ask
            return
        self.limits = replace(self.limits, letters_per_second=pace)

    def encode(
        self, batch_id: str, letter: FormLetter, messages: Sequence[Message], *, now: datetime
    ) -> Payload:
        """One template in the call itself, and an entry with its values for each reader."""
        merged = merge(letter, messages, _SYNTAX)
        content = {"Subject": merged.subject, "Text": merged.text, "Html": merged.html}
        body: dict[str, Any] = {
            "FromEmailAddress": _mailbox(letter.sender_name, letter.sender_address),
            "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
            "BulkEmailEntries": [
                _entry(letter, message, values)
                for message, values in zip(messages, merged.values, strict=True)
            ],
            "ConfigurationOverrides": {"Tracking": _OFF},
        }
        if letter.reply_to:
            body["ReplyToAddresses"] = [letter.reply_to]
        if self._configuration_set:
            body["ConfigurationSetName"] = self._configuration_set
        return Payload(batch_id, tuple(messages), (orjson.dumps(body),))

    def submit(self, payload: Payload) -> Handover:
        """POST one batch, exactly once."""
        answer = self._api.hand_over("/v2/email/outbound-bulk-emails", payload.body)
        if answer.status_code != HTTPStatus.OK:
            raise as_trouble(answer)
        return as_handover(answer, payload.messages)

    def reconcile(self, batch: Batch, *, now: datetime) -> dict[str, Receipt]:
        """SES cannot be asked."""
        return {}

    def barred(self, since: datetime | None) -> Iterator[Barred]:
        """The account's own suppression list; Amazon's global one cannot be read."""
        asked = {"PageSize": str(_PAGE)}
        if since:
            asked["StartDate"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        while True:
            page = self._api.ask("GET", "/v2/email/suppression/addresses", params=asked)
            yield from _as_barred(page)
            if not page.get("NextToken"):
                return
            asked["NextToken"] = str(page["NextToken"])

    def quota(self) -> Quota:
        """What the account may send.

        Raises:
            ProviderUnavailable: it cannot be asked now.
            AccountHalted: the key may not ask, or Amazon has stopped the account.
        """
        account = self._api.ask("GET", "/v2/email/account")
        try:
            quota = account["SendQuota"]
            most = int(quota["Max24HourSend"])
            found = Quota(
                a_day=None if most < 0 else most,
                a_second=float(quota["MaxSendRate"]),
                sent_today=int(quota["SentLast24Hours"]),
            )
            if not account["SendingEnabled"]:
                raise AccountHalted("ses: Amazon has stopped the sending of this account")
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderUnavailable("ses: the account gives no quota") from error
        return found

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()


def _entry(letter: FormLetter, message: Message, values: Mapping[str, str]) -> dict[str, Any]:
    """One reader: one destination each, for a complaint names everybody of a message."""
    data = orjson.dumps(values).decode()
    return {
        "Destination": {"ToAddresses": [_mailbox(message.name, message.address)]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementHeaders": _pairs(exit_headers(letter, message)),
        "ReplacementTags": _pairs(as_tags(message.send_key)),
    }


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _mailbox(name: str, address: str) -> str:
    return formataddr((in_one_line(name), address))


def _as_barred(page: Any) -> list[Barred]:
    try:
        return [
            Barred(
                str(entry["EmailAddress"]),
                _BARRED[entry["Reason"]],
                datetime.fromtimestamp(entry["LastUpdateTime"], UTC),
            )
            for entry in page["SuppressedDestinationSummaries"]
        ]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ProviderUnavailable("ses: the suppression list gives no answer") from error
