"""The letter to the author about a draft: the draft itself, and links that decide about it."""

from collections.abc import Iterator
from dataclasses import replace

import content.ledger
import content.store
from content.choice import is_digest
from content.edition import EditionState
from content.letter import Letter
from content.note import Action, Note, enclose, render_note
from content.preflight.finding import Level
from content.store import EditionRecord
from delivery.message import Message
from delivery.notes.note import Composed, OwedNote, Withheld
from flows.author.own_copy import own_copy
from flows.author.tickets import LASTS, Ticket, post_mark, sign_ticket
from flows.editions.approval import form_letter
from flows.editions.preflight import look_over
from flows.outcome import say_moment
from flows.people.audience import count_readers
from flows.resources import Resources

_MOST_NAMED = 5


def compose_for_author(resources: Resources, note: OwedNote) -> Composed | Withheld:
    """The letter of a note that is owed to the author, ready to be handed over.

    Raises:
        TemplateBroken: its template is not right.
    """
    address = resources.settings.author.address
    if not address:
        return Withheld("the settings have no author.address")
    if note.kind == "notice":
        letter = _notice(resources, note.details["lines"].splitlines())
    else:
        edition = content.store.find_edition(resources.db, note.details["key"])
        if why := _why_no_more(edition, note.details["hash"]):
            return Withheld(why)
        assert edition is not None
        letter = render_draft(resources, edition)
    # The author is on no list, and has none to leave.
    form = replace(form_letter(resources, letter), exit_url=())
    return Composed(form, Message(note.send_key, address, "", {}))


def _why_no_more(edition: EditionRecord | None, content_hash: str) -> str:
    if edition is None or edition.state is not EditionState.DRAFT:
        return "it was decided meanwhile"
    return "" if edition.content_hash == content_hash else "it has changed since"


def _notice(resources: Resources, lines: list[str]) -> Letter:
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    note = Note(
        title=f"{lines[0].partition(';')[0]}{more}"[:100],
        preheader=resources.settings.name,
        paragraphs=tuple(lines),
    )
    return render_note("notice", note, resources.templates, about=resources.about("en"))


def render_draft(resources: Resources, edition: EditionRecord) -> Letter:
    """The author's letter about a draft, with the draft as its readers would get it."""
    about, copy = resources.about("en"), own_copy(resources, edition)
    made = render_note("draft", _words(resources, edition), resources.templates, about=about)
    return enclose(made, copy.subject, copy.html, copy.text)


def _words(resources: Resources, edition: EditionRecord) -> Note:
    link = f"{resources.settings.page('decide')}/{_token(resources, edition)}"
    digest, readers = is_digest(edition.key), count_readers(resources, edition.key, edition.segment)
    posts = content.ledger.posts_in(resources.db, edition.key)
    actions = [Action("Approve and send it", f"{link}/approve"), Action("Hold it", f"{link}/hold")]
    if digest and resources.settings.program:
        actions.append(Action("Another program", f"{link}/program"))
    return Note(
        title=f"To approve: {edition.title}",
        preheader=f"{edition.key}, for {readers} readers",
        paragraphs=tuple(_facts(resources, edition, readers)),
        actions=tuple(actions),
        posts=tuple(Action(h.post.title, f"{link}/drop-{post_mark(h)}") for h in posts),
    )


def _token(resources: Resources, edition: EditionRecord) -> str:
    until = resources.clock.now() + LASTS
    return sign_ticket(resources.decisions, Ticket(edition.key, edition.content_hash, until))


def _facts(resources: Resources, edition: EditionRecord, readers: int) -> Iterator[str]:
    if why := edition.held or edition.reason:
        yield f"{why[:1].upper()}{why[1:]}."
    found = [one for one in look_over(resources, edition.key) if one.level is not Level.NOTE]
    if any(finding.level is Level.ERROR for finding in found):
        yield f"{edition.key} cannot go out to its {readers} readers before this is put right."
    else:
        yield f"{edition.key} is ready for {readers} readers. {_when(resources, edition)}"
    for finding in found:
        yield f"{finding.level.capitalize()}: {finding.text} {finding.where}".rstrip()
    left_out = content.store.left_out_of(resources.db, edition.key)
    for post in left_out[:_MOST_NAMED]:
        yield f"Not in it: {post['title']}: {post['reason']}."
    if len(left_out) > _MOST_NAMED:
        yield f"And {len(left_out) - _MOST_NAMED} more are not; `lettermill plan` names them."


def _when(resources: Resources, edition: EditionRecord) -> str:
    if edition.send_after:
        when = say_moment(edition.send_after, resources.zone)
        return f"It goes out by itself after {when}, unless you hold it."
    return "It goes out when you say yes, and not before."
