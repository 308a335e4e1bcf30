"""The step that sends the letters owed to one person. Here note, reader and ledger meet."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import delivery.notes.sending
import subscribers.store
from content.archive_store import list_published
from content.errors import TemplateBroken
from content.note import render_note
from delivery.errors import AlreadySending, LetterNotReady
from delivery.lease import sole_sender
from delivery.message import FormLetter, Message
from delivery.notes import ledger as note_ledger
from delivery.notes.note import Composed, OwedNote, Withheld
from flows.author.draft_note import compose_for_author
from flows.editions.approval import form_letter
from flows.keeping.fence import require_ours
from flows.mailings.notes import kind_of, words_of
from flows.resources import Resources
from subscribers.consent import Status
from subscribers.name import first_name
from subscribers.store import Subscriber
from subscribers.suppression import Reason
from subscribers.suppression_store import suppressions_of

LEASE = "notes"


def send_notes(resources: Resources, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Send the notes that are due; tell whether there was no trouble with the provider.

    Where another process is at it, it sends ours as well.

    Raises:
        SettingsWrong: a key is missing; nothing was sent.
        Held: this is a copy of the database; nothing was sent.
    """
    if not note_ledger.is_any_due(resources.db, now=resources.clock.now()):
        return True
    resources.require_secrets()
    require_ours(resources)
    try:
        with sole_sender(resources.locks, LEASE):
            return delivery.notes.sending.send_notes(
                resources.db,
                resources.provider(for_notes=True),
                _composer(resources),
                resources.clock,
                stopping,
            )
    except AlreadySending:
        return True


def _composer(resources: Resources) -> delivery.notes.sending.Compose:
    @cache  # everybody who joins today gets the same words
    def letter_of(kind: str, language: str, details: tuple[tuple[str, str], ...]) -> FormLetter:
        return _write(resources, kind, language, dict(details))

    def compose(note: OwedNote) -> Composed | Withheld:
        if not note.subscriber_id:
            return _for_author(resources, note)
        person = subscribers.store.find_subscriber(resources.db, note.subscriber_id)
        if person is None:
            return Withheld("no longer on the list")
        if why := _why_not(note, person, _bars(resources, person), resources):
            return Withheld(why)
        letter = letter_of(note.kind, note.language, tuple(sorted(note.details.items())))
        return Composed(letter, _message(resources, note, person))

    return compose


def _for_author(resources: Resources, note: OwedNote) -> Composed | Withheld:
    try:
        return compose_for_author(resources, note)
    except TemplateBroken as error:
        raise LetterNotReady(str(error)) from error


def _bars(resources: Resources, person: Subscriber) -> list[Reason]:
    return [bar.reason for bar in suppressions_of(resources.db, person.address_key)]


def _why_not(note: OwedNote, person: Subscriber, bars: list[Reason], resources: Resources) -> str:
    """Why somebody must not get a note any more, or ''.

    Who has left may join again, and may ask for their links; a bar of any other reason stands.
    """
    if bar := next((bar for bar in bars if bar is not Reason.UNSUBSCRIBED), None):
        return bar.value
    if note.kind == "confirm" and person.status is Status.ACTIVE and "already" not in note.details:
        return "confirmed already"
    if note.kind == "welcome" and person.status is not Status.ACTIVE:
        return "unsubscribed" if person.status is Status.UNSUBSCRIBED else "unconfirmed"
    if note.kind == "welcome" and resources.settings.joining.welcome == "none":
        return "the settings want no welcome"
    return ""


def _write(
    resources: Resources, kind: str, language: str, details: Mapping[str, str]
) -> FormLetter:
    """The form letter of all notes of a kind in a language."""
    known = kind_of(kind)
    if known is None:
        raise LetterNotReady(f"there is no letter for notes of the kind {kind}")
    about = resources.about(language) | dict(details) | _addresses(resources)
    try:
        words = words_of(resources, known, language)
        letter = render_note(known, words, resources.templates, about=about)
    except TemplateBroken as error:
        raise LetterNotReady(str(error)) from error
    form = form_letter(resources, letter)
    # Who is on no list yet has none to leave, and no header may say that they are on one.
    return replace(form, exit_url=()) if kind == "confirm" else form


def _addresses(resources: Resources) -> dict[str, Any]:
    """The pages that notes lead to: the confirmation, and the last letter if it is wanted."""
    page = resources.settings.page
    addresses = {"confirm_url": page("confirm/")}
    published = list_published(resources.db)
    if published and resources.settings.joining.welcome == "with the last letter":
        last = published[0]
        addresses |= {"edition_url": page(f"archive/{last.key}"), "edition_title": last.title}
    return addresses


def _message(resources: Resources, note: OwedNote, person: Subscriber) -> Message:
    if note.kind == "confirm":
        # Anybody can write a name and somebody else's address into a form; neither the name nor
        # anything else of theirs is carried to that person.
        values = {"confirm": resources.confirmations.sign(note.id)}
        return Message(note.send_key, person.address, "", values)
    values = {
        "first_name": first_name(person.name) or resources.settings.letter.name_if_unknown,
        "exit": resources.exits.sign(person.id),
        "preferences": resources.preferences.sign(person.id),
    }
    return Message(note.send_key, person.address, person.name, values)
