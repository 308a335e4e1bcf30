"""Who may import whom, read off the source: docs/adr/0001."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = {"content", "subscribers", "delivery", "flows"}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
# Where a library may be imported: folders and modules, from the root.
ONLY_IN = {
    "prefect": (
        "flows/orchestration/automations.py",
        "flows/demo.py",
        "flows/deployed.py",
        "flows/orchestration/server.py",
        "flows/orchestration/showing.py",
        "flows/up/child.py",
        "flows/up/served.py",
    ),
    "httpx": ("flows/orchestration/server.py",),  # what Prefect's client raises
    "yaml": ("flows/up/served.py",),
    "feedparser": ("content/formats/xml_feed.py",),
    "mjml": ("content/mjml/compiler.py",),
    "dns": ("flows/exits/name_server.py",),
    # The last of them makes a POST as mail programs do, which Web never does.
    "requests": (
        "content/web/connection.py",
        "content/web/wire.py",
        "delivery/providers/",
        "flows/exits/asking.py",
    ),
    "requests_hardened": ("content/web/connection.py",),
    "urllib3": ("content/web/wire.py", "delivery/providers/http.py", "flows/exits/asking.py"),
    "pygal": ("flows/views/plots.py",),
    "tinycss2": ("content/preflight/",),
    "cryptography": (
        "delivery/events/sendgrid.py",
        "delivery/events/sns.py",
        "flows/exits/dkim.py",
    ),
    "cssselect": ("content/preflight/sheet.py",),
    "botocore": ("delivery/providers/ses_signing.py",),
    "subprocess": ("content/preflight/spam.py", "flows/views/pictures.py", "flows/up/processes.py"),
    "lark": ("subscribers/segment.py",),
    "limits": ("subscribers/joining/limits.py",),
    "babel": ("content/catalogues.py", "content/dates.py"),
    "python_multipart": ("subscribers/pages/shell.py",),
    "nh3": ("content/markup/clean.py",),
    "markdown_it": ("content/markup/markdown.py",),
    "markdownify": ("content/markup/plain.py",),
    "uvicorn": ("flows/serving/server.py", "flows/serving/timed_connection.py"),
    "starlette": (
        "subscribers/pages/",
        "flows/serving/access_log.py",
        "flows/serving/archive_pages.py",
        "flows/serving/decide_pages.py",
        "flows/serving/safeguard.py",
        "flows/serving/server.py",
        "flows/serving/site.py",
        "flows/serving/webhooks.py",
    ),
    "typer": (
        "flows/cli.py",
        "flows/commands/",
        "flows/terminal.py",
    ),
}
SQL_IN = ("schema.py", "store.py", "ledger.py", "database.py")
SQL_CALLS = {"execute", "executemany", "executescript", "query"}
# Reading these is the composition root's work; the demo and the choice of where to run set the
# stage for it, a machine may be named there, and `up` hands it on to the processes it starts.
ENVIRONMENT_IN = {
    "flows/resources.py",
    "flows/machine.py",
    "flows/running.py",
    "flows/demo.py",
    "flows/place.py",
    "flows/up/child.py",
    "flows/up/processes.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield node.module or ""


def calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_know_nothing_of_each_other_and_only_flows_wires(path):
    room = name_of(path).partition("/")[0]
    others = ROOMS - {room} if room != "flows" else set()
    assert not {name.partition(".")[0] for name in imported(tree_of(path))} & others


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_library_stays_in_its_place(path):
    for name in imported(tree_of(path)):
        places = ONLY_IN.get(name.partition(".")[0])
        assert places is None or name_of(path).startswith(places), f"{name} in {name_of(path)}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sql_stands_only_in_schemas_stores_and_ledgers(path):
    used = {call.rpartition(".")[2] for call in calls(tree_of(path)) if "." in call}
    assert path.name.endswith(SQL_IN) or not used & SQL_CALLS


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_composition_root_reads_clock_and_environment(path):
    if name_of(path) in ENVIRONMENT_IN:
        return
    used = set(calls(tree_of(path)))
    assert not {call for call in used if call.endswith((".now", ".today", ".utcnow"))} - {
        "clock.now",
        "resources.clock.now",
        "real.clock.now",  # a rehearsal has the newsletter's clock, and the one of its copy
        "world.clock.now",
        "self.clock.now",
        "self._clock.now",
        "self._resources.clock.now",
        "self.today",
    }
    # To bring a file to the disk as a whole; neither reads the environment.
    assert "os" not in set(imported(tree_of(path))) or path.name in ("outbox.py", "files.py")
    assert "time.time" not in used


def test_the_rooms_of_flows_use_each_other_in_one_direction():
    uses: dict[str, set[str]] = {}
    for path in MODULES:
        if (room := room_of(name_of(path).removesuffix(".py").replace("/", "."))) is not None:
            used = {room_of(name) for name in imported_names(tree_of(path))}
            uses.setdefault(room, set()).update(name for name in used if name not in (None, room))
    TopologicalSorter(uses).prepare()  # a CycleError names the circle


def room_of(module: str) -> str | None:
    """`flows.editions` for `flows.editions.parts`: a folder of flows, or a module beside them."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "flows" and len(parts) > 1 else None


def imported_names(tree: ast.Module) -> Iterator[str]:
    """What is imported, with the names of `from a import b`: `a.b`, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_rule_sees_what_it_forbids():
    tree = ast.parse("import os\nfrom content.store import x\ndb.execute('SELECT 1')")
    assert set(imported(tree)) == {"os", "content.store"}
    assert set(calls(tree)) == {"db.execute"}
