"""How the command line speaks: output, JSON, and errors of one line with an exit code."""

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from content.errors import ContentError
from delivery.errors import DeliveryError, OutcomeUnknown, ProviderRefused
from flows.errors import CopyUnusable, Held, SettingsWrong, explain_sqlite
from subscribers.errors import SubscribersError

COULD_NOT, WRONG_USAGE, HELD = 1, 2, 3
# Where `lettermill --help` shows a command, in this order.
PANELS = ("Begin", "A letter", "Its mailing", "Keeping it going", "Readers and posts")
BEGIN, LETTER, MAILING, KEEPING, READERS = PANELS

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
_OURS = (ContentError, SubscribersError, DeliveryError, SettingsWrong, Held, CopyUnusable)
_tracebacks = False


def show_tracebacks(wanted: bool) -> None:
    """Show a traceback beside the line of an error, as --debug asks."""
    global _tracebacks
    _tracebacks = wanted


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what went wrong into one line and an exit code; a traceback only with --debug."""
    try:
        yield
    except (
        ContentError,
        SubscribersError,
        DeliveryError,
        SettingsWrong,
        Held,
        CopyUnusable,
    ) as error:
        _fail(str(error), _exit_code(error))
    except sqlite3.Error as error:
        _fail(f"lettermill.db: {'; '.join(filter(None, explain_sqlite(error)))}", COULD_NOT)
    except BrokenPipeError:  # whoever reads has read enough, as `head` does
        raise typer.Exit(COULD_NOT) from None
    except OSError as error:
        _fail(f"{error.filename or 'the disk'}: {error.strerror or error}", COULD_NOT)


def _exit_code(error: Exception) -> int:
    if isinstance(error, SettingsWrong):
        return WRONG_USAGE
    return HELD if isinstance(error, Held | OutcomeUnknown | ProviderRefused) else COULD_NOT


def _fail(text: str, code: int) -> None:
    if _tracebacks:
        err.print_exception()
    complain(*text.splitlines())
    raise typer.Exit(code)


def complain(*lines: str) -> None:
    """Say what went wrong on standard error, a line each."""
    for line in lines:
        err.print(f"[bold red]lettermill:[/] {escape(line)}", soft_wrap=True)


def warn(lines: Iterable[str]) -> None:
    """Say what the author should know on standard error, a line each."""
    for line in lines:
        err.print(f"[yellow]![/] {escape(line)}", soft_wrap=True)


def is_interactive() -> bool:
    """Whether a person sits there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_first(question: str) -> None:
    """Ask before what cannot be undone; where nobody sits there, only --yes is a yes."""
    if not is_interactive():
        complain("nothing was done: it cannot be undone, and here is nobody to ask; say --yes")
        raise typer.Exit(WRONG_USAGE)
    typer.confirm(question, abort=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def say_seconds(seconds: float) -> str:
    """A time span to read at a glance: `40 s`, `5 min`, `2 h 10 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
