"""Opens what reads the events of the provider that the settings name."""

from collections.abc import Sequence

from delivery.events.event import EventReader
from delivery.providers.http import fetch
from flows.errors import SettingsWrong
from flows.provider_settings import ProviderSettings
from flows.resources import MIN_KEY, Resources

# Without one, what these say could not be told from what anybody says.
_SIGN = ("mailgun", "resend", "sendgrid")


def open_reader(resources: Resources) -> EventReader | None:
    """The reader of the provider's webhook; None where it has none, or no address was set up.

    Raises:
        SettingsWrong: a secret is short, or what the provider signs with is missing or is no key.
    """
    paths, keys = resources.secrets.webhook_paths, resources.secrets.event_keys
    chosen = resources.settings.provider
    if not paths:
        return None
    if any(len(path) < MIN_KEY for path in paths):
        raise SettingsWrong(
            "LETTERMILL_WEBHOOK_SECRETS: one is shorter than 16 characters; make a long random one"
        )
    if chosen.name in _SIGN and not keys:
        raise SettingsWrong(
            f"LETTERMILL_WEBHOOK_KEYS is not set; {chosen.name} signs its events, and docs/"
            "providers.md says with what"
        )
    if chosen.name == "ses" and not chosen.topic:
        raise SettingsWrong(
            "lettermill.toml: `provider.topic` is missing; it is the ARN of the SNS topic from "
            "which the events come"
        )
    try:
        return _open(chosen, keys)
    except ValueError as error:  # its words may show the key
        raise SettingsWrong(
            f"LETTERMILL_WEBHOOK_KEYS: one is not a key of {chosen.name}; copy it anew from "
            "the provider's page, whole"
        ) from error


def _open(chosen: ProviderSettings, keys: Sequence[str]) -> EventReader | None:
    match chosen.name:
        case "postmark":
            from delivery.events.postmark import PostmarkEvents

            return PostmarkEvents(keys)
        case "resend":
            from delivery.events.resend import ResendEvents

            return ResendEvents(keys)
        case "mailgun":
            from delivery.events.mailgun import MailgunEvents

            return MailgunEvents(keys)
        case "sendgrid":
            from delivery.events.sendgrid import SendGridEvents

            return SendGridEvents(keys)
        case "brevo":
            from delivery.events.brevo import BrevoEvents

            return BrevoEvents(keys)
        case "ses":
            from delivery.events.ses import SesEvents

            return SesEvents([chosen.topic], fetch)
    return None
