"""Opens what reads the events of the provider that the settings name."""

from delivery.events.event import EventReader
from delivery.providers.http import fetch
from flows.errors import SettingsWrong
from flows.resources import MIN_KEY, Resources
from flows.settings.provider import ProviderSettings

# Whose events are believed by a signature, and what checks it.
_SIGNS = {
    "resend": "the webhook's signing secret, whsec_…",
    "mailgun": "the HTTP webhook signing key",
    "sendgrid": "the verification key of the signed event webhook",
}


def open_reader(resources: Resources) -> EventReader | None:
    """The reader of the provider's webhook; None where it has none, or no address was set up.

    Raises:
        SettingsWrong: what was set up would let strangers in, or the provider not.
    """
    secrets, chosen = resources.secrets, resources.settings.provider
    if not secrets.webhook_paths:
        return None
    if any(len(path) < MIN_KEY for path in secrets.webhook_paths):
        raise SettingsWrong(
            f"LETTERMILL_WEBHOOK_SECRETS: one is shorter than {MIN_KEY} characters, and could be "
            "guessed; make a long random one"
        )
    if chosen.name in _SIGNS and not secrets.event_keys:
        raise SettingsWrong(f"LETTERMILL_WEBHOOK_KEYS is not set; it is {_SIGNS[chosen.name]}")
    if chosen.name == "ses" and not chosen.topic:
        raise SettingsWrong("provider.topic is not set: the ARN of the SNS topic events come from")
    try:
        return _open(chosen, secrets.event_keys)
    except ValueError as error:
        raise SettingsWrong(
            f"LETTERMILL_WEBHOOK_KEYS: one is no key of {chosen.name}; copy it as it is shown there"
        ) from error


def _open(chosen: ProviderSettings, keys: list[str]) -> EventReader | None:
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
