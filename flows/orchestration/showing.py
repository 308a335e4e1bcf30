"""What Prefect's pages show of a run: its name, the plan, the letter, the numbers. No address."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event

from content.errors import ContentError
from content.letter import SLOTS, fill
from content.letter_store import load_letters
from flows.author.notices import Notice
from flows.editions.preparing import period_due
from flows.errors import SettingsWrong
from flows.outcome import Outcome
from flows.resources import Resources, open_resources
from flows.views.plan import Plan, PlannedPost, make_plan


def digest_name(period: str | None, due: datetime | None) -> str:
    """What a run of the digest is called: by its month."""
    try:
        with open_resources() as resources:
            return f"digest of {period_due(resources, period, due)}"
    except SettingsWrong:  # the run itself says what
        return "digest"


def show_plan(resources: Resources, key: str) -> None:
    """Put on Prefect's pages what a month's edition holds and what not, and for how many."""
    plan = make_plan(resources, key.removeprefix("digest-"))
    create_markdown_artifact(
        plan_text(plan), key=f"{key}-plan", description=f"What {key} holds, and why"
    )


def show_letter(resources: Resources, key: str) -> None:
    """Put the usual letter of an edition there, as text, with its slots left open."""
    try:
        letter = next(iter(load_letters(resources.db, key).values()))
    except ContentError:  # skipped: there is none
        return
    text = fill(letter.text, {slot: f"[{slot}]" for slot in SLOTS})
    fenced = f"### {letter.subject}\n\n~~~~~~text\n{text}\n~~~~~~\n"
    create_markdown_artifact(fenced, key=f"{key}-letter", description=f"The letter of {key}")


def show_numbers(outcome: Outcome) -> None:
    """Put an edition's letters there, by what became of them."""
    if outcome.letters:
        table = [{"letters": state, "count": count} for state, count in outcome.letters.items()]
        create_table_artifact(table, key=outcome.key, description=f"What became of {outcome.key}")


def tell_prefect(news: Iterable[Notice]) -> None:
    """Emit an event for each piece of news, which an automation can pass on."""
    for notice in news:
        emit_event(
            event="lettermill.notice",
            resource={"prefect.resource.id": "lettermill.newsletter"},
            payload={"text": notice.text, "edition": notice.edition},
        )


def plan_text(plan: Plan) -> str:
    """A plan in Markdown."""
    head = [f"# {plan.subject or plan.key}", ""]
    if plan.nothing_because:
        head += [f"{plan.nothing_because}.", ""]
    facts: dict[str, Any] = {
        "Edition": plan.key,
        "Hash": plan.content_hash,
        "Readers": plan.readers,
        "Not written to": _say(plan.not_written_to),
        "Program": f"{plan.program}: {plan.program_rule}" if plan.program else "",
    }
    lines = [f"- **{name}** {value}" for name, value in facts.items() if value]
    return "\n".join([*head, *lines, *_posts("In it", plan.posts), *_posts("Not", plan.left_out)])


def _say(reasons: Any) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def _posts(title: str, posts: Iterable[PlannedPost]) -> list[str]:
    rows = [f"- {post.dated[:10]} {post.title}" + _because(post) for post in posts]
    return ["", f"## {title}", "", *rows] if rows else []


def _because(post: PlannedPost) -> str:
    return f" ({post.reason})" if post.reason else ""
