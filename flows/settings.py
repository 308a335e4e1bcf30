"""What the author sets: lettermill.toml, and secrets from the environment. Pure but for reading."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.errors import SettingsWrong

FILE = "lettermill.toml"
_ADDRESS = re.compile(r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sender(_Table):
    """Who writes. The postal address is required by law in most countries (CAN-SPAM, CASL)."""

    name: str = Field(min_length=1)
    address: str
    postal_address: str = Field(min_length=1)
    reply_to: str = ""

    @field_validator("address", "reply_to")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value):
            raise ValueError("an e-mail address, as in hello@example.com")
        return value


class FeedSettings(_Table):
    """One feed: an http(s) address, or a path from the folder of lettermill.toml.

    `private` lets it lead to addresses of this machine and its network.
    """

    source: str = Field(min_length=1)
    include_since: date | None = None
    settling_minutes: int = Field(30, ge=0, le=180)
    private: bool = False


class DigestSettings(_Table):
    """How a month becomes an edition; `approval` says whether it may send itself."""

    approval: Literal["auto", "ask"] = "ask"
    min_posts: int = Field(1, ge=1)
    max_posts: int = Field(8, ge=1, le=50)
    order: Literal["newest", "oldest"] = "newest"
    include: list[str] = []
    exclude: list[str] = []
    max_age_days: int | None = Field(None, ge=1, le=36500)

    @model_validator(mode="after")
    def _can_be_met(self) -> "DigestSettings":
        if self.min_posts > self.max_posts:
            raise ValueError("`min_posts` is more than `max_posts`")
        return self


class LetterSettings(_Table):
    """The words around the posts."""

    intro: str = "Here is what is new on the blog."
    promise: str = "We don't send spam, and you can unsubscribe at any time."
    name_if_unknown: str = "there"
    posts: Literal["excerpt", "whole"] = "excerpt"


class Theme(_Table):
    """Colours, fonts, logo and spacing of letters and pages; `dark_` is for dark schemes.

    `gap` is the space beside the words; pictures are made for 32 px of it, so it is never more.
    """

    accent: str = "#0f5f57"
    ink: str = "#1c2826"
    quiet: str = "#5b6a66"
    paper: str = "#ffffff"
    ground: str = "#eef1ef"
    line: str = "#dde4e1"
    offer: str = "#17302c"
    offer_ink: str = "#a7dccf"
    offer_button: str = "#f3c969"
    font: str = "'Helvetica Neue', Helvetica, Arial, sans-serif"
    heading_font: str = "Georgia, 'Times New Roman', serif"
    dark_accent: str = "#7fd1bf"
    dark_ink: str = "#e6ece9"
    dark_quiet: str = "#a9b7b2"
    dark_paper: str = "#18211f"
    dark_ground: str = "#101716"
    dark_line: str = "#33423e"
    logo: str = Field("", pattern=r"^(https?://\S+)?$")
    logo_width: int = Field(140, ge=20, le=536)
    radius: str = Field("10px", pattern=r"^\d{1,2}px$")
    gap: str = Field("32px", pattern=r"^(1[6-9]|2\d|3[0-2])px$")

    @field_validator("*")
    @classmethod
    def _is_css(cls, value: str | int) -> str | int:
        if re.search(r"[<>{};\"\\]", str(value)):
            raise ValueError("a colour or a list of fonts, without < > { } ; or quotation marks")
        return value


class ProgramSettings(_Table):
    """A program to offer; `from` and `until` are the first and the last day of the offer."""

    name: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://")
    headline: str
    pitch: str
    button: str
    topics: list[str] = []
    weight: int = Field(1, ge=1)
    starts: date | None = Field(None, alias="from")
    ends: date | None = Field(None, alias="until")

    @model_validator(mode="after")
    def _in_order(self) -> "ProgramSettings":
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("`until` is before `from`")
        return self


class ProviderSettings(_Table):
    """Who carries the letters; `stream` is Postmark's message stream."""

    name: Literal["outbox", "postmark"] = "outbox"
    stream: str = "broadcast"
    api: str = Field("https://api.postmarkapp.com", pattern=r"^https?://")


