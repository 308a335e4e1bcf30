"""The steps of every job, as plain functions: load facts, let a room decide, record.

Only here do content, subscribers and delivery meet. Parameters and results are keys and counts,
because Prefect shows them and may keep them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

import requests

import content.store
import delivery.ledger
import subscribers.store
from content.edition import Choice, Edition, EditionState, choose_posts, compose_digest, digest_key
from content.errors import EditionFixed
from content.fetch import fetch_feed
from content.intake import take_in
from content.letter import Letter, render_letter
from content.period import Period
from content.post import parse_feed
from content.program import Program
from delivery.errors import AlreadySending
from delivery.lease import sole_sender
from delivery.mailing import Delivery, DeliveryState, Owed
from delivery.message import FormLetter
from delivery.sending import Readers, send_letters
from flows.errors import Held, SettingsWrong
from flows.resources import Resources
from flows.settings import FeedSettings
from subscribers.consent import Ruling
from subscribers.name import first_name


@dataclass(frozen=True, slots=True)
class Reading:
    """What one collection found: posts on the feeds, and how many the ledger did not know."""

    read: int
    new: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far an edition has come. `note` says in one line why it is not further."""

    key: str
    state: EditionState
    content_hash: str = ""
    note: str = ""
    letters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A month's edition before anything of it is written down; without one, `choice` says why."""

    key: str
    choice: Choice
    edition: Edition | None = None
    letter: Letter | None = None


def collect_posts(resources: Resources) -> Reading:
    """Read every feed into the ledger of posts; a feed that fails leaves the ledger as it was."""
    readings = [_read_feed(resources, feed) for feed in resources.settings.feed]
    return Reading(sum(r.read for r in readings), sum(r.new for r in readings))


def _read_feed(resources: Resources, settings: FeedSettings) -> Reading:
    db, now = resources.db, resources.clock.now()
    with requests.Session() as session:
        fetched = fetch_feed(settings.source, session=session, folder=resources.home)
    feed = parse_feed(fetched, site=resources.settings.site)
    known = content.store.load_posts(db, settings.source)
    first_read = content.store.is_first_read(db, settings.source)
    opens = _opening(settings, resources)
    posts = [
        take_in(post, known.get(post.identity), now=now, opens=opens, first_read=first_read)
        for post in feed.posts
    ]
    content.store.record_reading(db, settings.source, feed.title, posts, now=now)
    return Reading(len(posts), len({p.post.identity for p in posts} - known.keys()))


def _opening(settings: FeedSettings, resources: Resources) -> datetime | None:
    if settings.include_since is None:
        return None
    return datetime.combine(settings.include_since, time(), resources.zone).astimezone(UTC)


def period_due(resources: Resources, asked: str | None, at: datetime | None = None) -> Period:
    """The month to make a digest of: the one asked for, else the last that is over at `at`.

    Raises:
        SettingsWrong: not a month, or one that has not begun.
    """
    this_month = Period.of(at or resources.clock.now(), resources.zone)
    if asked is None:
        return this_month.previous()
    try:
        period = Period.parse(asked)
    except ValueError as error:
        raise SettingsWrong(str(error)) from error
    if period > this_month:
        raise SettingsWrong(f"{period} has not begun; the newest month is {this_month}")
    return period


def draft_digest(resources: Resources, period: Period) -> Draft:
    """Put a month's edition together and render its letter; writes nothing."""
    settings, key = resources.settings, digest_key(period)
    choice = choose_posts(
        content.store.open_posts(resources.db, key),
        period,
        resources.zone,
        min_posts=settings.digest.min_posts,
        max_posts=settings.digest.max_posts,
    )
    if choice.too_few:
        return Draft(key, choice)
    edition = compose_digest(
        choice,
        period,
        resources.zone,
        newsletter=settings.name,
        programs=[
            Program(**(p.model_dump() | {"topics": tuple(p.topics)})) for p in settings.program
        ],
        last_program=content.store.last_program(resources.db, before=key),
    )
    about = resources.about()
    about["newsletter"]["kicker"] = period.name
    return Draft(key, choice, edition, render_letter(edition, resources.templates, about=about))


def prepare_digest(resources: Resources, asked: str | None, at: datetime | None = None) -> Outcome:
    """Make or renew the draft of a month; one that is approved or sent is left as it is."""
    period, now = period_due(resources, asked, at), resources.clock.now()
    key = digest_key(period)
    if done := _already(resources, key):
        return done
    draft = draft_digest(resources, period)
    try:
        if draft.edition is None or draft.letter is None:
            content.store.save_skipped(resources.db, key, draft.choice.too_few, now=now)
        else:
            content.store.save_draft(
                resources.db, draft.edition, draft.letter, draft.choice, now=now
            )
    except EditionFixed:  # another run was quicker; its edition is the one that counts
        pass
    return edition_outcome(resources, key)


def _already(resources: Resources, key: str) -> Outcome | None:
    found = content.store.find_edition(resources.db, key)
    if found is None or found.state in (EditionState.DRAFT, EditionState.SKIPPED):
        return None
    return edition_outcome(resources, key)


