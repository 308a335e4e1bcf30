"""The way in across the rooms: the words people agree to, the letters that forms lead to."""

from sqlite_utils import Database

from delivery.notes.ledger import owe_note
from delivery.notes.note import OwedNote
from flows.resources import Resources
from subscribers.consent_store import keep_wording
from subscribers.joining.form import HONEYPOT
from subscribers.joining.steps import OweNote
from subscribers.joining.store import Request


def wording(resources: Resources, language: str) -> str:
    """The words that somebody agrees to who signs up in this language."""
    say = resources.catalogues.words(language).gettext
    usual = say("I would like to get these letters by e-mail. I can unsubscribe at any time.")
    return resources.settings.joining.wording or usual


def keep_wordings(resources: Resources) -> None:
    """Keep the words of every language before a page shows them, to prove consents by.

    Who opened the page before the words were changed agreed to those that they saw.
    """
    now = resources.clock.now()
    for language in resources.catalogues.languages:
        keep_wording(resources.db, wording(resources, language), language=language, now=now)


def owing(resources: Resources) -> OweNote:
    """What writes down in the ledger of notes that a request is owed a letter."""

    def owe(
        db: Database, request: Request, kind: str, language: str, *, already: bool = False
    ) -> None:
        note = OwedNote(
            id=request.id,
            kind=kind,
            subscriber_id=request.subscriber_id,
            language=language,
            details={"already": "yes"} if already else {},
        )
        owe_note(db, note, now=resources.clock.now())

    return owe


def embedded_form(resources: Resources) -> str:
    """The HTML of a form for the author's own pages; its words are kept, to prove consents by."""
    language, now = resources.settings.language, resources.clock.now()
    words = wording(resources, language)
    kept = keep_wording(resources.db, words, language=language, now=now)
    values = {
        "wording": words,
        "wording_id": kept,
        "honeypot": HONEYPOT,
        "ask_name": resources.settings.joining.ask_name,
    }
    return resources.render_page("form.html", values)
