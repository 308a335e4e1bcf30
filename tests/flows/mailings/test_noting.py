"""Notes from debt to letter: who gets one, what is in it, who sends it, and kill -9."""

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlite_utils import Database
from werkzeug import Response

from delivery.lease import sole_sender
from delivery.notes.ledger import owe_note
from delivery.notes.note import OwedNote
from flows import jobs
from flows.mailings import noting
from flows.resources import Resources, open_resources
from flows.serving.note_sender import NoteSender, note_sender
from subscribers.store import Subscriber, find_by_key
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress
from tests.fakes import postmark_answer
from tests.flows.homes import bring_in, change, digest, outbox
from tests.flows.terminal import Ran
from tests.flows.wire import wait_until


@pytest.fixture
def resources(newsletter) -> Iterator[Resources]:
    bring_in(newsletter, 40)
    with open_resources(newsletter) as opened:
        yield opened


def reader(resources: Resources, number: int = 0) -> Subscriber:
    found = find_by_key(resources.db, f"reader{number:05}@example.com")
    assert found is not None
    return found


def stand(db: Database, person: Subscriber, status: str) -> None:
    with db.atomic():
        db.execute("UPDATE subscribers SET status = ? WHERE id = ?", (status, person.id))


def owe(resources: Resources, kind: str, person: Subscriber, request: str = "r1") -> None:
    with resources.db.atomic():
        note = OwedNote(id=request, kind=kind, subscriber_id=person.id)
        owe_note(resources.db, note, now=resources.clock.now())


def standing(resources: Resources) -> list[tuple[str, str]]:
    rows = resources.db.query("SELECT state, reason FROM notes ORDER BY rowid")
    return [(row["state"], row["reason"]) for row in rows]


def only_letter(home: Path) -> EmailMessage:
    [path] = home.glob("outbox/note-*/batch-*/*.eml")
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def text_of(letter: EmailMessage) -> str:
    return letter.get_body(("plain",)).get_content()


def test_a_confirmation_has_the_link_of_its_request_and_says_nothing_of_a_list(resources):
    stand(resources.db, reader(resources), "pending")
    owe(resources, "confirm", reader(resources))
    assert noting.send_notes(resources)
    letter = only_letter(resources.home)
    token = text_of(letter).partition("/confirm/")[2].split()[0]
    assert resources.confirmations.read(token) == "r1"
    assert not [name for name in letter if name.startswith("List-")]
    assert letter["To"] == "reader00000@example.com"  # not the name that a form was given


def test_a_welcome_has_a_way_out_and_the_last_letter(resources):
    digest(agreed=True)
    owe(resources, "welcome", reader(resources))
    noting.send_notes(resources)
    letter = only_letter(resources.home)
    token = letter["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert resources.exits.read(token) == reader(resources).id
    assert "/archive/digest-2026-11" in text_of(letter)
    assert "Reader" in text_of(letter)


def test_a_plain_welcome_has_no_last_letter(newsletter, resources):
    digest(agreed=True)
    owe(resources, "welcome", reader(resources))
    change(newsletter, "[provider]", '[joining]\nwelcome = "plain"\n\n[provider]')
    with open_resources(newsletter) as again:
        noting.send_notes(again)
    assert "/archive/digest" not in text_of(only_letter(newsletter))


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.BLOCKED])
@pytest.mark.parametrize("kind", ["confirm", "welcome", "links"])
def test_an_address_that_bounced_or_complained_gets_no_note(resources, kind, reason):
    person, now = reader(resources), resources.clock.now()
    suppress(resources.db, person.address_key, reason, evidence="test", now=now)
    owe(resources, kind, person)
    noting.send_notes(resources)
    assert standing(resources) == [("skipped", reason.value)]


def test_who_has_left_may_be_asked_to_confirm_again_but_is_not_welcomed(resources):
    person, now = reader(resources), resources.clock.now()
    stand(resources.db, person, "unsubscribed")
    suppress(resources.db, person.address_key, Reason.UNSUBSCRIBED, evidence="page", now=now)
    owe(resources, "confirm", person)
    owe(resources, "welcome", person)
    noting.send_notes(resources)
    assert standing(resources) == [("submitted", ""), ("skipped", "unsubscribed")]


def test_who_is_erased_meanwhile_gets_nothing_and_that_is_kept(resources):
    person = reader(resources)
    owe(resources, "welcome", person)
    with resources.db.atomic():
        resources.db.execute("DELETE FROM subscribers WHERE id = ?", (person.id,))
    noting.send_notes(resources)
    assert standing(resources) == [("skipped", "no longer on the list")]


def test_who_has_confirmed_by_another_letter_is_not_asked_again(resources):
    owe(resources, "confirm", reader(resources))
    noting.send_notes(resources)
    assert standing(resources) == [("skipped", "confirmed already")]


