"""The commands about a mailing under way: how it stands, and pause, resume, cancel, resolve."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape

from flows.errors import SettingsWrong
from flows.terminal import (
    COULD_NOT,
    HELD,
    KEEPING,
    MAILING,
    Json,
    ask_first,
    one_line,
    out,
    print_json,
    warn,
)

mailings = typer.Typer()
Key = Annotated[str, typer.Argument(help="The edition, as in digest-2026-11.")]


@mailings.command(rich_help_panel=KEEPING)
def dispatch(json: Json = False) -> None:
    """Send what is approved, and go on with what was interrupted.

    Example: `lettermill dispatch`
    """
    with one_line():
        from flows import running
        from flows.commands.progress_bar import progress_bar
        from flows.commands.show import show_outcome

        with progress_bar(out, shown=not json):
            outcomes = running.dispatch()
        if json:
            print_json(outcomes)
        elif not outcomes:
            out.print("Nothing is waiting to be sent.")
        else:
            for outcome in outcomes:
                show_outcome(outcome, out)
        raise typer.Exit(HELD if any(map(running.is_held, outcomes)) else 0)


@mailings.command(rich_help_panel=KEEPING)
def hear(json: Json = False) -> None:
    """Ask the provider who must not be written to any more, and what became of lost letters.

    `dispatch` does so too.

    Example: `lettermill hear`
    """
    with one_line():
        from flows import running
        from flows.commands.show import show_heard

        heard = running.hear()
        print_json(heard) if json else show_heard(heard, out)
        warn([heard.trouble] if heard.trouble else [])
        raise typer.Exit(COULD_NOT if heard.trouble else 0)


@mailings.command(rich_help_panel=KEEPING)
def housekeeping(json: Json = False) -> None:
    """Make a month that was missed, tidy up, tell the author the news: once a day.

    Example: `lettermill housekeeping`
    """
    with one_line():
        from flows import running

        kept = running.housekeeping()
        if json:
            print_json(kept)
            return
        if kept.missed:
            out.print(f"Made {kept.missed}, which no run had made.")
        warn(kept.told)
        out.print("Tidied up.")


@mailings.command(rich_help_panel=MAILING)
def report(
    key: Key,
    open_: Annotated[bool, typer.Option("--open", help="Open it in your browser.")] = False,
    json: Json = False,
) -> None:
    """Write a page with a mailing's numbers and plots.

    Example: `lettermill report digest-2026-11 --open`
    """
    with one_line():
        from flows import jobs
        from flows.views.report import write_report

        page = jobs.plainly(write_report, key)
        if open_:
            typer.launch(page.as_uri())
        print_json({"page": page}) if json else out.print(escape(str(page)), soft_wrap=True)


@mailings.command(rich_help_panel=MAILING)
def pause(key: Key, json: Json = False) -> None:
    """Stop a mailing after the calls that are under way; nobody loses their letter.

    Example: `lettermill pause digest-2026-11`
    """
    from flows.mailings.steering import pause_mailing

    _steer(pause_mailing, key, json=json)


@mailings.command(rich_help_panel=MAILING)
def resume(key: Key, json: Json = False) -> None:
    """Go on with a mailing that was paused, by you, by a brake or by the provider.

    Example: `lettermill resume digest-2026-11`
    """
    with one_line():
        from flows import jobs, running
        from flows.commands.progress_bar import progress_bar
        from flows.commands.show import show_outcome
        from flows.mailings.steering import resume_mailing

        jobs.plainly(resume_mailing, key)
        with progress_bar(out, shown=not json):
            [outcome] = running.dispatch(key)
        print_json(outcome) if json else show_outcome(outcome, out)
        raise typer.Exit(HELD if running.is_held(outcome) else 0)


@mailings.command(rich_help_panel=MAILING)
def cancel(
    key: Key,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Send no more of a mailing, for good; or give a draft up, whose posts wait for the next one.

    Example: `lettermill cancel digest-2026-11 --yes`
    """
    from flows.mailings.steering import cancel_mailing

    if not yes:
        ask_first(f"Cancel {key} for good?")
    _steer(cancel_mailing, key, json=json)


@mailings.command(rich_help_panel=MAILING)
def resolve(
    key: Key,
    sent: Annotated[bool, typer.Option("--sent", help="They were sent: close them.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="Hand them over again.")] = False,
    json: Json = False,
) -> None:
    """Decide about letters that were handed over without an answer.

    The provider's own pages may show whether it has them.

    Example: `lettermill resolve digest-2026-11 --sent`
    """
    with one_line():
        if sent == resend:
            raise SettingsWrong("say --sent, if they were sent, or --resend, to send them again")
        from flows import jobs
        from flows.commands.show import show_outcome
        from flows.mailings.steering import decide_unknown

        outcome = jobs.plainly(decide_unknown, key, sent)
        print_json(outcome) if json else show_outcome(outcome, out)
        if resend and not json:
            warn(["`lettermill dispatch` sends them"])


def _steer(step: Callable[..., object], key: str, *, json: bool) -> None:
    with one_line():
        from flows import jobs
        from flows.commands.show import show_outcome

        outcome = jobs.plainly(step, key)
        print_json(outcome) if json else show_outcome(outcome, out)
