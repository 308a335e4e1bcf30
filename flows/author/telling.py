"""The step that mails the author their news: each once, and again while it lasts."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import content.store
from content.store import EditionRecord
from delivery.notes.ledger import find_note, owe_note
from delivery.notes.note import OwedNote
from delivery.notes.notice_store import mark_told, renew_notices
from flows.author.notices import Notice, find_notices
from flows.author.tickets import BY_ITS_AUTHOR, draft_note_id
from flows.database import writing
from flows.resources import Resources

_AGAIN = timedelta(days=7)


def tell_author(resources: Resources, made: Collection[str] = ()) -> list[Notice]:
    """Owe the author a letter about what is new, and about what has lasted for a week.

    `made` are the keys of drafts that were decided about: of those that other runs are still
    making nothing is told yet. Gives what is new. Without an address it stands in
    `lettermill status` only, until there is one.
    """
    now = resources.clock.now()
    found = {notice.topic: notice for notice in find_notices(resources, made)}
    texts = {topic: notice.text for topic, notice in found.items()}
    with writing(resources.db):  # of two runs that end at once, one tells
        due = renew_notices(resources.db, texts, now=now, again=_AGAIN)
        due = {t: told for t, told in due.items() if not (told and found[t].is_past)}
        if resources.settings.author.address and due:
            drafts = [t for t, reminder in due.items() if found[t].draft and not reminder]
            for topic in drafts:
                _owe_draft(resources, found[topic])
            if lines := [topic for topic in due if topic not in drafts]:
                _owe_notice(resources, [texts[topic] for topic in lines], lines)
            mark_told(resources.db, due, now=now)
    return [found[topic] for topic, reminder in due.items() if not reminder]


def _owe_draft(resources: Resources, notice: Notice) -> None:
    edition = content.store.get_edition(resources.db, notice.draft)
    if edition.held.startswith(BY_ITS_AUTHOR) and _was_announced(resources, edition):
        return
    details = {"key": edition.key, "hash": edition.content_hash}
    note = OwedNote(id=draft_note_id(edition), kind="draft", subscriber_id="", details=details)
    owe_note(resources.db, note, now=resources.clock.now())


def _was_announced(resources: Resources, edition: EditionRecord) -> bool:
    """Whether its author has a letter about this very draft, which was to go by itself."""
    before = replace(edition, held="", send_after=resources.clock.now())
    return find_note(resources.db, draft_note_id(before), "draft") is not None


def _owe_notice(resources: Resources, lines: list[str], topics: list[str]) -> None:
    now = resources.clock.now()
    name = hashlib.sha256("\n".join([now.isoformat(), *topics]).encode()).hexdigest()[:16]
    note = OwedNote(id=name, kind="notice", subscriber_id="", details={"lines": "\n".join(lines)})
    owe_note(resources.db, note, now=now)
