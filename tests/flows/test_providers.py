"""The provider of the settings: each is opened, where it is told to, at the pace it is told to."""

import pytest

from delivery.pace import Allowance
from delivery.unknown import OnUnknown
from flows.providers import open_provider, terms_of
from flows.settings.provider import ProviderSettings

NEEDS = {
    "mailgun": {"domain": "mg.example.com"},
    "ses": {"region": "eu-west-1", "user": "AKID"},
    "smtp": {"host": "mail.example.com"},
}
NAMES = ["outbox", "postmark", "resend", "mailgun", "sendgrid", "ses", "brevo", "smtp"]


def opened(tmp_path, name: str, *, for_notes: bool = False, **changes):
    chosen = ProviderSettings(name=name, **NEEDS.get(name, {}), **changes)
    return open_provider(
        chosen, "key", for_notes=for_notes, outbox=tmp_path, render=lambda name, values: ""
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_is_opened_with_its_own_pace_unless_the_author_sets_another(tmp_path, name):
    provider = opened(tmp_path, name)
    assert provider.name == name
    assert provider.limits == type(provider).limits
    assert provider.limits.letters >= 1
    paced = opened(
        tmp_path, name, letters=7, calls_per_second=1.5, letters_per_second=9, connections=3
    )
    limits = paced.limits
    found = (limits.letters, limits.calls, limits.letters_per_second, limits.connections)
    assert found == (7, 1.5, 9, 3)
    provider.close()
    paced.close()


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_makes_a_call_larger_than_the_provider_takes(tmp_path, name):
    provider = opened(tmp_path, name, letters=1_000_000)
    assert provider.limits.letters <= (provider.limits.most or type(provider).limits.letters)
    provider.close()


@pytest.mark.parametrize("name", ["mailgun", "sendgrid"])
def test_an_account_in_europe_has_another_address_and_is_another_account(tmp_path, name):
    here, there = opened(tmp_path, name), opened(tmp_path, name, region="eu")
    assert here.account != there.account


def test_two_accounts_at_one_provider_are_told_apart(tmp_path):
    one = opened(tmp_path, "smtp", user="ada")
    assert one.account != opened(tmp_path, "smtp", user="bo").account


def test_what_the_author_allows_becomes_the_terms_of_a_run():
    chosen = ProviderSettings(
        letters_per_day=500, bytes_per_day=10**9, warm_up=(50, 200), on_unknown="resend"
    )
    terms = terms_of(chosen)
    assert terms.allowance == Allowance(500, 10**9, (50, 200))
    assert terms.on_unknown is OnUnknown.RESEND


@pytest.mark.parametrize(
    ("name", "user", "needs"),
    [("outbox", "", False), ("smtp", "", False), ("smtp", "ada", True), ("postmark", "", True)],
)
def test_a_mail_server_of_ones_own_need_not_ask_for_a_password(name, user, needs):
    chosen = ProviderSettings(name=name, **NEEDS.get(name, {}), user=user)
    assert chosen.needs_key is needs
