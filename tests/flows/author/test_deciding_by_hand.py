"""The author's commands: plan, approve, hold, send, test; and what is wrong is told in one line."""

import os
import re
import resource
import subprocess
import sys
from email import message_from_bytes, policy

import pytest

from content.store import get_edition
from flows.resources import open_resources
from tests.conftest import ROOT
from tests.flows.homes import bring_in, change, outbox
from tests.flows.terminal import COULD_NOT, HELD, WRONG, Ran

KEY = "digest-2026-11"


@pytest.fixture
def home(newsletter):
    """A newsletter in which nothing sends itself."""
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    return newsletter


def planned_hash() -> str:
    return re.search(r"Hash +([0-9a-f]{16})", Ran("plan", "2026-11").out)[1]


def edition():
    with open_resources() as resources:
        return get_edition(resources.db, KEY)


def test_the_hash_of_a_plan_is_approved_and_sent(home):
    content_hash = planned_hash()
    approved = Ran("approve", KEY, content_hash)
    assert (approved.code, "approved." in approved.out) == (0, True)
    assert (edition().state, edition().readers) == ("approved", 46)
    assert not outbox(home)
    assert "46 submitted" in Ran("send", KEY).out
    assert len(outbox(home)) == 46


def test_approving_twice_is_approving_once(home):
    content_hash = planned_hash()
    assert [Ran("approve", KEY, content_hash).code for _ in range(2)] == [0, 0]


def test_a_hash_of_yesterday_is_refused_and_the_one_of_today_is_named(home):
    yesterday = planned_hash()
    feed = home / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute Warm-Up"))
    today = planned_hash()
    refused = Ran("approve", KEY, yesterday)
    assert refused.code == HELD
    assert f"{yesterday!r} is not its hash any more, which is {today}" in refused.complaint
    assert edition().state == "draft"
    assert Ran("approve", KEY, today).code == 0


def test_what_is_held_waits_and_what_is_not_approved_is_not_sent(home):
    content_hash = planned_hash()
    Ran("digest", "2026-11")
    assert "you held it on 2026-12-01; it waits for your yes" in Ran("hold", KEY, content_hash).out
    refused = Ran("send", KEY)
    assert (refused.code, "waits for your yes" in refused.complaint) == (HELD, True)
    assert "you held it on" in Ran("status", KEY).out


def test_a_draft_that_was_given_up_is_not_said_to_have_been_sent(home):
    Ran("digest", "2026-11")
    given_up = Ran("cancel", KEY, "--yes")
    assert given_up.out == f"{KEY}: cancelled before it was sent; nothing to do here.\n"
    again = Ran("digest", "2026-11")
    assert again.out == (
        f"{KEY}: cancelled before it was sent, and is not made again; nothing to do here.\n"
    )


def test_a_test_letter_is_the_letter_and_is_not_counted(home):
    Ran("digest", "2026-11")
    assert Ran("test", KEY, "--to", "me@clinic.example").code == 0
    [eml] = home.glob("outbox/**/*.eml")
    letter = message_from_bytes(eml.read_bytes(), policy=policy.default)
    assert letter["To"] == "me@clinic.example"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "From dysfunctional hip" in letter.get_body(("html",)).get_content()
    assert "submitted" not in Ran("status", KEY).out
    other = Ran("test", KEY, "--to", "me@clinic.example", "--program", "Strong Back Basic")
    assert (other.code, "did you mean `Strong Back Basics`?" in other.complaint) == (WRONG, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["digest", "2027-01"], WRONG, "2027-01 has not begun; the newest month is 2026-12"),
        (["approve", "digest-2027-01", "0123456789abcdef"], WRONG, "2027-01 has not begun"),
        (["approve", "digest-November", "0123456789abcdef"], WRONG, "is no month"),
        (["approve", "campaign-x", "0123456789abcdef"], COULD_NOT, "no edition campaign-x"),
        (["approve", "digest-2026-12", "0123456789abcdef"], HELD, "no post waits for"),
        (["hold", KEY, "0123456789abcdef"], COULD_NOT, f"no edition {KEY}"),
        (["send", "digest-2026-10"], COULD_NOT, "no edition digest-2026-10"),
        (["test", KEY, "--to", "nobody"], COULD_NOT, "must have an @-sign"),
        (["test", KEY, "--to", "me@clinic.example"], COULD_NOT, f"no edition {KEY}"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(home, arguments, code, said):
    ran = Ran(*arguments)
    assert (ran.code, said in ran.complaint) == (code, True), ran.err


def test_on_a_full_disk_nothing_is_half_done(home):
    """No file may grow beyond 64 KiB, which what is to be written down does."""
    Ran("digest", "2026-11")
    before = edition()

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    feed = home / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute " * 40_000))
    ran = subprocess.run(
        [sys.executable, "-m", "flows.cli", "digest", "2026-11", "--yes"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=no_room,  # the limit is for that process alone
    )
    assert ran.returncode == COULD_NOT
    [line] = ran.stderr.strip().splitlines()
    assert line.startswith("lettermill: lettermill.db: ")
    assert edition() == before
    assert not outbox(home)
