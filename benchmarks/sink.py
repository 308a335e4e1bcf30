"""A stand-in for the e-mail APIs: counts the letters it is given, and who gets two of them.

It runs in a process of its own, does as little as it can, and looks for the readers while the rest
of a body is still on its way: what is measured is the sender. It prints its port, and at the end of
its input what it counted, as JSON.
"""

import json
import re
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Lock, Thread
from urllib.parse import unquote_to_bytes

_BUFFER = 64 * 1024**2
_CHUNK = 1024**2
# A reader may be cut in two by the end of a chunk, and is no longer than this.
_OVERLAP = 512
_ids = count(1)


def _no_templates(letters: int) -> bytes:
    return b'{"TotalCount":0,"Templates":[]}'


def _template(letters: int) -> bytes:
    return b'{"TemplateId":1,"Alias":"x","Name":"x","Active":true,"TemplateType":"Standard"}'


def _no_template(letters: int) -> bytes:
    return b'{"ErrorCode":1105,"Message":"no room"}'


def _postmark(letters: int) -> bytes:
    item = b'{"ErrorCode":0,"Message":"OK","MessageID":"0a1b2c3d-4e5f-6071-8293-%012d"}'
    return b"[" + b",".join(item % next(_ids) for _ in range(letters)) + b"]"


def _resend(letters: int) -> bytes:
    item = b'{"id":"0a1b2c3d-4e5f-6071-8293-%012d"}'
    return b'{"data":[' + b",".join(item % next(_ids) for _ in range(letters)) + b"]}"


def _mailgun(letters: int) -> bytes:
    return b'{"id":"<20261201170000.%d@mg.example.com>","message":"Queued. Thank you."}' % next(
        _ids
    )


def _sendgrid(letters: int) -> bytes:
    return b""


def _to_fields(form: bytes) -> bytes:
    """Every field `to` of a form, in parts or encoded as a query is."""
    in_parts = re.findall(rb'name="to"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r]*)\r\n', form)
    encoded = re.findall(rb"(?:^|&)to=([^&]*)", form) if not in_parts else []
    return b",".join([*in_parts, *map(unquote_to_bytes, encoded)])


@dataclass(frozen=True, slots=True)
class Shape:
    """How one API is called: where its readers stand in a body, and what it answers."""

    call: re.Pattern[bytes]
    reader: re.Pattern[bytes]
    answer: Callable[[int], bytes]
    status: bytes = b"200 OK"
    # Takes the part of a body where readers are looked for; else it is all of it, as it comes.
    within: Callable[[bytes], bytes] | None = None


_NOBODY = re.compile(rb"(?!)")
SHAPES = (
    Shape(re.compile(rb"GET /templates"), _NOBODY, _no_templates),
    Shape(re.compile(rb"POST /templates"), _NOBODY, _template),
    Shape(
        re.compile(rb"POST /email/batch"),
        re.compile(rb'"To": ?"[^"]*?([^\s"<>]+@[^\s"<>]+)'),
        _postmark,
    ),
    Shape(
        re.compile(rb"POST /emails/batch"),
        re.compile(rb'"to": ?\["[^"]*?([^\s"<>]+@[^\s"<>]+)'),
        _resend,
    ),
    Shape(
        re.compile(rb"POST /v3/mail/send"),
        re.compile(rb'"to": ?\[\{[^]]*?"email": ?"([^"]+)'),
        _sendgrid,
        status=b"202 Accepted\r\nX-Message-Id: sink",
    ),
    Shape(
        re.compile(rb"POST /v3/[^/]+/messages"),
        re.compile(rb'([^\s"<>,]+@[^\s"<>,]+)'),
        _mailgun,
        within=_to_fields,
    ),
)


# A server at Postmark that has no room for another template.
FULL = Shape(re.compile(rb"POST /templates"), _NOBODY, _no_template, b"422 Unprocessable Entity")


@dataclass
class Counted:
    """What came in over all connections."""

    calls: int = 0
    letters: int = 0
    bytes: int = 0
    people: set[bytes] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def add(self, readers: list[bytes], size: int) -> None:
        with self.lock:
            self.calls += 1
            self.letters += len(readers)
            self.bytes += size
            self.people.update(readers)

    def as_json(self) -> str:
        return json.dumps(
            {
                "calls": self.calls,
                "letters": self.letters,
                "bytes": self.bytes,
                "twice": self.letters - len(self.people),
            }
        )


class Connection:
    """One caller, who asks one thing after the other."""

    def __init__(
        self, connection: socket.socket, counted: Counted, shapes: Sequence[Shape]
    ) -> None:
        self._socket, self._counted, self._shapes = connection, counted, shapes
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)

    def serve(self) -> None:
        with self._socket:
            while head := self._read_head():
                headers, start = head
                shape = next(each for each in self._shapes if each.call.match(headers))
                length = re.search(rb"content-length: *(\d+)", headers, re.IGNORECASE)
                size = int(length[1]) if length else 0
                readers = self._read_body(shape, start, size)
                body = shape.answer(len(readers))
                self._socket.sendall(_HEAD % (shape.status, len(body)) + body)
                self._counted.add(readers, len(headers) + 4 + size)

    def _read_head(self) -> tuple[bytes, bytes] | None:
        got = b""
        while b"\r\n\r\n" not in got:
            chunk = self._socket.recv(65536)
            if not chunk:
                return None
            got += chunk
        headers, _, start = got.partition(b"\r\n\r\n")
        return headers, start

    def _read_body(self, shape: Shape, start: bytes, size: int) -> list[bytes]:
        """Read the rest of a body, and find its readers on the way."""
        self._buffer[: len(start)] = start
        received, seen, readers = len(start), 0, []
        while received < size:
            most = min(size, received + _CHUNK)
            got = self._socket.recv_into(self._view[received:most])
            if not got:
                raise ConnectionError("a body that ends early")
            received += got
            if not shape.within and received - seen >= _CHUNK:
                seen = self._find(shape.reader, seen, received, readers)
        if shape.within:
            return shape.reader.findall(shape.within(bytes(self._view[:size])))
        self._find(shape.reader, seen, size, readers, at_end=True)
        return readers

    def _find(
        self,
        pattern: re.Pattern[bytes],
        start: int,
        end: int,
        readers: list[bytes],
        at_end: bool = False,
    ) -> int:
        """Find readers up to an end; give where to go on."""
        safe = end if at_end else end - _OVERLAP
        for found in pattern.finditer(self._buffer, start, end):
            if found.start() >= safe:
                break
            readers.append(found[1])
            start = found.end()
        return max(start, safe)


_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def accepted(server: socket.socket) -> Iterator[socket.socket]:
    """Connections until the listening socket is shut."""
    while True:
        try:
            yield server.accept()[0]
        except OSError:
            return


def main(*options: str) -> None:
    shapes = (FULL, *SHAPES) if "--no-templates" in options else SHAPES
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    counted = Counted()
    served: list[tuple[socket.socket, Thread]] = []

    def take_calls() -> None:
        for connection in accepted(server):
            thread = Thread(target=Connection(connection, counted, shapes).serve)
            served.append((connection, thread))
            thread.start()

    Thread(target=take_calls, daemon=True).start()
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
    for connection, thread in served:
        with suppress(OSError):  # it is closed already
            connection.shutdown(socket.SHUT_RD)
        thread.join()
    print(counted.as_json(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
