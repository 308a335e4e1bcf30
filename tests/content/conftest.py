"""Rules are tried on many examples; what fetches, and servers no library would let us write."""

import socketserver
from collections.abc import Callable
from contextlib import ExitStack, suppress
from socket import socket
from threading import Thread

import pytest
from hypothesis import settings

from content.errors import FeedUnreachable
from content.fetch import fetch_feed
from content.web.connection import Web

# A slow machine is no reason for a rule to fail.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Behaviour = Callable[[socket, bytes], None]  # what to do with the socket, after this request


@pytest.fixture
def web():
    with Web(trust_env=False) as web:
        yield web


@pytest.fixture
def get(web, tmp_path):
    """Fetch a feed; redirects may lead to this machine, where all our servers are."""

    def fetch(source: str, *, private: bool = True, **more):
        return fetch_feed(source, session=web, folder=tmp_path, private=private, **more)

    return fetch


@pytest.fixture
def refusal(get):
    """Fetch what cannot be fetched; the line the author reads, without the address."""

    def ask(source: str, **more) -> str:
        with pytest.raises(FeedUnreachable) as caught:
            get(source, **more)
        where, _, why = str(caught.value).partition(f"{source}: ")
        assert where == ""
        assert "\n" not in why
        return why

    return ask


@pytest.fixture
def blog_that():
    """An address where a server hears a request, and then does this."""
    with ExitStack() as servers:

        def serve(behave: Behaviour) -> str:
            server = servers.enter_context(_Server(("127.0.0.1", 0), _handler(behave)))
            Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            servers.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}/feed"

        yield serve


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _handler(behave: Behaviour) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with suppress(OSError):
                behave(self.request, self.request.recv(65536))

    return Handler
