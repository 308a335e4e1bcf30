"""Look a prepared edition over before it may leave: facts come together here, rules are content's.

Every variant is looked at as the reader with the longest name would get it.
"""

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import content.store
import subscribers.store
from content.edition import EditionState
from content.fetch import open_session
from content.letter import Letter, fill
from content.letter_store import load_letters
from content.preflight.check import check_letter
from content.preflight.finding import Finding, Level, Proof, in_order
from content.preflight.links import check_links
from content.preflight.spam import score_spam
from content.store import EditionRecord
from delivery.message import Message
from delivery.mime import mime_stencil, mime_values
from flows.editions.approval import form_letter
from flows.machine import find_spam_engine
from flows.outcome import Outcome, edition_outcome
from flows.people.audience import count_readers, count_segment, strange_tags
from flows.resources import Resources
from subscribers.links import TOKEN_LENGTH
from subscribers.segment import read_segment

_NOBODY = "reader@example.com"


def judge_draft(resources: Resources, key: str) -> Outcome:
    """How far a draft has come, with the errors that block it and the warnings that need a yes."""
    found = look_over(resources, key)
    segment = content.store.get_edition(resources.db, key).segment
    return replace(
        edition_outcome(resources, key),
        errors=_lines(found, Level.ERROR),
        warnings=_lines(found, Level.WARNING),
        readers=count_readers(resources, key, segment),
    )


def look_over(resources: Resources, key: str) -> list[Finding]:
    """Everything that preflight finds of an edition, errors first.

    Links are asked only for what has not been sent: an old letter is history.

    Raises:
        NoSuchEdition: nothing was prepared under this key.
    """
    letters = load_letters(resources.db, key)
    edition = content.store.get_edition(resources.db, key)
    values = _longest_values(resources)
    proofs = [_proof(resources, edition, letter, values) for letter in letters.values()]
    proofs.sort(key=lambda proof: len(proof.html), reverse=True)
    found = check_letter(proofs[0])
    # A shorter letter has a size too, which is nobody's trouble.
    found += [f for proof in proofs[1:] for f in check_letter(proof) if f.rule != "size"]
    if edition.state is EditionState.DRAFT:
        found += _check_segment(resources, edition.segment) if edition.segment else []
        found += _ask_outside(resources, proofs)
        found += _score(resources, next(iter(letters.values())), edition, values)
    return in_order(list(dict.fromkeys(found)))  # most of a letter is the same in every variant


def _check_segment(resources: Resources, text: str) -> list[Finding]:
    """A misspelt tag is told before the yes, which it would be too late for."""
    segment = read_segment(text)
    if not count_segment(resources, segment):
        said = "nobody in this segment may be written to; see `segment` in its file, and the tags"
        return [Finding(Level.ERROR, "segment", said, text)]
    said = "nobody who may be written to has this tag, which the segment names; is it misspelt?"
    strange = sorted(strange_tags(resources, segment))
    return [Finding(Level.WARNING, "segment", said, tag) for tag in strange]


def _ask_outside(resources: Resources, proofs: list[Proof]) -> list[Finding]:
    """A rehearsal asks nobody, and neither does an author who does not want it."""
    settings = resources.settings
    if not settings.preflight.links or settings.virtual_now is not None:
        return []
    private = any(feed.private for feed in settings.feed)
    with open_session() as web:
        return check_links(proofs, web=web, private=private)


def _score(
    resources: Resources, letter: Letter, edition: EditionRecord, values: Mapping[str, str]
) -> list[Finding]:
    if not resources.settings.preflight.spam:
        return []
    form = form_letter(resources, letter, edition.sender_name)
    message = Message("preflight.reader", _NOBODY, values["first_name"], values)
    stencil = mime_stencil(form, now=resources.clock.now())
    eml = b"".join(stencil.pieces(mime_values(message)))
    return score_spam(eml, engine=find_spam_engine())


def _proof(
    resources: Resources, edition: EditionRecord, letter: Letter, values: Mapping[str, str]
) -> Proof:
    return Proof(
        key=edition.key,
        subject=letter.subject,
        preheader=edition.preheader,
        html=fill(letter.html, {slot: escape(value) for slot, value in values.items()}),
        text=fill(letter.text, values),
        postal_address=resources.settings.sender.postal_address,
        exit_url=resources.settings.page("unsubscribe/"),
        public_url=resources.settings.page(""),
    )


def _longest_values(resources: Resources) -> dict[str, str]:
    """What makes a letter as long as any reader's can be, and is of none: what is found is told
    with the words around it, and kept.
    """
    token = "x" * TOKEN_LENGTH  # nobody's: no key is needed to look a letter over
    size = len(subscribers.store.longest_name(resources.db).encode())
    return {
        "first_name": _stand_in(size) or resources.settings.letter.name_if_unknown,
        "exit": token,
        "preferences": token,
    }


def _stand_in(size: int) -> str:
    """A name of so many bytes."""
    return ("Reader " * size)[: size - 1] + "r" if size else ""


def _lines(found: list[Finding], level: Level) -> list[str]:
    return [f"{f.text} ({f.where})" if f.where else f.text for f in found if f.level is level]
