"""The way out is tried from outside: the site as it is served, and what may stand before it."""

import socket
import time
from datetime import UTC, datetime
from threading import Thread

import pytest
from werkzeug import Response

from content.preflight.finding import Level
from flows.exits import answers
from flows.exits.self_test import find_outside
from flows.resources import open_resources
from tests.flows.exits.fronts import OURS, copy_of, front, send_for_real
from tests.flows.homes import change
from tests.flows.wire import on_the_wire

PAIR = ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "server-token")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", OURS)


@pytest.fixture(scope="module")
def one_front(tmp_path_factory):
    with front(tmp_path_factory.mktemp("front")) as made:
        yield made


@pytest.fixture
def proxy(one_front, newsletter, monkeypatch, keys):
    """A front with a certificate that is trusted, as public_url; no site behind it yet."""
    one_front.begin_anew()
    send_for_real(newsletter, one_front.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(one_front.authority))
    return one_front


@pytest.fixture
def served(proxy, newsletter):
    """The whole set-up as it should be."""
    with on_the_wire(newsletter) as site:
        proxy.site = site
        yield proxy


def found():
    with open_resources() as resources:
        return find_outside(resources)


def only(where: str) -> tuple[str, str]:
    """The one error, about our public address: its rule and its words."""
    [finding] = found()
    assert (finding.level, finding.where) == (Level.ERROR, where)
    assert finding.text.startswith("the way out: ")
    return finding.rule, finding.text.removeprefix("the way out: ")


def probes() -> list[bool]:
    """For each probe that is written down, whether it left."""
    with open_resources() as resources:
        return [bool(row["taken"]) for row in resources.db["exit_probes"].rows]


def test_a_set_up_that_is_right_is_asked_three_things_and_nothing_is_found(served):
    assert found() == []
    assert served.seen == [("HEAD", "", ""), ("GET", "", ""), ("POST", *PAIR)]
    assert served.cookies == []
    assert probes() == [True]


def test_nobody_listens(newsletter, keys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    send_for_real(newsletter, f"https://127.0.0.1:{port}")
    rule, said = only(f"https://127.0.0.1:{port}")
    assert rule == "exit-silent"
    assert said.startswith("nobody answers there; start `lettermill serve`")


def test_the_name_belongs_to_no_machine(newsletter, keys):
    send_for_real(newsletter, "https://news.clinic.invalid")
    rule, said = only("https://news.clinic.invalid")
    assert (rule, said) == (
        "exit-silent",
        "no machine has that name; correct public_url, or its DNS",
    )


def test_the_proxy_runs_and_the_site_does_not(proxy):
    proxy.handle = lambda _: Response("<h1>502 Bad Gateway</h1>", 502)
    rule, said = only(proxy.url)
    assert rule == "exit-refused"
    assert said == "GET is answered 502: the site behind it is ill; see `lettermill serve`"


def test_another_site_answers(proxy):
    proxy.handle = lambda _: Response("<h1>Not found</h1>", 404)
    rule, said = only(proxy.url)
    assert rule == "exit-elsewhere"
    assert said.startswith("another site answers there, which has no such page (404)")
    proxy.handle = lambda r: Response("<h1>Welcome</h1>", 200 if "health" in r.path else 404)
    assert only(proxy.url)[0] == "exit-elsewhere"


def test_the_site_and_the_sender_have_different_keys(served, monkeypatch):
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "another-key-than-the-site-was-given")
    rule, said = only(served.url)
    assert rule == "exit-keys"
    assert said.startswith("the site does not know its own link; give `lettermill serve` the")


def test_every_request_is_redirected_to_www(served):
    place = {"Location": "https://www.clinic.example/unsubscribe/x"}
    served.handle = lambda _: Response("", 301, headers=place)
    rule, said = only(served.url)
    assert rule == "exit-moved"
    assert said.startswith("GET is redirected to www.clinic.example, and mail programs do not")
    assert [method for method, *_ in served.seen] == ["HEAD", "GET"]


def test_only_the_post_is_redirected(served):
    served.only("POST")(lambda r: Response("", 303, headers={"Location": r.path}))
    rule, said = only(served.url)
    assert (rule, said[:31]) == ("exit-moved", "POST is redirected to another p")


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "is asked to log in (401)"), (403, "is turned away (403) by a firewall")],
)
def test_the_proxy_wants_to_know_who_it_is(served, status, words):
    served.handle = lambda _: Response("<h1>Who are you?</h1>", status)
    rule, said = only(served.url)
    assert rule == "exit-refused"
    assert said.startswith(f"GET {words}")
    assert said.endswith("let GET and POST to /unsubscribe/ through for everybody")


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_pages_are_let_through_and_posts_are_not(served, status):
    served.only("POST")(lambda _: Response("<h1>No</h1>", status))
    rule, said = only(served.url)
    assert (rule, said[:8]) == ("exit-refused", "POST is ")
    assert probes() == [False]


