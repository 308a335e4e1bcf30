"""What stands in deploy/ and the Containerfile: our own commands, and no secret."""

import configparser
import json
import re
import shlex
import tomllib
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.schedule import Schedule
from flows.serving.access_log import _PRIVATE
from flows.up import served
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
CONTAINERFILE = (ROOT / "Containerfile").read_text()


def unit(path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str
    read.read_string(path.read_text())
    return read


def is_ours(words: list[str]) -> bool:
    """Whether `lettermill` has this command with these options."""
    words = words[words.index("-C") + 2 :] if "-C" in words else words[1:]
    shown = CliRunner().invoke(app, [words[0], "--help"])
    options = [word for word in words if word.startswith("--")]
    return shown.exit_code == 0 and all(option in shown.stdout for option in options)


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.stem)
def test_a_unit_runs_a_command_of_ours_and_may_write_into_its_folder_only(path):
    service = unit(path)["Service"]
    command = shlex.split(service["ExecStart"])
    if command[0] == "/bin/sh":
        command = shlex.split(command[2].replace("exec ", "").replace("$(", "").replace(")", ""))
    assert command[0] == "/opt/lettermill/.venv/bin/lettermill"
    assert is_ours(command)
    assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"].split()[0] == "/srv/news"
    assert service["EnvironmentFile"] == "/etc/lettermill/secrets"
    assert "LETTERMILL_" not in service.get("Environment", "")


def test_the_timer_starts_the_backup_of_its_name():
    [timer] = DEPLOY.glob("*.timer")
    assert timer.with_suffix(".service").exists()
    assert unit(timer)["Timer"]["OnCalendar"]


def test_the_proxy_logs_no_path_in_which_a_token_or_a_secret_stands():
    text = (DEPLOY / "nginx.conf").read_text()
    [private] = re.findall(r"location ~ \^/\(([a-z|]+)\)/", text)
    assert {f"/{name}/" for name in private.split("|")} == set(_PRIVATE)
    assert "return 30" not in text
    assert "rewrite" not in text
    assert "auth_basic" not in text


def test_the_image_has_all_that_is_imported_and_no_secret():
    copied = set(
        " ".join(re.findall(r"^COPY (?!--)(.*) \S+$", CONTAINERFILE, re.MULTILINE)).split()
    )
    assert all((ROOT / name).exists() for name in copied)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"][
        "packages"
    ]
    assert {name.partition(".")[0] for name in packages} | {"templates"} <= copied
    assert {"requirements.lock", "requirements-uv.lock", "pyproject.toml", "Makefile"} <= copied
    assert "KEY" not in CONTAINERFILE
    assert CONTAINERFILE.rindex("\nUSER lettermill") > CONTAINERFILE.rindex("\nFROM")


def test_the_image_has_the_files_that_lettermill_up_reads(tmp_path, monkeypatch):
    for line in re.findall(r"^COPY (?!--)(.*)$", CONTAINERFILE, re.MULTILINE):
        *sources, target = line.split()
        for name in sources:
            (tmp_path / (name if target == "./" else target)).symlink_to(ROOT / name)
    monkeypatch.setattr(served, "OUR_TEMPLATES", tmp_path / "templates")
    assert len(served.make_deployments(Schedule(ZoneInfo("UTC")))) == 6


def test_the_image_has_no_name_for_all_machines_by_which_a_copied_folder_would_be_at_home():
    assert not re.search(r"^ENV .*LETTERMILL_INSTANCE", CONTAINERFILE, re.MULTILINE)


def test_the_container_runs_a_command_of_ours():
    [command] = re.findall(r"^CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert is_ours(json.loads(command))
