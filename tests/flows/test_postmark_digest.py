"""The digest through Postmark, end to end over real sockets: silence, and what settles it."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from werkzeug import Response

from delivery.providers.postmark import Postmark
from flows.resources import open_resources
from tests.fakes import postmark_answer
from tests.flows.homes import change
from tests.flows.terminal import HELD, Ran


class StandIn:
    """Takes batches; is silent when told to; can be searched."""

    def __init__(self, httpserver) -> None:
        self.taken: list[dict] = []
        self.silent = 0
        httpserver.expect_request("/email/batch").respond_with_handler(self.batch)
        httpserver.expect_request("/messages/outbound").respond_with_handler(self.search)
        # It has no room for templates, so it gets whole messages.
        httpserver.expect_request("/templates", method="POST").respond_with_json(
            {"ErrorCode": 1105, "Message": "too many templates"}, status=422
        )
        httpserver.expect_request("/templates", method="GET").respond_with_json({"Templates": []})

    def batch(self, request):
        self.taken += json.loads(request.data)
        if self.silent:
            self.silent -= 1
            return Response("<html>gateway timeout</html>", status=504)
        return Response(postmark_answer(request.data), content_type="application/json")

    def search(self, request):
        [name] = [name for name in request.args if name.startswith("metadata_")]
        wanted, offset = request.args[name], int(request.args["offset"])
        found = [m for m in self.taken if m["Metadata"][name.removeprefix("metadata_")] == wanted]
        page = [{"MessageID": "m", "Metadata": m["Metadata"]} for m in found[offset : offset + 500]]
        return Response(json.dumps({"Messages": page}), content_type="application/json")

    def readers(self) -> Counter[str]:
        return Counter(message["To"] for message in self.taken)


@pytest.fixture
def postmark(newsletter, httpserver, monkeypatch):
    stand_in = StandIn(httpserver)
    api = httpserver.url_for("").rstrip("/")
    change(newsletter, "not_for = ", "# not_for = ")  # one letter for everybody: one batch
    change(newsletter, 'name = "outbox"', f'name = "postmark"\napi = "{api}"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    monkeypatch.setenv("LETTERMILL_PROVIDER_KEY", "server-token")
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "a-key-of-a-newsletter-of-its-own")
    with time_machine.travel("2026-12-01T17:00:00Z", tick=True):
        Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
        yield stand_in


def test_every_reader_has_one_letter_with_a_way_out_that_we_can_read(postmark):
    assert "46 submitted, 14 skipped" in Ran("digest", "2026-11", "--yes").out
    assert set(postmark.readers().values()) == {1}
    headers = {h["Name"]: h["Value"] for h in postmark.taken[0]["Headers"]}
    token = headers["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    with open_resources() as resources:
        assert resources.exits.read(token) in postmark.taken[0]["Metadata"]["send_key"]


def test_silence_is_told_and_settled_by_asking_and_nobody_has_two_letters(postmark, monkeypatch):
    monkeypatch.setattr(Postmark, "limits", replace(Postmark.limits, letters=20))
    postmark.silent = 1
    ran = Ran("digest", "2026-11", "--yes")
    assert ran.code == HELD
    assert ran.out == (
        "digest-2026-11: 26 submitted, 20 unknown, 14 skipped. Those were handed over and nothing "
        "was heard; they are not sent again. `lettermill dispatch` in ten minutes asks the "
        "provider, `lettermill resolve digest-2026-11` lets you say.\n"
    )
    assert Ran("dispatch").code == HELD  # too soon to ask
    soon = Ran("status", "digest-2026-11", "--json").out
    assert json.loads(soon)["editions"][0]["letters"] == {
        "submitted": 26,
        "unknown": 20,
        "skipped": 14,
    }
    with time_machine.travel("2026-12-01T17:05:00Z", tick=True):
        assert "sent. 46 submitted" in Ran("dispatch").out
    assert len(postmark.readers()) == 46
    assert set(postmark.readers().values()) == {1}


def test_a_batch_that_never_arrived_goes_out_when_that_is_certain(postmark):
    postmark.silent = 1
    Ran("digest", "2026-11", "--yes")
    postmark.taken.clear()  # the gateway answered, and Postmark never saw it
    with time_machine.travel("2026-12-01T17:05:00Z", tick=True):
        assert Ran("dispatch").code == HELD
        assert not postmark.taken
    with time_machine.travel("2026-12-01T17:00:00Z", tick=True) as time:
        time.shift(timedelta(minutes=11))
        assert "sent. 46 submitted" in Ran("dispatch").out
    assert set(postmark.readers().values()) == {1}


def test_an_account_that_is_refused_pauses_says_so_and_uses_nobody_up(postmark, httpserver):
    refusal = [{"ErrorCode": 405, "Message": "no credits"}] * 46
    httpserver.expect_oneshot_request("/email/batch").respond_with_json(refusal)
    ran = Ran("digest", "2026-11", "--yes")
    assert (ran.code, "`lettermill resume digest-2026-11` goes on" in ran.complaint) == (HELD, True)
    for command in (["dispatch"], ["digest", "2026-11"]):
        waiting = Ran(*command)
        assert waiting.code == HELD
        assert "paused: postmark: the account is out of credits. 46 pending" in waiting.out
    assert "digest-2026-11  paused" in Ran("status").out
    assert "sent. 46 submitted" in Ran("digest", "2026-11", "--yes").out
    assert set(postmark.readers().values()) == {1}
