"""The example of ADDING.md is a provider: it keeps the contract, as it stands there."""

import json
import re
from types import ModuleType

import pytest
from werkzeug import Response

from delivery import errors
from delivery.errors import AccountHalted, LetterRefused, OutcomeUnknown, ProviderUnavailable
from delivery.providers.base import Limits, Provider
from tests.conftest import ROOT
from tests.delivery.providers.contract import MESSAGES, ProviderContract, address, batch
from tests.fakes import LETTER, NOON

ADDING = ROOT / "delivery" / "providers" / "ADDING.md"


def example() -> ModuleType:
    """The module that stands in ADDING.md."""
    [source] = re.findall("```python\n(.*?)```", ADDING.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("pigeon")
    exec(compile(source, str(ADDING), "exec"), module.__dict__)
    return module


@pytest.fixture
def letters(httpserver):
    """What the stand-in for Pigeon took."""
    letters: list[dict] = []

    def take(request):
        assert request.headers["X-Key"] == "key"
        first = len(letters)
        letters.extend(json.loads(request.data))
        return Response(json.dumps(list(range(first, len(letters)))))

    def search(request):
        found = [
            {"key": one["reader"]["key"], "id": number}
            for number, one in enumerate(letters)
            if one["reader"]["batch"] == request.args["batch"]
        ]
        return Response(json.dumps(found))

    httpserver.expect_request("/letters", method="POST").respond_with_handler(take)
    httpserver.expect_request("/letters", method="GET").respond_with_handler(search)
    return letters


@pytest.fixture
def provider(httpserver):
    pigeon: Provider = example().Pigeon("key", api=httpserver.url_for("").rstrip("/"))
    yield pigeon
    pigeon.close()


@pytest.fixture
def taken(letters):
    def read():
        return [
            {
                "to": address(one["reader"]["to"]),
                "subject": one["subject"],
                "headers": one["reader"]["headers"],
                "html": one["html"],
                "text": one["text"],
            }
            for one in letters
        ]

    return read


class TestPigeon(ProviderContract):
    """The contract, over HTTP."""


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (402, "", AccountHalted),
        (422, "", LetterRefused),
        (401, "", AccountHalted),
        (500, "", OutcomeUnknown),
        (200, "<html>", OutcomeUnknown),
        (200, "[1]", OutcomeUnknown),
    ],
)
def test_its_answers_are_sorted_by_what_to_do_next(provider, httpserver, status, body, error):
    httpserver.expect_request("/letters").respond_with_data(body, status)
    with pytest.raises(error):
        provider.submit(provider.encode("b1", LETTER, MESSAGES, now=NOON))


def test_a_search_that_fails_proves_nothing(provider, httpserver):
    httpserver.expect_request("/letters").respond_with_data('{"no": "list"}')
    with pytest.raises(ProviderUnavailable):
        provider.reconcile(batch(), now=NOON)


TEXT = ADDING.read_text(encoding="utf-8")
LIMITS, ERRORS = TEXT.partition("## What a no means")[::2]
OF_TIMEDELTA = {"minutes", "hours", "days"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b([a-z_]+)=", LIMITS)) - OF_TIMEDELTA))
def test_a_limit_that_is_named_there_is_one(name):
    assert name in Limits.__dataclass_fields__ or name == "now"


@pytest.mark.parametrize(
    "name", sorted(set(re.findall("`([A-Z][a-z]+[A-Z]\\w+)", ERRORS.partition("## Before")[0])))
)
def test_an_error_that_is_named_there_is_one(name):
    assert issubclass(getattr(errors, name), errors.ProviderError)
