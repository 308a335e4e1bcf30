"""What Prefect's server does by itself about runs of ours that die, fail or come too late.

`python -m flows.orchestration.automations` puts it there, as often as one likes; `lettermill up`
does so too.
Without it a run whose machine has died seems to run for ever, and keeps its place.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import (
    AutomationCore,
    ChangeFlowRunState,
    DoNothing,
    EventTrigger,
    Posture,
    SendNotification,
)
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.schemas.automations import Automation
from prefect.settings import get_current_settings

TAG = "lettermill"
# The author's own notification block, of any kind that Prefect has (mail, Slack, …).
BLOCK = "lettermill"
_ENDS = {f"prefect.flow-run.{end}" for end in ("Completed", "Failed", "Crashed", "Cancelled")}
_BEAT = "prefect.flow-run.heartbeat"
_OURS = {"prefect.resource.id": "prefect.flow-run.*"}
_TAGGED = {"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"}
_DEFAULT_BEAT = 180  # seconds; what Prefect does where nothing is set


def keep_automations() -> list[str]:
    """Put our automations on the server, in place of others of their names; give the names.

    One that is there already is left alone: it remembers whose heartbeat it waits for.
    """
    with get_client(sync_client=True) as client:
        wanted = [zombies(), trouble(_find_block(client))]
        for automation in wanted:
            there = client.read_automations_by_name(automation.name)
            if [_core(one) for one in there] == [automation]:
                continue
            for former in there:
                client.delete_automation(former.id)
            client.create_automation(automation)
    return [automation.name for automation in wanted]


def _core(automation: Automation) -> AutomationCore:
    """An automation as it was asked for, without what the server has added."""
    return AutomationCore.model_validate(automation.model_dump(exclude={"id"}))


def zombies() -> AutomationCore:
    """A run of ours that says nothing for three heartbeats has crashed."""
    beat = get_current_settings().flows.heartbeat_frequency or _DEFAULT_BEAT
    return AutomationCore(
        name="lettermill: a run without a heartbeat has crashed",
        description="Its process or machine has died. `dispatch` goes on with what it left.",
        trigger=EventTrigger(
            after={_BEAT},
            expect={_BEAT, *_ENDS},
            match=_OURS,
            match_related=_TAGGED,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * beat),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="no heartbeat any more")],
    )


def trouble(block: UUID | None) -> AutomationCore:
    """Tell of runs that failed, crashed or are late: by the author's block, else as an event."""
    tell: Any = DoNothing()  # that it was triggered is an event of its own
    if block:
        tell = SendNotification(
            block_document_id=block,
            subject="Lettermill: {{ flow_run.name }} is {{ flow_run.state.name }}",
            body="{{ flow.name }}: {{ flow_run.name }} is {{ flow_run.state.name }}. "
            "`lettermill status` says how things stand. {{ flow_run|ui_url }}",
        )
    return AutomationCore(
        name="lettermill: a run failed, crashed or is late",
        description=f"Tells it by the notification block named {BLOCK!r}, if there is one.",
        trigger=EventTrigger(
            expect={f"prefect.flow-run.{state}" for state in ("Failed", "Crashed", "Late")},
            match=_OURS,
            match_related=_TAGGED,
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[tell],
    )


def _find_block(client: SyncPrefectClient) -> UUID | None:
    """The author's notification block, if they have made one."""
    blocks = client.request("POST", "/block_documents/filter", json=_named(BLOCK)).json()
    return UUID(blocks[0]["id"]) if blocks else None


def _named(name: str) -> dict[str, Any]:
    able = {"block_capabilities": {"all_": ["notify"]}}
    return {"block_documents": {"name": {"any_": [name]}}, "block_schemas": able}


if __name__ == "__main__":
    import sys

    sys.stdout.write("\n".join(keep_automations()) + "\n")
