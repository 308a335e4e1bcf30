"""What stands before the site: a proxy with https, which passes on what it is asked, or not."""

import re
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.flows.homes import change
from tests.flows.wire import Wire

OURS = "a-key-of-a-newsletter-of-its-own"
Handler = Callable[[Request], Response]


class Front:
    """Passes every request on to the site, but for what a test puts in its way."""

    def __init__(self, server: HTTPServer, authority: Path) -> None:
        self.server = server
        self.authority = authority
        self.begin_anew()

    def begin_anew(self) -> None:
        self.site: Wire | None = None
        self.handle: Handler = self.pass_on
        self.seen: list[tuple[str, str, str]] = []
        self.cookies: list[str] = []

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server.port}"

    def answer(self, request: Request) -> Response:
        kind = request.headers.get("Content-Type", "")
        self.seen.append((request.method, kind, request.get_data(as_text=True)))
        self.cookies += [v for k, v in request.headers.items() if k in ("Cookie", "Authorization")]
        return self.handle(request)

    def pass_on(self, request: Request, method: str = "") -> Response:
        assert self.site is not None
        body = request.get_data() if method != "GET" else b""
        told = self.site.ask(method or request.method, request.path, body)
        kind = told.headers.get("content-type", "text/html")
        return Response(told.body, told.status, content_type=kind)

    def only(self, *methods: str) -> Callable[[Handler], None]:
        """Put this in the way of these methods; the rest is passed on."""

        def put(handler: Handler) -> None:
            self.handle = lambda r: handler(r) if r.method in methods else self.pass_on(r)

        return put


@contextmanager
def front(folder: Path, *, name: str = "localhost", **dates: object) -> Iterator[Front]:
    """A front whose certificate is for `name`; the authority that signed it is in a file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **dates).configure_cert(context)  # type: ignore[arg-type]
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with HTTPServer(host="localhost", port=0, ssl_context=context) as server:
        made = Front(server, trusted)
        server.expect_request(re.compile(".*")).respond_with_handler(made.answer)
        yield made


def send_for_real(home: Path, public_url: str, *, api: str = "") -> None:
    """Let a newsletter's letters leave by Postmark, and its way out be tried."""
    change(home, 'name = "outbox"', f'name = "postmark"\napi = "{api}"')
    change(home, "virtual_now = ", "# virtual_now = ")
    change(home, "http://127.0.0.1:8000", public_url)
    change(home, "exits = false", "exits = true")


def copy_of(home: Path, place: Path) -> Path:
    """Another folder with the same newsletter, and with a database of its own."""
    shutil.copytree(home, place, ignore=shutil.ignore_patterns("lettermill.db*"))
    return place
