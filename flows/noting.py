"""Letters to single people: whom they may go to, in which words, and sending what is owed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlite_utils import Database

import delivery.note_ledger
import subscribers.store
from content.archive_store import list_published
from content.note import Kind, render_note
from delivery.errors import AlreadySending
from delivery.lease import sole_sender
from delivery.mailing import send_key
from delivery.message import FormLetter, Message
from delivery.note import OwedNote
from delivery.noting import Composed, send_notes
from flows.approval import form_letter
from flows.notes import kind_of, words_of
from flows.resources import Resources
from subscribers.consent import Status
from subscribers.name import first_name
from subscribers.store import Subscriber
from subscribers.suppression import Reason
from subscribers.suppression_store import suppressions_of

ALREADY = "already"  # the variant of `links` for who signed up once more
_LEASE = "notes"


def send_owed_notes(resources: Resources) -> int:
    """Send every note that is due; tell how many were handed over.

    Another process that has them in hand sends them; then there is nothing to do here.

    Raises:
        SettingsWrong: the provider's key, or the keys that sign links, are missing.
    """
    if not _anything(resources):
        return 0
    try:
        with sole_sender(resources.locks, _LEASE):
            provider = resources.provider(notes=True)
            return send_notes(resources.db, provider, Composer(resources), resources.clock)
    except AlreadySending:
        return 0


def _anything(resources: Resources) -> bool:
    """Asked first, so that nothing needs a key, a lease or a connection where nothing is owed."""
    now = resources.clock.now()
    due = delivery.note_ledger.next_note(resources.db, now=now)
    return due is not None or bool(delivery.note_ledger.open_notes(resources.db))


@dataclass(frozen=True)
class Composer:
    """Makes notes ready; letters of one kind and language are rendered once."""

    resources: Resources
    _letters: dict[tuple[str, ...], FormLetter] = field(default_factory=dict)

    def __call__(self, note: OwedNote) -> Composed:
        """The letter and its message, or why this note is not sent."""
        person = subscribers.store.find_subscriber(self.resources.db, note.subscriber_id)
        kind = kind_of(note.kind)
        if person is None or kind is None:
            return Composed(skip="no longer on the list")
        if why := _why_not(self.resources.db, person, kind):
            return Composed(skip=why)
        values = self._values(note, person)
        message = Message(send_key(note.kind, note.cause), person.address, "", values)
        return Composed(self._letter(note, kind), message)

    def _letter(self, note: OwedNote, kind: Kind) -> FormLetter:
        look = (kind, note.language, note.variant)
        if look not in self._letters:
            self._letters[look] = _render(self.resources, note, kind)
        return self._letters[look]

    def _values(self, note: OwedNote, person: Subscriber) -> Mapping[str, str]:
        made = self.resources
        return {
            "first_name": first_name(person.name) or made.settings.letter.name_if_unknown,
            "confirm": made.confirmations.sign(note.cause),
            "exit": made.exits.sign(person.id),
            "preferences": made.preferences.sign(person.id),
        }


def _why_not(db: Database, person: Subscriber, kind: Kind) -> str:
    """Nobody who complained or whose mailbox is dead gets a letter, whoever asks for one."""
    reasons = {bar.reason for bar in suppressions_of(db, person.address_key)}
    if barred := reasons - {Reason.UNSUBSCRIBED}:
        return min(barred).value
    if kind == "welcome" and person.status is not Status.ACTIVE:
        return "not on the list any more"
    return ""


def _render(resources: Resources, note: OwedNote, kind: Kind) -> FormLetter:
    about = resources.about(note.language) | {
        "confirm_url": resources.settings.page("confirm/"),
        "already": note.variant == ALREADY,
        **_last_edition(resources),
    }
    words = words_of(resources, kind, note.language)
    letter = render_note(kind, words, resources.templates, about=about)
    form = form_letter(resources, letter)
    return replace(form, exit_url=()) if kind == "confirm" else form


def _last_edition(resources: Resources) -> Mapping[str, str]:
    """What a welcome shows of the last letter, if the settings want that and there is one."""
    if resources.settings.joining.welcome != "with the last letter":
        return {}
    published = list_published(resources.db)
    if not published:
        return {}
    last = published[0]
    return {
        "edition_url": resources.settings.page(f"archive/{last.key}"),
        "edition_title": last.title,
    }
