"""Where the parts are, what they are told, and what they say."""

import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import closing
from io import StringIO

import pytest
from rich.console import Console

from flows.errors import SettingsWrong
from flows.up.everything import keep_everything
from flows.up.keeping import Watched
from flows.up.lives import Life, Standing
from flows.up.log import Log
from flows.up.parts import Places, parts_of
from flows.up.processes import environment_of_own_server, password_of
from flows.up.screen import Lines, table_of
from tests.conftest import ROOT

HERE = Places("127.0.0.1", 8000, "127.0.0.1", "127.0.0.1", 4200)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_server_of_our_own_is_the_first_part_and_the_flows_wait_for_it():
    assert [(part.name, part.after) for part in parts_of(HERE)] == [
        ("prefect", ""),
        ("flows", "prefect"),
        ("site", ""),
    ]


def test_with_a_server_elsewhere_none_is_started():
    places = Places("127.0.0.1", 8000, "127.0.0.1", "127.0.0.1", None)
    parts = parts_of(places, "https://prefect.example/api")
    assert [(part.name, part.after) for part in parts] == [("flows", ""), ("site", "")]
    assert parts[0].address == "https://prefect.example/api"


@pytest.mark.parametrize(
    ("host", "found"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]"), ("10.0.0.5", "10.0.0.5")],
)
def test_what_listens_everywhere_is_asked_on_this_machine(host, found):
    assert Places(host, 8000, "", host, 4200).site == f"http://{found}:8000"


def test_the_password_is_made_once_and_only_we_may_read_it(tmp_path):
    password = password_of(tmp_path)
    assert password_of(tmp_path) == password
    assert len(password) > 30
    [file] = (tmp_path / ".lettermill").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_our_own_server_has_a_password_and_tells_nobody_about_us(tmp_path):
    environment = environment_of_own_server(tmp_path, "lettermill:secret")
    assert environment["PREFECT_SERVER_API_AUTH_STRING"] == "lettermill:secret"
    assert environment["PREFECT_API_AUTH_STRING"] == "lettermill:secret"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_a_log_has_no_address_no_colour_and_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.up.log._MOST", 1000)
    log = Log(tmp_path / "logs" / "site.log")
    for number in range(100):
        log.write(f"\x1b[31mline {number}\x1b[0m of ada@example.org, <bo@example.org>\n")
    log.write("╰────────╯\n")
    log.close()
    text = "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
    assert "@" not in text
    assert "\x1b" not in text
    assert len(text) < 3000
    assert log.last_words == "line 99 of … <…>"


def test_a_disk_that_is_full_costs_the_log_and_not_the_part(tmp_path):
    (tmp_path / "site.log").symlink_to("/dev/full")
    with closing(Log(tmp_path / "site.log")) as log:
        log.write("Serving")
    assert log.last_words == "Serving"
    assert log.trouble == "site.log: No space left on device"


def test_of_a_part_that_ended_the_error_is_told_and_not_its_goodbye(tmp_path):
    with closing(Log(tmp_path / "prefect.log")) as log:
        log.write("Traceback (most recent call last):")
        log.write("sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) file is not a database")
        log.write("Server stopped!")
        assert log.last_words.endswith("file is not a database")
        for _ in range(10):
            log.write("GET / 200")
        assert log.last_words == "GET / 200"


@pytest.fixture
def kept(tmp_path):
    made = []

    def keep(life: Life, name: str = "site") -> Watched:
        [part] = [part for part in parts_of(HERE) if part.name == name]
        made.append(Watched(part, Log(tmp_path / f"{name}.log"), life))
        return made[-1]

    yield keep
    for one in made:
        one.log.close()


def test_without_a_terminal_each_change_is_a_line(kept):
    out = Console(file=StringIO(), width=60)
    show = Lines(out)
    site = kept(Life(Standing.UP))
    show([site], 0)
    show([site], 1)
    site.life = Life(Standing.DOWN, restarts=2, why="ended by SIGKILL")
    show([site], 2)
    assert out.file.getvalue().splitlines() == [
        "site: up, http://127.0.0.1:8000",
        "site: down, 2 restarts, ended by SIGKILL; meanwhile nobody can join, or leave by a "
        "link; no events are heard",
    ]


def test_on_a_terminal_each_part_is_a_row_that_says_what_it_means(kept):
    out = Console(file=StringIO(), width=100)
    parts = [
        kept(Life(Standing.UP, since=0, restarts=1), "prefect"),
        kept(Life(Standing.DOWN, since=170, why="[red]no memory"), "flows"),
    ]
    out.print(table_of(parts, 180))
    text = out.file.getvalue()
    assert "prefect  up    3 min  http://127.0.0.1:4200  1 restart" in text
    assert "last: [red]no memory" in text
    assert "meanwhile nothing is read, sent or told by itself" in text


def test_a_port_that_is_taken_is_one_line(newsletter):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for places, option in (
            (Places("127.0.0.1", port, "", "127.0.0.1", free_port()), "try --port"),
            (Places("127.0.0.1", free_port(), "", "127.0.0.1", port), "try --prefect-port"),
        ):
            with pytest.raises(SettingsWrong, match=option):
                keep_everything(places, Console(file=StringIO()))


def test_a_site_for_strangers_needs_a_key_before_anything_is_started(newsletter):
    with pytest.raises(SettingsWrong, match="LETTERMILL_SECRET_KEYS"):
        keep_everything(
            Places("0.0.0.0", free_port(), "", "127.0.0.1", free_port()), Console(file=StringIO())
        )


def test_a_part_ends_when_up_is_gone_however_it_went(newsletter):
    port = str(free_port())
    child = subprocess.Popen(
        [sys.executable, "-m", "flows.up.child", "site", "127.0.0.1", port, "127.0.0.1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert b"Serving" in child.stdout.readline()
        child.stdin.close()  # as the end of its parent does
        assert child.wait(15) in (0, -signal.SIGTERM)
    finally:
        child.stdout.close()
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
