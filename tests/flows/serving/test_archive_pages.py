"""The archive over real sockets: what was sent, for everybody, with nothing of a reader in it."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import requests
import uvicorn
from sqlite_utils import Database

from flows.resources import Resources, open_resources
from flows.serving.site import open_site
from subscribers.store import all_subscribers
from tests.flows.homes import approve, bring_in, digest, outbox
from tests.subscribers.lists import dump

KEY = "digest-2026-11"


@contextmanager
def serving(resources: Resources) -> Iterator[str]:
    """The address of the archive of a site that answers on a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    with open_site(resources) as site:
        server = uvicorn.Server(uvicorn.Config(site, access_log=False, log_config=None))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/archive/"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def archive(newsletter: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with open_resources(newsletter) as resources, serving(resources) as address:
        yield address


@pytest.fixture
def seen(newsletter: Path) -> Iterator[Database]:
    """The newsletter's database, from outside."""
    database = Database(newsletter / "lettermill.db")
    yield database
    database.close()


def secrets_of_readers() -> set[str]:
    """Everything that points to one reader: name, address, id and the token of their way out."""
    with open_resources() as resources:
        people = list(all_subscribers(resources.db))
        signers = (resources.exits, resources.preferences)
        tokens = {signer.sign(person.id) for signer in signers for person in people}
        ids = {person.id for person in people}
    return tokens | ids | {p.address for p in people} | {p.name for p in people if p.name}


def test_no_page_of_the_archive_tells_anything_of_a_reader(newsletter, archive):
    bring_in(newsletter)
    assert digest().letters["submitted"] == len(outbox(newsletter)) == 46
    pages = [requests.get(archive + name) for name in ("", KEY, "feed.atom", "digest-2026-10")]
    assert [page.status_code for page in pages] == [200, 200, 200, 404]
    secrets = secrets_of_readers()
    assert len(secrets) > 150
    for page in pages:
        shown = page.content + repr(page.headers).encode()
        assert [secret for secret in secrets if secret.encode() in shown] == []


def test_the_list_leads_to_each_edition_and_names_its_day(newsletter, archive):
    bring_in(newsletter)
    digest()
    page = requests.get(archive).text
    assert f'<h2 dir="auto"><a href="{KEY}">' in page
    assert ">December 1, 2026</time>" in page
    assert "Also: Why Your Back" in page
    assert 'href="feed.atom"' in page
    assert "noindex" not in page
    assert "A public copy of a letter." in requests.get(archive + KEY).text
    feed = requests.get(f"{archive}feed.atom")
    assert feed.headers["Content-Type"] == "application/atom+xml"
    assert f"/archive/{KEY}</id>" in feed.text


def test_before_anything_was_sent_the_archive_says_so(archive):
    page = requests.get(archive)
    assert (page.status_code, "Nothing has been sent yet." in page.text) == (200, True)
    assert requests.get(archive.removesuffix("/")).url == archive


def test_a_draft_and_what_is_only_approved_are_nowhere_in_the_archive(newsletter, archive):
    bring_in(newsletter)
    approve()
    for name in ("", "feed.atom", KEY):
        page = requests.get(archive + name)
        assert page.status_code == (404 if name == KEY else 200)
        assert KEY not in page.text
        assert "Garage" not in page.text


@pytest.mark.parametrize(
    "name", ["digest-2026-12", "%00", "%ff%fe", "..%2f..%2flettermill.toml", "{{7*7777}}",
             "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "x" * 9_000, "' OR 1=1 --"],
)  # fmt: skip
def test_an_unknown_edition_is_a_plain_page_that_repeats_nothing_of_it(archive, name):
    page = requests.get(archive + name)
    assert page.status_code == 404
    assert page.headers.get("Cache-Control") in ("no-store", None)
    assert not re.search(r"script>|54439|OR 1=1|xxxx|\[sender\]", page.text)


def test_looking_changes_no_row_and_nothing_else_is_answered(newsletter, archive, seen):
    bring_in(newsletter)
    digest()
    before = dump(seen)
    for name in ("", KEY, "feed.atom", "unknown"):
        got, head = requests.get(archive + name), requests.head(archive + name)
        assert (got.status_code, len(got.content)) == (
            head.status_code,
            int(head.headers["Content-Length"]),
        )
        assert head.content == b""
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert requests.request(method, archive + name, data=b"x=1").status_code == 405
    assert dump(seen) == before


def test_pages_may_be_kept_by_caches_and_asked_for_again_cheaply(newsletter, archive):
    bring_in(newsletter)
    digest()
    for name in ("", KEY, "feed.atom"):
        said = requests.get(archive + name).headers
        assert said["Cache-Control"] == "public, max-age=300"
        assert {"Set-Cookie", "X-Robots-Tag"}.isdisjoint(said)
        for known in (said["ETag"], f'"other", W/{said["ETag"]}'):
            again = requests.get(archive + name, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == said["ETag"]
        other = requests.get(archive + name, headers={"If-None-Match": '"other"'})
        assert other.status_code == 200


def test_a_page_runs_no_script_and_frames_nothing(newsletter, archive):
    bring_in(newsletter)
    digest()
    for name in ("", KEY, "feed.atom", "unknown"):
        said = requests.get(archive + name).headers
        rules = dict(part.split(maxsplit=1) for part in said["Content-Security-Policy"].split(";"))
        assert rules == {
            "default-src": "'none'",
            "img-src": "https:",
            "style-src": "'unsafe-inline'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert said["X-Content-Type-Options"] == "nosniff"
