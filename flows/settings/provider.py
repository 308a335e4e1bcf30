"""The table [provider] of lettermill.toml: who carries the letters, how fast, how many a day."""

from typing import Literal

from pydantic import Field, model_validator

from delivery.unknown import OnUnknown
from flows.settings.kinds import Count, Line, Table, WebAddressOrNone

Name = Literal["outbox", "postmark", "resend", "mailgun", "sendgrid", "ses", "brevo", "smtp"]
# What an account at each cannot do without.
_NEEDS: dict[str, tuple[str, ...]] = {
    "mailgun": ("domain",),
    "ses": ("region", "user"),
    "smtp": ("host",),
}
# Another word would send readers' addresses to the other continent without telling.
_IN_TWO_REGIONS = ("mailgun", "sendgrid")


class ProviderSettings(Table):
    """Who carries the letters. `stream` is Postmark's message stream, `notes_stream` that of notes:
    a note answers one person, so it goes by a transactional one (Postmark, "Message streams").

    `letters` go in one call; `calls_per_second` and `connections` are the pace. `warm_up` are the
    letters allowed on the first days on which anything is sent; `price` is what a thousand letters
    cost.
    """

    name: Name = "outbox"
    api: WebAddressOrNone = ""
    stream: Line = "broadcast"
    notes_stream: Line = "outbound"
    domain: Line = ""
    region: Line = ""
    user: Line = ""
    configuration_set: Line = ""
    topic: Line = ""
    host: Line = ""
    port: int = Field(0, ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    letters: Count | None = None
    calls_per_second: float | None = Field(None, gt=0, allow_inf_nan=False)
    letters_per_second: float | None = Field(None, gt=0, allow_inf_nan=False)
    connections: int | None = Field(None, ge=1, le=50)
    letters_per_day: Count | None = None
    bytes_per_day: Count | None = None
    warm_up: tuple[Count, ...] = ()
    on_unknown: OnUnknown = OnUnknown.HOLD
    price: float | None = Field(None, ge=0, allow_inf_nan=False)
    currency: Line = ""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> "ProviderSettings":
        missing = [need for need in _NEEDS.get(self.name, ()) if not getattr(self, need)]
        if missing:
            raise ValueError(f"{self.name} needs `{missing[0]}`")
        if self.name in _IN_TWO_REGIONS and self.region not in ("", "us", "eu"):
            raise ValueError(f'`region` of {self.name} is "us" or "eu"')
        return self

    @property
    def needs_key(self) -> bool:
        """Whether it asks for a key or password; a mail server of one's own need not."""
        return self.name != "outbox" and not (self.name == "smtp" and not self.user)
