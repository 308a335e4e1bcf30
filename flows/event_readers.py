"""Opens what reads the events of the provider that the settings name."""

from delivery.events.event import EventReader
from delivery.providers.http import fetch
from flows.resources import Resources


def open_reader(resources: Resources) -> EventReader | None:
    """The reader of the provider's webhook; None where it has none, or no address was set up."""
    keys, chosen = resources.secrets.event_keys, resources.settings.provider
    if not resources.secrets.webhook_paths:
        return None
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
