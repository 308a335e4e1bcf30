"""A process that does a job and dies, as by kill -9, at the n-th line of ours that it comes to."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from flows import jobs, running  # noqa: F401  # imported before there is anything to count
from flows.errors import Held
from flows.resources import find_home, open_resources, set_home
from flows.views.plan import make_plan
from tests.conftest import ROOT

OURS = tuple(f"{ROOT / room}{os.sep}" for room in ("content", "subscribers", "delivery", "flows"))
KEY = "digest-2026-11"


def digest() -> None:
    jobs.monthly_digest(jobs.plainly, None, agreed=False)


def campaign() -> None:
    jobs.campaign(jobs.plainly, str(find_home() / "room.md"), agreed=True)


def approve() -> None:
    """As an author does who has looked at the plan."""
    jobs.collect(jobs.plainly)
    with open_resources() as resources:
        planned = make_plan(resources, KEY.removeprefix("digest-"))
    with suppress(Held):  # a run before this one got further
        jobs.approve(jobs.plainly, KEY, planned.content_hash)
    jobs.dispatch(jobs.plainly)


def live(home: Path, job: Callable[[], None], lines: int, diary: Path) -> None:
    """Do a job in a newsletter's folder; at its `lines`-th new line write it down, and die.

    Whoever lives writes down how many lines there were.
    """
    set_home(home)
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(OURS):
            return None
        if event == "line":
            seen.add((file, frame.f_lineno))
            if len(seen) == lines:
                diary.write_text(f"{file}:{frame.f_lineno}")
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    job()
    sys.settrace(None)
    diary.write_text(str(len(seen)))
