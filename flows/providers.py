"""Opens the provider that the settings name. A module of `delivery/providers` is imported here
only when it is used.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from delivery.pace import Allowance
from delivery.providers.base import Provider
from delivery.quiet import Quiet
from delivery.run import Terms
from flows.settings.provider import ProviderSettings

# An account in another region has an API of its own; SES makes its address of the region.
_REGIONS = {
    ("mailgun", "eu"): "https://api.eu.mailgun.net",
    ("sendgrid", "eu"): "https://api.eu.sendgrid.com",
}
Render = Callable[[str, Mapping[str, Any]], str]


def open_provider(
    chosen: ProviderSettings, key: str, *, for_notes: bool, outbox: Path, render: Render
) -> Provider:
    """The provider, at the pace of the settings; `key` is its token, key or password.

    `outbox` is the folder of the one that writes files, and `render` makes its pages.
    """
    if chosen.name == "outbox":
        provider = _open_outbox(outbox, render)
    else:
        provider = _open(chosen, key, for_notes=for_notes)
    provider.limits = provider.limits.paced(
        letters=chosen.letters,
        calls=chosen.calls_per_second,
        letters_per_second=chosen.letters_per_second,
        connections=chosen.connections,
    )
    return provider


def terms_of(chosen: ProviderSettings, quiet: Quiet | None = None) -> Terms:
    """What the settings say of a mailing's run."""
    return Terms(
        quiet=quiet,
        allowance=Allowance(chosen.letters_per_day, chosen.bytes_per_day, tuple(chosen.warm_up)),
        on_unknown=chosen.on_unknown,
    )


def _open(chosen: ProviderSettings, key: str, *, for_notes: bool) -> Provider:
    """One line for each; an address of its own API is for tests, and for other regions."""
    api = chosen.api or _REGIONS.get((chosen.name, chosen.region), "")
    address = {"api": api} if api else {}
    match chosen.name:
        case "postmark":
            from delivery.providers.postmark import Postmark

            stream = chosen.notes_stream if for_notes else chosen.stream
            return Postmark(key, stream=stream, **address)
        case "resend":
            from delivery.providers.resend import Resend

            return Resend(key, **address)
        case "brevo":
            from delivery.providers.brevo import Brevo

            return Brevo(key, **address)
        case "ses":
            from delivery.providers.ses import Ses

            region, events = chosen.region, chosen.configuration_set
            return Ses(chosen.user, key, region=region, configuration_set=events, **address)
        case "mailgun":
            from delivery.providers.mailgun import Mailgun

            return Mailgun(key, domain=chosen.domain, **address)
        case "sendgrid":
            from delivery.providers.sendgrid import SendGrid

            return SendGrid(key, **address)
        case "smtp":
            from delivery.providers.smtp import Smtp

            return Smtp(
                chosen.host,
                port=chosen.port,
                security=chosen.security,
                user=chosen.user,
                password=key,
            )
    raise AssertionError(f"no provider {chosen.name}")


def _open_outbox(folder: Path, render: Render) -> Provider:
    from delivery.providers.outbox import Outbox

    return Outbox(folder, render)
