"""A name server on a port of this machine, by UDP and by TCP, that says what a test tells it."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SMALL = 512  # bytes of an answer by UDP, where nothing else was agreed on (RFC 1035, 4.2.1)


class Zone:
    """What there is, by name and type; names in `silent` are not answered, those in `ill` badly."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.ill: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.port = 0

    def put(self, name: str, kind: str, *values: str) -> None:
        texts = [_quoted(value) for value in values] if kind == "TXT" else list(values)
        self.records[name, kind] = texts

    def drop(self, name: str, kind: str) -> None:
        del self.records[name, kind]

    def answer(self, wire: bytes, by: str) -> bytes | None:
        query = dns.message.from_wire(wire)
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, by))
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        if name in self.ill:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(response, name, kind)
        return _fitting(response, max(query.payload, SMALL) if by == "UDP" else 65535)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        if target := self.records.get((name, "CNAME")):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *target))
            name = target[0].rstrip(".")
        if values := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        elif not any(f".{known}".endswith(f".{name}") for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)


def _fitting(response: dns.message.Message, size: int) -> bytes:
    try:
        return response.to_wire(max_size=size)
    except dns.exception.TooBig:
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


def _quoted(text: str) -> str:
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", r"\\").replace('"', r"\"") + '"' for piece in pieces)


def _at_one_port(by_udp: type, by_tcp: type) -> tuple[socketserver.BaseServer, ...]:
    """A port that is free for one of them may not be for the other."""
    for _ in range(50):
        udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), by_udp)
        with suppress(OSError):
            return udp, socketserver.ThreadingTCPServer(udp.server_address, by_tcp)
        udp.server_close()
    raise AssertionError("no port is free")


@contextmanager
def name_server() -> Iterator[Zone]:
    zone = Zone()

    class ByUdp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            if (answer := zone.answer(wire, "UDP")) is not None:
                socket.sendto(answer, self.client_address)

    class ByTcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            size = int.from_bytes(self.rfile.read(2))
            if (answer := zone.answer(self.rfile.read(size), "TCP")) is not None:
                self.wfile.write(len(answer).to_bytes(2) + answer)

    udp, tcp = _at_one_port(ByUdp, ByTcp)
    with udp, tcp:
        zone.port = udp.server_address[1]
        threads = [Thread(target=each.serve_forever, args=(0.05,)) for each in (udp, tcp)]
        for thread in threads:
            thread.start()
        yield zone
        for each, thread in zip((udp, tcp), threads, strict=True):
            each.shutdown()
            thread.join()
