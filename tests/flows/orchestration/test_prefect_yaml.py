"""prefect.yaml, checked without a server: Prefect ignores unknown keys and says nothing."""

import importlib
import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from content.period import Period
from flows.resources import open_resources
from tests.conftest import ROOT

WHOLE = yaml.safe_load((ROOT / "prefect.yaml").read_text())
DEPLOYMENTS = WHOLE["deployments"]
KEYS = {
    "name",
    "description",
    "version",
    "tags",
    "entrypoint",
    "parameters",
    "enforce_parameter_schema",
    "work_pool",
    "concurrency_limit",
    "schedules",
}


def by_entrypoint(deployment):
    return deployment["entrypoint"].rpartition(".")[2]


def flow_of(deployment):
    module, _, name = deployment["entrypoint"].rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=by_entrypoint)
def test_every_key_is_one_that_we_know(deployment):
    assert set(deployment) <= KEYS
    assert deployment["work_pool"] == {"name": "lettermill"}
    assert deployment["concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_limit"]["collision_strategy"] in ("ENQUEUE", "CANCEL_NEW")
    assert "lettermill" in deployment["tags"]
    assert deployment["description"]
    for schedule in deployment.get("schedules", []):
        assert set(schedule) == {"cron", "timezone"}


@pytest.mark.slow
def test_every_key_is_one_that_prefect_knows():
    """Its models ignore what they do not know; so they are asked what they do."""
    from prefect.cli.deploy import _models as models

    known = set(models.DeploymentConfig.model_fields)
    limits = set(models.ConcurrencyLimitSpec.model_fields)
    schedules = set(models.RawScheduleConfig.model_fields)
    heads = {f.alias or name for name, f in models.PrefectYamlModel.model_fields.items()}
    assert set(WHOLE) <= heads
    for deployment in DEPLOYMENTS:
        assert set(deployment) <= known
        assert set(deployment["concurrency_limit"]) <= limits
        assert set(deployment["work_pool"]) <= set(models.WorkPoolConfig.model_fields)
        for schedule in deployment.get("schedules", []):
            assert set(schedule) <= schedules
    models.PrefectYamlModel.model_validate(WHOLE)


@pytest.mark.slow
@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=by_entrypoint)
def test_every_entrypoint_is_a_flow_whose_form_a_person_can_fill_in(deployment):
    flow = flow_of(deployment)
    assert type(flow).__name__ == "Flow"
    assert flow.description
    form = flow.parameters.model_dump()
    fields = form["properties"]
    given = deployment.get("parameters", {})
    assert set(given) <= set(fields)
    assert set(form.get("required", [])) | set(given) == set(fields)
    assert bool(fields) == deployment.get("enforce_parameter_schema", False)
    assert all(field["description"] for field in fields.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "parameters", "fits"),
    [
        ("monthly_digest", {"period": "2026-11"}, True),
        ("monthly_digest", {"period": None, "send": True}, True),
        ("monthly_digest", {"period": "2026-13"}, False),
        ("monthly_digest", {"period": "November"}, False),
        ("monthly_digest", {"send": "perhaps"}, False),
        ("send_campaign", {"file": "/srv/news/spring.md"}, True),
        ("send_campaign", {"file": "/srv/news/spring.docx"}, False),
        ("send_campaign", {}, False),
        ("dispatch", {"key": "digest-2026-11"}, True),
        ("dispatch", {"key": "../../etc"}, False),
    ],
)
def test_what_does_not_fit_the_form_starts_no_run(flow, parameters, fits):
    from jsonschema import Draft202012Validator

    form = getattr(importlib.import_module("flows.deployed"), flow).parameters.model_dump()
    assert Draft202012Validator(form).is_valid(parameters) is fits


def test_the_schedules_are_in_the_zone_of_the_sample_newsletter():
    zone = tomllib.loads((ROOT / "lettermill.toml").read_text())["zone"]
    ZoneInfo(zone)
    zones = {s["timezone"] for d in DEPLOYMENTS for s in d.get("schedules", [])}
    assert zones == {zone}


def test_the_crons_are_these():
    crons = {by_entrypoint(d): d.get("schedules", [{}])[0].get("cron") for d in DEPLOYMENTS}
    assert crons == {
        "send_campaign": None,
        "collect_posts": "7 * * * *",
        "monthly_digest": "0 9 1 * *",
        "dispatch": "*/5 * * * *",
        "handle_unsubscribes": "*/15 * * * *",
        "housekeeping": "20 10 * * *",
    }


@pytest.mark.slow
def test_the_cron_of_the_digest_is_the_schedule_of_the_sample_for_ten_years(newsletter):
    from prefect.server.schemas.schedules import CronSchedule

    [asked] = [d["schedules"][0] for d in DEPLOYMENTS if by_entrypoint(d) == "monthly_digest"]
    with open_resources() as resources:
        schedule, period = resources.schedule, Period(2026, 11)
    runs = CronSchedule(**asked)._get_dates_generator(120, datetime(2026, 11, 5, tzinfo=UTC))
    for run in list(runs)[:120]:
        assert abs(run - schedule.due(period)) < timedelta(seconds=1)
        period = period.following()


def test_the_versions_that_break_prefect_are_not_in_the_lock():
    """FastAPI >= 0.155 fails every run; SQLAlchemy 2.1 schedules none and says nothing."""
    lock = (ROOT / "requirements.lock").read_text()
    pins = dict(line.split(" ")[0].split("==") for line in lock.splitlines() if "==" in line)
    assert tuple(map(int, pins["fastapi"].split(".")[:2])) < (0, 151)
    assert pins["sqlalchemy"].startswith("2.0.")
    assert "://" not in lock, "the lock names no index host"
