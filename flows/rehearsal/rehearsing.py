"""Rehearse: the past year as if the newsletter had run then, and the year to come.

Works in copies of the database; the newsletter itself is only read.
"""

from dataclasses import replace

import content.store
import subscribers.store
from content.choice import digest_key
from content.edition import EditionState
from content.period import Period
from content.store import EditionRecord
from flows.author.by_itself import why_skipped
from flows.author.notices import missed_month
from flows.rehearsal import world_store
from flows.rehearsal.living import as_it_went, live_through
from flows.rehearsal.months import (
    Rehearsal,
    RehearsedMonth,
    as_in,
    months_before,
    months_from,
    same_month_before,
)
from flows.rehearsal.world import World, open_world
from flows.resources import Resources
from flows.schedule import Timeliness

_MADE_ANEW = (EditionState.DRAFT, EditionState.SKIPPED)
_TO_GO_OUT = (EditionState.DRAFT, EditionState.APPROVED, EditionState.MAILING)


def rehearse(real: Resources, past: int, months: int) -> Rehearsal:
    """Live through the months of the past, and through those to come."""
    next_one = next_digest(real)
    return Rehearsal(
        made=real.clock.now().astimezone(real.zone),
        past=_replay(real, months_before(next_one, past)),
        to_come=_go_on(real, months_from(next_one, months)),
        people=sum(subscribers.store.count_tag_sets(real.db, real.today).values()),
        undated=world_store.count_undated(real.db),
    )


def next_digest(real: Resources) -> Period:
    """The month whose digest goes out next: the newest that is due, if it has not gone yet."""
    schedule, now = real.schedule, real.clock.now()
    newest = schedule.newest(now)
    known = content.store.find_edition(real.db, digest_key(newest))
    if known is not None:
        waits = known.state in _TO_GO_OUT
    elif schedule.timeliness(newest, now) is Timeliness.IN_TIME:
        waits = True
    else:
        waits = missed_month(real) == newest and not why_skipped(newest, schedule, now)
    return newest if waits else newest.following()


def _replay(real: Resources, periods: list[Period]) -> list[RehearsedMonth]:
    """The past as it would have been, with what really happened where something did."""
    if not periods:
        return []
    with open_world(real) as world:
        world_store.set_back(world.resources.db, periods[0].start(real.zone))
        return [_replay_month(real, world, period) for period in periods]


def _replay_month(real: Resources, world: World, period: Period) -> RehearsedMonth:
    world.time.moment = real.schedule.due(period)
    world_store.bring_back(world.resources.db, world.time.moment)
    known = content.store.find_edition(real.db, digest_key(period))
    if known is not None and known.approved is not None:
        return as_it_went(real, period, known)
    return _beside(live_through(world.resources, period), known, "")


def _go_on(real: Resources, periods: list[Period]) -> list[RehearsedMonth]:
    """The months to come, if the blog goes on as last year."""
    with open_world(real) as world:
        return [_month_to_come(real, world, period) for period in periods]


def _month_to_come(real: Resources, world: World, period: Period) -> RehearsedMonth:
    known = content.store.find_edition(real.db, digest_key(period))
    if known is not None and known.state not in _MADE_ANEW:
        return as_it_went(real, period, known)
    _go_on_as_last_year(real, world, period)
    world.time.moment = max(real.schedule.due(period), real.clock.now())
    return _beside(live_through(world.resources, period), known, _is_late(real, period))


def _go_on_as_last_year(real: Resources, world: World, period: Period) -> None:
    """Let the posts of the same month of the last year come again, on the days that are ahead."""
    zone, now = real.zone, real.clock.now()
    before = same_month_before(period, Period.of(now, zone))
    posts = world_store.dated_posts(real.db, before.start(zone), before.end(zone))
    again = [(post, as_in(period, dated, zone)) for post, dated in posts]
    world_store.repeat_posts(world.resources.db, [(p, at) for p, at in again if at > now])


def _is_late(real: Resources, period: Period) -> str:
    if real.schedule.timeliness(period, real.clock.now()) is Timeliness.LATE:
        return f"its time is over, and `if_missed` says {real.schedule.if_missed}"
    return ""


def _beside(month: RehearsedMonth, known: EditionRecord | None, late: str) -> RehearsedMonth:
    """A month with what there really is of it, where that is another thing."""
    said = [late] if late else []
    if known is not None:
        why = known.held or known.reason
        said.append(f"really, {known.key} is {known.state}" + (f": {why}" if why else ""))
    return replace(month, notices=[*month.notices, *said])
