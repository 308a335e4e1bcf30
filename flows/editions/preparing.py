"""Steps that make a month's edition, and approve it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import content.approval_store
import content.ledger
import content.store
from content.choice import Choice, Order, Rules, choose_posts, digest_key, period_of
from content.dates import say_month
from content.edition import Edition, EditionState, compose_digest
from content.errors import EditionFixed
from content.letter import Letters, render_letters
from content.period import Period
from content.program import NO_PROGRAM, rule_of
from content.utm import Utm
from flows.editions.approval import approval_hash
from flows.editions.parts import find_parts, say_differences
from flows.errors import Held, SettingsWrong
from flows.keeping.fence import settle_in
from flows.outcome import Outcome, edition_outcome, find_outcome
from flows.people.audience import count_audience, find_audience
from flows.programs import programs_of
from flows.resources import Resources


@dataclass(frozen=True, slots=True)
class Draft:
    """A month's edition before anything of it is written down; without one, `choice` says why."""

    key: str
    choice: Choice
    edition: Edition | None = None
    letters: Letters | None = None


def period_due(resources: Resources, asked: str | None, at: datetime | None = None) -> Period:
    """The month to make a digest of: the one asked for, else the last that is over at `at`.

    `at` is when a run was due, which may be long before it starts; a rehearsal has its own time.

    Raises:
        SettingsWrong: not a month, or one that has not begun.
    """
    rehearsal = resources.settings.virtual_now is not None
    moment = resources.clock.now() if at is None or rehearsal else at
    this_month = Period.of(moment, resources.zone)
    if asked is None:
        return this_month.previous()
    try:
        period = Period.parse(asked)
    except ValueError as error:
        raise SettingsWrong(str(error)) from error
    if period > this_month:
        raise SettingsWrong(f"{period} has not begun; the newest month is {this_month}")
    return period


def choose_for(resources: Resources, period: Period) -> Choice:
    """Choose a month's posts as the settings ask."""
    asked = resources.settings.digest
    rules = Rules(
        min_posts=asked.min_posts,
        max_posts=asked.max_posts,
        order=Order(asked.order),
        include=tuple(asked.include),
        exclude=tuple(asked.exclude),
        max_age=timedelta(days=asked.max_age_days) if asked.max_age_days else None,
    )
    posts = content.ledger.open_posts(resources.db, digest_key(period))
    return choose_posts(posts, period, resources.zone, rules)


def draft_digest(resources: Resources, period: Period) -> Draft:
    """Put a month's edition together and render its letter; writes nothing."""
    settings, key = resources.settings, digest_key(period)
    choice = choose_for(resources, period)
    if choice.too_few:
        return Draft(key, choice)
    known = content.store.find_edition(resources.db, key)
    edition = compose_digest(
        choice,
        period,
        resources.zone,
        newsletter=settings.name,
        language=settings.language,
        programs=programs_of(settings),
        last_program=content.store.last_program(resources.db, before=key),
        wanted_program=known.wanted_program if known else None,
        today=resources.today,
        whole_posts=settings.letter.posts == "whole",
        utm=Utm(**settings.utm.model_dump()),
    )
    return Draft(
        key,
        choice,
        edition,
        render(resources, edition, kicker=say_month(period.first_day, resources.settings.language)),
    )


def render(resources: Resources, edition: Edition, *, kicker: str) -> Letters:
    """Render an edition's letters; `kicker` is the line above the newsletter's name."""
    about = resources.about()
    about["newsletter"]["kicker"] = kicker
    if not edition.segment:  # what goes to some is not for everybody to read
        about["browser_url"] = resources.settings.page(f"archive/{edition.key}")
    return render_letters(edition, resources.templates, about=about)


def open_month(resources: Resources, asked: str | None, at: datetime | None = None) -> Outcome:
    """Say how far the edition of a month has come; one that is not there yet is a draft to be."""
    return find_outcome(resources, digest_key(period_due(resources, asked, at)))


def prepare_digest(resources: Resources, key: str) -> Outcome:
    """Make or renew the draft of a month; one that is approved meanwhile is left as it is."""
    settle_in(resources)
    draft = draft_digest(resources, period_of(key))
    with suppress(EditionFixed):  # another run was quicker; its edition is the one that counts
        _save(resources, draft)
    return edition_outcome(resources, key)


def _save(resources: Resources, draft: Draft) -> None:
    db, now = resources.db, resources.clock.now()
    if draft.edition is None or draft.letters is None:
        content.store.save_skipped(db, draft.key, draft.choice, now=now)
        return
    programs = [call.program.name for call in draft.edition.calls]
    parts = find_parts(resources, draft.edition.kind, draft.choice.chosen, programs)
    content.store.save_draft(
        db,
        draft.edition,
        draft.letters,
        draft.choice,
        content_hash=hash_of(resources, draft.edition, draft.letters),
        now=now,
        parts=parts,
        reason=_what_is_new(resources, draft, parts),
    )


def _what_is_new(resources: Resources, draft: Draft, parts: Mapping[str, str]) -> str:
    """What has changed since its author was shown a draft of this month, or ''."""
    before = content.store.find_edition(resources.db, draft.key)
    if before is None or before.state is not EditionState.DRAFT or not before.parts:
        return ""
    changed = say_differences(before.parts, parts, draft.choice.chosen)
    return f"it has changed since the draft before: {'; '.join(changed)}" if changed else ""


def hash_of(resources: Resources, edition: Edition, letters: Letters) -> str:
    """What an approval of this edition would stand for."""
    return approval_hash(
        resources,
        letters.by_variant,
        map(rule_of, edition.calls),
        sender_name=edition.sender_name,
        segment=edition.segment,
    )


def approve_edition(resources: Resources, key: str, content_hash: str) -> Outcome:
    """Approve the draft with this hash; another is left as it is.

    Raises:
        Held: there is nobody to send it to; it stays a draft, and its posts are not used up.
        SettingsWrong: a key is missing; it stays a draft as well.
    """
    resources.require_secrets()
    content.approval_store.approve(
        resources.db,
        key,
        content_hash,
        now=resources.clock.now(),
        readers=_require_readers(resources, key),
    )
    return edition_outcome(resources, key)


def _require_readers(resources: Resources, key: str) -> int:
    """How many would get it. An edition that nobody gets would be closed as sent, for good."""
    segment = content.store.get_edition(resources.db, key).segment
    audience = find_audience(resources, (), key=key, last=NO_PROGRAM, segment=segment)
    variants, reasons = count_audience(audience)
    if reasons and not variants:
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        raise Held(f"{key}: nobody would get it: {why}; it stays a draft")
    if not variants:
        raise Held(
            f"{key}: nobody is on the list; it stays a draft. "
            "`lettermill subscribers import` brings people in"
        )
    return variants.total()
