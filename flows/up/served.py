"""The deployments of prefect.yaml, served for one newsletter: by its own zone and its schedule."""

from typing import Any

import yaml
from prefect import serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import ConcurrencyLimitConfig, State, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.states import Crashed

from flows.orchestration.automations import keep_automations
from flows.resources import OUR_TEMPLATES, open_resources
from flows.schedule import Schedule
from flows.up.crons import crons_of

_DIGEST = "flows.deployed.monthly_digest"
# A mailing may take hours; what is read, heard and kept meanwhile needs places of its own.
_AT_ONCE = 4
_LEFT = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def serve_flows(*, own: bool) -> None:
    """Put the deployments on the Prefect server and run what is due, until told to stop.

    On a server of our `own` nobody else runs them: what seems to run there has died, and would
    keep its place for minutes.
    """
    with open_resources() as resources:
        schedule = resources.schedule
    if own:
        _bury_the_dead()
    keep_automations()
    serve(
        *make_deployments(schedule),
        pause_on_shutdown=False,
        limit=_AT_ONCE,
        print_starting_message=False,
    )


def make_deployments(schedule: Schedule) -> list[RunnerDeployment]:
    """What prefect.yaml deploys, with the newsletter's own clock in place of the sample's."""
    whole = yaml.safe_load((OUR_TEMPLATES.parent / "prefect.yaml").read_text())
    return [_deployment(asked, schedule) for asked in whole["deployments"]]


def _deployment(asked: dict[str, Any], schedule: Schedule) -> RunnerDeployment:
    crons = [entry["cron"] for entry in asked.get("schedules", [])]
    if asked["entrypoint"] == _DIGEST:
        crons = crons_of(schedule)
    zone = schedule.zone.key
    return RunnerDeployment.from_entrypoint(
        asked["entrypoint"],
        name=asked["name"],
        description=asked["description"],
        tags=asked["tags"],
        version=asked["version"],
        parameters=asked.get("parameters"),
        enforce_parameter_schema=asked.get("enforce_parameter_schema", False),
        concurrency_limit=ConcurrencyLimitConfig(**asked["concurrency_limit"]),
        schedules=[CronSchedule(cron=cron, timezone=zone) for cron in crons],
    )


def _bury_the_dead() -> None:
    """Say of runs that an earlier process has left behind that they have crashed."""
    left = FlowRunFilter.model_validate({"state": {"type": {"any_": _LEFT}}})
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=left):
            if run.deployment_id:  # by hand it may run elsewhere
                state: State[Any] = Crashed(message="`lettermill up` was stopped while it ran")
                client.set_flow_run_state(run.id, state, force=True)
