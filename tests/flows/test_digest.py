"""The monthly digest as the command line runs it: once, whatever runs twice or dies."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import jobs
from flows.editions.preparing import period_due
from flows.errors import Held
from flows.mailings import mailing
from flows.resources import open_resources
from subscribers.leaving.store import withdraw
from subscribers.store import all_subscribers
from tests.flows.homes import approve, bring_in, change, digest, outbox

LETTERMILL = [sys.executable, "-m", "flows.cli"]


def test_a_month_becomes_one_letter_for_each_reader_we_may_write_to(newsletter):
    bring_in(newsletter)
    outcome = digest()
    assert (outcome.state, outcome.letters) == ("closed", {"submitted": 46, "skipped": 14})
    assert set(outbox(newsletter).values()) == {1}
    assert len(outbox(newsletter)) == 46


def test_running_it_twice_sends_once(newsletter):
    bring_in(newsletter)
    assert digest().letters == digest().letters == {"submitted": 46, "skipped": 14}
    assert sum(outbox(newsletter).values()) == 46


def test_a_sent_month_stays_as_it_was_whatever_the_feed_says_later(newsletter):
    bring_in(newsletter)
    sent = digest()
    feed = newsletter / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "Something else"))
    assert digest().content_hash == sent.content_hash


def test_a_sent_month_needs_no_feed_to_say_so(newsletter):
    bring_in(newsletter)
    sent = digest()
    (newsletter / "sample" / "blog.rss").unlink()
    assert digest().content_hash == sent.content_hash


def test_a_newsletter_opened_further_back_later_mails_what_was_there_before(newsletter):
    change(newsletter, "include_since", "# include_since")
    bring_in(newsletter)
    assert digest().state == "skipped"
    change(newsletter, "# include_since", "include_since")
    assert digest().letters == {"submitted": 46, "skipped": 14}


def test_one_edition_that_is_held_does_not_keep_the_others_back(newsletter):
    bring_in(newsletter)
    change(newsletter, "max_posts = 6", "max_posts = 2")
    for key in ("digest-2026-11", "digest-2026-12"):
        approve(key)
    with open_resources() as resources, resources.db.atomic():
        resources.db.execute("UPDATE letters SET subject = 'x' WHERE edition_key LIKE '%11'")
    with pytest.raises(Held, match="digest-2026-11"):
        jobs.dispatch(jobs.plainly)
    assert {path.name for path in (newsletter / "outbox").glob("digest-*")} == {"digest-2026-12"}


def test_a_run_that_starts_late_is_for_the_month_it_was_due(newsletter):
    due = datetime(2026, 10, 1, 16, tzinfo=UTC)
    with open_resources() as resources:
        assert str(period_due(resources, None, due)) == "2026-11"  # a rehearsal has its own time
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    with open_resources() as resources:
        assert str(period_due(resources, None, due)) == "2026-09"


def test_a_month_without_posts_is_skipped_and_says_why(newsletter):
    bring_in(newsletter)
    digest("2026-11")
    outcome = digest("2026-12")
    assert outcome.state == "skipped"
    assert outcome.note == "no post waits for December 2026"
    assert sum(outbox(newsletter).values()) == 46


def test_posts_that_a_full_edition_left_out_come_with_the_next(newsletter):
    change(newsletter, "max_posts = 6", "max_posts = 3")
    bring_in(newsletter)
    digest("2026-11")
    digest("2026-12")
    with open_resources() as resources:
        rows = resources.db.query(
            "SELECT edition_key, count(*) AS n FROM posts WHERE state = 'assigned' GROUP BY 1"
        )
        assert {r["edition_key"]: r["n"] for r in rows} == {
            "digest-2026-11": 3,
            "digest-2026-12": 1,
        }


def test_the_default_month_is_the_last_one_that_is_over(newsletter):
    bring_in(newsletter)
    assert digest(None).key == "digest-2026-11"


def run(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*LETTERMILL, "-C", str(home), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_at_once_send_once(newsletter):
    bring_in(newsletter, 2000)
    both = [run(newsletter, "digest", "2026-11", "--yes", "--json") for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert len(outbox(newsletter)) == 2000
    assert set(outbox(newsletter).values()) == {1}
    assert digest().letters == {"submitted": 2000}


@pytest.mark.parametrize("batches", [1, 3, 6])
def test_killed_in_the_middle_and_run_again_each_reader_has_one_letter(newsletter, batches):
    """kill -9 once `batches` of ten batches are in the outbox; 500 readers."""
    bring_in(newsletter, 500)
    process = subprocess.Popen(
        [sys.executable, "-c", _TEN_BATCHES, str(newsletter)], env=dict(os.environ)
    )
    _wait_for(lambda: len(list(newsletter.glob("outbox/*/batch-*"))) >= batches, process)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    there = sum(outbox(newsletter).values())
    assert 0 < there < 500
    assert digest().letters == {"submitted": 500}
    assert len(outbox(newsletter)) == 500
    assert set(outbox(newsletter).values()) == {1}


# The product sends 500 letters in one batch; smaller ones give the signal a middle to hit.
_TEN_BATCHES = """
import sys, time
from dataclasses import replace
from pathlib import Path
from delivery.providers.outbox import Outbox
from flows import jobs
from flows.resources import set_home

Outbox.limits = replace(Outbox.limits, letters=50)
submit = Outbox.submit
def slowly(*args, **kwargs):
    time.sleep(0.05)
    return submit(*args, **kwargs)
Outbox.submit = slowly
set_home(Path(sys.argv[1]))
jobs.monthly_digest(jobs.plainly, "2026-11", agreed=True)
"""


def _wait_for(condition, process) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline, "nothing happened in 30 seconds"
        time.sleep(0.002)


def test_dispatch_goes_on_with_what_was_interrupted(newsletter):
    bring_in(newsletter)
    draft = approve()
    with open_resources() as resources:
        mailing.freeze_mailing(resources, draft.key)
    assert not outbox(newsletter)
    assert [o.state for o in jobs.dispatch(jobs.plainly)] == ["closed"]
    assert sum(outbox(newsletter).values()) == 46
    assert jobs.dispatch(jobs.plainly) == []


def test_somebody_who_unsubscribes_after_the_freeze_gets_no_letter(newsletter):
    bring_in(newsletter)
    draft = approve()
    with open_resources() as resources:
        mailing.freeze_mailing(resources, draft.key)
        leaver = next(
            p for p in all_subscribers(resources.db) if p.ruling(resources.today) == "may send"
        )
        withdraw(resources.db, leaver.id, source="page", now=resources.clock.now())
    jobs.dispatch(jobs.plainly)
    assert leaver.id not in outbox(newsletter)
    assert sum(outbox(newsletter).values()) == 45


def test_no_address_is_in_what_a_flow_shows(newsletter):
    bring_in(newsletter)
    shown = json.dumps([str(digest()), str(jobs.collect(jobs.plainly))])
    assert "@" not in shown


def test_what_holds_addresses_is_for_its_owner_alone(newsletter):
    bring_in(newsletter)
    digest()
    for name in ("lettermill.db", "outbox"):
        assert (newsletter / name).stat().st_mode & 0o077 == 0