def edition_outcome(resources: Resources, key: str) -> Outcome:
    """How far an edition has come, from what is written down."""
    edition = content.store.find_edition(resources.db, key)
    if edition is None:
        raise SettingsWrong(f"no edition {key}; `lettermill status` lists those there are")
    letters = {s.value: n for s, n in delivery.ledger.tally(resources.db, key).states.items()}
    return Outcome(key, edition.state, edition.content_hash, edition.reason, letters)


def approve_edition(resources: Resources, key: str, content_hash: str, agreed: bool) -> Outcome:
    """Approve a draft if a person agreed or the settings let it send itself.

    Raises:
        Held: there is nobody to send it to; it stays a draft, and its posts are not used up.
    """
    if agreed or resources.settings.digest.approval == "auto":
        if not subscribers.store.count_rulings(resources.db).get(Ruling.MAY_SEND):
            raise Held(
                f"{key}: nobody on the list may be written to; it stays a draft. "
                "`lettermill subscribers import` brings people in"
            )
        content.store.approve(resources.db, key, content_hash, now=resources.clock.now())
    return edition_outcome(resources, key)


def freeze_mailing(resources: Resources, key: str) -> int:
    """Freeze an approved edition's letter and audience; a second time changes nothing."""
    letter = content.store.load_letter(resources.db, key)
    resources.provider().close()  # a missing key is told before anything is frozen
    resources.links  # noqa: B018  # the same for the keys that sign links
    frozen = delivery.ledger.freeze(
        resources.db,
        key,
        _form_letter(resources, letter),
        _audience(resources),
        provider=resources.settings.provider.name,
        content_hash=letter.content_hash,
        now=resources.clock.now(),
    )
    content.store.begin_mailing(resources.db, key)
    return int(frozen)


def _audience(resources: Resources) -> Iterator[Owed]:
    """Everybody on the list; those we may not write to with the reason."""
    for person in subscribers.store.all_subscribers(resources.db):
        ruling = person.ruling
        skip = "" if ruling is Ruling.MAY_SEND else ruling.value
        yield Owed(person.id, person.address, person.name, skip)


def _form_letter(resources: Resources, letter: Letter) -> FormLetter:
    settings = resources.settings
    return FormLetter(
        subject=letter.subject,
        sender_name=settings.sender.name,
        sender_address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        list_name=settings.name.replace('"', "'"),
        list_id=f"newsletter.{settings.sender.address.partition('@')[2]}",
        html=letter.html,
        text=letter.text,
        exit_url=(settings.exit_prefix, "exit", ""),
    )


def send_mailing(resources: Resources, key: str) -> Outcome:
    """Hand over every letter of a frozen mailing that is still owed.

    Raises:
        ProviderError: it stopped on the way; what is left stays in the ledger for the next run.
        Held: it was frozen for another provider than the settings name now.
    """
    mailing = delivery.ledger.load_mailing(resources.db, key)
    if mailing.provider != resources.settings.provider.name:
        raise Held(
            f"{key} was frozen for {mailing.provider}, and the settings now name "
            f"{resources.settings.provider.name}; set provider.name back until it is sent"
        )
    try:
        with sole_sender(resources.locks, key):
            delivery.ledger.take_up(resources.db, key)
            send_letters(
                resources.db, mailing, resources.provider(), _readers(resources), resources.clock
            )
    except AlreadySending as error:
        return Outcome(key, EditionState.MAILING, note=str(error))
    return edition_outcome(resources, key)


def _readers(resources: Resources) -> Readers:
    name_if_unknown = resources.settings.letter.name_if_unknown
    sign = resources.links.sign

    def gone(ids: Sequence[str]) -> dict[str, str]:
        ruled = subscribers.store.rulings(resources.db, ids)
        missing = {i: "no longer on the list" for i in ids if i not in ruled}
        return missing | {i: r.value for i, r in ruled.items() if r is not Ruling.MAY_SEND}

    def values(delivery: Delivery) -> dict[str, str]:
        greeted = first_name(delivery.name) or name_if_unknown
        return {"first_name": greeted, "exit": sign(delivery.subscriber_id)}

    return Readers(gone, values)


def close_edition(resources: Resources, key: str) -> Outcome:
    """Close the edition when nothing of its mailing is open, and say how it stands."""
    if delivery.ledger.tally(resources.db, key).open == 0:
        content.store.close_edition(resources.db, key, now=resources.clock.now())
    return edition_outcome(resources, key)


def unfinished_editions(resources: Resources) -> list[str]:
    """The approved editions that are not sent to the end; paused ones wait for a person."""
    states = (EditionState.APPROVED, EditionState.MAILING)
    paused = delivery.ledger.paused_mailings(resources.db)
    editions = reversed(content.store.list_editions(resources.db))
    return [e.key for e in editions if e.state in states and e.key not in paused]


def unknown_letters(outcome: Outcome) -> int:
    """How many letters were handed over without an answer."""
    return outcome.letters.get(DeliveryState.UNKNOWN, 0)