class Settings(_Table):
    """Everything in lettermill.toml."""

    name: str = Field(min_length=1, max_length=100)
    language: str = Field("en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")
    zone: str
    site: str
    public_url: str
    virtual_now: datetime | None = None
    sender: Sender
    feed: list[FeedSettings] = Field(min_length=1)
    digest: DigestSettings = DigestSettings()
    letter: LetterSettings = LetterSettings()
    theme: Theme = Theme()
    program: list[ProgramSettings] = []
    provider: ProviderSettings = ProviderSettings()

    @field_validator("site", "public_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or "?" in value
            or "#" in value
        ):
            raise ValueError("an address such as https://news.example.com, without ? or #")
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone; one like Europe/Berlin") from error
        return value

    @model_validator(mode="after")
    def _rehearses_in_the_outbox(self) -> "Settings":
        if self.virtual_now and self.virtual_now.tzinfo is None:
            raise ValueError("virtual_now needs an offset, as in 2026-12-01T09:00:00-08:00")
        if self.virtual_now and self.provider.name != "outbox":
            raise ValueError("with virtual_now set only the outbox may send")
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

    @property
    def exit_prefix(self) -> str:
        """The unsubscribe address up to the reader's token."""
        return f"{self.public_url.rstrip('/')}/unsubscribe/"


class Secrets(BaseSettings):
    """What must not stand in a file: LETTERMILL_SECRET_KEYS and LETTERMILL_POSTMARK_TOKEN."""

    model_config = SettingsConfigDict(env_prefix="LETTERMILL_")

    secret_keys: str = ""
    postmark_token: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys that sign links, oldest first; the last one signs."""
        return [key.strip() for key in self.secret_keys.split(",") if key.strip()]


def load_settings(path: Path) -> Settings:
    """Read lettermill.toml.

    Raises:
        SettingsWrong: not there, not TOML, an unknown key or a value that does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsWrong(
            f"{path}: no such file; `lettermill init` makes one, or name its folder with -C"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"{path}: cannot be read ({error})") from error
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise SettingsWrong("\n".join(_lines(error, path.name, text))) from error


def _lines(error: ValidationError, file: str, text: str) -> Iterator[str]:
    mistakes = error.errors()
    misspelt = {_near(mistake) for mistake in mistakes if mistake["type"] == "extra_forbidden"}
    for mistake in mistakes:
        if mistake["type"] == "missing" and mistake["loc"] in misspelt:
            continue  # it is there, under the name that the other line complains of
        place = [str(part) for part in mistake["loc"] if not isinstance(part, int)]
        line = _line_of(text, mistake["loc"])
        where = f"{file}, line {line}" if line else file
        yield f"{where}: {_saying(mistake, place)}"


def _saying(mistake: Any, place: Sequence[str]) -> str:
    key = ".".join(place)
    if mistake["type"] == "extra_forbidden":
        near = _near(mistake)
        return f"unknown key `{key}`" + (f"; did you mean `{near[-1]}`?" if near else "")
    if mistake["type"] == "missing":
        return f"`{key}` is missing"
    if mistake["type"] == "list_type":
        return f"`{key}`: write [[{key}]], with two brackets; it may stand more than once"
    said = mistake["msg"].removeprefix("Value error, ")
    return f"`{key}`: {said}" if key else said


def _near(mistake: Any) -> tuple[str | int, ...]:
    """The place of the known key that an unknown one resembles most, or an empty one."""
    *table, key = mistake["loc"]
    known = _known_keys([part for part in table if isinstance(part, str)])
    return (*table, *near) if (near := get_close_matches(key, known, n=1)) else ()


def _known_keys(place: Sequence[str]) -> list[str]:
    model: Any = Settings
    for part in place:
        model = model.model_fields[part].annotation
        model = getattr(model, "__args__", (model,))[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _line_of(text: str, place: Sequence[str | int]) -> int | None:
    """Find the line a key stands on: tomllib does not tell, and an author needs it."""
    if not place:  # the complaint is about several keys at once
        return None
    table = [part for part in place[:-1] if isinstance(part, str)]
    nth = next((part for part in place if isinstance(part, int)), 0)
    header = re.compile(rf"\s*\[\[?\s*{re.escape('.'.join(table))}\s*\]\]?") if table else None
    inside, seen = header is None, -1
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            if re.match(rf"\s*\[\[?\s*{re.escape('.'.join(map(str, place)))}\s*\]", line):
                return number
            seen += bool(header and header.match(line))
            inside = bool(header and header.match(line)) and seen == nth
        elif inside and re.match(rf"\s*[\"']?{re.escape(str(place[-1]))}[\"']?\s*=", line):
            return number
    return None
