"""Whole journeys in a real browser against a site that runs: from the form to the letter and back.

Each is walked twice, with scripts and without: the pages have none, and must not need any.
"""

import email.policy
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from sqlite_utils import Database

from content.store import get_edition
from flows import jobs
from flows.resources import open_resources
from flows.serving.site import open_site
from subscribers import store
from tests.fakes import NOON
from tests.flows.homes import bring_in, change, digest
from tests.subscribers.lists import dump

pytestmark = pytest.mark.browser

GRACE = "grace@example.org"


@dataclass
class Visitor:
    """A window of the browser, the mailbox of who sits before it, and the list behind the site."""

    page: Page
    root: str
    home: Path
    db: Database
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def opens(self, url: str) -> None:
        self.page.goto(url)

    def presses(self, words: str) -> None:
        self.page.get_by_role("button", name=words).click()

    def sees(self, words: str) -> None:
        self.page.get_by_role("heading", name=words).wait_for()

    def signs_up(self) -> None:
        self.opens(f"{self.root}/subscribe")
        self.page.get_by_label("Your e-mail address").fill(GRACE)
        self.page.get_by_label("What shall we call you?").fill("Grace")
        self.presses("Sign me up")
        self.sees("Look into your mailbox.")

    def joins(self) -> None:
        self.signs_up()
        self.opens(self.link("/confirm/"))
        self.presses("Yes, sign me up")
        self.sees("You are on the list.")

    def link(self, path: str) -> str:
        """The link to this page in the letters that came; a letter takes a moment."""
        for _ in range(300):
            found = [match for text in self._letters() for match in re.findall(r"http\S+", text)]
            if links := [link for link in found if link.startswith(self.root + path)]:
                return links[-1]
            time.sleep(0.1)
        raise AssertionError(f"no letter with a link to {path}")

    def _letters(self) -> list[str]:
        """The text parts of the letters, as a mail program shows them."""
        files = self.home.glob("outbox/*/batch-*/*.eml")
        letters = [
            message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files
        ]
        return [letter.get_body(("plain",)).get_content() for letter in letters]

    def standing(self) -> str:
        person = store.find_by_key(self.db, GRACE)
        return person.ruling(NOON.date()).value if person else "nobody"


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The site of this newsletter on a port of its own, to which its letters lead."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        file = home / "lettermill.toml"
        file.write_text(file.read_text().replace("http://127.0.0.1:8000", root))
        with open_resources(home) as resources, open_site(resources) as app:
            server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))
            thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            yield root
            server.should_exit = True
            thread.join(10)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def visitor(chromium: Browser, newsletter: Path, request) -> Iterator[Visitor]:
    with running(newsletter) as root, closing(Database(newsletter / "lettermill.db")) as db:
        context = chromium.new_context(java_script_enabled=request.param, locale="en-US")
        context.set_default_timeout(20_000)
        visitor = Visitor(context.new_page(), root, newsletter, db)
        visitor.page.on("request", lambda asked: visitor.asked.append(asked.url))
        visitor.page.on("console", lambda said: visitor.complaints.append(said.text))
        yield visitor
        context.close()
        # Nothing is loaded from elsewhere, and no page breaks the rules it gives itself.
        assert [url for url in visitor.asked if not url.startswith(root)] == []
        assert visitor.complaints == []


def test_from_the_form_to_the_welcome(visitor):
    visitor.signs_up()
    assert visitor.standing() == "unconfirmed"
    visitor.opens(visitor.link("/confirm/"))
    visitor.sees("One last step.")
    assert visitor.standing() == "unconfirmed"
    visitor.presses("Yes, sign me up")
    visitor.sees("You are on the list.")
    assert visitor.standing() == "may send"
    visitor.opens(visitor.link("/unsubscribe/"))
    visitor.sees("Leave this list?")


def test_leaving_and_taking_it_back(visitor):
    visitor.joins()
    visitor.opens(visitor.link("/unsubscribe/"))
    visitor.presses("Unsubscribe me")
    visitor.sees("You are unsubscribed.")
    assert visitor.standing() == "suppressed"
    visitor.presses("Undo: keep me on the list")
    visitor.sees("You are back on the list.")
    assert visitor.standing() == "may send"


def test_a_break_and_other_wishes(visitor):
    visitor.joins()
    visitor.page.get_by_role("link", name="Your preferences").click()
    visitor.page.get_by_label("What shall we call you?").fill("Amazing Grace")
    visitor.page.get_by_label("Every three months").check()
    visitor.page.get_by_label("A break? No letters before").fill("2027-02-01")
    visitor.page.get_by_label("Tell me about programs I could join").uncheck()
    visitor.presses("Save")
    visitor.page.get_by_role("status").wait_for()
    person = store.find_by_key(visitor.db, GRACE)
    assert person is not None
    assert (person.name, person.frequency, person.wants_offers) == (
        "Amazing Grace",
        "quarterly",
        False,
    )
    assert visitor.standing() == "paused"