def test_a_broken_template_of_the_author_is_told_and_the_note_waits(newsletter, resources):
    broken = newsletter / "templates" / "emails" / "welcome.mjml"
    broken.parent.mkdir(parents=True)
    broken.write_text("<mjml>{{ nothing.like.it }}</mjml>")
    owe(resources, "welcome", reader(resources))
    noting.send_notes(resources)
    [(state, reason)] = standing(resources)
    assert state == "pending"
    assert "emails/welcome.mjml" in reason


def test_while_another_process_sends_nothing_is_sent_here(resources):
    owe(resources, "welcome", reader(resources))
    with sole_sender(resources.locks, noting.LEASE):
        assert noting.send_notes(resources)
        assert standing(resources) == [("pending", "")]
    noting.send_notes(resources)
    assert standing(resources) == [("submitted", "")]


def test_dispatch_sends_them_and_status_tells_of_those_that_wait_without_an_address(resources):
    owe(resources, "links", reader(resources, 1), "r2")
    owe(resources, "welcome", reader(resources))
    assert "Notes   2 pending" in Ran("status").out
    jobs.dispatch(jobs.plainly)
    assert ("submitted", "") in standing(resources)
    with resources.db.atomic():
        resources.db.execute("UPDATE notes SET state = 'unknown', reason = 'x', claimed = made")
    ran = Ran("status", "--json").out
    assert json.loads(ran)["notes"] == [{"state": "unknown", "reason": "x", "notes": 2}]
    assert "@" not in ran


def test_the_site_sends_a_note_as_soon_as_it_is_woken_and_stops_with_the_server(resources):
    with note_sender(resources.home) as sender:
        for number in range(2):
            owe(resources, "welcome", reader(resources, number), f"r{number}")
            sender.wake()
            wait_until(lambda: standing(resources)[-1][0] == "submitted")
    owe(resources, "welcome", reader(resources, 2), "r2")
    sender.wake()
    assert standing(resources)[-1] == ("pending", "")


def test_the_sender_outlives_what_goes_wrong_and_says_so_without_an_address(
    resources, monkeypatch, caplog
):
    calls: list[str] = []
    real = noting.send_notes

    def fails_first(*arguments):
        calls.append("call")
        if len(calls) == 1:
            raise RuntimeError("reader00000@example.com")
        return real(*arguments)

    monkeypatch.setattr(noting, "send_notes", fails_first)
    owe(resources, "welcome", reader(resources))
    sender = NoteSender(resources.home, rest=0.01)
    try:
        wait_until(lambda: standing(resources) == [("submitted", "")])
    finally:
        sender.close()
    assert "notes were not sent (RuntimeError)" in caplog.text
    assert "@" not in caplog.text


def test_postmark_gets_a_note_by_the_transactional_stream(newsletter, httpserver, monkeypatch):
    bring_in(newsletter, 1)
    taken: list[dict] = []

    def take(request):
        taken.extend(json.loads(request.data))
        return Response(postmark_answer(request.data), content_type="application/json")

    httpserver.expect_request("/email/batch", method="POST").respond_with_handler(take)
    api = httpserver.url_for("").rstrip("/")
    change(newsletter, 'name = "outbox"', f'name = "postmark"\napi = "{api}"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "server-token")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "a-key-of-a-newsletter-of-its-own")
    with open_resources(newsletter) as resources:
        stand(resources.db, reader(resources), "pending")
        owe(resources, "confirm", reader(resources))
        assert noting.send_notes(resources)
        assert standing(resources) == [("submitted", "")]
    [message] = taken
    assert message["MessageStream"] == "outbound"
    assert message["Headers"] == []
    assert message["Metadata"]["send_key"] == "note-confirm.r1"


def test_killed_in_the_middle_and_run_again_each_note_is_sent_once(resources):
    """kill -9 once ten of forty notes are in the outbox."""
    for number in range(40):
        owe(resources, "welcome", reader(resources, number), f"r{number}")
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOWLY, str(resources.home)], env=dict(os.environ)
    )
    try:
        wait_until(lambda: outbox(resources.home).total() >= 10)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert 10 <= outbox(resources.home).total() < 40
    noting.send_notes(resources)
    assert outbox(resources.home) == Counter(f"r{number}" for number in range(40))
    assert set(standing(resources)) == {("submitted", "")}


_SLOWLY = """
import sys, time
from delivery.providers.outbox import Outbox
from flows import jobs
from flows.mailings import noting
from flows.resources import set_home
from pathlib import Path

submit = Outbox.submit
def slowly(*args, **kwargs):
    time.sleep(0.02)
    result = submit(*args, **kwargs)
    time.sleep(0.02)
    return result
Outbox.submit = slowly
set_home(Path(sys.argv[1]))
jobs.plainly(noting.send_notes)
"""
