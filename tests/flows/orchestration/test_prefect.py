"""The real thing: a Prefect server, a deploy, a worker, and runs that the scheduler made."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from content.store import get_edition
from flows.resources import open_resources
from subscribers.lists.importing import import_list
from tests.conftest import ROOT
from tests.flows.homes import change

pytestmark = pytest.mark.slow
PREFECT = [sys.executable, "-m", "prefect"]


class Server:
    """A Prefect server of the test's own, and whatever is started against it."""

    def __init__(self, folder: Path, newsletter: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/api"
        self.folder = folder
        self.environment = {
            **os.environ,
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "DO_NOT_TRACK": "1",
            "LETTERMILL_HOME": str(newsletter),
        }
        self.started: list[subprocess.Popen[bytes]] = []
        self.start("server", "start", "--host", "127.0.0.1", "--port", str(port))
        self.wait_for(lambda: self.get("/ready") is not None, "the server is ready")

    def start(self, *arguments: str) -> None:
        log = (self.folder / f"{arguments[0]}.log").open("wb")
        self.started.append(
            subprocess.Popen(
                [*PREFECT, *arguments],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
        log.close()

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*PREFECT, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def get(self, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    def scheduled_runs(self, flow: str) -> list[dict]:
        runs = self.get("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}}) or []
        return [run for run in runs if run["auto_scheduled"]]

    def wait_for(self, condition, what: str, seconds: float = 150):
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            assert time.monotonic() < deadline, f"not in {seconds} s: {what}\n{self.logs()}"
            time.sleep(0.5)
        return result

    def find(self, path: str, body: dict):
        """What is there, as soon as something is; a busy server may not answer at once."""
        return self.wait_for(lambda: self.get(path, body), path)

    def logs(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        for process in reversed(self.started):
            os.killpg(process.pid, signal.SIGTERM)
        for process in reversed(self.started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)


@pytest.fixture
def server(tmp_path: Path, newsletter: Path) -> Iterator[Server]:
    folder = tmp_path / "prefect"
    folder.mkdir()
    running = Server(folder, newsletter)
    try:
        yield running
    finally:
        running.stop()


def test_what_is_deployed_is_scheduled_runs_and_sends_once(server, newsletter):
    with open_resources(newsletter) as resources:
        file = newsletter / "sample" / "readers.csv"
        with file.open("rb") as text:
            import_list(resources.db, text, file.name, now=resources.clock.now())

    server.run("work-pool", "create", "lettermill", "--type", "process")
    server.run("--no-prompt", "deploy", "--all")
    for flow in (
        "collect-posts",
        "monthly-digest",
        "dispatch",
        "handle-unsubscribes",
        "housekeeping",
    ):
        server.wait_for(lambda f=flow: server.scheduled_runs(f), f"a scheduled run of {flow}")

    server.start("worker", "start", "--pool", "lettermill", "--limit", "2")
    server.run("deployment", "run", "monthly-digest/monthly", "--param", "period=2026-11")
    server.run("deployment", "run", "monthly-digest/monthly", "--param", "period=2026-11")
    # The next run of an hourly schedule may be an hour away, so this one is made more frequent.
    soon = ("--interval", "20", "--no-replace")
    server.run("deployment", "schedule", "create", "collect-posts/hourly", *soon)
    done = server.wait_for(
        lambda: [
            r for r in server.scheduled_runs("collect-posts") if r["state_type"] == "COMPLETED"
        ],
        "a scheduled run completes",
    )
    assert done[0]["parameters"] == {}

    ended = ["COMPLETED"] * 2
    server.wait_for(lambda: runs_of(server, "monthly-digest") == ended, "both digests end")
    letters = [path.stem for path in newsletter.glob("outbox/*/batch-*/*.eml")]
    assert (len(letters), len(set(letters))) == (46, 46)
    shown = server.find("/artifacts/filter", {})
    by_key = {artifact["key"]: artifact["data"] for artifact in shown}
    assert set(by_key) == {"digest-2026-11", "digest-2026-11-plan", "digest-2026-11-letter"}
    counts = {row["letters"]: row["count"] for row in json.loads(by_key["digest-2026-11"])}
    assert counts == {"submitted": 46, "skipped": 14}
    assert "A Six-Minute Warm-Up" in by_key["digest-2026-11-plan"]
    assert "[first_name]" in by_key["digest-2026-11-letter"]
    names = {run["name"] for run in server.find("/flow_runs/filter", {})}
    assert "digest of 2026-11" in names
    assert_no_address(server)

    by_hand = subprocess.run(
        [sys.executable, "-m", "flows.cli", "digest", "2026-11"],
        env=server.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "is not sent again. 46 submitted, 14 skipped." in by_hand.stdout
    # By hand, and a flow run all the same.
    assert runs_of(server, "monthly-digest") == ["COMPLETED"] * 3

    spring = newsletter / "spring.md"
    spring.write_text("---\nsubject: Spring\npreheader: It is here\n---\nCome and look.\n")
    asked = ("--param", f"file={spring}", "--param", "send=true")
    server.run("deployment", "run", "send-campaign/ad-hoc", *asked)
    server.wait_for(lambda: runs_of(server, "send-campaign") == ["COMPLETED"], "a campaign ends")
    assert letters_of(newsletter, "campaign-spring") == 46
    assert_no_address(server)
    assert_a_killed_worker_loses_nobody(server, newsletter)


def assert_a_killed_worker_loses_nobody(server: Server, newsletter: Path) -> None:
    """A mailing whose worker and flow are killed in the middle is finished by `dispatch`."""
    change(newsletter, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")  # time has to pass
    change(newsletter, 'name = "outbox"', 'name = "outbox"\nletters = 1\ncalls_per_second = 4')
    autumn = newsletter / "autumn.md"
    autumn.write_text("---\nsubject: Autumn\n---\nCome and look.\n")
    asked = ("--param", f"file={autumn}", "--param", "send=true")
    server.run("deployment", "run", "send-campaign/ad-hoc", *asked)
    server.wait_for(lambda: letters_of(newsletter, "campaign-autumn") > 5, "letters are sent")
    kill_worker(server, newsletter)
    left = 46 - letters_of(newsletter, "campaign-autumn")
    assert left > 5
    server.start("worker", "start", "--pool", "lettermill", "--limit", "2")
    server.run("deployment", "run", "dispatch/every-five-minutes")
    server.wait_for(lambda: runs_of(server, "dispatch") == ["COMPLETED"], "dispatch ends")
    assert letters_of(newsletter, "campaign-autumn") == 46
    with open_resources(newsletter) as resources:
        assert get_edition(resources.db, "campaign-autumn").state == "closed"
    assert_no_address(server)
    kill_worker(server, newsletter)  # it would wait for the run that it takes for alive


def kill_worker(server: Server, newsletter: Path) -> None:
    """As when the machine dies: the worker and the flows that it has started."""
    worker = server.started.pop()
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(5)
    home = f"LETTERMILL_HOME={newsletter}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (process / "environ").read_bytes().split(b"\0")
            if home in environment and any(e.startswith(b"PREFECT__FLOW_RUN") for e in environment):
                os.kill(int(process.name), signal.SIGKILL)


def letters_of(newsletter: Path, key: str) -> int:
    """How many readers have a letter of an edition; nobody has two."""
    letters = [path.stem for path in newsletter.glob(f"outbox/{key}/batch-*/*.eml")]
    assert len(letters) == len(set(letters))
    return len(letters)


def runs_of(server: Server, flow: str) -> list[str]:
    runs = server.find("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
    return [run["state_type"] for run in runs if not run["auto_scheduled"]]


def assert_no_address(server: Server) -> None:
    """Runs, task runs, logs, artifacts, as anybody who may open Prefect's pages sees them."""
    kinds = ("flow_runs", "task_runs", "logs", "artifacts")
    shown = [server.find(f"/{kind}/filter", {}) for kind in kinds]
    assert "@example" not in json.dumps(shown)


def test_only_a_feed_that_was_down_is_read_again_by_prefect():
    from prefect.states import Failed

    from content.errors import FeedUnreachable, NotAFeed
    from delivery.errors import OutcomeUnknown
    from flows.deployed import _feed_was_down

    verdicts = [
        _feed_was_down(None, None, Failed(data=error))
        for error in (FeedUnreachable("down"), NotAFeed("a page"), OutcomeUnknown("silence"))
    ]
    assert verdicts == [True, False, False]
