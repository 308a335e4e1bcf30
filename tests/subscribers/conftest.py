"""A site that answers on a real port, and what a browser makes of its pages."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
import requests
import uvicorn
from sqlite_utils import Database

from flows.resources import open_resources
from flows.serving.site import open_site
from subscribers import store
from tests.subscribers.lists import bring

ADA, BO = ("ada.lovelace@example.com", "Ada"), ("bo@example.com", "Bo")


@dataclass(frozen=True)
class Site:
    """A site that answers on a port of this machine, and its database seen from outside."""

    ada: str
    bo: str
    root: str
    db: Database
    server: uvicorn.Server
    thread: Thread

    def stop(self) -> None:
        """Answer what was asked, and stop."""
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def site(newsletter: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with open_resources(newsletter) as resources, open_site(resources) as app:
        bring(resources.db, "email,name", *map(",".join, (ADA, BO)))
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        root = f"http://{host}:{port}{urlsplit(resources.settings.page('unsubscribe/')).path}"
        ada, bo = (
            root + resources.exits.sign(person.id) for person in store.all_subscribers(resources.db)
        )
        outside = Database(newsletter / "lettermill.db")
        running = Site(ada, bo, root, outside, server, thread)
        yield running
        running.stop()
        outside.close()


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and the form if there is one."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url, self.elements = answer.url, list[tuple[str, dict[str, str | None]]]()
        self.html = answer.text
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def press(self, client: requests.Session, words: str, **typed: str) -> requests.Response:
        """Press the button with these words, after typing into fields by name; '' unchecks."""
        for form in lxml.html.fromstring(self.html).forms:
            for button in form.iter("button"):
                if words in button.text_content():
                    fields = dict(form.form_values()) | typed
                    if name := button.get("name"):
                        fields[name] = button.get("value", "")
                    sent = {name: value for name, value in fields.items() if value is not None}
                    url = urljoin(self.url, form.get("action") or "")
                    return client.request(form.method, url, data=sent, allow_redirects=False)
        raise AssertionError(f"no button {words!r}")
