"""What a provider tells the webhook, from the request to the reader who gets no more letters."""

import json
import sqlite3

import pytest
import time_machine

from flows.resources import open_resources
from flows.serving import webhooks
from subscribers.store import find_by_key
from subscribers.suppression import Reason
from subscribers.suppression_store import suppressions_of
from tests.flows.homes import change
from tests.flows.terminal import Ran
from tests.flows.test_postmark_digest import StandIn, postmark  # noqa: F401  # a fixture
from tests.flows.wire import on_the_wire

KEY = "digest-2026-11"
PATH = "/webhooks/postmark/a-long-random-secret"


@pytest.fixture
def sent(postmark, monkeypatch) -> StandIn:  # noqa: F811
    """A digest that went out, and a webhook that Postmark was given."""
    monkeypatch.setenv("LETTERMILL_WEBHOOK_SECRETS", "the-old-random-secret,a-long-random-secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert "46 submitted" in Ran("digest", "2026-11", "--yes").out
    return postmark


def told(stand_in: StandIn, **changes: object) -> tuple[str, bytes]:
    """A bounce of the first letter, as Postmark tells it; and its reader's address."""
    letter = stand_in.taken[0]
    address = letter["To"].rpartition("<")[2].strip("<>")
    bounce = {
        "RecordType": "Bounce",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "MessageID": "pm-0",
        "Metadata": letter["Metadata"],
        "Email": address,
        "Details": "smtp;550 5.1.1 no such mailbox",
        "BouncedAt": "2026-12-01T17:10:00Z",
        "Inactive": True,
    }
    return address, json.dumps(bounce | changes).encode()


def bars(address: str) -> list[Reason]:
    with open_resources() as resources:
        person = find_by_key(resources.db, address)
        return [bar.reason for bar in suppressions_of(resources.db, person.address_key)]


def test_who_bounced_for_good_gets_no_more_letters_and_why_says_it(newsletter, sent):
    address, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, bounce).status == 200
    assert bars(address) == [Reason.BOUNCED]
    said = Ran("why", "person", address).out
    assert "the provider took it (2026-12-01 17:00 UTC); since then: bounced" in said
    with open_resources() as resources:
        [heard] = resources.db.query("SELECT heard FROM deliveries WHERE heard <> ''")
    assert heard == {"heard": "bounced"}


def test_the_same_event_twice_is_one(newsletter, sent):
    _, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        assert [wire.ask("POST", PATH, bounce).status for _ in range(3)] == [200, 200, 200]
        assert wire.seen.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_a_soft_bounce_stops_nobody(newsletter, sent):
    address, bounce = told(
        sent, Type="SoftBounce", Inactive=False, Details="smtp;452 4.2.2 mailbox is full"
    )
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, bounce).status == 200
    assert bars(address) == []


def test_an_event_about_nothing_of_ours_stops_nobody_whatever_address_it_names(newsletter, sent):
    address, bounce = told(sent, Metadata={"send_key": "digest-2026-11.somebody-else"})
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, bounce).status == 200
    assert bars(address) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/webhooks/postmark/another-secret", 404),
        ("POST", "/webhooks/mailgun/a-long-random-secret", 404),
        ("POST", "/webhooks/postmark/", 404),
        ("GET", PATH, 405),
        ("HEAD", PATH, 405),
    ],
)
def test_who_does_not_know_the_address_changes_nothing(newsletter, sent, method, path, status):
    address, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        assert wire.ask(method, path, bounce).status == status
        assert wire.seen.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert bars(address) == []


def test_both_secrets_work_while_one_takes_the_others_place(newsletter, sent):
    _, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", "/webhooks/postmark/the-old-random-secret", bounce).status == 200


def test_a_password_beside_the_secret_path_is_asked_for_where_one_is_set(
    newsletter, sent, monkeypatch
):
    monkeypatch.setenv("LETTERMILL_WEBHOOK_KEYS", "postmark:wonderful")
    _, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, bounce).status == 401
        right = "Basic cG9zdG1hcms6d29uZGVyZnVs"
        assert wire.ask("POST", PATH, bounce, Authorization=right).status == 200


def test_what_is_no_event_and_what_is_too_long_is_refused(newsletter, sent):
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, b"<html>").status == 400
        assert wire.ask("POST", PATH, b"[" * 6_000_000).status in (413, 0)


