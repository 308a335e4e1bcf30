"""The composition root: the only place that reads the clock, the environment and secrets."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from content.markup.language import writing_direction
from delivery.providers.base import Provider
from delivery.timing import Clock
from flows.database import DATABASE, open_database
from flows.errors import SettingsWrong
from flows.place import place_of
from flows.schedule import IfMissed, Schedule
from flows.settings.file import FILE, load_settings
from flows.settings.secrets import Secrets, read_secrets
from flows.settings.tables import Settings
from subscribers.fingerprint import Fingerprints
from subscribers.links import ReaderLinks

if TYPE_CHECKING:
    import jinja2

    from content.catalogues import Catalogues
    from delivery.run import Terms

HOME_VARIABLE = "LETTERMILL_HOME"
OUR_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
# Signs links of letters that never leave the machine, so that a first look needs no secret.
TRIAL_KEY = "lettermill-trial-key-for-the-outbox-only"
MIN_KEY = 16


@dataclass(frozen=True)
class Resources:
    """Everything a step works with, made from one newsletter's folder."""

    home: Path
    settings: Settings
    secrets: Secrets
    db: Database
    clock: Clock

    @property
    def zone(self) -> ZoneInfo:
        """Where the newsletter is at home."""
        return ZoneInfo(self.settings.zone)

    @property
    def today(self) -> date:
        """The day it is where the newsletter is at home."""
        return self.clock.now().astimezone(self.zone).date()

    @property
    def schedule(self) -> Schedule:
        """When the digest of a month is due."""
        asked = self.settings.schedule
        return Schedule(
            zone=self.zone,
            day=asked.day,
            at=asked.at,
            grace=timedelta(hours=asked.grace_hours),
            if_missed=IfMissed(asked.if_missed),
        )

    @property
    def locks(self) -> Path:
        """The folder of the leases."""
        return self.home / ".lettermill"

    @property
    def place(self) -> str:
        """Where this database is at home: a hash of the machine and of its path there."""
        return place_of(self.home / DATABASE)

    @cached_property
    def templates(self) -> "jinja2.Environment":
        """The author's own templates before ours."""
        from content.templates import open_templates  # with Jinja; `status` needs none

        return open_templates(self.home / "templates", OUR_TEMPLATES)

    @cached_property
    def exits(self) -> ReaderLinks:
        """What signs and reads the readers' ways out."""
        return ReaderLinks(self._keys(), "unsubscribe")

    @cached_property
    def preferences(self) -> ReaderLinks:
        """What signs and reads the links to the readers' preferences."""
        return ReaderLinks(self._keys(), "preferences")

    @cached_property
    def confirmations(self) -> ReaderLinks:
        """What signs and reads the links that confirm a sign-up; they hold a request's id."""
        return ReaderLinks(self._keys(), "confirm")

    @cached_property
    def decisions(self) -> ReaderLinks:
        """What signs and reads the author's links; they name a draft."""
        return ReaderLinks(self._keys(), "decide")

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """What knows erased addresses again."""
        return Fingerprints(self._keys())

    @property
    def on_trial(self) -> bool:
        """Whether links are signed with the key that everybody knows."""
        return not self.secrets.keys and self.settings.provider.name == "outbox"

    def provider(self, *, for_notes: bool = False) -> Provider:
        """Open the provider of the settings, for mailings or for letters to one person.

        Raises:
            SettingsWrong: its key is not in the environment.
        """
        from flows.providers import open_provider

        if self.settings.provider.name != "outbox":
            self.require_secrets()
        return open_provider(
            self.settings.provider,
            self.secrets.of_provider,
            for_notes=for_notes,
            outbox=self.home / "outbox",
            render=self.render_page,
        )

    @property
    def terms(self) -> "Terms":
        """On what terms mailings are sent."""
        from flows.providers import terms_of

        return terms_of(self.settings.provider, self.settings.promise.quiet_hours(self.zone))

    def require_secrets(self) -> None:
        """Tell what is missing in the environment before anything is written down.

        Raises:
            SettingsWrong: the provider's key, or the keys that sign links.
        """
        name = self.settings.provider.name
        if self.settings.provider.needs_key and not self.secrets.of_provider:
            raise SettingsWrong(
                f"provider {name}: LETTERMILL_PROVIDER_KEY is not set; "
                "it is the account's key, token or password"
            )
        self._keys()

    def render_page(self, name: str, values: Mapping[str, Any], language: str = "") -> str:
        """Fill a page of templates/pages in a language, or in the newsletter's own.

        Raises:
            TemplateBroken: the author's own page fails. The text names file and line.
        """
        from content.templates import fill_template

        return fill_template(self.templates, f"pages/{name}", {**self.about(language), **values})

    @cached_property
    def catalogues(self) -> "Catalogues":
        """The words of other languages, the author's own before ours."""
        from content.catalogues import Catalogues

        return Catalogues(self.home / "templates", OUR_TEMPLATES)

    def about(self, language: str = "") -> dict[str, Any]:
        """What every template may say of the newsletter, in a language or in its own."""
        settings = self.settings
        language = language or settings.language
        return {
            **self.catalogues.functions(language),
            "newsletter": {
                "name": settings.name,
                "language": language,
                "direction": writing_direction(language),
                "site": settings.site,
                "site_name": settings.site_name,
                "intro": settings.letter.intro,
                "promise": settings.letter.promise,
            },
            "sender": {
                "name": settings.sender.name,
                "postal_address": settings.sender.postal_address,
            },
            "theme": settings.theme.model_dump(),
            "name_if_unknown": settings.letter.name_if_unknown,
            "exit_url": settings.page("unsubscribe/"),
            "preferences_url": settings.page("preferences/"),
            "subscribe_path": settings.page("subscribe"),
            "find_path": settings.page("find-my-link"),
            "browser_url": "",
            "public": False,
        }

    def _keys(self) -> list[str]:
        if self.on_trial:
            return [TRIAL_KEY]
        if not self.secrets.keys or any(len(key) < MIN_KEY for key in self.secrets.keys):
            raise SettingsWrong(
                "LETTERMILL_SECRET_KEYS is not set, or a key in it is shorter than 16 characters; "
                "`lettermill init` shows how to make one"
            )
        return self.secrets.keys


def set_home(folder: Path) -> None:
    """Choose the newsletter's folder for this process and those it starts."""
    os.environ[HOME_VARIABLE] = str(folder.resolve())


def find_home() -> Path:
    """The folder of the newsletter: LETTERMILL_HOME, else the working directory."""
    return Path(os.environ.get(HOME_VARIABLE) or ".").resolve()


@contextmanager
def open_resources(
    home: Path | None = None, *, without_database: bool = False
) -> Iterator[Resources]:
    """Open a newsletter's folder: settings, secrets, database (made or migrated) and clock.

    `without_database` where it is to be replaced, and may be one that nobody can open.

    Raises:
        SettingsWrong: lettermill.toml is not there or not right.
    """
    folder = home or find_home()
    settings = load_settings(folder / FILE)
    db = Database(memory=True) if without_database else open_database(folder)
    try:
        yield Resources(folder, settings, read_secrets(os.environ), db, _clock(settings))
    finally:
        db.close()


def _clock(settings: Settings) -> Clock:
    """Real time, or the settings' virtual moment, for a rehearsal that is the same every day."""
    virtual = settings.virtual_now
    if virtual is not None:
        moment = virtual.astimezone(UTC)
        return Clock(now=lambda: moment, sleep=lambda _: None)
    return Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
