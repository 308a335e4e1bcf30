"""`lettermill serve` as a process: killed or stopped, whoever was answered has left for good."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from sqlite_utils import Database

from flows.resources import open_resources
from subscribers.consent import Status
from subscribers.store import all_subscribers
from tests.flows.homes import bring_in
from tests.flows.wire import PAIR, wait_until

AT_ONCE, EACH = 200, 4


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`lettermill serve` in a process of its own, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "flows.cli", "-C", str(home), "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: post(port, "/healthz") is not None)
        yield process, port
    finally:
        process.kill()
        process.communicate()


def post(port: int, target: str) -> int | None:
    """The status of a one click's answer; None where there was none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", target, PAIR)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


@pytest.fixture
def ways_out(newsletter) -> dict[str, str]:
    """Of each of many readers, by id, the target of their one click."""
    bring_in(newsletter, AT_ONCE * EACH)
    with open_resources(newsletter) as resources:
        ids = [person.id for person in all_subscribers(resources.db)]
        return {each: "/unsubscribe/" + resources.exits.sign(each) for each in ids}


def gone(home: Path) -> set[str]:
    with open_resources(home) as resources:
        everybody = list(all_subscribers(resources.db))
        withdrawn = {
            row["subscriber_id"]
            for row in resources.db.query("SELECT * FROM consents WHERE action = 'withdrawn'")
        }
    left = {person.id for person in everybody if person.status is Status.UNSUBSCRIBED}
    assert left == withdrawn  # never one without the other
    return left


def test_a_server_killed_while_200_leave_at_once_has_kept_all_it_answered(newsletter, ways_out):
    answered: set[str] = set()
    readers = list(ways_out)

    def leave(nth: int) -> None:
        for reader in readers[nth::AT_ONCE]:
            if post(port, ways_out[reader]) != 200:
                return
            answered.add(reader)

    with serving(newsletter, "--quiet") as (process, port), ThreadPoolExecutor(AT_ONCE) as pool:
        leaving = [pool.submit(leave, nth) for nth in range(AT_ONCE)]
        wait_until(lambda: len(answered) >= 100)
        process.send_signal(signal.SIGKILL)
        [each.result() for each in leaving]
        assert process.wait(5) == -signal.SIGKILL
    assert 100 <= len(answered) < len(ways_out)
    assert answered <= gone(newsletter)
    with serving(newsletter, "--quiet") as (_, port):
        rest = [reader for reader in readers if reader not in answered]
        assert {post(port, ways_out[reader]) for reader in rest} == {200}
    assert gone(newsletter) == set(readers)


def test_a_server_told_to_stop_answers_what_it_accepted_and_ends_in_order(newsletter, ways_out):
    keeper = Database(newsletter / "lettermill.db")
    readers = list(ways_out)[:20]
    with serving(newsletter) as (process, port), ThreadPoolExecutor(20) as pool:
        keeper.execute("BEGIN IMMEDIATE")  # nothing can be written down as long as this lasts
        leaving = [pool.submit(post, port, ways_out[reader]) for reader in readers]
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert post(port, "/healthz") is None  # it takes nothing new,
        assert [each.done() for each in leaving] == [False] * 20  # and waits for what it has
        keeper.rollback()
        assert [each.result() for each in leaving] == [200] * 20
        said, complained = process.communicate(timeout=20)
    keeper.close()
    assert (process.returncode, complained) == (0, "")
    assert said.count("POST /unsubscribe/… 200") == 20
    assert gone(newsletter) == set(readers)


def test_a_quiet_server_prints_no_request(newsletter):
    with serving(newsletter, "--quiet") as (process, port):
        post(port, "/subscribe")
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, complained) == (0, "")
    assert len(said.splitlines()) == 1
