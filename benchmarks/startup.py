"""How long a person waits at the terminal, with 100,000 on the list.

    python -m benchmarks.startup [readers]

Each command is a process of its own with its bytecode compiled, as after the first run. What is
measured of a digest is the command without the work itself: the same steps on a like newsletter
in a process that has imported them already.
"""

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.mailings import fill
from flows import jobs
from flows.database import open_database
from flows.resources import HOME_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
PERIOD = "2026-11"
RUNS, DIGESTS = 7, 3
_NOT_OUTSIDE = "\n[preflight]\nspam = false\nlinks = false\nexits = false\ndns = false\n"
# Seconds, from the issue that asked for them; a digest's are above the work itself.
MUST = {"status": 0.4, "plan": 1.0, "digest": 1.0, "digest, Prefect up": 3.0}


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of several runs of one command, and of the processor in the cheapest of them."""

    wall: list[float]
    processor: float

    def less(self, work: float) -> "Took":
        """Without the work itself."""
        return Took([seconds - work for seconds in self.wall], self.processor)


def lay_out(home: Path, readers: int) -> Path:
    """The sample newsletter with so many readers; preflight looks at nothing outside."""
    home.mkdir()
    settings = (ROOT / "lettermill.toml").read_text()
    (home / "lettermill.toml").write_text(settings + _NOT_OUTSIDE)
    shutil.copytree(ROOT / "sample", home / "sample")
    db = open_database(home)
    fill(db, readers)
    db.close()
    return home


def environment_of(cache: Path, **more: str) -> dict[str, str]:
    """That of a terminal, whose Python keeps its bytecode (here, where it can be thrown away)."""
    given = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    apart = {"PYTHONPYCACHEPREFIX": str(cache), "PREFECT_HOME": str(cache / "prefect")}
    return {**given, "PREFECT_API_URL": "", "DO_NOT_TRACK": "1", **apart, **more}


def run(environment: Mapping[str, str], home: Path, *command: str) -> tuple[float, float]:
    """Seconds of one command, and seconds of the processor."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    program = [sys.executable, "-c", "from flows.cli import main; main()", "-C", str(home)]
    done = subprocess.run(
        [*program, *command], env=environment, cwd=ROOT, capture_output=True, check=False, text=True
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def several(times: int, once: Callable[[], tuple[float, float]]) -> Took:
    """What a command takes; a first run, which compiles, does not count."""
    once()
    found = [once() for _ in range(times)]
    return Took([wall for wall, _ in found], min(processor for _, processor in found))


def digests(times: int, environment: Mapping[str, str], full: Path) -> Took:
    """What `digest --yes` takes, each time of a newsletter that has not sent it."""

    def once() -> tuple[float, float]:
        with copied(full) as home:
            return run(environment, home, "digest", PERIOD, "--yes")

    return several(times, once)


def work_itself(times: int, full: Path) -> float:
    """Seconds of the same steps in this process, once everything is imported."""

    def once() -> tuple[float, float]:
        with copied(full) as home:
            os.environ[HOME_VARIABLE] = str(home)
            began = time.perf_counter()
            jobs.monthly_digest(jobs.plainly, PERIOD, agreed=True)
            return time.perf_counter() - began, 0

    return median(several(times, once).wall)


@contextmanager
def copied(full: Path) -> Iterator[Path]:
    """A copy of a newsletter, for as long as it takes."""
    with TemporaryDirectory(dir=full.parent) as folder:
        yield Path(shutil.copytree(full, Path(folder) / "newsletter"))


@contextmanager
def prefect_server(environment: Mapping[str, str]) -> Iterator[str]:
    """Where a Prefect server answers, for as long as it takes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=dict(environment), cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/ready")
        yield f"http://127.0.0.1:{port}/api"
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"{url} did not answer")


def measure(folder: Path, readers: int, *, runs: int, with_prefect: bool) -> dict[str, Took]:
    """Every command, by its name in MUST; few letters are sent, for the disk is not measured."""
    home, cache = lay_out(folder / "full", readers), folder / "cache"
    plain = environment_of(cache)
    found = {
        "plan": several(runs, lambda: run(plain, home, "plan", PERIOD)),
        "status": several(runs, lambda: run(plain, home, "status")),
    }
    few = lay_out(folder / "few", max(20, readers // 200))
    times, work = min(runs, DIGESTS), work_itself(min(runs, DIGESTS), few)
    found["digest"] = digests(times, plain, few).less(work)
    if with_prefect:
        with prefect_server(plain) as url:
            served = environment_of(cache, PREFECT_API_URL=url)
            found["digest, Prefect up"] = digests(times, served, few).less(work)
    return found


def as_row(name: str, took: Took) -> str:
    """A row of the table in README.md."""
    low, middle = min(took.wall), median(took.wall)
    return f"| {name} | {low:.2f} s | {middle:.2f} s | {took.processor:.2f} s | {MUST[name]} s |"


def main(readers: int) -> None:
    """Print what was measured."""
    with TemporaryDirectory() as temporary:
        found = measure(Path(temporary), readers, runs=RUNS, with_prefect=True)
    print("| | least | median | processor | must |\n|---|---|---|---|---|")
    for name, took in found.items():
        print(as_row(name, took))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
