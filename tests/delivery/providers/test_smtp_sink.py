"""SMTP into Postfix's own test server: thousands of letters, each taken once."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from delivery.message import Answer, Message
from delivery.mime import mime_stencil, mime_values
from delivery.providers.smtp import Smtp
from tests.fakes import LETTER, NOON

CALLS, LETTERS = 20, 100


@pytest.fixture(scope="module")
def smtp_sink() -> str:
    """Debian's postfix has it; without it there is nothing to count, but CI has to count."""
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None and not os.environ.get("CI"):
        pytest.skip("smtp-sink is not installed (Debian: apt-get install postfix)")
    assert program, "CI must count the letters: smtp-sink is not installed (.ci/packages)"
    return program


@contextmanager
def sink(program: str, folder, *options: str) -> Iterator[int]:
    """A running server on a free port, which dumps what it takes into the folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # It refuses to run as root; and only root may say as whom else.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [program, *user, *options, f"127.0.0.1:{port}", "100"]
    process = subprocess.Popen(command, cwd=folder)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    pytest.fail("smtp-sink does not listen")


def call(number: int) -> list[Message]:
    return [
        Message(f"m.{number}x{n}", f"r{number}x{n}@example.com", "", values(f"r{number}x{n}"))
        for n in range(LETTERS)
    ]


def values(name: str) -> dict[str, str]:
    return {"first_name": ".dot", "exit": f"{name}.sig"}


def dumped(folder) -> list[tuple[str, bytes]]:
    """Whom each letter that was taken is for, by its envelope, and the letter."""
    taken = (folder / "taken").read_bytes()
    found = re.findall(rb"X-Rcpt-Args: <(.*?)>\n.*?\n(From: .*?\n)\n(?=X-|\Z)", taken, re.DOTALL)
    return [(reader.decode(), letter) for reader, letter in found]


@pytest.mark.parametrize("options", [[], ["-p"]], ids=["pipelined", "in turn"])
def test_each_of_two_thousand_letters_is_taken_once_as_it_was_made(smtp_sink, tmp_path, options):
    tmp_path.chmod(0o777)
    calls = [call(number) for number in range(CALLS)]
    with sink(smtp_sink, tmp_path, "-D", "taken", *options) as port:
        provider = Smtp("127.0.0.1", port=port, security="none")

        def hand_over(messages):
            return provider.submit(provider.encode("b", LETTER, messages, now=NOON))

        with ThreadPoolExecutor(4) as pool:
            handovers = list(pool.map(hand_over, calls))
        provider.close()
    receipts = [receipt for handover in handovers for receipt in handover.receipts]
    assert Counter(receipt.answer for receipt in receipts) == {Answer.SUBMITTED: CALLS * LETTERS}
    stencil = mime_stencil(LETTER, now=NOON)
    made = [
        (m.address, b"".join(stencil.pieces(mime_values(m))).replace(b"\r\n", b"\n"))
        for messages in calls
        for m in messages
    ]
    assert sorted(dumped(tmp_path)) == sorted(made)
