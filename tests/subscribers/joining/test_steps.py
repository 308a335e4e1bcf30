"""The way in on a real database: what is written down, what is owed, what is not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from subscribers import store
from subscribers.address import read_address
from subscribers.consent import Action, Consent, Ruling, Status
from subscribers.consent_store import add_consent, consents_of
from subscribers.fingerprint import Fingerprints
from subscribers.joining.form import Form
from subscribers.joining.sign_up import LIFETIME, MOST_A_DAY
from subscribers.joining.steps import Joining, Visit
from subscribers.leaving.erasure_store import erase, erased_on
from subscribers.leaving.store import withdraw
from subscribers.suppression import Reason
from subscribers.suppression_store import suppress, suppressions_of
from tests.fakes import NOON
from tests.subscribers.lists import dump, enlist

ADA = read_address("ada@example.com")
KEYS = Fingerprints(["a key of a test"])
WORDS = "Yes, write to me."
VISIT = Visit(
    at=NOON,
    ip="192.0.2.7",
    agent="A browser",
    source="form at blog.example",
    language="de",
)


class Desk:
    """The way in with its letters on a pile: (kind, language, whether they are there already)."""

    def __init__(self, db, *, welcomes: bool = True) -> None:
        self.db = db
        self.owed = list[tuple[str, str, bool]]()
        self.joining = Joining(self._owe, KEYS, welcomes)
        self.last = ""

    def _owe(self, db, request, kind, language, *, already=False) -> None:
        self.last = request.id
        self.owed.append((kind, language, already))

    def sign_up(self, name: str = "", wording: str = "", at: datetime = NOON) -> str:
        form = Form(email=ADA.given, name=name, wording=wording)
        self.joining.sign_up(self.db, ADA, form, WORDS, replace(VISIT, at=at))
        return self.last

    def confirm(self, request: str, at: datetime = NOON) -> bool:
        visit = replace(VISIT, at=at, source="confirmation", ip="198.51.100.1")
        return self.joining.confirm(self.db, request, visit) is not None

    def search(self, at: datetime = NOON) -> None:
        self.joining.search(self.db, ADA, replace(VISIT, at=at))


@pytest.fixture
def desk(db) -> Desk:
    return Desk(db)


def ada(db) -> store.Subscriber:
    person = store.find_by_key(db, ADA.key)
    assert person is not None
    return person


def ruling(db) -> Ruling:
    return ada(db).ruling(NOON.date())


def test_a_stranger_is_asked_and_not_on_the_list_before_they_say_yes(db, desk):
    request = desk.sign_up()
    assert ruling(db) is Ruling.UNCONFIRMED
    assert desk.confirm(request)
    assert ruling(db) is Ruling.MAY_SEND
    assert desk.owed == [("confirm", "de", False), ("welcome", "de", False)]


def test_all_that_proves_a_consent_is_kept(db, desk):
    desk.confirm(desk.sign_up())
    asked, confirmed = consents_of(db, ada(db).id)
    (wording,) = db["wordings"].rows
    assert (wording["text"], wording["version"], wording["language"]) == (WORDS, 1, "de")
    assert asked.wording == confirmed.wording == wording["hash"]
    assert asked.request == confirmed.request == desk.last
    assert (asked.ip, asked.agent, asked.source) == ("192.0.2.7", "A browser", VISIT.source)
    assert (confirmed.ip, confirmed.source) == ("198.51.100.1", "confirmation")


def test_a_form_with_older_words_is_a_consent_to_those(db, desk):
    desk.sign_up()
    (old,) = [row["hash"] for row in db["wordings"].rows]
    form = Form(email=ADA.given, wording=old)
    desk.joining.sign_up(db, ADA, form, "Other words.", VISIT)
    assert [past.wording for past in consents_of(db, ada(db).id)] == [old, old]


@pytest.mark.parametrize("wording", ["", "0" * 64, "%", "' OR 1=1"])
def test_a_form_that_names_no_words_of_ours_is_a_consent_to_those_of_today(db, desk, wording):
    desk.sign_up(wording=wording)
    assert [row["text"] for row in db["wordings"].rows] == [WORDS]


def test_a_name_from_a_form_is_kept_by_nobody_before_it_is_confirmed(db, desk):
    request = desk.sign_up(name="Buy pills")
    assert ada(db).name == ""
    desk.confirm(request)
    assert (ada(db).name, ada(db).language) == ("Buy pills", "de")


def test_a_form_about_somebody_on_the_list_changes_nothing_of_them(db, desk):
    enlist(db, "ada")
    before = (ada(db), consents_of(db, "ada"))
    desk.confirm(desk.sign_up(name="Somebody else"))
    assert (ada(db), consents_of(db, "ada")) == before
    assert desk.owed == [("links", "de", True)]


def test_confirming_twice_is_confirming_once(db, desk):
    request = desk.sign_up()
    desk.confirm(request)
    once, owed = dump(db), list(desk.owed)
    assert desk.confirm(request)
    assert (dump(db), desk.owed) == (once, owed)


def test_no_welcome_is_owed_where_the_author_wants_none(db):
    desk = Desk(db, welcomes=False)
    desk.confirm(desk.sign_up())
    assert [kind for kind, *_ in desk.owed] == ["confirm"]


def test_a_confirmation_dies_after_a_month_and_with_leaving(db, desk):
    request = desk.sign_up()
    assert not desk.confirm(request, at=NOON + LIFETIME)
    desk.confirm(request)
    withdraw(db, ada(db).id, source="page", now=NOON)
    assert not desk.confirm(request)
    assert ruling(db) is Ruling.SUPPRESSED


def test_who_left_comes_back_by_a_sign_up_of_their_own(db, desk):
    enlist(db, "ada")
    withdraw(db, "ada", source="page", now=NOON)
    request = desk.sign_up()
    assert ruling(db) is Ruling.SUPPRESSED
    desk.confirm(request)
    assert ruling(db) is Ruling.MAY_SEND


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.BLOCKED])
def test_whom_we_barred_no_form_writes_to_nor_writes_about(db, desk, reason):
    suppress(db, ADA.key, reason, evidence="an event", now=NOON)
    before = dump(db)
    desk.sign_up()
    desk.search()
    assert (dump(db), desk.owed) == (before, [])


def test_who_complained_after_asking_may_confirm_and_still_gets_nothing(db, desk):
    request = desk.sign_up()
    suppress(db, ADA.key, Reason.COMPLAINED, evidence="an event", now=NOON)
    desk.confirm(request)
    assert ruling(db) is Ruling.SUPPRESSED


def test_a_search_mails_the_links_to_who_is_or_was_on_the_list(db, desk):
    desk.search()
    assert desk.owed == []
    enlist(db, "ada", status=Status.PENDING)
    desk.search()
    withdraw(db, "ada", source="page", now=NOON)
    desk.search()
    assert desk.owed == [("links", "de", False)] * 2


def test_both_forms_together_send_three_letters_a_day(db, desk):
    enlist(db, "ada")
    for _ in range(4):
        desk.sign_up()
        desk.search()
    assert len(desk.owed) == MOST_A_DAY
    desk.search(at=NOON + timedelta(days=1))
    assert len(desk.owed) == MOST_A_DAY + 1


def test_a_link_of_another_kind_confirms_nothing(db, desk):
    enlist(db, "ada", status=Status.PENDING)
    desk.search()
    assert not desk.confirm(desk.last)
    assert not desk.confirm("no such request")
    assert ruling(db) is Ruling.UNCONFIRMED


def test_requests_that_count_no_more_are_forgotten(db, desk):
    first = desk.sign_up()
    desk.sign_up(at=NOON + LIFETIME + timedelta(seconds=1))
    assert first not in [row["id"] for row in db["requests"].rows]


def test_who_was_erased_comes_back_by_their_own_yes_alone(db, desk):
    enlist(db, "ada")
    erase(db, "ada", KEYS, now=NOON)
    request = desk.sign_up()
    assert erased_on(db, KEYS, ADA.key) == NOON
    desk.confirm(request)
    assert erased_on(db, KEYS, ADA.key) is None
    assert ruling(db) is Ruling.MAY_SEND


def test_who_complained_before_they_were_erased_is_not_written_to(db, desk):
    enlist(db, "ada")
    suppress(db, ADA.key, Reason.COMPLAINED, evidence="an event", now=NOON)
    erase(db, "ada", KEYS, now=NOON)
    assert suppressions_of(db, ADA.key) == []
    desk.sign_up()
    assert desk.owed == []


def test_a_stranger_who_never_said_yes_is_forgotten_and_others_are_kept(db, desk):
    enlist(db, "bo", status=Status.PENDING)
    enlist(db, "cy")
    add_consent(db, "bo", Consent(action=Action.IMPORTED, at=NOON, source="import a.csv line 2"))
    desk.sign_up()
    eve = read_address("eve@example.com")
    later = replace(VISIT, at=NOON + LIFETIME + timedelta(seconds=1))
    desk.joining.sign_up(db, eve, Form(email=eve.given), WORDS, later)
    left = {person.address for person in store.all_subscribers(db)}
    assert left == {"bo@example.com", "cy@example.com", "eve@example.com"}
    assert "ada" not in str(dump(db))
