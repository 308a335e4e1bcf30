"""What the author does to one person: add, tag, take off, block. Each leaves its evidence."""

import subscribers.store
from flows.people.joining import owing, wording
from flows.people.person import find_person
from flows.resources import Resources
from subscribers.address import Address, read_address
from subscribers.consent import Action, Actor, Consent, Status
from subscribers.consent_store import add_consent
from subscribers.errors import NotAdded
from subscribers.joining import store as joining
from subscribers.joining.form import Form
from subscribers.joining.steps import Joining, Visit
from subscribers.leaving.erasure_store import erased_on
from subscribers.leaving.store import withdraw
from subscribers.name import tidy_name
from subscribers.preference_store import save_preferences, save_tags
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress, suppressions_of
from subscribers.tags import read_tags

_BY_HAND = "lettermill subscribers"


def add_person(resources: Resources, text: str, name: str, tags: str, agreed: str) -> str:
    """Put somebody on the list; give what happens next, in words.

    Raises:
        BadAddress: it is none.
        NotAdded: they are on the list already, barred, or were erased.
    """
    address, tagged = read_address(text), read_tags(tags)
    _require_new(resources, address)
    with resources.db.atomic():
        _enlist(resources, address, tidy_name(name), agreed)
        person = find_person(resources, address.given)
        if tagged:
            now = resources.clock.now()
            save_tags(resources.db, person.id, tagged, source=_BY_HAND, now=now)
    if agreed:
        return "Added."
    return "Added; a letter asks them to confirm (`lettermill serve` or `dispatch` sends it)."


def _enlist(resources: Resources, address: Address, name: str, agreed: str) -> None:
    settings, now, db = resources.settings, resources.clock.now(), resources.db
    if not agreed:
        joins = Joining(owing(resources), resources.fingerprints, welcomes=False)
        visit = Visit(at=now, ip="", agent="", source=_BY_HAND, language=settings.language)
        words = wording(resources, settings.language)
        joins.sign_up(db, address, Form(email=address.given, name=name), words, visit)
        return
    person = joining.enlist(db, address, now=now)
    save_preferences(db, person, {"name": name}, source=_BY_HAND, now=now)
    consent = Consent(
        action=Action.CONFIRMED, at=now, source=_BY_HAND, actor=Actor.AUTHOR, evidence=agreed
    )
    add_consent(db, person, consent)
    joining.set_status(db, person, Status.ACTIVE)


def _require_new(resources: Resources, address: Address) -> None:
    if subscribers.store.find_by_key(resources.db, address.key):
        raise NotAdded("they are on the list already: `lettermill why person` says how they stand")
    if erased_on(resources.db, resources.fingerprints, address.key):
        raise NotAdded("they asked to be erased; only they themselves can sign up again")
    if bars := suppressions_of(resources.db, address.key):
        raise NotAdded(f"this address is barred: {bars[0].reason.value}")


def tag_person(resources: Resources, text: str, changes: list[str]) -> frozenset[str]:
    """Put tags on somebody (`+runner`, or plain) or take them off (`-runner`); give all of them.

    Raises:
        BadAddress, NobodyThere: see `find_person`.
        BadTags: more tags than are allowed, or one too long.
    """
    person = find_person(resources, text)
    on = read_tags(",".join(c.removeprefix("+") for c in changes if not c.startswith("-")))
    off = read_tags(",".join(c.removeprefix("-") for c in changes if c.startswith("-")))
    tags = read_tags(",".join((person.tags - off) | on))
    now = resources.clock.now()
    save_tags(resources.db, person.id, tags, source=_BY_HAND, now=now)
    return tags


def unsubscribe_person(resources: Resources, text: str) -> None:
    """Take somebody off the list who told the author so.

    Raises:
        BadAddress, NobodyThere: see `find_person`.
    """
    person, now = find_person(resources, text), resources.clock.now()
    withdraw(resources.db, person.id, source=_BY_HAND, now=now, actor=Actor.AUTHOR)


def block_address(resources: Resources, text: str, because: str) -> None:
    """Bar an address for good.

    Raises:
        BadAddress: it is none.
    """
    key, now = read_address(text).key, resources.clock.now()
    suppress(resources.db, key, Reason.BLOCKED, evidence=because, now=now)
