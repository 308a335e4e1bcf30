"""What the author sets of a provider reaches it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows.providers import open_provider, terms_of
from flows.settings.provider import ProviderSettings


def opened(key: str = "key", *, for_notes: bool = False, **set_: Any) -> Any:
    def render(name: str, values: Mapping[str, Any]) -> str:
        return name

    chosen = ProviderSettings(**set_)
    return open_provider(chosen, key, for_notes=for_notes, outbox=Path("outbox"), render=render)


EACH = [
    {"name": "outbox"},
    {"name": "postmark"},
    {"name": "resend"},
    {"name": "brevo"},
    {"name": "ses", "region": "eu-west-1", "user": "AKIA"},
    {"name": "mailgun", "domain": "mg.example"},
    {"name": "sendgrid"},
    {"name": "smtp", "host": "mx.example"},
]


@pytest.mark.parametrize("account", EACH, ids=lambda account: account["name"])
def test_the_pace_of_the_settings_reaches_every_provider(account):
    pace = {"calls_per_second": 1.5, "letters_per_second": 2.5, "connections": 3}
    limits = opened(**account, letters=7, **pace).limits
    assert (limits.letters, limits.calls) == (7, 1.5)
    assert (limits.letters_per_second, limits.connections) == (2.5, 3)


@pytest.mark.parametrize("account", EACH, ids=lambda account: account["name"])
def test_no_call_carries_more_than_the_provider_takes(account):
    plain = opened(**account).limits
    assert opened(**account, letters=2**31 - 1).limits.letters == (plain.most or plain.letters)


@pytest.mark.parametrize(
    ("account", "address"),
    [
        ({"name": "mailgun", "domain": "d.example"}, "https://api.mailgun.net"),
        ({"name": "mailgun", "domain": "d.example", "region": "eu"}, "https://api.eu.mailgun.net"),
        ({"name": "sendgrid", "region": "us"}, "https://api.sendgrid.com"),
        ({"name": "sendgrid", "region": "eu"}, "https://api.eu.sendgrid.com"),
        (EACH[4], "https://email.eu-west-1.amazonaws.com"),
    ],
)
def test_the_region_says_where_letters_go_and_an_address_of_ones_own_comes_first(account, address):
    assert opened(**account)._api._base == address
    own = opened(**account, api="http://127.0.0.1:9")
    assert own._api._base == "http://127.0.0.1:9"


def test_notes_go_by_a_stream_of_their_own():
    streams = {"stream": "news", "notes_stream": "notes"}
    assert opened(name="postmark", **streams)._stream == "news"
    assert opened(name="postmark", **streams, for_notes=True)._stream == "notes"


def test_an_smtp_server_is_the_one_of_the_settings():
    relay = {"name": "smtp", "host": "mx.example", "port": 2525, "security": "tls", "user": "u"}
    server = opened("word", **relay)._server
    assert (server.host, server.port, server.security) == ("mx.example", 2525, "tls")
    assert (server.user, server.password) == ("u", "word")


def test_the_events_of_ses_are_asked_for_by_the_set_of_the_settings():
    assert opened(**EACH[4], configuration_set="ours")._configuration_set == "ours"


def test_quotas_and_what_is_done_about_lost_answers_reach_the_run():
    quotas = {"letters_per_day": 5, "bytes_per_day": 6, "warm_up": [1, 2]}
    terms = terms_of(ProviderSettings(**quotas, on_unknown="resend"))
    given = terms.allowance
    assert (terms.on_unknown.value, given.letters, given.bytes) == ("resend", 5, 6)
    assert given.warm_up == (1, 2)


@pytest.mark.parametrize(("user", "needed"), [("", False), ("u", True)])
def test_a_relay_that_asks_nobody_for_a_name_needs_no_password(user, needed):
    assert ProviderSettings(name="smtp", host="localhost", user=user).needs_key is needed
