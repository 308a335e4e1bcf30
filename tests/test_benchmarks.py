"""The benchmarks of sending still run, and their stand-in sees what it must see."""

import argparse
import http.client
import json
import math
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from benchmarks import delivery, goals, receivers, startup

READERS = 300
ONE, OTHER = "ada@example.com", "grace@example.com"


def asked(**options: object) -> argparse.Namespace:
    given = vars(delivery.parsed([str(READERS)]))
    return argparse.Namespace(**{**given, **options})


@pytest.mark.parametrize("kind", goals.GOALS)
def test_each_way_of_sending_is_measured(kind, tmp_path, monkeypatch):
    if kind == "smtp" and receivers.SMTP_SINK is None:
        pytest.skip("smtp-sink is not installed (Debian: apt-get install postfix)")
    monkeypatch.chdir(tmp_path)
    result = delivery.measure(kind, READERS, asked(folder=str(tmp_path), letters=100))
    assert result.readers == READERS
    assert math.ceil(READERS / result.a_call) >= 3
    assert result.rate > 0
    assert result.raw > 0
    assert kind in goals.as_row(result)
    assert goals.verdicts([result])


def bodies(*addresses: str) -> dict[str, tuple[str, bytes]]:
    """A call of each kind to these readers, as the sink is to understand it."""
    people = [{"To": f"A Name <{address}>", "HtmlBody": '"To":"'} for address in addresses]
    resent = [{"to": [f"A Name <{address}>"], "html": "x"} for address in addresses]
    personal = [{"to": [{"email": address, "name": "A"}]} for address in addresses]
    grid = {"from": {"email": "us@example.com"}, "personalizations": personal}
    form = f'--b\r\nContent-Disposition: form-data; name="to"\r\n\r\n{",".join(addresses)}\r\n--b--'
    query = [("from", "us@example.com"), *(("to", f"A <{address}>") for address in addresses)]
    return {
        "postmark": ("/email/batch", json.dumps(people).encode()),
        "postmark-template": (
            "/email/batchWithTemplates",
            json.dumps({"Messages": people}, separators=(",", ":")).encode(),
        ),
        "resend": ("/emails/batch", json.dumps(resent).encode()),
        "sendgrid": ("/v3/mail/send", json.dumps(grid).encode()),
        "mailgun": ("/v3/mg.example.com/messages", form.encode()),
        "mailgun, as a query": ("/v3/mg.example.com/messages", urlencode(query).encode()),
    }


def post(url: str, path: str, body: bytes) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    assert answer.status in (200, 202)
    answer.read()
    connection.close()


@pytest.mark.parametrize("kind", bodies())
def test_the_sink_notices_who_gets_two_letters(kind):
    with receivers.receiver(kind, Path()) as there:
        post(there.where, *bodies(ONE, OTHER)[kind])
        post(there.where, *bodies(ONE)[kind])
        counted = there.end()
    assert (counted["calls"], counted["letters"], counted["twice"]) == (2, 3, 1)
    with pytest.raises(RuntimeError, match="'twice': 1"):
        receivers.require_all(counted, 3)


@pytest.mark.parametrize("kind", bodies())
def test_the_sink_notices_who_stands_twice_in_one_call(kind):
    with receivers.receiver(kind, Path()) as there:
        post(there.where, *bodies(ONE, OTHER, ONE)[kind])
        assert there.end()["twice"] == 1


def test_the_sink_finds_every_reader_of_a_body_of_many_pieces():
    people = [{"To": f"A Name <reader{n:040}@example.com>"} for n in range(100_000)]
    with receivers.receiver("postmark", Path()) as there:
        post(there.where, "/email/batch", json.dumps(people).encode())
        counted = there.end()
    assert (counted["letters"], counted["twice"]) == (100_000, 0)
    assert counted["bytes"] > 7 * 1024**2


def test_a_missing_reader_ends_the_benchmark():
    with pytest.raises(RuntimeError, match="of 3 letters"):
        receivers.require_all({"letters": 2, "bytes": 10, "twice": 0}, 3)


def test_each_command_is_timed_from_the_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("LETTERMILL_HOME", "")  # the benchmark changes it
    found = startup.measure(tmp_path, READERS, runs=1, with_prefect=False)
    assert set(found) == {"plan", "status", "digest"}
    assert all(0 < took.processor < 60 for took in found.values())
    assert all(startup.as_row(name, took) for name, took in found.items())


def test_a_command_that_fails_is_not_timed(tmp_path):
    home = startup.lay_out(tmp_path / "home", 1)
    with pytest.raises(RuntimeError, match="digest-2019-01"):
        startup.run(startup.environment_of(tmp_path), home, "status", "digest-2019-01")
