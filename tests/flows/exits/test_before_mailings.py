"""Nothing is frozen and nothing is sent while readers could not leave; and then it goes on."""

import json
from email.message import EmailMessage

import pytest
import time_machine

from content.letter import Letter
from content.preflight.finding import Level
from flows.exits import dmarc
from flows.exits.seed import check_headers, exit_of, seed_letter
from flows.exits.self_test import find_outside
from flows.resources import open_resources
from tests.flows.exits.dns_server import name_server
from tests.flows.exits.fronts import OURS, front, send_for_real
from tests.flows.exits.test_dns import KEY
from tests.flows.homes import bring_in, change
from tests.flows.terminal import COULD_NOT, HELD, Ran
from tests.flows.test_postmark_digest import StandIn
from tests.flows.wire import on_the_wire

CLINIC = "reconnectperformance.example"


@pytest.fixture
def zone(newsletter):
    with name_server() as made:
        change(newsletter, "dns = false", f'dns = true\nresolver = "127.0.0.1:{made.port}"')
        made.put(CLINIC, "MX", f"10 mx.{CLINIC}.")
        made.put(CLINIC, "TXT", "v=spf1 include:spf.mtasv.net ~all")
        made.put("spf.mtasv.net", "TXT", "v=spf1 ip4:50.31.156.96/27 ~all")
        made.put(f"_dmarc.{CLINIC}", "TXT", "v=DMARC1; p=none")
        made.put(f"20261101pm._domainkey.{CLINIC}", "TXT", KEY)
        change(newsletter, "dns = true", 'dns = true\ndkim_selector = "20261101pm"')
        yield made


@pytest.fixture
def world(newsletter, zone, httpserver, tmp_path, monkeypatch):
    """The digest by Postmark, with a site behind its proxy: the provider, the proxy, the DNS."""
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "server-token")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", OURS)
    stand_in = StandIn(httpserver)
    with front(tmp_path) as proxy:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxy.authority))
        send_for_real(newsletter, proxy.url, api=httpserver.url_for("").rstrip("/"))
        with (
            time_machine.travel("2026-12-01T17:00:00Z", tick=True),
            on_the_wire(newsletter) as site,
        ):
            Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
            proxy.site = site
            yield stand_in, proxy, zone


def rows(*tables: str) -> dict[str, int]:
    with open_resources() as resources:
        return {table: resources.db[table].count for table in tables}


def test_a_mailing_waits_until_there_is_a_way_out_and_then_goes_on_by_itself(world):
    stand_in, proxy, zone = world
    proxy.only("POST")(lambda r: proxy.pass_on(r, "GET"))
    zone.put(CLINIC, "TXT", "v=spf1 a -all", "v=spf1 include:spf.mtasv.net ~all")
    ran = Ran("digest", "2026-11", "--yes")
    assert (ran.code, stand_in.taken) == (HELD, [])
    lines = [line.removeprefix("lettermill: ") for line in ran.err.splitlines()]
    blocked = "digest-2026-11: blocked, and nothing was sent: "
    assert all(line.startswith(blocked) for line in lines)
    assert [line.removeprefix(blocked).partition(",")[0] for line in lines] == [
        "the way out: the POST was answered like a GET",
        f"SPF: {CLINIC} has 2 records",
    ]
    assert rows("deliveries", "mailings") == {"deliveries": 0, "mailings": 0}
    status = json.loads(Ran("status", "digest-2026-11", "--json").out)
    assert status["editions"][0]["state"] == "approved"
    assert Ran("dispatch").code == HELD
    [notice] = status["notices"]
    assert notice.startswith(f"{blocked}the way out: the POST was answered like a GET")
    assert f"; SPF: {CLINIC} has 2 records" in notice
    zone.put(CLINIC, "TXT", "v=spf1 include:spf.mtasv.net ~all")
    proxy.handle = proxy.pass_on
    assert "46 submitted, 14 skipped" in Ran("dispatch").out
    assert json.loads(Ran("status", "--json").out)["notices"] == []
    assert set(stand_in.readers().values()) == {1}


