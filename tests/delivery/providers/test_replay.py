"""Providers that know a batch again, with the ledger: a lost answer costs nobody a letter."""

import json
from collections import Counter

import pytest

from delivery import count_store, store
from delivery.mailing import DeliveryState, Owed
from delivery.providers.brevo import Brevo
from delivery.providers.resend import Resend
from delivery.run import Terms
from delivery.sending import send_letters
from tests.delivery.providers import test_brevo, test_resend
from tests.fakes import LETTER, NOON, Time, all_stay

KEY = "digest-2026-11"
NAMES = ("ada", "bo", "cy", "di", "ed")


class ResendStand(test_resend.Stand):
    """Refuses a call as a whole for one address that it does not like."""

    def take(self, request):
        if b"wrong@" in request.data:
            return test_resend.refused(422, "validation_error", "Invalid `to` field")
        return super().take(request)

    def readers(self):
        return Counter(letter["to"][0].partition("<")[2] for letter in self.letters)


class BrevoStand(test_brevo.Stand):
    """Refuses a call as a whole for one address that it does not like."""

    def take(self, request):
        if b"wrong@" in request.data:
            return test_brevo.refused(400, "invalid_parameter", "email is not valid in to")
        return super().take(request)

    def readers(self):
        versions = [one for body in self.bodies for one in body["messageVersions"]]
        return Counter(one["to"][0]["email"] + ">" for one in versions)


@pytest.fixture(params=["resend", "brevo"])
def pair(request, httpserver):
    """A provider and who stands in for it."""
    api = httpserver.url_for("").rstrip("/")
    if request.param == "resend":
        provider, stand, path = Resend("re_key", api=api), ResendStand(), "/emails/batch"
    else:
        provider, stand, path = Brevo("xkeysib-1", api=api), BrevoStand(), "/smtp/email"
    httpserver.expect_request(path, method="POST").respond_with_handler(stand.take)
    return provider, stand


def send(db, provider, *addresses):
    audience = [Owed(a.partition("@")[0], a, a.partition("@")[0].title()) for a in addresses]
    store.freeze(
        db, KEY, {"": LETTER}, audience, provider=provider.name, content_hash="c", now=NOON
    )
    mailing = store.load_mailing(db, KEY)
    send_letters(db, mailing, provider, all_stay(), Time().clock(), Terms())


def test_a_lost_answer_is_asked_for_again_and_nobody_gets_two(db, pair):
    provider, stand = pair
    stand.broken_once = True
    send(db, provider, *(f"{name}@example.com" for name in NAMES))
    assert stand.readers() == Counter(f"{name}@example.com>" for name in NAMES)
    assert dict(count_store.tally(db, KEY).states) == {DeliveryState.SUBMITTED: 5}


def test_one_bad_address_does_not_keep_the_others_from_their_letter(db, pair):
    provider, stand = pair
    addresses = [f"{name}@example.com" for name in NAMES]
    send(db, provider, *addresses, "wrong@example.com")
    assert stand.readers() == Counter(f"{address}>" for address in addresses)
    assert dict(count_store.tally(db, KEY).states) == {
        DeliveryState.SUBMITTED: 5,
        DeliveryState.REFUSED: 1,
    }


def test_no_address_is_kept_with_a_batch_although_it_can_be_given_again(db, pair):
    provider, stand = pair
    stand.broken_once = True
    send(db, provider, "ada@example.com")
    assert "@" not in json.dumps(list(db.query("SELECT * FROM batches")))
