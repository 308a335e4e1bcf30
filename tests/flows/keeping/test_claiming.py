"""Copies that are claimed: nobody who was mailed is mailed again, and the rest waits for a yes."""

import sqlite3
from collections import Counter
from contextlib import closing, suppress
from threading import Thread

import pytest

from content.store import get_edition
from delivery.fence_store import find_instance, get_instance
from flows import jobs
from flows.errors import Held
from flows.keeping.backup import back_up
from flows.keeping.claim import Claimed, claim, look
from flows.mailings.mailing import freeze_mailing
from flows.resources import open_resources, set_home
from tests.flows.homes import approve, bring_in, change, digest, outbox
from tests.flows.keeping.copies import Copying, copy_folder, put_over
from tests.flows.terminal import HELD, Ran
from tests.flows.test_postmark_digest import postmark  # noqa: F401  # a fixture

KEY = "digest-2026-11"
READERS = 8


@pytest.fixture
def home(newsletter, monkeypatch):
    """A newsletter that sends itself, three letters a call."""
    monkeypatch.setenv("LETTERMILL_INSTANCE", "a machine")
    change(newsletter, 'name = "outbox"', 'name = "outbox"\nletters = 3')
    bring_in(newsletter, READERS)
    return newsletter


def states(home) -> Counter[str]:
    with open_resources(home) as resources:
        rows = resources.db.query("SELECT state FROM deliveries")
        return Counter(row["state"] for row in rows)


def generation(home) -> int:
    with open_resources(home) as resources:
        return get_instance(resources.db).generation


def half_sent(copies):
    return next(copy for copy in copies if states(copy) == {"submitted": 3, "pending": 5})


def run_a_month() -> None:
    """What the schedule does: a digest by itself, and a dispatch."""
    jobs.monthly_digest(jobs.plainly, None, agreed=False)
    jobs.dispatch(jobs.plainly)


def begun(home) -> bool:
    with open_resources(home) as resources:
        return find_instance(resources.db) is not None


@pytest.fixture
def copies(home, tmp_path):
    """The folder as it was before every commit of a month, from the draft to the last answer."""
    copying = Copying(home, tmp_path)
    jobs.monthly_digest(copying, None, agreed=False)
    assert set(outbox(home).values()) == {1}
    assert len(outbox(home)) == READERS
    kept = [copy for copy in copying.copies if begun(copy)]
    assert len(kept) > 15
    return kept


def test_no_copy_of_any_moment_sends_and_once_claimed_none_sends_what_was_sent(home, copies):
    whole = outbox(home)
    for copy in copies:
        set_home(copy)
        with suppress(Held):  # who knows that all is sent is not stopped
            run_a_month()
        assert not outbox(copy), copy.name
        jobs.plainly(claim, False)
        run_a_month()
        assert max((whole + outbox(copy)).values()) == 1, copy.name
        assert states(copy).keys() <= {"submitted", "unknown"}, copy.name


def test_an_older_copy_put_over_the_newer_one_doubles_nobody(home, copies):
    whole, last = outbox(home), generation(home)
    for copy in copies:
        put_over(home, copy)
        if generation(home) < last:
            with pytest.raises(Held):
                run_a_month()
        else:  # it knows of every hand-over, and asks what came of the last
            run_a_month()
        assert outbox(home) == whole, copy.name


def test_what_the_provider_has_is_settled_after_a_claim(home, copies):
    put_over(home, half_sent(copies))
    jobs.plainly(claim, False)
    run_a_month()
    assert states(home) == {"submitted": READERS}
    assert set(outbox(home).values()) == {1}


def test_what_a_person_says_was_not_sent_goes_out_then(home, copies):
    half = half_sent(copies)
    set_home(half)
    assert jobs.plainly(claim, False).letters == 5
    assert Ran("resolve", KEY, "--resend").code == 0
    run_a_month()
    assert states(half) == {"submitted": READERS}
    assert sum(outbox(half).values()) == 5


def test_on_unknown_resend_is_no_yes_to_letters_that_another_copy_may_have_sent(home, copies):
    half = half_sent(copies)
    change(half, "letters = 3", 'letters = 3\non_unknown = "resend"')
    change(half, "virtual_now = 2026-12-01", "virtual_now = 2026-12-02")
    set_home(half)
    jobs.plainly(claim, False)
    change(half, "virtual_now = 2026-12-02", "virtual_now = 2026-12-03")
    run_a_month()
    assert states(half) == {"submitted": 3, "unknown": 5}
    assert not outbox(half)


def test_the_newest_copy_of_all_goes_on_where_it_stands(home, copies):
    half = half_sent(copies)
    set_home(half)
    assert Ran("claim", "--latest", "--yes").code == 0
    run_a_month()
    assert sum(outbox(half).values()) == 5
    assert states(half) == {"submitted": READERS}