def test_an_event_that_cannot_be_written_down_is_not_answered_as_if_it_were(
    newsletter, sent, monkeypatch
):
    _, bounce = told(sent)

    def no_disk(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with on_the_wire(newsletter) as wire:
        with monkeypatch.context() as full:
            full.setattr(webhooks, "keep", no_disk)
            assert wire.ask("POST", PATH, bounce).status == 500
        assert wire.ask("POST", PATH, bounce).status == 200


def test_no_address_and_no_secret_is_in_the_log_of_requests(newsletter, sent, caplog):
    address, bounce = told(sent)
    caplog.set_level("INFO")
    with on_the_wire(newsletter) as wire:
        wire.ask("POST", PATH, bounce)
        wire.ask("POST", PATH, b"<html>" + address.encode())
    assert "/webhooks/" in caplog.text
    assert "a-long-random-secret" not in caplog.text
    assert address not in caplog.text


def test_an_erased_reader_is_in_no_event(newsletter, sent):
    address, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        wire.ask("POST", PATH, bounce)
    Ran("subscribers", "erase", address, "--yes")
    with open_resources() as resources:
        rows = list(resources.db.query("SELECT recipient, raw FROM events"))
    assert rows == [{"recipient": None, "raw": None}]


def test_an_event_settles_a_letter_without_an_answer(newsletter, postmark, monkeypatch):  # noqa: F811
    monkeypatch.setenv("LETTERMILL_WEBHOOK_SECRETS", "a-long-random-secret")
    postmark.silent = 1
    Ran("digest", "2026-11", "--yes")
    _, delivered = told(postmark, RecordType="Delivery", Recipient="x@example.com")
    with on_the_wire(newsletter) as wire:
        assert wire.ask("POST", PATH, delivered).status == 200
    letters = json.loads(Ran("status", KEY, "--json").out)["editions"][0]["letters"]
    assert letters["submitted"] == 1
    assert letters["unknown"] == 45


def test_complaints_are_a_brake_for_what_is_still_to_be_sent(newsletter, postmark, monkeypatch):  # noqa: F811
    monkeypatch.setenv("LETTERMILL_WEBHOOK_SECRETS", "a-long-random-secret")
    change(newsletter, 'name = "postmark"', 'name = "postmark"\nletters = 10\nletters_per_day = 20')
    assert "20 letters in 24 hours" in Ran("digest", "2026-11", "--yes").out
    with on_the_wire(newsletter) as wire:
        for nth in (0, 1):
            letter = postmark.taken[nth]
            _, complaint = told(
                postmark,
                RecordType="SpamComplaint",
                Type="SpamComplaint",
                ID=nth + 1,
                Metadata=letter["Metadata"],
            )
            assert wire.ask("POST", PATH, complaint).status == 200
    with time_machine.travel("2026-12-02T18:00:00Z", tick=True):
        ran = Ran("dispatch")
    assert "paused: 2 of 20 letters were reported as spam" in ran.out
    assert len(postmark.taken) == 20


def use_resend(newsletter, httpserver, monkeypatch) -> None:
    api = httpserver.url_for("").rstrip("/")
    change(newsletter, 'name = "outbox"', f'name = "resend"\napi = "{api}"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "re_key")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "a-key-of-a-newsletter-of-its-own")


def test_the_providers_own_list_is_heard_where_no_webhook_reaches_us(
    newsletter, httpserver, monkeypatch
):
    use_resend(newsletter, httpserver, monkeypatch)
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    with open_resources() as resources:
        row = next(resources.db.query("SELECT address FROM subscribers WHERE status = 'active'"))
    listed = [
        {"id": "1", "email": row["address"], "origin": "complaint", "created_at": "2026-11-20"},
        {
            "id": "2",
            "email": "stranger@example.net",
            "origin": "bounce",
            "created_at": "2026-11-20",
        },
    ]
    httpserver.expect_request("/suppressions").respond_with_json(
        {"object": "list", "has_more": False, "data": listed}
    )
    assert Ran("hear").out == "1 people not written to any more\n"
    assert bars(row["address"]) == [Reason.COMPLAINED]
    assert Ran("hear").out == "Nothing new.\n"
    assert len(httpserver.log) == 1  # a quarter of an hour has not passed


def test_a_list_that_cannot_be_read_is_told_and_keeps_nothing_back(
    newsletter, httpserver, monkeypatch
):
    use_resend(newsletter, httpserver, monkeypatch)
    httpserver.expect_request("/suppressions").respond_with_data("{}", status=500)
    ran = Ran("hear")
    assert ran.code == 1
    assert "the provider's suppression list was not read: resend: HTTP 500" in ran.err


def test_an_outcry_after_a_mailing_is_over_is_told_by_status(newsletter, sent):
    with on_the_wire(newsletter) as wire:
        for nth in (0, 1):
            kinds = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": nth}
            _, complaint = told(sent, **kinds, Metadata=sent.taken[nth]["Metadata"])
            assert wire.ask("POST", PATH, complaint).status == 200
    said = Ran("status").out
    assert "digest-2026-11: 2 of 46 letters were reported as spam; `lettermill report" in said


@pytest.mark.parametrize(
    ("provider", "secrets", "keys", "why"),
    [
        ("postmark", "short", "", "WEBHOOK_SECRETS: one is shorter than 16 characters"),
        ("resend", "a-long-random-secret", "", "WEBHOOK_KEYS is not set; it is the webhook's"),
        ("resend", "a-long-random-secret", "not base64!", "one is no key of resend; copy it as it"),
        ("sendgrid", "a-long-random-secret", "bm8ga2V5", "one is no key of sendgrid"),
        ("sendgrid", "a-long-random-secret", "not base64!", "one is no key of sendgrid"),
        ("mailgun", "a-long-random-secret", "", "it is the HTTP webhook signing key"),
        ("ses", "a-long-random-secret", "", "provider.topic is not set"),
    ],
)
def test_a_webhook_that_would_let_strangers_in_or_the_provider_not_is_told_at_the_start(
    newsletter, monkeypatch, provider, secrets, keys, why
):
    region = "eu-west-1" if provider == "ses" else ""
    needs = f'domain = "d.example"\nregion = "{region}"\nuser = "AKID"'
    change(newsletter, 'name = "outbox"', f'name = "{provider}"\n{needs}')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "key")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "a-key-of-a-newsletter-of-its-own")
    monkeypatch.setenv("LETTERMILL_WEBHOOK_SECRETS", secrets)
    monkeypatch.setenv("LETTERMILL_WEBHOOK_KEYS", keys)
    ran = Ran("serve", "--port", "0", "--quiet")  # who is not quiet changes the log for all
    assert (ran.code, why in ran.complaint) == (2, True), ran.err
    if keys:
        assert keys not in ran.complaint
    assert why in " ".join(Ran("check").out.split())


def test_check_says_whether_the_webhook_was_ever_heard(newsletter, sent):
    assert "postmark has told nothing yet" in " ".join(Ran("check").out.split())
    _, bounce = told(sent)
    with on_the_wire(newsletter) as wire:
        wire.ask("POST", PATH, bounce)
    assert "postmark last told something on 2026-12-01" in " ".join(Ran("check").out.split())
