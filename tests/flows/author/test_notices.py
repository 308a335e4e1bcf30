"""What the author is told: each thing once, with its reason, and again while it lasts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from threading import Barrier

import pytest
import time_machine

import content.ledger
import content.store
from content.errors import FeedUnreachable
from flows import jobs, running
from flows.author import deciding, telling
from flows.author.notices import find_notices
from flows.editions import preparing
from flows.errors import SettingsWrong
from flows.mailings.steering import cancel_mailing
from flows.resources import open_resources
from subscribers.lists.importing import import_list
from tests.flows.homes import bring_in, change

DUE = datetime(2026, 12, 1, 17, tzinfo=UTC)  # 9 o'clock in Los Angeles
AUTHOR = "ada@clinic.example"


@pytest.fixture
def home(newsletter):
    """A newsletter whose author wants news, with a clock that can be moved."""
    change(newsletter, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
    change(newsletter, "[letter]", f'[author]\naddress = "{AUTHOR}"\n\n[letter]')
    with time_machine.travel(DUE, tick=False) as clock:
        bring_in(newsletter)
        newsletter.joinpath("clock").touch()
        yield newsletter, clock


def approval(home, mode: str) -> None:
    change(home, 'approval = "none"', f'approval = "{mode}"')


def news(home) -> list:
    """The letters that the author got, oldest first."""
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(home.glob("outbox/note-*/**/*.eml"), key=lambda p: p.stat().st_mtime_ns)
    ]
    assert all(letter["To"] == AUTHOR for letter in found)
    return found


def subjects(home) -> list[str]:
    return [letter["Subject"] for letter in news(home)]


def run(period=None, **options):
    return jobs.monthly_digest(jobs.plainly, period, agreed=False, **options)


def test_a_draft_that_waits_comes_by_mail_once_with_the_letter_itself_and_links(home):
    folder, _ = home
    approval(folder, "required")
    assert run().state == "draft"
    run()
    jobs.dispatch(jobs.plainly)
    [letter] = news(folder)
    assert letter["Subject"].startswith("To approve: ")
    html = letter.get_body(("html",)).get_content()
    assert html.count("/decide/") == 3 + 4  # approve, hold, another program, and four posts
    assert "From dysfunctional hip to full performance" in html
    assert "List-Unsubscribe" not in letter
    text = letter.get_body(("plain",)).get_content()
    assert "Approve and send it:" in text
    assert "Four short reads" in text


def test_of_a_draft_that_is_blocked_the_author_is_not_told_that_it_is_ready(home):
    folder, _ = home
    approval(folder, "required")
    change(folder, 'intro = "', f'intro = "{"Long words. " * 7_000}')
    assert run().errors
    [letter] = news(folder)
    text = " ".join(letter.get_body(("plain",)).get_content().split())
    assert "digest-2026-11 cannot go out to its 46 readers before this is put right. Error:" in text
    assert "It goes out when you say yes" not in text


def test_notify_sends_after_the_notice_unless_it_is_held(home):
    folder, clock = home
    approval(folder, "notify")
    waits = run()
    assert (waits.state, waits.send_after) == ("draft", DUE + timedelta(hours=24))
    assert not running.is_held(waits)
    clock.shift(timedelta(hours=23, minutes=59))
    assert not jobs.dispatch(jobs.plainly)
    clock.shift(timedelta(minutes=2))
    [sent] = jobs.dispatch(jobs.plainly)
    assert (sent.state, sent.letters["submitted"]) == ("closed", 46)
    assert len(subjects(folder)) == 1


def test_what_was_announced_and_has_changed_is_announced_again_before_it_goes(home):
    folder, clock = home
    approval(folder, "notify")
    first = run()
    feed = folder / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute Warm-Up"))
    clock.shift(timedelta(hours=25))
    [again] = jobs.dispatch(jobs.plainly)
    assert again.state == "draft"
    assert again.content_hash != first.content_hash
    assert len(subjects(folder)) == 2
    body = news(folder)[1].get_body(("plain",)).get_content()
    assert "the post “A Five-Minute Warm-Up" in body.replace("\n", " ")
    clock.shift(timedelta(hours=25))
    assert jobs.dispatch(jobs.plainly)[0].state == "closed"


def test_to_be_notified_the_author_has_to_say_where(home):
    folder, _ = home
    approval(folder, "notify")
    change(folder, f'[author]\naddress = "{AUTHOR}"\n\n', "")
    with pytest.raises(SettingsWrong, match=r"author\.address"):
        run()


def test_a_month_that_was_missed_waits_or_is_skipped_or_sent_as_the_settings_say(home):
    folder, clock = home
    read_before_it_is_due(clock)
    clock.shift(timedelta(days=3))
    [missed] = [n for n in find(folder) if n.topic.startswith("missed")]
    assert "digest-2026-11 was due on 2026-12-01 09:00, and no run has made it" in missed.text
    waits = run(at=DUE)
    assert waits.state == "draft"
    assert "its time was 2026-12-01 09:00, and no run came" in waits.note
    assert subjects(folder) == ["To approve: " + title(folder)]


def test_a_month_that_is_skipped_is_told_with_its_reason(home):
    folder, clock = home
    change(folder, "[letter]", '[schedule]\nif_missed = "skip"\n\n[letter]')
    clock.shift(timedelta(days=3))
    assert run(at=DUE).state == "skipped"
    assert run(at=DUE).state == "skipped"  # a run that Prefect starts twice
    [letter] = news(folder)
    assert "digest-2026-11: nothing was sent: its time was 2026-12-01 09:00" in letter["Subject"]
    clock.shift(timedelta(days=8))
    jobs.dispatch(jobs.plainly)
    assert len(news(folder)) == 1  # what is past is told once


@pytest.mark.parametrize(
    ("if_missed", "made"),
    [("ask", "digest-2026-11"), ("send-late", "digest-2026-11"), ("skip", "")],
)
def test_housekeeping_says_made_of_a_missed_month_only_where_it_is(home, if_missed, made):
    folder, clock = home
    read_before_it_is_due(clock)
    change(folder, "[letter]", f'[schedule]\nif_missed = "{if_missed}"\n\n[letter]')
    clock.shift(timedelta(days=3))
    assert jobs.housekeeping(jobs.plainly).missed == made


def test_a_month_that_was_missed_is_made_also_when_the_next_one_is_over(home):
    folder, clock = home
    change(folder, "[letter]", '[schedule]\nday = 15\nif_missed = "send-late"\n\n[letter]')
    read_before_it_is_due(clock)
    clock.move_to(datetime(2027, 1, 3, 12, tzinfo=UTC))
    assert jobs.housekeeping(jobs.plainly).missed == "digest-2026-11"
    with open_resources(folder) as resources:
        [edition] = content.store.list_editions(resources.db)
    assert (edition.key, edition.state) == ("digest-2026-11", "closed")


def test_two_months_late_the_older_one_is_skipped_and_its_posts_come_with_the_newer(home):
    _, clock = home
    clock.move_to(DUE + timedelta(days=31, hours=1))
    older = run(at=DUE)
    assert (older.state, "its posts go with the digest of a later month" in older.note) == (
        "skipped",
        True,
    )
    newer = run(at=DUE + timedelta(days=31))
    assert (newer.key, newer.state) == ("digest-2026-12", "closed")


def test_trouble_is_told_once_and_again_after_a_week_and_anew_when_it_comes_back(home):
    folder, clock = home
    feed = folder / "sample" / "blog.rss"
    words = feed.read_text()
    feed.unlink()
    for _ in range(5):
        jobs.collect(jobs.plainly)
        jobs.tell(jobs.plainly)
    assert len(subjects(folder)) == 1
    assert "could not be read 3 times" in subjects(folder)[0]
    clock.shift(timedelta(days=6))
    jobs.tell(jobs.plainly)
    assert len(subjects(folder)) == 1
    clock.shift(timedelta(days=2))
    jobs.tell(jobs.plainly)
    assert len(subjects(folder)) == 2
    feed.write_text(words)
    jobs.collect(jobs.plainly)
    jobs.tell(jobs.plainly)
    assert not find(folder)
    feed.unlink()
    clock.shift(timedelta(hours=1))
    for _ in range(3):
        jobs.collect(jobs.plainly)
        jobs.tell(jobs.plainly)
    assert len(subjects(folder)) == 3


def test_a_digest_that_no_feed_can_be_read_for_is_told_too(home):
    folder, clock = home
    read_before_it_is_due(clock)
    (folder / "sample" / "blog.rss").unlink()
    clock.shift(timedelta(days=2))
    with pytest.raises(FeedUnreachable):
        run(at=DUE)
    jobs.dispatch(jobs.plainly)
    assert any("was due on" in subject for subject in subjects(folder))


def test_without_an_address_news_wait_for_one(home):
    folder, _ = home
    change(folder, f'[author]\naddress = "{AUTHOR}"\n\n', "")
    approval(folder, "required")
    run()
    assert not news(folder)
    change(folder, "[letter]", f'[author]\naddress = "{AUTHOR}"\n\n[letter]')
    jobs.dispatch(jobs.plainly)
    assert len(news(folder)) == 1


def read_before_it_is_due(clock) -> None:
    """A newsletter that was not there yet has missed nothing."""
    clock.shift(timedelta(days=-1))
    jobs.collect(jobs.plainly)
    clock.shift(timedelta(days=1))


def find(folder):
    with open_resources(folder) as resources:
        return find_notices(resources)


def title(folder) -> str:
    with open_resources(folder) as resources:
        return next(iter(resources.db.query("SELECT title FROM editions")))["title"]


def test_what_was_to_go_by_itself_and_cannot_is_told_with_the_reason(home):
    folder, clock = home
    approval(folder, "notify")
    run()
    change(folder, "[letter]", '[theme]\nink = "#eeeeee"\n\n[letter]')  # too pale to be read
    clock.shift(timedelta(hours=25))
    [kept] = jobs.dispatch(jobs.plainly)
    assert (kept.state, kept.send_after) == ("draft", None)
    assert kept.warnings
    assert len(subjects(folder)) == 2
    text = news(folder)[1].get_body(("plain",)).get_content()
    assert "It does not go out by itself: " in text
    assert not jobs.dispatch(jobs.plainly)


def test_nobodys_name_is_in_what_is_found_of_a_draft(home):
    folder, clock = home
    with open_resources(folder) as resources:
        rows = "email,name\nlong@example.com,somebodys.own.address.as.a.name@mail.example.com"
        now = resources.clock.now()
        import_list(resources.db, BytesIO(rows.encode()), "one.csv", now=now)
    approval(folder, "notify")
    run()
    change(folder, "[letter]", '[theme]\nink = "#eeeeee"\n\n[letter]')
    clock.shift(timedelta(hours=25))
    [kept] = jobs.dispatch(jobs.plainly)
    said = " ".join([*kept.warnings, *(notice.text for notice in find(folder))])
    assert said.count("(Hello Reader") == 2
    assert "@" not in said


def test_an_audience_that_is_not_what_was_approved_is_told_by_mail(home):
    folder, _ = home
    approval(folder, "required")
    draft = run()
    jobs.approve(jobs.plainly, draft.key, draft.content_hash)
    with open_resources(folder) as resources:
        rows = "\n".join(f"more{n}@example.com" for n in range(20))
        now = resources.clock.now()
        import_list(resources.db, BytesIO(f"email\n{rows}".encode()), "more.csv", now=now)
    jobs.dispatch(jobs.plainly)
    assert len(subjects(folder)) == 2
    text = " ".join(news(folder)[1].get_body(("plain",)).get_content().split())
    assert "20 more people would get it who did not join by themselves" in text


def test_a_draft_that_is_given_up_is_told_no_more_and_its_posts_wait(home):
    folder, _ = home
    approval(folder, "required")
    run()
    with open_resources(folder) as resources:
        assert cancel_mailing(resources, "digest-2026-11").state == "cancelled"
        assert content.ledger.count_posts(resources.db)["ready"] == 4
    assert not [notice for notice in find(folder) if notice.draft]


def make_the_draft(mode: str, folder) -> str:
    """What a run has done when it looks the draft over, which may take a while."""
    approval(folder, mode)
    jobs.collect_for_digest(jobs.plainly)
    return jobs.plainly(preparing.prepare_digest, "digest-2026-11").content_hash


def test_a_dispatch_beside_the_run_of_a_digest_announces_nothing_too_soon(home):
    folder, clock = home
    made = make_the_draft("notify", folder)
    jobs.dispatch(jobs.plainly)
    assert not news(folder)
    decided = jobs.plainly(deciding.let_go, "digest-2026-11", made, False)
    assert (decided.state, decided.send_after) == ("draft", DUE + timedelta(hours=24))
    jobs.dispatch(jobs.plainly)
    [letter] = news(folder)
    assert "It goes out by itself after" in body_of(letter)
    clock.shift(timedelta(hours=25))
    assert jobs.dispatch(jobs.plainly)[0].state == "closed"


@pytest.mark.parametrize(
    ("mode", "states"), [("none", ["closed"]), ("notify", ["draft", "closed"])]
)
def test_a_draft_whose_run_died_before_it_decided_is_decided_by_dispatch(home, mode, states):
    folder, clock = home
    make_the_draft(mode, folder)
    for state in states:
        clock.shift(timedelta(hours=24))
        assert [outcome.state for outcome in jobs.dispatch(jobs.plainly)] == [state]
    assert not jobs.dispatch(jobs.plainly)


def test_a_draft_that_is_blocked_and_whose_run_died_is_told(home):
    folder, clock = home
    change(folder, 'intro = "', f'intro = "{"Long words. " * 7_000}')
    make_the_draft("none", folder)
    clock.shift(timedelta(minutes=16))
    assert jobs.dispatch(jobs.plainly)[0].errors
    assert len(news(folder)) == 1
    clock.shift(timedelta(minutes=16))
    assert not jobs.dispatch(jobs.plainly)


def test_what_was_said_to_wait_for_a_yes_is_announced_before_it_goes_by_itself(home):
    folder, clock = home
    approval(folder, "required")
    run()
    change(folder, 'approval = "required"', 'approval = "notify"')
    later = run()
    assert (later.state, later.send_after) == ("draft", DUE + timedelta(hours=24))
    assert "It goes out when you say yes, and not before" in body_of(news(folder)[0])
    assert "It goes out by itself after" in body_of(news(folder)[1])
    clock.shift(timedelta(hours=25))
    assert jobs.dispatch(jobs.plainly)[0].state == "closed"


def test_what_was_announced_waits_for_a_yes_as_soon_as_the_settings_want_one(home):
    folder, _ = home
    approval(folder, "notify")
    run()
    change(folder, 'approval = "notify"', 'approval = "required"')
    [waits] = jobs.dispatch(jobs.plainly)
    assert (waits.state, waits.send_after) == ("draft", None)
    text = body_of(news(folder)[1])
    assert "`digest.approval` wants your yes now" in text
    assert "It goes out when you say yes, and not before" in text
    assert not jobs.dispatch(jobs.plainly)


def test_who_holds_what_was_announced_is_not_sent_it_again(home):
    folder, _ = home
    approval(folder, "notify")
    draft = run()
    jobs.plainly(deciding.hold_draft, draft.key, draft.content_hash)
    jobs.dispatch(jobs.plainly)
    assert len(news(folder)) == 1


def test_runs_that_end_at_once_tell_it_once(home):
    folder, _ = home
    (folder / "sample" / "blog.rss").unlink()
    for _ in range(3):
        jobs.collect(jobs.plainly)
    ends = Barrier(4)

    def end(_) -> int:
        with open_resources(folder) as resources:
            ends.wait()
            return len(telling.tell_author(resources))

    with ThreadPoolExecutor(4) as runs:
        assert sorted(runs.map(end, range(4))) == [0, 0, 0, 1]
    jobs.dispatch(jobs.plainly)
    assert len(subjects(folder)) == 1


def body_of(letter) -> str:
    return " ".join(letter.get_body(("plain",)).get_content().split())
