"""prefect.yaml, checked without a server: Prefect ignores unknown keys and says nothing."""

import importlib
import inspect
import tomllib
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.conftest import ROOT

DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
KEYS = {"name", "description", "entrypoint", "parameters", "work_pool", "schedules"}


def by_entrypoint(deployment):
    return deployment["entrypoint"].rpartition(".")[2]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=by_entrypoint)
def test_every_key_is_one_that_prefect_knows(deployment):
    assert set(deployment) <= KEYS
    assert deployment["work_pool"] == {"name": "lettermill"}
    for schedule in deployment.get("schedules", []):
        assert set(schedule) == {"cron", "timezone"}


@pytest.mark.slow
@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=by_entrypoint)
def test_every_entrypoint_is_a_flow_with_these_parameters(deployment):
    module, _, name = deployment["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert type(flow).__name__ == "Flow"
    assert set(deployment.get("parameters", {})) <= set(inspect.signature(flow.fn).parameters)


def test_the_schedules_are_in_the_zone_of_the_sample_newsletter():
    zone = tomllib.loads((ROOT / "lettermill.toml").read_text())["zone"]
    ZoneInfo(zone)
    zones = {s["timezone"] for d in DEPLOYMENTS for s in d.get("schedules", [])}
    assert zones == {zone}


def test_the_digest_goes_out_on_the_first_and_only_then():
    crons = {by_entrypoint(d): d.get("schedules", [{}])[0].get("cron") for d in DEPLOYMENTS}
    assert crons == {
        "send_campaign": None,
        "collect_posts": "7 * * * *",
        "monthly_digest": "0 9 1 * *",
        "dispatch": "*/5 * * * *",
        "handle_unsubscribes": "*/15 * * * *",
    }


def test_the_versions_that_break_prefect_are_not_in_the_lock():
    """FastAPI >= 0.155 fails every run; SQLAlchemy 2.1 schedules none and says nothing."""
    lock = (ROOT / "requirements.lock").read_text()
    pins = dict(line.split(" ")[0].split("==") for line in lock.splitlines() if "==" in line)
    assert tuple(map(int, pins["fastapi"].split(".")[:2])) < (0, 151)
    assert pins["sqlalchemy"].startswith("2.0.")
    assert "://" not in lock, "the lock names no index host"
