"""A configured Prefect server that is not as it should be: one line, and nothing is done."""

import re
import socket

import pytest
from typer.testing import CliRunner

from flows.cli import app

pytestmark = pytest.mark.slow  # Prefect is imported
ADDRESS = "/api/admin/version"


@pytest.fixture
def says(newsletter, monkeypatch):
    """What a command says in a process that finds a Prefect server at an address."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    def run(url: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("PREFECT_API_URL", url)
        with temporary_settings({PREFECT_API_URL: url}):
            result = CliRunner().invoke(app, arguments)
        return result.exit_code, result.stderr

    return run


@pytest.mark.parametrize("command", ["dispatch", "up"])
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"response_json": "3.1.2"}, r"is of version 3\.1, and here is 3\.\d+; run the same"),
        ({"status": 401}, r"does not let us in; PREFECT_API_AUTH_STRING is not its name and"),
        ({"status": 404}, r"is no Prefect server, or a broken one \(HTTP 404\)"),
        ({"response_data": "hello"}, "no Prefect server answers at"),
    ],
)
def test_it_is_told_in_one_line(httpserver, says, newsletter, command, answer, told):
    expected = httpserver.expect_request(ADDRESS)
    if "response_json" in answer:
        expected.respond_with_json(answer["response_json"])
    else:
        expected.respond_with_data(**answer)
    code, said = says(httpserver.url_for("/api"), command)
    assert (code, said.count("\n")) == (2, 1), said
    assert re.search(told, said)
    assert not (newsletter / "outbox").exists()


def test_nobody_there_is_told_in_one_line(says):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, said = says(f"http://127.0.0.1:{port}/api", "dispatch")
    assert (code, said.count("\n")) == (2, 1), said
    assert "start it, or unset PREFECT_API_URL" in said