def test_an_approved_edition_that_a_copy_may_have_sent_waits_for_another_yes(home, tmp_path):
    approve()
    copy = copy_folder(home, tmp_path / "copy")
    digest()
    set_home(copy)
    assert jobs.plainly(claim, False).editions == [KEY]
    run_a_month()
    assert not outbox(copy)
    assert "may have been sent" in Ran("digest", "2026-11").out
    assert Ran("digest", "2026-11", "--yes").code == 0
    assert len(outbox(copy)) == READERS


def test_months_that_came_due_since_the_backup_are_not_made_by_themselves(home, tmp_path):
    digest()
    backup = jobs.plainly(back_up, tmp_path / "b.db", False).file
    change(home, "virtual_now = 2026-12-01", "virtual_now = 2027-02-01")
    (home / "lettermill.db").unlink()  # and nothing of it can be read
    assert Ran("restore", str(backup)).code == 0
    claimed = jobs.plainly(claim, False)
    assert claimed.editions == ["digest-2026-12", "digest-2027-01"]
    run_a_month()
    assert outbox(home).total() == READERS
    with open_resources(home) as resources:
        assert "may have been sent" in get_edition(resources.db, "digest-2027-01").held


def test_a_machine_that_has_another_name_now_is_told_so_in_one_line(home, monkeypatch):
    approve()
    monkeypatch.setenv("LETTERMILL_INSTANCE", "another machine")
    ran = Ran("dispatch")
    assert (ran.code, ran.complaint.count("lettermill claim")) == (HELD, 1)
    monkeypatch.setenv("LETTERMILL_INSTANCE", "a machine")
    assert Ran("dispatch").code == 0
    assert outbox(home).total() == READERS


def test_claiming_at_home_changes_nothing(home):
    digest()
    ran = Ran("claim")
    assert (ran.code, ran.out) == (
        0,
        "This database is at home here already; nothing was to be claimed.\n",
    )


def test_nobody_at_a_terminal_is_asked_and_without_a_yes_nothing_is_claimed(home, tmp_path):
    digest()
    copy = copy_folder(home, tmp_path / "copy")
    set_home(copy)
    ran = Ran("claim")
    assert ran.code == HELD
    assert "--yes" in ran.complaint
    with open_resources(copy) as resources:
        assert look(resources).why


def test_of_two_claims_at_once_one_does_it(home, copies):
    half = half_sent(copies)
    done: list[Claimed] = []

    def take() -> None:
        with open_resources(half) as resources:
            done.append(claim(resources, False))

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed.letters for claimed in done) == [0, 0, 0, 5]


def test_notes_that_were_owed_before_are_not_sent(home, tmp_path):
    digest()
    with closing(sqlite3.connect(home / "lettermill.db")) as db, db:
        db.execute(
            """INSERT INTO notes (id, kind, subscriber_id, language, details, made, due)
               SELECT 'r1', 'confirm', id, '', '{}', '2026-12-01', '2026-12-01'
                 FROM subscribers LIMIT 1"""
        )
    copy = copy_folder(home, tmp_path / "copy")
    set_home(copy)
    with pytest.raises(Held):
        jobs.dispatch(jobs.plainly)
    assert jobs.plainly(claim, False).notes == 1
    jobs.dispatch(jobs.plainly)
    assert not outbox(copy)


def test_a_campaign_of_a_claimed_copy_tells_once_what_is_not_known(home, tmp_path):
    digest()
    (home / "spring.md").write_text("---\nsubject: Spring\n---\nSpring is here.\n")
    copy = copy_folder(home, tmp_path / "copy")
    set_home(copy)
    Ran("claim", "--yes")
    change(copy, "virtual_now = 2026-12-01T09:00", "virtual_now = 2026-12-01T10:00")
    assert "is not known here" in Ran("campaign", str(copy / "spring.md")).out
    assert Ran("campaign", str(copy / "spring.md"), "--yes").code == 0
    (copy / "summer.md").write_text("---\nsubject: Summer\n---\nSummer is here.\n")
    assert "is not known here" not in Ran("campaign", str(copy / "summer.md")).out


def test_postmark_is_asked_for_each_letter_that_another_copy_may_have_sent(
    postmark,  # noqa: F811
    newsletter,
    tmp_path,
):
    approve()
    jobs.plainly(freeze_mailing, KEY)
    copy = copy_folder(newsletter, tmp_path / "copy")
    Ran("dispatch")
    sent = postmark.readers()
    assert sent.total() > 40
    gone = postmark.taken.pop()["To"]  # of one nothing is found
    set_home(copy)
    assert jobs.plainly(claim, False).letters == sent.total()
    assert Ran("dispatch").code == HELD
    assert postmark.readers() + Counter([gone]) == sent
    assert states(copy)["unknown"] == 1
    assert states(copy)["submitted"] == sent.total() - 1