def test_seeing_one_s_data_and_being_forgotten(visitor):
    visitor.joins()
    visitor.page.get_by_role("link", name="Your preferences").click()
    with visitor.page.expect_download() as download:
        visitor.presses("Download my data")
    known = json.loads(Path(download.value.path()).read_bytes())
    assert known["person"]["address"] == GRACE
    assert [past["action"] for past in known["consents"]] == ["requested", "confirmed"]
    visitor.presses("Erase me")
    visitor.sees("Forget everything about you?")
    assert visitor.standing() == "may send"
    visitor.presses("Erase me for good")
    visitor.sees("You are forgotten.")
    assert "grace@" not in str(dump(visitor.db))


def test_a_lost_link_comes_by_mail(visitor):
    visitor.joins()
    visitor.opens(f"{visitor.root}/find-my-link")
    visitor.page.get_by_label("Your e-mail address").fill(GRACE.upper())
    visitor.presses("Send me my links")
    visitor.sees("Look into your mailbox.")
    visitor.opens(visitor.link("/preferences/"))
    visitor.sees("How would you like it?")


def test_all_of_it_by_keyboard(visitor):
    keys = visitor.page.keyboard
    visitor.opens(f"{visitor.root}/subscribe")
    for words in (GRACE, "Grace"):
        keys.press("Tab")
        keys.type(words)
    keys.press("Tab")
    keys.press("Enter")
    visitor.sees("Look into your mailbox.")
    visitor.opens(visitor.link("/confirm/"))
    keys.press("Tab")
    keys.press("Space")
    visitor.sees("You are on the list.")
    visitor.opens(visitor.link("/unsubscribe/"))
    for seen in ("You are unsubscribed.", "You are back on the list."):
        keys.press("Tab")
        keys.press("Enter")
        visitor.sees(seen)
    assert visitor.standing() == "may send"


def test_a_wrong_address_is_told_where_a_screen_reader_says_it(visitor):
    visitor.opens(f"{visitor.root}/subscribe")
    visitor.page.get_by_label("Your e-mail address").fill("grace@localhost")
    visitor.presses("Sign me up")
    visitor.page.get_by_role("alert").wait_for()
    box = visitor.page.get_by_label("Your e-mail address")
    assert (box.input_value(), box.get_attribute("aria-invalid")) == ("grace@localhost", "true")
    visitor.complaints.clear()  # Chromium tells its console of each 422


@pytest.fixture
def author(visitor):
    """The author, whose mailbox gets the draft of November."""
    change(visitor.home, 'approval = "none"', 'approval = "required"')
    change(visitor.home, "[letter]", '[author]\naddress = "ada@clinic.example"\n\n[letter]')
    bring_in(visitor.home)
    digest()
    return visitor


def state_of(author: Visitor) -> str:
    return get_edition(author.db, "digest-2026-11").state


def test_an_author_drops_a_post_takes_another_program_and_approves(author):
    author.opens(author.link("/decide/").rpartition("/")[0])
    author.sees("A Six-Minute Warm-Up for a Cold Garage")
    author.page.get_by_role("link", name="Read the letter").click()
    author.page.get_by_text("Four short reads").wait_for()
    author.page.go_back()
    author.page.get_by_role("link", name="Drop this post").first.click()
    author.sees("Drop this post?")
    author.presses("Drop this post")
    author.sees("Done")
    author.page.get_by_role("link", name="Look at it, and decide").click()
    author.sees("Why Your Back Feels Oldest")
    author.page.get_by_role("link", name="Another program").click()
    author.page.get_by_label("Strong Back Basics").check()
    author.presses("Take this one")
    author.page.get_by_role("link", name="Look at it, and decide").click()
    author.page.get_by_text("Strong Back Basics").wait_for()
    author.presses("Approve and send it")
    author.sees("Approved")
    assert state_of(author) == "approved"
    [sent] = jobs.dispatch(jobs.plainly)
    assert (sent.state, sent.letters["submitted"]) == ("closed", 46)


def test_an_author_holds_and_approves_by_keyboard(author):
    keys, link = author.page.keyboard, author.link("/decide/").rpartition("/")[0]
    for act, seen, state in (("hold", "Held", "draft"), ("approve", "Approved", "approved")):
        author.opens(f"{link}/{act}")
        assert state_of(author) == "draft"
        keys.press("Tab")
        keys.press("Enter")
        author.sees(seen)
        assert state_of(author) == state
