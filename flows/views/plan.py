"""What a month would send, to whom, and what not and why. Writes nothing but what feeds say."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import content.ledger
import content.store
import delivery.count_store
from content.choice import Choice, digest_key
from content.edition import Edition, EditionState
from content.intake import LedgerPost
from content.program import rule_of
from content.store import EditionRecord
from flows.editions.preparing import choose_for, draft_digest, hash_of, period_due
from flows.outcome import edition_outcome
from flows.people.audience import count_audience, find_audience
from flows.resources import Resources
from flows.views.estimate import Estimate, estimate_sending


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A post and, where it is not in the edition, why."""

    title: str
    link: str
    dated: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One month as it would go out now; `state` is that of an edition already there, or ''.

    `closed` counts the posts that no edition may choose, by the reason. `program` is the usual
    one; readers who have it, or had it often enough, are offered another, or none ('').
    """

    key: str
    state: str
    subject: str
    content_hash: str
    posts: Sequence[PlannedPost]
    left_out: Sequence[PlannedPost]
    closed: Mapping[str, int]
    program: str
    program_rule: str
    readers: int
    readers_by_program: Mapping[str, int]
    not_written_to: Mapping[str, int]
    nothing_because: str
    estimate: Estimate | None = None


def make_plan(resources: Resources, asked: str | None) -> Plan:
    """Work out what `lettermill digest` would send for this month."""
    period = period_due(resources, asked)
    known = content.store.find_edition(resources.db, digest_key(period))
    if known and known.state not in (EditionState.DRAFT, EditionState.SKIPPED):
        return _fixed_plan(resources, choose_for(resources, period), known)
    draft = draft_digest(resources, period)
    edition = draft.edition or Edition(key=draft.key, title="", preheader="")
    rules = map(rule_of, edition.calls)
    readers, reasons = count_audience(
        find_audience(resources, rules, key=draft.key, last=edition.last_program, segment="")
    )
    call = edition.call_to_action
    made = draft.letters.by_variant if draft.letters else {}
    return Plan(
        key=draft.key,
        state=known.state.value if known else "",
        subject=edition.title,
        content_hash=hash_of(resources, edition, draft.letters) if draft.letters else "",
        posts=[_planned(held, resources) for held in draft.choice.chosen],
        left_out=[_planned(out.held, resources, out.reason) for out in draft.choice.left_out],
        closed=content.ledger.count_closed(resources.db),
        program=call.program.name if call else "",
        program_rule=call.because if call else "",
        readers=readers.total(),
        readers_by_program=dict(readers),
        not_written_to=dict(reasons),
        nothing_because=draft.choice.too_few,
        estimate=estimate_sending(resources, made, readers) if made else None,
    )


def _fixed_plan(resources: Resources, choice: Choice, known: EditionRecord) -> Plan:
    """What an approved edition holds, as it was approved; newer posts are not in it."""
    outcome = edition_outcome(resources, known.key)
    late = [*choice.chosen, *(out.held for out in choice.left_out)]
    return Plan(
        key=known.key,
        state=known.state.value,
        subject=known.title,
        content_hash=known.content_hash,
        posts=[_planned(h, resources) for h in content.ledger.posts_in(resources.db, known.key)],
        left_out=[
            _planned(held, resources, "the edition was approved without it")
            for held in late
            if held.edition_key != known.key
        ],
        closed=content.ledger.count_closed(resources.db),
        program=known.program,
        program_rule=known.program_rule,
        readers=sum(outcome.letters.values()) - outcome.letters.get("skipped", 0),
        readers_by_program=delivery.count_store.count_variants(resources.db, known.key),
        not_written_to={"skipped": outcome.letters.get("skipped", 0)},
        nothing_because=f"{known.key} is {known.state}, and is not made again",
    )


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan with plain values."""
    return asdict(plan)


def _planned(held: LedgerPost, resources: Resources, reason: str = "") -> PlannedPost:
    dated = held.dated.astimezone(resources.zone).isoformat()
    return PlannedPost(held.post.title, held.post.link, dated, reason)
