"""Steps that mail an approved edition. Here the three rooms meet: letter, readers, ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import content.store
import delivery.count_store
import delivery.store
import subscribers.store
from content.edition import EditionState
from content.letter import Letter
from content.letter_store import load_letters, load_offers
from content.program import OfferRule
from content.store import EditionRecord
from delivery.errors import (
    AlreadySending,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    RestUntil,
)
from delivery.lease import lease
from delivery.mailing import Delivery, MailingState, Owed
from delivery.message import FormLetter
from delivery.sending import send_letters
from delivery.spread import spread
from delivery.steering_store import take_up
from delivery.writing import Readers
from flows.editions.approval import approval_hash, frozen_letter
from flows.errors import Held
from flows.keeping.fence import keep_witness, require_ours
from flows.outcome import Outcome, edition_outcome
from flows.people.audience import find_audience
from flows.resources import Resources
from subscribers.consent import Ruling
from subscribers.name import first_name


def freeze_mailing(resources: Resources, key: str) -> int:
    """Freeze an approved edition's letter and audience; a second time changes nothing.

    Raises:
        SettingsWrong: a key is missing; nothing is frozen.
        Held: the letter is not the one that was approved, or this is a copy of the database.
    """
    resources.require_secrets()
    require_ours(resources)
    edition = content.store.get_edition(resources.db, key)
    letters = load_letters(resources.db, key)
    rules = load_offers(resources.db, key)
    _require_approved(resources, edition, letters, rules)
    frozen = delivery.store.freeze(
        resources.db,
        key,
        _as_handed_over(resources, edition, letters),
        spread(_audience(resources, edition, rules)),
        provider=resources.settings.provider.name,
        content_hash=edition.content_hash,
        now=resources.clock.now(),
    )
    content.store.begin_mailing(resources.db, key)
    keep_witness(resources, durably=frozen)
    return int(frozen)


def _as_handed_over(
    resources: Resources, edition: EditionRecord, letters: Mapping[str, Letter]
) -> dict[str, FormLetter]:
    key, name = edition.key, edition.sender_name
    return {
        variant: frozen_letter(resources, made, key=key, sender_name=name)
        for variant, made in letters.items()
    }


def _audience(
    resources: Resources, edition: EditionRecord, rules: Iterable[OfferRule]
) -> Iterable[Owed]:
    return find_audience(
        resources, rules, key=edition.key, last=edition.last_program, segment=edition.segment
    )


def _require_approved(
    resources: Resources,
    edition: EditionRecord,
    letters: Mapping[str, Letter],
    rules: Iterable[OfferRule],
) -> None:
    content_hash = approval_hash(
        resources, letters, rules, sender_name=edition.sender_name, segment=edition.segment
    )
    if content_hash != edition.content_hash:
        raise Held(
            f"{edition.key}: its letter, sender or way out is not what was approved; nothing was "
            "sent. Set lettermill.toml back as it was"
        )


def send_mailing(resources: Resources, key: str, agreed: bool) -> Outcome:
    """Hand over every letter of a frozen mailing that is still owed; a paused one only if agreed.

    Raises:
        ProviderError: it stopped on the way, as the text says; the ledger knows what is left.
        Held: it was frozen for another provider than the settings name now, or this is a copy of
            the database.
    """
    require_ours(resources)
    mailing = delivery.store.load_mailing(resources.db, key)
    if mailing.state is MailingState.PAUSED and not agreed:
        return edition_outcome(resources, key)
    if mailing.provider != resources.settings.provider.name:
        raise Held(
            f"{key} was frozen for {mailing.provider}, and the settings now name "
            f"{resources.settings.provider.name}; set provider.name back until it is sent"
        )
    try:
        _send(resources, key)
    except AlreadySending as error:
        return replace(edition_outcome(resources, key), note=str(error))
    except RestUntil as error:
        at = error.until.astimezone(resources.zone)
        rest = f"{error}; goes on after {at:%Y-%m-%d %H:%M}"
        return replace(edition_outcome(resources, key), note=rest)
    except ProviderError as error:
        raise type(error)(f"{key}: {error}. {_what_next(error, key)}") from error
    return edition_outcome(resources, key)


def _send(resources: Resources, key: str) -> None:
    """Send a mailing as its only sender, on the terms of the settings."""
    db, now = resources.db, resources.clock.now()
    with lease(db, resources.locks, key, now=now) as sender:
        take_up(db, key, now=now)
        send_letters(
            db,
            delivery.store.load_mailing(db, key),
            resources.provider(),
            readers_of(resources),
            resources.clock,
            replace(
                resources.terms,
                sender=sender,
                written_down=lambda: keep_witness(resources),
            ),
        )


def _what_next(error: ProviderError, key: str) -> str:
    if isinstance(error, OutcomeUnknown):
        return (
            "Those letters are unknown and not sent again; "
            "`lettermill dispatch` in ten minutes asks the provider and goes on"
        )
    if isinstance(error, ProviderRefused):
        go_on = f"`lettermill resume {key}` goes on"
        return f"The mailing is paused, and nobody loses their letter: fix that, then {go_on}"
    return "Nothing of that batch was taken; `lettermill dispatch` goes on"


def readers_of(resources: Resources) -> Readers:
    """What is asked about the readers of a mailing while it is sent."""
    name_if_unknown = resources.settings.letter.name_if_unknown
    exit_of, preferences_of = resources.exits.sign, resources.preferences.sign

    def gone(ids: Sequence[str]) -> dict[str, str]:
        ruled = subscribers.store.rulings(resources.db, ids, resources.today)
        missing = {i: "no longer on the list" for i in ids if i not in ruled}
        return missing | {i: r.value for i, r in ruled.items() if r is not Ruling.MAY_SEND}

    def values(delivery: Delivery) -> dict[str, str]:
        greeted = first_name(delivery.name) or name_if_unknown
        reader = delivery.subscriber_id
        return {
            "first_name": greeted,
            "exit": exit_of(reader),
            "preferences": preferences_of(reader),
        }

    return Readers(gone, values)


def close_edition(resources: Resources, key: str) -> Outcome:
    """Close the edition when nothing of its mailing is open, and say how it stands."""
    if delivery.count_store.tally(resources.db, key).open == 0:
        content.store.close_edition(resources.db, key, now=resources.clock.now())
    return edition_outcome(resources, key)


def unfinished_editions(resources: Resources) -> list[str]:
    """The approved editions that are not sent to the end, oldest first."""
    states = (EditionState.APPROVED, EditionState.MAILING)
    editions = reversed(content.store.list_editions(resources.db))
    return [edition.key for edition in editions if edition.state in states]
