"""A world to rehearse in: a copy of the newsletter in which time goes as it is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.timing import Clock
from flows.provider_settings import ProviderSettings
from flows.rehearsal.world_store import copy_database
from flows.resources import Resources
from flows.secret_settings import Secrets


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
    """Copy a newsletter for as long as it is looked at; without secrets and its provider."""
    db, time = copy_database(real.db), VirtualTime(real.clock.now())
    settings = real.settings.model_copy(
        update={"provider": ProviderSettings(), "virtual_now": None}
    )
    nothing = Secrets(secret_keys="", provider_key="", postmark_token="")
    try:
        yield World(
            replace(
                real,
                db=db,
                settings=settings,
                secrets=nothing,
                clock=Clock(now=time.now, sleep=time.sleep),
            ),
            time,
        )
    finally:
        db.close()
