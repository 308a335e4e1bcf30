"""An SMTP server over a real socket that answers as it is told, and remembers what it took."""

import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

HANG_UP = b""
Answers = Mapping[tuple[str, int], bytes]


class SmtpScript:
    """`answers` are by verb and which time it is said: `("RCPT", 2)`; "." is the final dot.

    HANG_UP closes the connection in place of an answer; at "BODY" after the first bytes of a
    content, with a reset. `ends_after` is the number of bytes after which it reads no more.
    """

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        extensions: tuple[str, ...] = ("PIPELINING",),
        drip: float | None = None,
        tls: ssl.SSLContext | None = None,
        tls_first: bool = False,
        ends_after: int | None = None,
        greeting: bytes = b"220 here\r\n",
    ) -> None:
        self.answers = answers or {}
        self.extensions = extensions
        self.drip = drip
        self.tls = tls
        self.tls_first = tls_first
        self.ends_after = ends_after
        self.greeting = greeting
        self.taken: list[tuple[str, bytes]] = []
        self.commands: list[str] = []
        self.said: Counter[str] = Counter()
        self.connections = 0
        self.rushed = 0  # times that more came before the answer
        self.server = socket.create_server(("127.0.0.1", 0))
        if any(verb == "BODY" for verb, _ in self.answers):
            # Else the system would hold all of a letter, and nobody knows where it was cut.
            self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self.server.getsockname()[1]
        self.open: list[socket.socket] = []
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A close alone would leave the thread waiting in accept.
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.hang_up()
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()

    def hang_up(self):
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def readers(self):
        return [reader for reader, _ in self.taken]

    def _accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with suppress(OSError):
            Conversation(self, connection).hold()
        connection.close()


class Ended(OSError):
    """The script says that the connection ends here."""


class Conversation:
    """One connection."""

    def __init__(self, script: SmtpScript, connection: socket.socket) -> None:
        self.script = script
        self.connection = connection
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.read_bytes = 0
        self.sender = self.recipient = None

    def hold(self):
        if self.script.tls_first:
            self.encrypt()
        self.say(self.script.greeting)
        try:
            while True:
                self.answer(self.line().decode("ascii"))
        finally:
            self.connection.close()

    def answer(self, command: str) -> None:
        verb = command.split(":")[0].split()[0].upper()
        self.script.said[verb] += 1
        self.script.commands.append(command)
        self.script.rushed += bool(self.buffer)
        told = self.script.answers.get((verb, self.script.said[verb]))
        if told == HANG_UP:
            raise Ended
        reply = told or self.default(verb, command)
        if reply[:1] == b"2":
            self.remember(verb, command)
        self.say(reply)
        if reply[:3] == b"421" or verb == "QUIT":
            raise Ended
        if verb == "STARTTLS":
            self.encrypt()
        if verb == "DATA" and reply[:1] == b"3":
            self.content()

    def default(self, verb: str, command: str) -> bytes:
        if verb == "EHLO":
            return ehlo(self.script.extensions)
        if verb == "MAIL" and self.sender is not None:
            return b"503 5.5.1 nested MAIL\r\n"
        if verb == "RCPT" and self.sender is None:
            return b"503 5.5.1 need MAIL\r\n"
        if verb == "DATA":
            asked = b"354 go on\r\n"
            return asked if self.recipient else b"554 5.5.1 no valid recipients\r\n"
        return b"220 go\r\n" if verb == "STARTTLS" else b"250 2.0.0 Ok\r\n"

    def remember(self, verb: str, command: str) -> None:
        if verb == "MAIL":
            self.sender = command
        if verb == "RCPT":
            self.recipient = command.partition("<")[2].rpartition(">")[0]
        if verb == "RSET":
            self.sender = self.recipient = None

    def content(self) -> None:
        self.script.said["BODY"] += 1
        if self.script.answers.get(("BODY", self.script.said["BODY"])) is not None:
            self.cut()
        lines = []
        while (line := self.line()) != b".":
            lines.append(line.removeprefix(b".") + b"\r\n")
        self.script.said["."] += 1
        told = self.script.answers.get((".", self.script.said["."]))
        if self.recipient and (not told or told[:1] == b"2"):  # also one without an answer
            self.script.taken.append((self.recipient, b"".join(lines)))
        self.sender = self.recipient = None
        if told == HANG_UP:
            raise Ended
        self.say(told or b"250 2.0.0 Ok: queued as 4bXyZ12\r\n")
        if told and told[:3] == b"421":
            raise Ended

    def cut(self) -> None:
        told = self.script.answers["BODY", self.script.said["BODY"]]
        self.line()
        if told:
            self.say(told)
            time.sleep(0.05)  # else the reset overtakes the words
        # With a reset: RFC 9293 has no other way to stop who is writing.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        raise Ended

    def encrypt(self) -> None:
        assert self.script.tls
        self.connection = self.script.tls.wrap_socket(self.connection, server_side=True)
        self.buffer = b""

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            most = 65536
            if self.script.ends_after is not None:
                most = min(most, self.script.ends_after - self.read_bytes)
            received = self.connection.recv(most) if most else b""
            if not received:
                raise Ended
            self.read_bytes += len(received)
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def say(self, reply: bytes) -> None:
        if self.script.drip is None:
            self.connection.sendall(reply)
            return
        for byte in reply:
            self.connection.sendall(bytes([byte]))
            time.sleep(self.script.drip)


def ehlo(extensions: tuple[str, ...]) -> bytes:
    lines = ["here", *extensions]
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "".join(f"250{m}{line}\r\n" for m, line in zip(marks, lines, strict=True)).encode()
