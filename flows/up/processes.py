"""The processes of `up`: started in a group of their own, ended with all they started."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

from flows.resources import HOME_VARIABLE, OUR_TEMPLATES
from flows.up.log import Log

_CODE = OUR_TEMPLATES.parent
_LAST_WORDS = 2  # seconds until what it said before its end is read
_HEARTBEAT = 30  # seconds; three missed make a run a crashed one (orchestration/automations.py)


class Process:
    """One part as it runs: its process, its lifeline and its log."""

    def __init__(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Log
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows.up.child", *arguments],
            cwd=_CODE,
            env=dict(environment),
            stdin=subprocess.PIPE,  # the lifeline: it breaks when `up` is gone, however it went
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started = time.monotonic()
        self.log = log
        self._listener = Thread(target=self._listen, daemon=True, name=f"log-{arguments[0]}")
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.write(line.decode(errors="replace"))

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started

    @property
    def ended_because(self) -> str:
        """Why it ended: its last words, or the signal that ended it."""
        code = self._process.returncode
        if code is not None and code < 0:
            return f"ended by {signal.Signals(-code).name}"
        self._listener.join(_LAST_WORDS)
        return self.log.last_words or f"ended with code {code}"

    def ask_to_end(self) -> None:
        """Ask it to finish what it does and end; its children it asks itself."""
        with suppress(ProcessLookupError):  # it has ended already
            self._process.terminate()

    def end(self) -> None:
        """End it and everything it has started, at once."""
        with suppress(ProcessLookupError):  # nobody of them is left
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._listener.join(_LAST_WORDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def environment_of(home: Path, api: str) -> dict[str, str]:
    """What every part finds in its environment: the newsletter's folder and the Prefect server."""
    return {
        **os.environ,
        HOME_VARIABLE: str(home),
        "PREFECT_API_URL": api,
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(_HEARTBEAT),
        "DO_NOT_TRACK": "1",
        # For the logs.
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


def environment_of_own_server(home: Path, password: str) -> dict[str, str]:
    """What is found besides where the Prefect server is one of our own."""
    straight = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"]))
    return {
        "NO_PROXY": straight,
        "no_proxy": straight,
        "PREFECT_HOME": str(home / ".lettermill" / "prefect"),
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Events are forgotten after a week by itself, runs only when it is told to.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        # Late is told to the author; 15 seconds, as Prefect has it, are no news.
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "600",
    }


def password_of(home: Path) -> str:
    """The name and password of our Prefect server, made once and kept where only we may read."""
    path = home / ".lettermill" / "prefect-password"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        made = path.with_suffix(".new")
        made.touch(mode=0o600)
        made.write_text(f"lettermill:{secrets.token_urlsafe(24)}")
        made.replace(path)
    return path.read_text().strip()
