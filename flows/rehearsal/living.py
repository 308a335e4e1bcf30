"""Play one month of a rehearsal, by the same steps as the real one."""

from dataclasses import replace

import content.approval_store
import content.health_store
import content.ledger
import content.store
import delivery.count_store
from content.choice import Choice, digest_key
from content.edition import EditionState
from content.intake import Intake, LedgerPost, PostState, review
from content.period import Period
from content.store import EditionRecord
from delivery.mailing import DeliveryState
from flows.editions.preparing import choose_for, prepare_digest
from flows.mailings.mailing import freeze_mailing
from flows.programs import programs_of
from flows.rehearsal.months import RehearsedMonth, RehearsedPost, say_clocks, say_offers, say_sated
from flows.rehearsal.world_store import ASSUMED, count_closed, hand_over
from flows.resources import Resources


def live_through(world: Resources, period: Period) -> RehearsedMonth:
    """Make a month's digest at the moment that it is, say yes to it, and let everybody get it."""
    db, now, key = world.db, world.clock.now(), digest_key(period)
    _settle(world)
    choice = choose_for(world, period)
    outcome = prepare_digest(world, key)
    month = _begun(world, period, choice)
    if outcome.state is EditionState.SKIPPED:
        return replace(month, nothing_because=choice.too_few)
    content.approval_store.approve(db, key, outcome.content_hash, now=now)
    freeze_mailing(world, key)
    hand_over(db, key, now=now)
    content.store.close_edition(db, key, now=now)
    month = _told(world, month, content.store.get_edition(db, key))
    sated = say_sated(month.program, month.readers_by_program)
    return replace(
        month,
        posts=[_post(world, held) for held in choice.chosen],
        notices=[*month.notices, *sated],
    )


def as_it_went(real: Resources, period: Period, edition: EditionRecord) -> RehearsedMonth:
    """A month whose edition was really approved, or cancelled, with its real numbers."""
    left_out = content.store.left_out_of(real.db, edition.key)
    letters = delivery.count_store.tally(real.db, edition.key).states
    month = _told(real, _empty(real, period), edition)
    if edition.approved is not None:
        month = replace(month, due=edition.approved.astimezone(real.zone), clocks="")
    return replace(
        month,
        went=edition.state.value,
        nothing_because=edition.reason if edition.state is EditionState.CANCELLED else "",
        posts=[_post(real, held) for held in content.ledger.posts_in(real.db, edition.key)],
        left_out=[RehearsedPost(out["title"], reason=out["reason"]) for out in left_out],
        letters={state.value: count for state, count in sorted(letters.items())},
    )


def _settle(world: Resources) -> None:
    """Let time pass for the posts that settle, as a reading does that finds nothing new."""
    db, now = world.db, world.clock.now()
    intake = Intake(now=now, zone=world.zone)
    for feed in content.health_store.list_health(db):
        moving = content.ledger.moving_posts(db, feed.source, opens=None)
        settling = [held for held in moving if held.state is PostState.SETTLING]
        content.ledger.record_changes(db, [(h, review(h, intake)) for h in settling], now=now)


def _begun(world: Resources, period: Period, choice: Choice) -> RehearsedMonth:
    """What is dated later than this moment is not on the blog yet."""
    now, zone = world.clock.now(), world.zone
    before = world.schedule.due(period.previous()).astimezone(zone).date()
    offers = say_offers(programs_of(world.settings), before, now.astimezone(zone).date())
    return replace(
        _empty(world, period),
        left_out=[_post(world, o.held, o.reason) for o in choice.left_out if o.held.dated <= now],
        closed=count_closed(world.db, period.start(zone), period.end(zone)),
        notices=list(offers),
    )


def _empty(resources: Resources, period: Period) -> RehearsedMonth:
    schedule = resources.schedule
    return RehearsedMonth(
        key=digest_key(period),
        name=period.name,
        due=schedule.due(period).astimezone(resources.zone),
        clocks=say_clocks(schedule, period),
    )


def _told(resources: Resources, month: RehearsedMonth, edition: EditionRecord) -> RehearsedMonth:
    """A month with what is known of its edition, and of who gets it."""
    variants = delivery.count_store.count_variants(resources.db, edition.key)
    reasons = delivery.count_store.tally(resources.db, edition.key).reasons
    return replace(
        month,
        subject=edition.title,
        program=edition.program,
        program_rule=edition.program_rule,
        readers=sum(variants.values()) or edition.readers or 0,  # approved, and not frozen yet
        readers_by_program=dict(sorted(variants.items())),
        not_written_to={
            reason: count
            for (state, reason), count in sorted(reasons.items())
            if state is DeliveryState.SKIPPED
        },
    )


def _post(resources: Resources, held: LedgerPost, reason: str = "") -> RehearsedPost:
    return RehearsedPost(
        held.post.title,
        held.post.link,
        held.dated.astimezone(resources.zone).date(),
        assumed=held.identity.startswith(ASSUMED),
        reason=reason,
    )