def test_a_proxy_makes_a_get_of_every_post(served):
    served.only("POST")(lambda r: served.pass_on(r, "GET"))
    rule, said = only(served.url)
    assert rule == "exit-post"
    assert said.startswith("the POST was answered like a GET, so nobody left")


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_looking_is_leaving(served, method):
    served.only(method)(lambda r: served.pass_on(r, "POST"))
    rule, said = only(served.url)
    assert rule == "exit-get"
    assert said.startswith(f"{method} alone takes a reader off the list")


def test_an_old_copy_of_the_list_answers(proxy, newsletter, tmp_path):
    with on_the_wire(copy_of(newsletter, tmp_path / "old")) as site:
        proxy.site = site
        rule, said = only(proxy.url)
    assert rule == "exit-database"
    assert said.startswith("the site said yes to the POST, and nobody left here")
    assert probes() == [False]


def test_the_authors_own_page_has_lost_its_button(served, newsletter):
    own = newsletter / "templates" / "pages"
    own.mkdir(parents=True)
    (own / "unsubscribe.html").write_text("<h1>Write to us if you want to leave</h1>")
    rule, said = only(served.url)
    assert (rule, said[:33]) == ("exit-page", "the page has no button to leave b")
    assert probes() == [True]


def test_posts_are_answered_with_a_page_that_looks_for_robots(served):
    page = "<script>check()</script><p>Just a moment…</p>"
    served.only("POST")(lambda _: Response(page, 200, content_type="text/html"))
    rule, said = only(served.url)
    assert rule == "exit-post"
    assert said.startswith("the POST was answered with a page that is not ours (a check for rob")


def test_every_page_is_one_that_looks_for_robots(served):
    page = "<script>check()</script><p>Just a moment…</p>"
    served.handle = lambda _: Response(page, 200, content_type="text/html")
    rule, said = only(served.url)
    assert rule == "exit-page"
    assert said.startswith("the page has no button to leave by; something in front shows")


def test_a_certificate_that_nobody_signed(served, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    rule, said = only(served.url)
    assert rule == "exit-certificate"
    assert said.startswith("its certificate is signed by nobody that mail programs trust")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, "its certificate is out of date"),
        ({"name": "www.clinic.example"}, "its certificate is for another name"),
    ],
)
def test_a_certificate_that_is_out_of_date_or_of_another(
    newsletter, tmp_path, monkeypatch, keys, made, words
):
    with front(tmp_path, **made) as bad:
        send_for_real(newsletter, bad.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bad.authority))
        rule, said = only(bad.url)
    assert (rule, said[: len(words)]) == ("exit-certificate", words)


def test_https_where_only_http_is_spoken(newsletter, keys):
    with on_the_wire(newsletter) as site:
        send_for_real(newsletter, f"https://127.0.0.1:{site.port}")
        rule, said = only(f"https://127.0.0.1:{site.port}")
    assert (rule, said[:34]) == ("exit-certificate", "no secure connection could be made")


def test_a_site_that_is_too_slow(served, monkeypatch):
    monkeypatch.setattr(answers, "ASK_SECONDS", 0.3)
    served.handle = lambda _: time.sleep(0.8) or Response("")
    rule, said = only(served.url)
    assert (rule, said[:13]) == ("exit-silent", "no answer in ")


def test_a_site_that_hangs_up(newsletter, keys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        send_for_real(newsletter, f"https://127.0.0.1:{server.getsockname()[1]}")
        server.settimeout(5)
        Thread(target=lambda: server.accept()[0].close()).start()
        [finding] = found()
    assert finding.rule in ("exit-silent", "exit-certificate")


def test_an_outbox_and_an_author_who_does_not_want_it_ask_nobody(proxy, newsletter):
    change(newsletter, "exits = true", "exits = false")
    assert found() == []
    change(newsletter, "exits = false", "exits = true")
    change(newsletter, 'name = "postmark"', 'name = "outbox"')
    assert found() == []
    assert (proxy.seen, probes()) == ([], [])
