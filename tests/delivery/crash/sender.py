"""A sender in a process of its own, that dies where it is told to, by SIGKILL."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from delivery import landing, ledger, run, store, unknown
from delivery.mailing import Delivery
from delivery.providers.base import Provider
from delivery.providers.postmark import Postmark
from delivery.providers.resend import Resend
from delivery.providers.ses import Ses
from delivery.sending import send_letters
from delivery.timing import Clock
from delivery.writing import Readers
from flows.database import open_database
from tests.delivery.crash.providers import REPLAYS, SEARCHED

KEY = "digest-2026-11"
STEPS = ("claim_batch", "mark_in_flight", "submit", "record_receipts")


@dataclass(frozen=True)
class Death:
    """Dies before or after the n-th time that a step is made."""

    step: str
    nth: int
    after: bool


def open_named(name: str, url: str) -> Provider:
    """One of the three, with several calls at once and no pace to wait for."""
    if name == REPLAYS:
        provider: Provider = Resend("key", api=url)
    elif name == SEARCHED:
        provider = Postmark("token", stream="broadcast", api=url)
    else:
        provider = Ses("id", "key", region="eu-central-1", api=url)
    provider.limits = replace(
        provider.limits, letters=50, calls=None, letters_per_second=None, connections=2
    )
    return provider


def send(
    folder: Path, name: str, url: str, *, later: float = 0, death: Death | None = None
) -> None:
    """Send the mailing; the clock is `later`, seconds."""
    provider = open_named(name, url)
    if death:
        _arrange(death, provider)
    db = open_database(folder)
    clock = Clock(lambda: datetime.now(UTC) + timedelta(seconds=later), lambda _: None)
    send_letters(db, store.load_mailing(db, KEY), provider, READERS, clock)
    db.close()


def _values(delivery: Delivery) -> dict[str, str]:
    return {"first_name": delivery.name, "exit": delivery.subscriber_id}


READERS = Readers(gone=lambda ids: {}, values=_values)


def _arrange(death: Death, provider: Any) -> None:
    if death.step == "submit":
        provider.submit = _dying(provider.submit, death)
        return
    dying = _dying(getattr(ledger, death.step), death)
    for module in (run, landing, unknown):
        module.ledger = _Replaced(death.step, dying)  # type: ignore[assignment]


class _Replaced:
    """The ledger with one function in place of another."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        return getattr(ledger, name)


def _dying(real: Callable[..., Any], death: Death) -> Callable[..., Any]:
    left = [death.nth]

    def call(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not death.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call
