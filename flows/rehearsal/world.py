"""The copy of the newsletter that a rehearsal plays in, with a clock that can be set."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.timing import Clock
from flows.rehearsal.world_store import copy_database
from flows.resources import Resources
from flows.settings.provider import ProviderSettings
from flows.settings.secrets import Secrets


@dataclass
class VirtualTime:
    """Time that goes only as it is set, or slept."""

    moment: datetime

    def now(self) -> datetime:
        """The moment that it is."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class World:
    """A copy of a newsletter, and its time. No step can reach the real one through it."""

    resources: Resources
    time: VirtualTime


@contextmanager
def open_world(real: Resources) -> Iterator[World]:
    """Copy a newsletter for as long as it is looked at; without secrets and its provider.

    It has a folder of its own, so that no step writes into the real one: not even that there is a
    copy (ADR 30). Only the author's templates are seen through it.
    """
    db, time = copy_database(real.db), VirtualTime(real.clock.now())
    settings = real.settings.model_copy(
        update={"provider": ProviderSettings(), "virtual_now": None}
    )
    with TemporaryDirectory(prefix="lettermill-") as folder, closing(db.conn):
        if (real.home / "templates").is_dir():
            (Path(folder) / "templates").symlink_to(real.home / "templates")
        resources = Resources(
            home=Path(folder),
            settings=settings,
            secrets=Secrets(secret_keys="", provider_key="", postmark_token=""),
            db=db,
            clock=Clock(now=time.now, sleep=time.sleep),
        )
        yield World(resources, time)
