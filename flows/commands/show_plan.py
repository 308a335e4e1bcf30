"""What `lettermill plan` prints for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from content.edition import EditionState
from flows.commands.show import say_posts

if TYPE_CHECKING:
    from flows.views.estimate import Estimate
    from flows.views.plan import Plan, PlannedPost


def show_plan(plan: Plan, out: Console) -> None:
    """Show what a month would send, and what not."""
    out.print(f"[bold]{plan.key}[/]" + (f"  (now {plan.state})" if plan.state else ""))
    if plan.nothing_because:
        out.print(f"Nothing would go out: {escape(plan.nothing_because)}.", soft_wrap=True)
    if plan.posts:
        out.print(f"Subject  {escape(plan.subject)}")
        out.print(f"Hash     {plan.content_hash}{_how_to_approve(plan)}", soft_wrap=True)
        out.print(f"Readers  {plan.readers}{_not_written_to(plan)}")
        if plan.estimate:
            out.print(f"Sending  {_say_estimate(plan.estimate)}", soft_wrap=True)
        if plan.program:
            out.print(
                f"Program  {escape(plan.program)}: {escape(plan.program_rule)}", soft_wrap=True
            )
            _show_other_programs(plan, out)
    _show_posts("In it", plan.posts, out)
    _show_posts("Not in it", plan.left_out, out)
    _show_closed(plan.closed, out)


def _how_to_approve(plan: Plan) -> str:
    is_open = plan.state in ("", EditionState.DRAFT, EditionState.SKIPPED)
    return f"  (`lettermill approve {plan.key} {plan.content_hash}`)" if is_open else ""


def _say_estimate(estimate: Estimate) -> str:
    """Size, calls, time and cost, in words."""
    kib, calls = max(1, round(estimate.bytes / 1024)), estimate.calls
    said = [f"letters of {kib} KiB", "1 call" if calls == 1 else f"{calls} calls"]
    if estimate.seconds is not None:
        said.append(f"{_say_time(estimate.seconds)} at the provider's pace")
    if estimate.days > 1:
        said.append(f"over {estimate.days} days, as you allow a day")
    if estimate.cost is not None:
        said.append(f"{estimate.cost:.2f} {estimate.currency}".rstrip())
    return ", ".join(said)


def _say_time(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"


def _show_other_programs(plan: Plan, out: Console) -> None:
    for program, count in plan.readers_by_program.items():
        if program != plan.program:
            what = f"get {program}" if program else "get no program"
            out.print(f"         {count} of the readers {escape(what)}", soft_wrap=True)


def _not_written_to(plan: Plan) -> str:
    reasons = ", ".join(f"{n} {reason}" for reason, n in plan.not_written_to.items())
    return f"  (not written to: {reasons})" if reasons else ""


def _show_posts(title: str, posts: Iterable[PlannedPost], out: Console) -> None:
    rows = list(posts)
    if not rows:
        return
    out.print(f"\n[bold]{title}[/]")
    for post in rows:
        day = datetime.fromisoformat(post.dated)
        because = f" [dim]{escape(post.reason)}[/]" if post.reason else ""
        out.print(f"  {day:%Y-%m-%d}  {escape(post.title)}{because}", soft_wrap=True)


def _show_closed(reasons: Mapping[str, int], out: Console) -> None:
    """Posts that are not mailed, or held, are many, and told by reason."""
    if reasons:
        out.print("\n[bold]Closed to every edition[/]")
    for reason, count in reasons.items():
        out.print(f"  {say_posts(count)}  [dim]{escape(reason)}[/]", soft_wrap=True)
