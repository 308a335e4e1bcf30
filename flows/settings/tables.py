"""What the author may set: the tables of lettermill.toml."""

from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator, model_validator

from flows.settings.kinds import (
    BaseAddress,
    Colour,
    Count,
    Fonts,
    Gap,
    Language,
    Line,
    MailAddress,
    MailAddressOrNone,
    NameServerOrNone,
    Radius,
    Selector,
    Table,
    Text,
    WebAddress,
    WebAddressOrNone,
)
from flows.settings.month import (
    AuthorSettings,
    DigestSettings,
    PromiseSettings,
    ScheduleSettings,
)
from flows.settings.provider import ProviderSettings


class Sender(Table):
    """Who writes. The postal address is required by law in most countries (CAN-SPAM, CASL)."""

    name: Line = Field(min_length=1, max_length=200)
    address: MailAddress
    postal_address: Text = Field(min_length=1)
    reply_to: MailAddressOrNone = ""


class FeedSettings(Table):
    """One feed: an http(s) address, or a path from the folder of lettermill.toml.

    `private` lets it lead to addresses of this machine and its network.
    """

    source: str = Field(min_length=1)
    include_since: date | None = None
    settling_minutes: int = Field(30, ge=0, le=180)
    private: bool = False


class LetterSettings(Table):
    """The words around the posts."""

    intro: Text = "Here is what is new on the blog."
    promise: Text = "We don't send spam, and you can unsubscribe at any time."
    name_if_unknown: Line = "there"
    posts: Literal["excerpt", "whole"] = "excerpt"


class Theme(Table):
    """Colours, fonts, logo and spacing of letters and pages; `dark_` is for dark schemes."""

    accent: Colour = "#0f5f57"
    ink: Colour = "#1c2826"
    quiet: Colour = "#5b6a66"
    paper: Colour = "#ffffff"
    ground: Colour = "#eef1ef"
    line: Colour = "#dde4e1"
    offer: Colour = "#17302c"
    offer_ink: Colour = "#a7dccf"
    offer_button: Colour = "#f3c969"
    font: Fonts = "'Helvetica Neue', Helvetica, Arial, sans-serif"
    heading_font: Fonts = "Georgia, 'Times New Roman', serif"
    dark_accent: Colour = "#7fd1bf"
    dark_ink: Colour = "#e6ece9"
    dark_quiet: Colour = "#a9b7b2"
    dark_paper: Colour = "#18211f"
    dark_ground: Colour = "#101716"
    dark_line: Colour = "#33423e"
    logo: WebAddressOrNone = ""
    logo_width: int = Field(140, ge=20, le=536)
    radius: Radius = "10px"
    gap: Gap = "32px"


class ProgramSettings(Table):
    """A program to offer; `from` and `until` are the first and the last day of the offer.

    Nobody is offered it more than `cap` times, and nobody with one of the tags in `not_for`.
    """

    name: Line = Field(min_length=1, max_length=100)
    url: WebAddress
    headline: Line
    pitch: Text
    button: Line
    image: WebAddressOrNone = ""
    image_alt: Line = ""
    topics: tuple[Line, ...] = ()
    weight: Count = 1
    cap: Count | None = None
    not_for: tuple[str, ...] = ()
    starts: date | None = Field(None, alias="from")
    ends: date | None = Field(None, alias="until")

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if value.lower() == "none":
            raise ValueError("another name: with `none` a campaign asks for no program")
        return value

    @field_validator("ends")
    @classmethod
    def _in_order(cls, value: date | None, others: ValidationInfo) -> date | None:
        starts = others.data.get("starts")
        if value and starts and value < starts:
            raise ValueError(f"`until` is before `from`, which is {starts}")
        return value


class UtmSettings(Table):
    """What is added to links to posts and programs; `{edition}` in it is the edition's key.

    The same for every reader. Source: Google Analytics, "URL builders".
    """

    source: Line = ""
    medium: Line = ""
    campaign: Line = ""


class PreflightSettings(Table):
    """What is looked at before a letter may leave, beside the letter itself.

    `exits` tries the readers' way out from the public address, `dns` reads what the sender's
    domain says of itself, from the `resolver` or the machine's own. `dkim_selector` is the name of
    the provider's DKIM key.
    """

    links: bool = True
    spam: bool = True
    exits: bool = True
    dns: bool = True
    resolver: NameServerOrNone = ""
    dkim_selector: Selector = ""


class JoiningSettings(Table):
    """How people join; `wording` is what they agree to, in place of our own words."""

    welcome: Literal["with the last letter", "plain", "none"] = "with the last letter"
    wording: Text = ""
    ask_name: bool = True


class Settings(Table):
    """Everything in lettermill.toml."""

    name: Line = Field(min_length=1, max_length=100)
    language: Language = "en"
    zone: str
    site: BaseAddress
    public_url: BaseAddress
    virtual_now: datetime | None = None
    sender: Sender
    feed: list[FeedSettings] = Field(min_length=1)
    digest: DigestSettings = DigestSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    author: AuthorSettings = AuthorSettings()
    promise: PromiseSettings = PromiseSettings()
    letter: LetterSettings = LetterSettings()
    theme: Theme = Theme()
    program: tuple[ProgramSettings, ...] = ()
    utm: UtmSettings = UtmSettings()
    preflight: PreflightSettings = PreflightSettings()
    joining: JoiningSettings = JoiningSettings()
    provider: ProviderSettings = ProviderSettings()

    @field_validator("public_url")
    @classmethod
    def _may_stand_in_a_header(cls, value: str) -> str:
        if not value.isascii():  # List-Unsubscribe gives it (RFC 8058)
            raise ValueError("write it in ASCII, as in https://xn--hfte-0ra.example")
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone; one like Europe/Berlin") from error
        return value

    @field_validator("program")
    @classmethod
    def _have_names_of_their_own(
        cls, value: tuple[ProgramSettings, ...]
    ) -> tuple[ProgramSettings, ...]:
        names = [program.name for program in value]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two programs have the name {twice!r}")
        return value

    @model_validator(mode="after")
    def _rehearses_in_the_outbox(self) -> "Settings":
        if self.virtual_now and self.virtual_now.tzinfo is None:
            raise ValueError("virtual_now needs an offset, as in 2026-12-01T09:00:00-08:00")
        if self.virtual_now and self.provider.name != "outbox":
            raise ValueError("with virtual_now set only the outbox may send")
        return self

    @model_validator(mode="after")
    def _can_announce(self) -> "Settings":
        if self.digest.approval == "notify" and not self.author.address:
            raise ValueError('with approval = "notify" author.address says whom to notify')
        return self

    @model_validator(mode="after")
    def _leaves_by_https(self) -> "Settings":
        # RFC 8058, section 3.1: mail programs offer one-click only for an https address.
        if self.provider.name != "outbox" and not self.public_url.startswith("https://"):
            raise ValueError("public_url must begin with https:// before letters are really sent")
        return self

    @property
    def site_name(self) -> str:
        """The blog's address as people say it."""
        return (urlsplit(self.site).hostname or self.site).removeprefix("www.")

    def page(self, path: str) -> str:
        """The address of one of our public pages; of a reader's own, up to the token."""
        return f"{self.public_url.rstrip('/')}/{path}"
