"""Who the letters go to: the sink, Postfix's smtp-sink or a folder; and raw, without a ledger."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks import mailings
from delivery.message import Payload
from delivery.providers.base import Provider

SMTP_SINK = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_ROOT = Path(__file__).parents[1]
# Where one call of each goes, for who posts it raw.
_PATHS = {
    "mailgun": "/v3/mg.example.com/messages",
    "sendgrid": "/v3/mail/send",
    "postmark": "/email/batch",
    "postmark-template": "/email/batchWithTemplates",
    "resend": "/emails/batch",
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """`where` is its address or folder; `end` gives what it counted: letters, bytes and `twice`."""

    where: str
    end: Callable[[], dict[str, int]]


@contextmanager
def receiver(kind: str, folder: Path) -> Iterator[Receiver]:
    """One of them, ready; it ends with the block.

    `folder` is where the outbox writes.
    """
    if kind == "outbox":
        with tempfile.TemporaryDirectory(dir=folder) as outbox:
            yield Receiver(outbox, lambda: _count_files(Path(outbox)))
    elif kind == "smtp":
        with _smtp_sink() as port:
            yield Receiver(str(port), dict)
    else:
        with _sink("--no-templates" if kind == "postmark" else "") as found:
            yield found


def require_all(counted: dict[str, int], letters: int) -> None:
    """Nobody is missing and nobody has two letters, where the receiver counts."""
    if counted and (counted["letters"] != letters or counted["twice"]):
        raise RuntimeError(f"of {letters} letters the receiver counted {counted}")


def open_provider(kind: str, where: str) -> Provider:
    """A module of `delivery/providers` is imported here only when it is measured."""
    match kind:
        case "mailgun":
            from delivery.providers.mailgun import Mailgun

            return Mailgun("key", domain="mg.example.com", api=where)
        case "sendgrid":
            from delivery.providers.sendgrid import SendGrid

            return SendGrid("key", api=where)
        case "postmark" | "postmark-template":
            from delivery.providers.postmark import Postmark

            return Postmark("token", stream="broadcast", api=where)
        case "resend":
            from delivery.providers.resend import Resend

            return Resend("key", api=where)
        case "smtp":
            from delivery.providers.smtp import Smtp

            return Smtp("127.0.0.1", port=int(where), security="none")
        case "outbox":
            from delivery.providers.outbox import Outbox

            return Outbox(Path(where), lambda *_: "")
    raise ValueError(f"no provider {kind}")


def raw_rate(kind: str, folder: Path, letters: int, a_call: int) -> float:
    """Letters a second of the same bytes, made and handed over with no ledger and no database."""
    with receiver(kind, folder) as there:
        provider = mailings.at_full_speed(open_provider(kind, there.where), a_call, None)
        provider.begin(mailings.KEY, {"": mailings.LETTER})
        hand_over = _raw_way(kind, there.where, provider)
        began = time.perf_counter()
        for number, batch in enumerate(mailings.batches(letters, provider)):
            hand_over(provider.encode(f"{number:016x}", mailings.LETTER, batch, now=mailings.NOW))
        seconds = time.perf_counter() - began
        provider.close()
        require_all(there.end(), letters)
    return letters / seconds


def _raw_way(kind: str, where: str, provider: Provider) -> Callable[[Payload], object]:
    if kind == "smtp":
        return provider.submit
    if kind == "outbox":
        return lambda payload: _write(Path(where) / "raw" / payload.batch_id, payload)
    session, url = requests.Session(), where + _PATHS[kind]

    def post(payload: Payload) -> None:
        headers = {"Content-Type": payload.kind}
        session.post(url, data=payload.body, headers=headers).raise_for_status()

    return post


def _write(folder: Path, payload: Payload) -> None:
    """The same files, flushed once a batch."""
    folder.mkdir(parents=True)
    for number, part in enumerate(payload.parts):
        (folder / f"{number}.eml").write_bytes(part)
    os.sync()


def _count_files(folder: Path) -> dict[str, int]:
    files = list(folder.rglob("*.eml"))
    size = sum(file.stat().st_size for file in files)
    return {"letters": len(files), "bytes": size, "twice": 0}


@contextmanager
def _sink(option: str) -> Iterator[Receiver]:
    command = [sys.executable, "-m", "benchmarks.sink", *option.split()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=_ROOT) as process:
        assert process.stdout

        def end() -> dict[str, int]:
            counted, _ = process.communicate()
            return json.loads(counted)

        yield Receiver(f"http://127.0.0.1:{int(process.stdout.readline())}", end)


@contextmanager
def _smtp_sink() -> Iterator[int]:
    if SMTP_SINK is None:
        raise SystemExit("smtp-sink is not installed (Debian: apt-get install postfix)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # It refuses to run as root; and only root may say as whom else.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([SMTP_SINK, *user, f"127.0.0.1:{port}", "100"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("smtp-sink does not listen")
