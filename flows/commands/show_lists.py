"""What the commands print of lists. The types of other commands are not imported to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from subscribers.lists.importing import ImportReport
    from subscribers.lists.mappings import Understood


def show_understood(understood: Understood, out: Console) -> None:
    """Show whose export a file was taken for, and what each column was taken to mean."""
    out.print(f"Read as {understood.service}:", highlight=False)
    for column, meaning in understood.columns.items():
        out.print(f"  {escape(column)} -> {meaning.value}", highlight=False, soft_wrap=True)
    if understood.left_alone:
        left = escape(", ".join(understood.left_alone))
        out.print(f"  left alone: {left}", highlight=False, soft_wrap=True)


def show_import(
    report: ImportReport, name: str, out: Console, err: Console, *, dry_run: bool
) -> None:
    """Show what an import did or would do, and each row it refused."""
    for refusal in report.refused:
        err.print(f"{escape(name)}, line {refusal.line}: {escape(refusal.reason)}", soft_wrap=True)
    unnamed = report.counts["refused"] - len(report.refused)
    if unnamed:
        err.print(f"and {unnamed} more; --report FILE names them all", soft_wrap=True)
    if not report.written and not dry_run:
        err.print(
            f"[bold red]lettermill:[/] nothing was imported: {report.counts['refused']} rows are "
            "wrong; correct them, or leave them out with --skip-bad",
            soft_wrap=True,
        )
        return
    counts = ", ".join(f"{n} {_what(what, report)}" for what, n in report.counts.items() if n)
    out.print(("Nothing is written. " if dry_run else "") + (counts or "no rows"), soft_wrap=True)


def _what(verdict: str, report: ImportReport) -> str:
    if verdict != "suppressed":
        return verdict
    reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(report.suppressed.items()))
    return f"suppressed ({reasons})"
