"""The real thing: `lettermill up` with its three parts, killed one by one, and stopped."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Linux"),
]
PARTS = ("prefect", "flows", "site")
LISTENING = "0A"


class Up:
    """`lettermill up` in a newsletter's folder, and what it says."""

    def __init__(self, home: Path) -> None:
        self.log = home.parent / "up.log"
        self.port, self.prefect_port = free_port(), free_port()
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def command(self) -> list[str]:
        ports = ["--port", str(self.port), "--prefect-port", str(self.prefect_port)]
        return [sys.executable, "-m", "flows.cli", "up", *ports]

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, condition, what: str, seconds: float = 120):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not in {seconds} s: {what}\n{self.said}"
            time.sleep(0.2)

    def ups(self, part: str) -> int:
        return len(re.findall(rf"^{part}: up", self.said, re.MULTILINE))

    def pid_of(self, part: str) -> int:
        [pid] = [
            pid for pid in descendants(self.process.pid) if f"flows.up.child {part}" in said_by(pid)
        ]
        return pid


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def said_by(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found |= {child} | descendants(child)
    return found


def listening_addresses(pids: set[int]) -> set[str]:
    """The addresses, in hexadecimal as /proc has them, on which processes listen."""
    sockets = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                sockets.add(os.readlink(entry))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING and f"socket:[{words[9]}]" in sockets:
                found.add(words[1].partition(":")[0])
    return found


class Api:
    """The Prefect server of `up`, asked with the password that stands in the folder."""

    def __init__(self, up: Up, newsletter: Path) -> None:
        self.root = f"http://127.0.0.1:{up.prefect_port}/api"
        secret = (newsletter / ".lettermill" / "prefect-password").read_bytes()
        self.head = {
            "Authorization": f"Basic {base64.b64encode(secret).decode()}",
            "Content-Type": "application/json",
        }

    def ask(self, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, self.head)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def leave_a_run_behind(self) -> str:
        """A run that seems to run, as after the end of its process; it keeps the only place."""
        deployment = self.ask("/deployments/name/dispatch/every-five-minutes")
        path = f"/deployments/{deployment['id']}/create_flow_run"
        return self.ask(path, {"state": {"type": "RUNNING"}})["id"]


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def up(newsletter: Path) -> Iterator[Up]:
    running = Up(newsletter)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(40)


def test_up_keeps_everything_going_and_leaves_nothing_behind(up, newsletter):
    up.wait_for(lambda: all(up.ups(part) for part in PARTS), "all parts are up")
    assert status_of(f"http://127.0.0.1:{up.prefect_port}/api/admin/version") == 401
    assert status_of(f"http://127.0.0.1:{up.port}/healthz") == 200
    loopback = {"0100007F", "00000000000000000000000001000000"}
    listening = listening_addresses(descendants(up.process.pid))
    assert listening
    assert listening <= loopback

    second = subprocess.run(up.command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "another `lettermill up` runs in" in second.stderr

    api = Api(up, newsletter)
    assert len(api.ask("/automations/filter", {})) == 2
    [digest] = api.ask("/deployments/name/monthly-digest/monthly")["schedules"]
    assert digest["schedule"]["timezone"] == "America/Los_Angeles"
    dead = api.leave_a_run_behind()

    for part in ("site", "prefect", "flows"):
        before, ups = up.pid_of(part), up.ups(part)
        os.kill(before, signal.SIGKILL)
        up.wait_for(lambda p=part, n=ups: up.ups(p) > n, f"{part} is up again")
        assert up.pid_of(part) != before
        assert f"{part}: down, ended by SIGKILL; meanwhile" in up.said
    # It may be in the middle of a mailing while the server is away.
    assert "flows: does not answer" not in up.said

    assert api.ask(f"/flow_runs/{dead}")["state_type"] == "CRASHED"
    assert len(api.ask("/automations/filter", {})) == 2

    everybody = descendants(up.process.pid)
    assert len(everybody) >= len(PARTS)
    began = time.monotonic()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(40) == 0
    assert time.monotonic() - began < 15
    assert not any("lettermill" in said_by(pid) or "flows" in said_by(pid) for pid in everybody)
    for port in (up.port, up.prefect_port):
        socket.create_server(("127.0.0.1", port)).close()
    assert all(f"{part}: stopped" in up.said for part in PARTS)
    logs = [path.read_text() for path in (newsletter / ".lettermill" / "logs").iterdir()]
    assert len(logs) == 3
    assert not any("@" in text for text in logs)
