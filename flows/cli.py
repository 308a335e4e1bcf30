"""The command line. Each command opens the resources, calls a step or a job, and shows the result.

Prefect, feedparser and MJML are imported by the commands that need them: `status` must be quick.
"""

import gc
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import terminal
from flows.commands.deciding import deciding
from flows.commands.keeping import keeping
from flows.commands.letters import letters
from flows.commands.mailings import mailings
from flows.commands.people import people, why
from flows.commands.posts import posts
from flows.commands.rehearsing import rehearsing
from flows.commands.up import up
from flows.terminal import COULD_NOT, HELD, Json, complain, one_line, out, print_json, warn

if TYPE_CHECKING:
    from flows.outcome import Outcome

_OBJECTS_BEFORE_GARBAGE = 100_000  # instead of 700

app = typer.Typer(
    name="lettermill",
    help="""Turns a blog's RSS feed into e-mail people trust.

See it work: `lettermill demo`. Begin: `lettermill init my-newsletter`.

Each command says more, with an example: `lettermill plan --help`.""",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
PeriodArgument = Annotated[
    str | None,
    typer.Argument(metavar="PERIOD", help="A month such as 2026-11; else the last one."),
]


app.add_typer(deciding)
app.add_typer(keeping)
app.add_typer(letters)
app.add_typer(mailings)
app.add_typer(rehearsing)
app.add_typer(people, name="subscribers", rich_help_panel=terminal.READERS)
app.add_typer(posts, name="posts", rich_help_panel=terminal.READERS)
app.add_typer(why, name="why", rich_help_panel=terminal.READERS)
app.add_typer(up)


@app.callback()
def _common(
    folder: Annotated[
        Path | None, typer.Option("--folder", "-C", help="The newsletter's folder.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    terminal.show_tracebacks(debug)
    if folder is not None:
        from flows.resources import set_home

        set_home(folder)


@app.command(rich_help_panel=terminal.BEGIN)
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put it; made anew.")] = Path("demo"),
) -> None:
    """Show the whole job on a sample blog and list: no account, nothing leaves this machine.

    Example: `lettermill demo`
    """
    from flows.demo import run_demo

    with one_line():
        run_demo(folder, out)


@app.command(rich_help_panel=terminal.BEGIN)
def init(
    folder: Annotated[Path | None, typer.Argument(help="The new newsletter's folder.")] = None,
    templates: Annotated[
        bool, typer.Option("--templates", help="Copy the templates of letters and pages instead.")
    ] = False,
) -> None:
    """Begin a newsletter: a commented lettermill.toml to edit; or copies of our templates.

    Example: `lettermill init my-newsletter`
    """
    from flows.newsletter import begin_newsletter, copy_templates
    from flows.resources import find_home

    with one_line():
        (copy_templates if templates else begin_newsletter)(folder or find_home(), out)


@app.command(rich_help_panel=terminal.LETTER)
def collect(
    include_since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Mail what is on the blog from this day on, too."),
    ] = None,
    json: Json = False,
) -> None:
    """Read the feed now, into the ledger of posts. Sends nothing.

    What is on the blog at the first reading counts as known, and is not mailed.

    Example: `lettermill collect`
    """
    with one_line():
        from flows import jobs
        from flows.commands.show import show_reading

        reading = jobs.collect(jobs.plainly, since=include_since and include_since.date())
        print_json(reading) if json else show_reading(reading, out)
        complain(*reading.failures)
        warn(reading.notices)
        raise typer.Exit(COULD_NOT if reading.failures else 0)


@app.command(rich_help_panel=terminal.LETTER)
def plan(period: PeriodArgument = None, json: Json = False) -> None:
    """Show what would go out, to how many, and what not and why. Sends nothing.

    Example: `lettermill plan 2026-11`
    """
    with one_line():
        from flows.commands.show_plan import show_plan
        from flows.editions.collecting import (
            collect_for_digest,  # not through jobs, which import all steps
        )
        from flows.resources import open_resources
        from flows.views.plan import as_json, make_plan

        with open_resources() as resources:
            reading = collect_for_digest(resources)
            made = make_plan(resources, period)
        print_json(as_json(made)) if json else show_plan(made, out)
        warn(reading.warnings)


@app.command(rich_help_panel=terminal.LETTER)
def digest(
    period: PeriodArgument = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve it and send it.")] = False,
    json: Json = False,
) -> None:
    """Prepare a month's edition, and send it if you say yes or the settings let it send itself.

    Sent once, however often this runs.

    Example: `lettermill digest 2026-11 --yes`
    """
    with one_line():
        from flows import running
        from flows.commands.progress_bar import progress_bar
        from flows.commands.show import show_outcome

        with progress_bar(out, shown=not json):
            outcome = running.digest(period, agreed=yes)
        if running.waits_for_yes(outcome) and not json and _says_yes(outcome):
            with progress_bar(out, shown=True):
                outcome = running.send_approved(outcome)
        print_json(outcome) if json else show_outcome(outcome, out)
        raise typer.Exit(HELD if running.is_held(outcome) else 0)


def _says_yes(outcome: "Outcome") -> bool:
    """Show the person at the terminal what it is, and ask; where there is none, it is a no.

    What preflight blocks is asked about by nobody.
    """
    if outcome.errors or not terminal.is_interactive():
        return False
    from flows import jobs
    from flows.commands.show_plan import show_plan
    from flows.views.plan import make_plan

    plan = jobs.plainly(make_plan, outcome.key.removeprefix("digest-"))
    show_plan(plan, out)
    question = f"\nSend it to {plan.readers} readers through {outcome.provider} now?"
    return plan.content_hash == outcome.content_hash and typer.confirm(question, default=False)


@app.command(rich_help_panel=terminal.MAILING)
def status(
    key: Annotated[str | None, typer.Argument(help="One edition; else all.")] = None,
    json: Json = False,
) -> None:
    """Show how things stand: posts, editions, letters by state and reason.

    Example: `lettermill status digest-2026-11`
    """
    with one_line():
        from flows.commands.show import show_status
        from flows.resources import open_resources
        from flows.views.status import load_status
        from flows.views.status_json import as_json

        with open_resources() as resources:
            found = load_status(resources, key)
        print_json(as_json(found)) if json else show_status(found, out)


@app.command(rich_help_panel=terminal.KEEPING)
def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.")] = 8000,
    proxies: Annotated[
        str, typer.Option(help="Addresses of proxies in front, which say where requests come from.")
    ] = "127.0.0.1",
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not print each request.")] = False,
) -> None:
    """Serve the public pages, by which people join and leave.

    Prints each request without its token.

    Example: `lettermill serve --port 8000`
    """
    with one_line():
        from flows.serving.server import serve_pages

        serve_pages(host, port, out, quiet=quiet, proxies=proxies)


def main() -> None:
    """Run the command line."""
    # A command makes objects to keep them; looking for garbage is a tenth of a short one's time.
    gc.set_threshold(_OBJECTS_BEFORE_GARBAGE)
    try:
        app()
    finally:
        gc.freeze()  # so that the end of the process does not look for it once more


if __name__ == "__main__":
    main()
