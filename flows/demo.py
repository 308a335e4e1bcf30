"""The whole job on the sample: real feed reading, real flow, letters as files, and a report."""

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from flows.commands.show import letters_table
from flows.editions.collecting import collect_posts
from flows.errors import SettingsWrong
from flows.resources import OUR_TEMPLATES, open_resources, set_home
from flows.settings.file import FILE
from flows.views.plan import Plan, PlannedPost, make_plan
from flows.views.preview import write_preview
from flows.views.status import EditionStatus, load_status
from subscribers.lists.importing import import_list

SAMPLE = OUR_TEMPLATES.parent
PERIOD = "2026-11"
_KEPT = ".prefect"  # Prefect's own database: making it is most of a first run's time
_DATABASE = ("lettermill.db", "lettermill.db-wal", "lettermill.db-shm")
_MADE = (".lettermill", "sample", "outbox", "preview", FILE, *_DATABASE)
_PREFECT = {
    # A first start makes a database, which takes longer than the 20 seconds Prefect allows.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}


def run_demo(folder: Path, out: Console) -> None:
    """Make a newsletter of the sample, send its digest through the real flow, and report.

    Raises:
        SettingsWrong: the folder holds something that is not a demo.
    """
    began = time.perf_counter()
    _lay_out(folder)
    set_home(folder)
    out.print("[bold]Lettermill demo[/]: a clinic's blog becomes a monthly e-mail.\n")
    plan = _before_the_flow(folder)
    first = not (folder / _KEPT).exists()
    waiting = "Prefect starts for the first time and makes its database, about half a minute"
    with out.status(waiting if first else "Prefect starts, about a quarter of a minute"):
        own_work = _run_flow(folder)
    _report(folder, plan, out)
    whole = time.perf_counter() - began
    out.print(
        f"\n[dim]The flow's own work took {own_work.total_seconds():.1f} s of {whole:.0f} s in all;"
        " the rest is Prefect coming up.[/]"
    )


def _lay_out(folder: Path) -> None:
    """Make the folder anew; anything but a demo that nobody has changed is left alone."""
    marker = folder / ".lettermill" / "demo"
    if folder.exists() and not folder.is_dir():
        raise SettingsWrong(f"{folder}: is a file; name a folder")
    if folder.exists() and any(folder.iterdir()) and not _is_ours(folder, marker):
        raise SettingsWrong(f"{folder}: is no demo, and stays as it is; name another folder")
    for name in _MADE:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.copytree(SAMPLE / "sample", folder / "sample")
    shutil.copy(SAMPLE / FILE, folder / FILE)
    marker.parent.mkdir()
    marker.touch()


def _is_ours(folder: Path, marker: Path) -> bool:
    """A demo whose settings were edited has become somebody's newsletter."""
    settings = folder / FILE
    same = settings.is_file() and settings.read_bytes() == (SAMPLE / FILE).read_bytes()
    return marker.exists() and same


def _before_the_flow(folder: Path) -> Plan:
    """Import the readers, and ask for the plan: after the flow its reasons would be history."""
    with open_resources(folder) as resources:
        with (folder / "sample" / "readers.csv").open("rb") as readers:
            import_list(resources.db, readers, "readers.csv", now=resources.clock.now())
        collect_posts(resources)
        return make_plan(resources, PERIOD)


def _run_flow(folder: Path) -> timedelta:
    """Run the deployed flow against a Prefect server of the demo's own; give its own time."""
    os.environ.pop("PREFECT_API_URL", None)
    os.environ.update(_PREFECT, PREFECT_HOME=str((folder / _KEPT).resolve()))
    from prefect.client.orchestration import get_client

    from flows.deployed import monthly_digest

    state = monthly_digest(PERIOD, return_state=True)
    state.result()
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
    return run.total_run_time


def _report(folder: Path, plan: Plan, out: Console) -> None:
    with open_resources(folder) as resources:
        found = load_status(resources, plan.key).editions[0]
        preview = write_preview(resources, plan.key)
    _say_posts(plan, out)
    _say_letters(found, out)
    out.print("\n[bold]Look at it[/]")
    out.print(f"  Preview   {_here(preview.page)}")
    out.print(f"  Outbox    {_here(folder / 'outbox' / 'index.html')}")
    out.print(f"  Database  {_here(folder / 'lettermill.db')}")
    out.print("\n[bold]Try next[/]")
    command = f"  .venv/bin/lettermill -C {_here(folder)}"
    out.print(f"{command} status {plan.key}", soft_wrap=True)
    out.print(
        f"{command} digest {PERIOD} --yes  [dim]# sent is sent: nobody is written to[/]",
        soft_wrap=True,
    )
    out.print(f"{command} serve  [dim]# then a letter's unsubscribe link works[/]", soft_wrap=True)


def _say_posts(plan: Plan, out: Console) -> None:
    read = len(plan.posts) + len(plan.left_out) + sum(plan.closed.values())
    out.print(f"[bold]Posts[/]    {read} on the feed, {len(plan.posts)} chosen for {plan.key}")
    for post in plan.posts:
        out.print(f"  [green]+[/] {_day(post)}  {escape(post.title)}")
    for post in plan.left_out:
        out.print(
            f"  [yellow]-[/] {_day(post)}  {escape(post.title)}  [dim]{escape(post.reason)}[/]"
        )
    for reason, count in plan.closed.items():
        out.print(f"  [dim]- {count} posts {escape(reason)}[/]")
    out.print(f"[bold]Program[/]  {escape(plan.program)}")
    out.print(f"  [dim]{escape(plan.program_rule)}[/]")
    for program, readers in plan.readers_by_program.items():
        out.print(f"  {readers} readers are offered {escape(program or 'no program')}")


def _say_letters(found: EditionStatus, out: Console) -> None:
    out.print(f"[bold]Letters[/]  “{escape(found.edition.title)}”")
    out.print(letters_table(found))


def _day(post: PlannedPost) -> str:
    return post.dated[:10]


def _here(path: Path) -> str:
    """A path as short as it can be said from the working directory."""
    full = path.resolve()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)
