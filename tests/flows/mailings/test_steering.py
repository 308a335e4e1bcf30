"""Pause, resume, cancel and resolve, by the commands, while another process sends."""

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from delivery.count_store import load_progress
from delivery.lease import lease
from delivery.progress import Progress
from delivery.providers.outbox import Outbox
from flows.commands import progress_bar as bars
from flows.resources import open_resources
from tests.conftest import NOON
from tests.flows.homes import bring_in, outbox
from tests.flows.terminal import HELD, WRONG, Ran
from tests.flows.test_postmark_digest import postmark  # noqa: F401  # a fixture

KEY = "digest-2026-11"
_SLOWLY = """
import sys, time
from dataclasses import replace
from pathlib import Path
from delivery.providers.outbox import Outbox
from flows import jobs
from flows.resources import set_home

Outbox.limits = replace(Outbox.limits, letters=10)
submit = Outbox.submit
def slowly(*args, **kwargs):
    time.sleep(0.1)
    return submit(*args, **kwargs)
Outbox.submit = slowly
set_home(Path(sys.argv[1]))
jobs.monthly_digest(jobs.plainly, "2026-11", agreed=True)
"""


@contextmanager
def sending_slowly(home: Path, count: int = 300):
    bring_in(home, count)
    process = subprocess.Popen([sys.executable, "-c", _SLOWLY, str(home)])
    deadline = time.monotonic() + 60
    while sum(outbox(home).values()) < 20:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    yield process
    assert process.wait(60) == 0


def test_pause_stops_the_other_process_within_a_batch_and_resume_sends_the_rest_once(newsletter):
    with sending_slowly(newsletter):
        said = Ran("pause", KEY)
        assert "paused: you paused it" in said.out
        at_the_pause = sum(outbox(newsletter).values())
    assert sum(outbox(newsletter).values()) <= at_the_pause + 20
    assert Ran("dispatch").code == HELD  # a pause is a person's, and no schedule ends it
    assert "sent. 300 submitted" in Ran("resume", KEY).out
    assert sorted(outbox(newsletter).values()) == [1] * 300


def test_cancel_ends_it_for_good_and_every_absence_has_the_reason(newsletter):
    with sending_slowly(newsletter):
        assert "cancelled" in Ran("cancel", KEY, "--yes").out
    sent = sum(outbox(newsletter).values())
    assert 20 <= sent < 300
    assert Ran("dispatch").out == "Nothing is waiting to be sent.\n"
    shown = json.loads(Ran("status", KEY, "--json").out)["editions"][0]
    assert shown["state"] == "cancelled"
    assert shown["letters"] == {"submitted": sent, "skipped": 300 - sent}
    assert shown["reasons"] == [{"state": "skipped", "reason": "cancelled", "letters": 300 - sent}]
    for again in (["pause", KEY], ["resume", KEY], ["cancel", KEY, "--yes"]):
        refused = Ran(*again)
        assert (refused.code, "is cancelled already" in refused.complaint) == (HELD, True)


def test_progress_is_the_same_from_another_process(newsletter):
    with sending_slowly(newsletter):
        shown = json.loads(Ran("status", KEY, "--json").out)["editions"][0]["progress"]
    assert shown["total"] == 300
    assert 20 <= shown["done"] < 300
    assert shown["done"] + shown["under_way"] + shown["pending"] == 300
    assert shown["sending_now"]
    after = json.loads(Ran("status", KEY, "--json").out)["editions"][0]
    assert after["progress"] is None
    assert after["letters"] == {"submitted": 300}


def test_what_has_not_begun_cannot_be_steered(newsletter):
    for command in (["pause", KEY], ["resume", KEY], ["cancel", KEY, "--yes"]):
        assert "no letter of digest-2026-11 has been handed over" in Ran(*command).complaint
    unasked = Ran("cancel", KEY)  # nobody sits at a terminal
    assert unasked.code == WRONG
    assert "say --yes" in unasked.complaint


@pytest.mark.parametrize("way", ["--sent", "--resend"])
def test_letters_without_an_answer_are_decided_by_a_person(postmark, way):  # noqa: F811
    postmark.silent = 1
    Ran("digest", "2026-11", "--yes")
    assert Ran("status", KEY, "--json").code == 0
    assert Ran("resolve", KEY).code == 2
    decided = Ran("resolve", KEY, way)
    if way == "--sent":
        assert "sent. 46 submitted" in decided.out
    else:
        assert "not all sent. 46 pending" in decided.out
        assert "sent. 46 submitted" in Ran("dispatch").out
    assert set(postmark.readers().values()) == {1 if way == "--sent" else 2}


def test_a_mailing_that_is_being_sent_is_not_decided_about(newsletter, monkeypatch):
    bring_in(newsletter, 3)
    Ran("digest", "2026-11", "--yes")
    with open_resources() as resources, lease(resources.db, resources.locks, KEY, now=NOON):
        refused = Ran("resolve", KEY, "--sent")
        assert (refused.code, "is sending it" in refused.complaint) == (1, True)


def test_the_bar_says_how_far_how_fast_and_how_long(newsletter):
    progress = Progress(
        key=KEY,
        taken=380,
        refused=15,
        unknown=5,
        under_way=100,
        pending=500,
        recent=400,
        window_start=NOON,
        beat=NOON,
    )
    console = Console(record=True, width=120, force_terminal=True)
    grid = Table.grid(padding=(0, 1))
    grid.add_row(*bars.progress_row(progress, NOON + timedelta(seconds=10)))
    console.print(grid)
    said = console.export_text()
    assert "400/1,000" in said
    assert "40/s, 15 s left" in said
    assert "15 refused, 5 unknown" in said
    assert bars.say_pace(replace(progress, beat=None), NOON) == ""  # nobody is sending it
    waiting = replace(progress, waits_until=NOON + timedelta(hours=1), waits_because="busy")
    assert bars.say_pace(waiting, NOON).endswith(": busy")
    assert [bars.say_seconds(s) for s in (40, 300, 7800)] == ["40 s", "5 min", "2 h 10 min"]


def test_the_bar_runs_beside_the_work_and_ends_with_it(newsletter):
    bring_in(newsletter, 3)
    out = Console(force_terminal=True, file=StringIO())
    with bars.progress_bar(out, shown=True):
        assert "progress-bar" in [thread.name for thread in threading.enumerate()]
        time.sleep(0.8)
    assert "progress-bar" not in [thread.name for thread in threading.enumerate()]


def test_a_mailing_in_numbers_costs_no_look_at_each_letter(newsletter, monkeypatch):
    bring_in(newsletter, 30)
    monkeypatch.setattr(Outbox, "limits", replace(Outbox.limits, letters=7))
    Ran("digest", "2026-11", "--yes")
    with open_resources() as resources:
        found = load_progress(resources.db, KEY, now=resources.clock.now())
    assert (found.total, found.taken, found.pending) == (30, 30, 0)
