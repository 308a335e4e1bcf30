"""What forms and confirmations do: load facts, decide, write down. Each is one job of a commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlite_utils import Database

from subscribers import store
from subscribers.address import Address
from subscribers.consent import Action, Consent
from subscribers.consent_store import add_consent, consents_of, keep_wording
from subscribers.fingerprint import Fingerprints
from subscribers.joining import store as joining
from subscribers.joining.form import Form
from subscribers.joining.sign_up import (
    LIFETIME,
    Known,
    Reply,
    may_confirm,
    weigh_search,
    weigh_sign_up,
)
from subscribers.joining.store import Request
from subscribers.links import new_id


class OweNote(Protocol):
    """Writes down, in the caller's transaction, that somebody is owed a letter."""

    def __call__(
        self, db: Database, request: Request, kind: str, language: str, *, already: bool = False
    ) -> None:
        """`kind` is `confirm`, `links` or `welcome`; `already`: they signed up once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A browser at one of our forms: what proves a consent. `language` is the page's."""

    at: datetime
    ip: str
    agent: str
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Joining:
    """The jobs of the way in; `owe` writes down the letters that they lead to."""

    owe: OweNote
    fingerprints: Fingerprints
    welcomes: bool

    def sign_up(self, db: Database, address: Address, form: Form, words: str, visit: Visit) -> None:
        """Take a form; `words` are those beside its button today, for a form that names none."""
        joining.forget_requests(db, before=visit.at - LIFETIME)
        reply = weigh_sign_up(self._known(db, address.key), visit.at)
        if reply is Reply.NOTHING:
            return
        person = joining.enlist(db, address, now=visit.at)
        kind = "confirm" if reply is Reply.CONFIRM else "links"
        request = Request(
            id=new_id(),
            kind=kind,
            subscriber_id=person,
            address_key=address.key,
            at=visit.at,
            name=form.name,
            language=visit.language,
        )
        joining.keep_request(db, request)
        if reply is Reply.CONFIRM:
            _write_down(db, request, Action.REQUESTED, visit, self._wording(db, form, words, visit))
        self.owe(db, request, kind, visit.language, already=reply is Reply.LINKS)

    def search(self, db: Database, address: Address, visit: Visit) -> None:
        """Take the form of somebody who has lost their link."""
        joining.forget_requests(db, before=visit.at - LIFETIME)
        person = store.find_by_key(db, address.key)
        reply = weigh_search(self._known(db, address.key), visit.at)
        if person is None or reply is Reply.NOTHING:
            return
        request = Request(
            id=new_id(),
            kind="links",
            subscriber_id=person.id,
            address_key=address.key,
            at=visit.at,
        )
        joining.keep_request(db, request)
        self.owe(db, request, "links", person.language or visit.language)

    def can_confirm(self, db: Database, request_id: str, now: datetime) -> Request | None:
        """The request that a link confirms, if its button would work, now or once more."""
        request = joining.find_request(db, request_id)
        if request is None or request.kind != "confirm":
            return None
        history = consents_of(db, request.subscriber_id)
        return request if may_confirm(request.id, request.at, history, now) else None

    def confirm(self, db: Database, request_id: str, visit: Visit) -> Request | None:
        """Press the button; twice is once. None where the link has had its day."""
        request = self.can_confirm(db, request_id, visit.at)
        if request is None or joining.is_confirmed(db, request.id):
            return request
        wording = joining.wording_of(db, request.id)
        joining.activate(db, request, fingerprints=self._prints(request.address_key))
        _write_down(db, request, Action.CONFIRMED, visit, wording)
        if self.welcomes:
            self.owe(db, request, "welcome", request.language)
        return request

    def _known(self, db: Database, address_key: str) -> Known:
        return joining.known_of(db, address_key, fingerprints=self._prints(address_key))

    def _prints(self, address_key: str) -> list[str]:
        return [each.value for each in self.fingerprints.all_of(address_key)]

    def _wording(self, db: Database, form: Form, words: str, visit: Visit) -> str:
        """The words that were agreed to: those the form names, if we know them, else today's."""
        known = joining.find_wording(db, form.wording)
        return known or keep_wording(db, words, language=visit.language, now=visit.at)


def _write_down(
    db: Database, request: Request, action: Action, visit: Visit, wording: str | None
) -> None:
    consent = Consent(
        action=action,
        at=visit.at,
        source=visit.source,
        wording=wording,
        language=visit.language,
        ip=visit.ip,
        agent=visit.agent,
        request=request.id,
    )
    add_consent(db, request.subscriber_id, consent)
