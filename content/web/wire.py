"""Exchanges that end in time, whatever the other side does, down to single bytes."""

import http.client
import io
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from contextvars import ContextVar
from threading import Thread
from typing import Any, TypeVar

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

T = TypeVar("T")


class NoAnswer(Exception):
    """Nothing that can be used came back; the text is the reason, without the address."""


class NoSuchHost(NoAnswer):
    """The name in the address belongs to no machine."""


class PrivateHost(NoAnswer):
    """The address leads into a private network, where it was not meant to."""


class TooLarge(NoAnswer):
    """The body has more bytes than were asked for."""


def within(seconds: float, exchange: Callable[[], T]) -> T:
    """Do an exchange, or give it up when `seconds` have passed.

    It has a thread of its own, which is left behind when time is over. Nothing else bounds looking
    up a name; and the limits of a socket start anew with every byte, so that headers could drip
    for days. What is left behind ends at the next byte that comes, or the limit for reading one.

    Raises:
        NoAnswer: it took longer, or the exchange says so.
    """
    deadline = _Deadline(seconds)
    future: Future[T] = Future()
    Thread(target=_do, args=(exchange, future, deadline), daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError as error:
        raise NoAnswer(deadline.said) from error
    finally:
        # Or error, frame and future hold each other, and all that was read, until it is collected.
        del future


def obey_deadlines(adapter: HTTPAdapter) -> None:
    """Let every answer that comes by this adapter end with the time of its exchange.

    Not by way of a proxy: there the thread is left behind until the proxy gives up.
    """
    adapter.poolmanager.pool_classes_by_scheme = {"http": _Http, "https": _Https}


class _Deadline:
    """When an exchange must be over, and what is open until then."""

    def __init__(self, seconds: float) -> None:
        self.said = f"longer than {seconds} seconds"
        self.open: list[_Wire] = []
        self._ends = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self._ends:
            raise NoAnswer(self.said)

    def close(self) -> None:
        """Hang up where an error left a line open; urllib3 does so for some kinds only."""
        for wire in self.open:
            wire.close()


_DEADLINE: ContextVar[_Deadline] = ContextVar("deadline")  # of the exchange this thread is for


def _do(exchange: Callable[[], T], future: Future[T], deadline: _Deadline) -> None:
    _DEADLINE.set(deadline)
    try:
        with closing(deadline):
            reply = exchange()
        future.set_result(reply)
    except Exception as error:
        future.set_exception(error)
    finally:
        del future  # as above


class _Wire(io.RawIOBase):
    """What a server sends, until time is over."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._deadline = _DEADLINE.get()
        self._deadline.open.append(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._deadline.check()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Wire(self.fp.detach()))


class _HttpConnection(HTTPConnection):
    response_class = _Response


class _HttpsConnection(HTTPSConnection):
    response_class = _Response


class _Http(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _Https(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