def test_what_was_begun_is_finished_whatever_stands_before_the_site_by_then(world):
    stand_in, proxy, _ = world
    stand_in.silent = 1
    assert Ran("digest", "2026-11", "--yes").code == HELD
    asked = len(proxy.seen)
    proxy.only("POST")(lambda r: proxy.pass_on(r, "GET"))
    Ran("dispatch")
    assert (asked, len(proxy.seen)) == (3, 3)


def test_check_shows_the_same_and_what_needs_no_cure(world):
    _, proxy, zone = world
    assert json.loads(Ran("check", "--json").out) == []
    zone.drop(f"_dmarc.{CLINIC}", "TXT")
    proxy.only("GET", "HEAD")(lambda r: proxy.pass_on(r, "POST"))
    ran = Ran("check", "--json")
    told = [(row["level"], row["rule"]) for row in json.loads(ran.out)]
    assert told == [("error", "exit-get"), ("warning", "dmarc")]
    assert ran.code == COULD_NOT


def test_it_is_known_who_signs_where_answers_go_and_how_many_read(
    newsletter, zone, monkeypatch, httpserver
):
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "server-token")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", OURS)
    send_for_real(newsletter, "https://news.clinic.example", api=httpserver.url_for(""))
    change(newsletter, "exits = true", "exits = false")
    change(newsletter, 'name = "postmark"', 'name = "mailgun"\ndomain = "mg.clinic.example"')
    change(newsletter, "[[feed]]", 'reply_to = "desk@practice.example"\n\n[[feed]]')
    bring_in(newsletter)
    zone.drop(f"_dmarc.{CLINIC}", "TXT")
    monkeypatch.setattr(dmarc, "BULK", 45)
    with open_resources() as resources:
        found = {(f.level, f.rule, f.where) for f in find_outside(resources)}
    assert found == {
        (Level.ERROR, "domain", "practice.example"),
        (Level.ERROR, "dmarc", f"_dmarc.{CLINIC}"),  # 46 may be written to
        (Level.ERROR, "dkim", "20261101pm._domainkey.mg.clinic.example"),
        (Level.NOTE, "spf", CLINIC),
    }


@pytest.fixture
def seed(newsletter, monkeypatch) -> EmailMessage:
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", OURS)
    change(newsletter, 'name = "outbox"', 'name = "sendgrid"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    with open_resources() as resources:
        letter = Letter("Häuser & Höfe", ("a", "exit", "b"), ("a", "exit", "b"))
        return seed_letter(resources, letter, key="digest-x", sender_name="Jö, Do", probe="p")


def faults(seed: EmailMessage) -> list[str]:
    exit_url = "https://news.clinic.example/unsubscribe/"
    found = check_headers(seed, sender=f"hello@{CLINIC}", exit_url=exit_url)
    return [finding.text.partition(";")[0].removeprefix("the header ") for finding in found]


def test_a_seed_letter_has_the_headers_that_mail_programs_ask_for(seed):
    assert faults(seed) == []
    with open_resources() as resources:
        assert resources.exits.read(exit_of(seed).rpartition("/")[2]) == "p"


LIST_UNSUBSCRIBE = "List-Unsubscribe does not give one https address"


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("List-Unsubscribe", None, LIST_UNSUBSCRIBE),
        ("List-Unsubscribe", "<mailto:leave@clinic.example>", LIST_UNSUBSCRIBE),
        ("List-Unsubscribe", "<https://a.example/1>, <https://a.example/2>", LIST_UNSUBSCRIBE),
        (
            "List-Unsubscribe",
            "<https://provider.example/u/1>",
            "List-Unsubscribe does not lead to a page under public_url",
        ),
        (
            "List-Unsubscribe",
            "<https://news.clinic.example/unsubscribe/>",
            "List-Unsubscribe does not lead to a page under public_url",
        ),
        (
            "List-Unsubscribe-Post",
            "One-Click",
            "List-Unsubscribe-Post is not there once, as List-Unsubscribe=One-Click",
        ),
        ("From", "somebody@else.example", "From does not name sender.address, and nobody else"),
        ("List-Id", "Letters", "List-Id has no identifier in angle brackets"),
        ("Message-ID", None, "Message-ID is not there once"),
        ("Feedback-ID", None, "Feedback-ID is not there once"),
    ],
)
def test_each_header_that_is_not_right_is_named(seed, name, value, fault):
    del seed[name]
    if value is not None:
        seed[name] = value
    assert faults(seed) == [fault]
