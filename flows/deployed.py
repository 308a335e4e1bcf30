"""The flows that Prefect deploys and shows; what they do stands in `flows/jobs.py`.

Prefect may start any of them twice, or again after a crash: the ledger makes the second time find
nothing to do. So no task is cached, and only reading the feed is retried by Prefect.
"""

from collections.abc import Callable
from typing import Annotated, Any

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from content.choice import is_digest
from content.errors import FeedUnreachable
from flows import jobs
from flows.author import telling
from flows.editions import collecting
from flows.jobs import Kept
from flows.mailings.hearing import Heard
from flows.orchestration import showing
from flows.outcome import Outcome

# Prefect's pages make a form of each flow's parameters, and tell beside a field what its docstring
# says of it; what does not fit the pattern starts no run.
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
File = Annotated[str, Field(pattern=r"\.(md|markdown|txt)$")]
Key = Annotated[str, Field(pattern=r"^(digest|campaign)-[a-z0-9-]+$")]


def _feed_was_down(_task: Any, _run: Any, state: Any) -> bool:
    return isinstance(state.result(raise_on_failure=False), FeedUnreachable)


def _as_task(step: Callable[..., Any], *arguments: Any) -> Any:
    """Call a step as a Prefect task of its own name; news are told to Prefect as well."""

    def run(*given: Any) -> Any:
        return jobs.plainly(step, *given)

    options: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
    if step is collecting.collect_for_digest and runtime.deployment.id:
        options |= {"retries": 3, "retry_delay_seconds": [60, 300, 900]}
        options |= {"retry_condition_fn": _feed_was_down}
    result: Any = task(name=step.__name__.replace("_", "-"), **options)(run)(*arguments)
    if step is telling.tell_author:
        showing.tell_prefect(result)
    return result


def _shown(outcome: Outcome) -> Outcome:
    """Put an edition on Prefect's pages, as artifacts: plan, letter and numbers."""
    if is_digest(outcome.key):
        jobs.plainly(showing.show_plan, outcome.key)
    jobs.plainly(showing.show_letter, outcome.key)
    showing.show_numbers(outcome)
    return outcome


def _digest_name() -> str:
    due = runtime.flow_run.scheduled_start_time if runtime.deployment.id else None
    return showing.digest_name(runtime.flow_run.parameters.get("period"), due)


def _campaign_name() -> str:
    file = str(runtime.flow_run.parameters.get("file", ""))
    return f"campaign {file.rpartition('/')[2]}"


@flow(name="collect-posts")
def collect_posts() -> int:
    """Read the feeds into the ledger of posts; return how many were new.

    A feed that is down is left alone for a while; one that stays down fails the run, to be seen.
    """
    reading = jobs.collect(_as_task, polite=True)
    for line in reading.warnings:
        get_run_logger().warning(line)
    silent = [feed.notices[0] for feed in reading.feeds if feed.failure and feed.notices]
    if silent:
        raise FeedUnreachable("; ".join(silent))
    return reading.new


@flow(name="monthly-digest", flow_run_name=_digest_name)
def monthly_digest(period: Month | None = None, send: bool = False) -> Outcome:
    """Make and mail the digest of a month, by default the last one that is over.

    Without a month it is that of the run's scheduled time: a run that comes late makes no other.

    Args:
        period: A month such as 2026-11; empty for the last one that is over.
        send: Approve it and send it, as `lettermill digest --yes` does. Else the settings decide.
    """
    due = runtime.flow_run.scheduled_start_time if runtime.deployment.id else None
    return _shown(jobs.monthly_digest(_as_task, period, agreed=send, at=due))


@flow(name="send-campaign", flow_run_name=_campaign_name)
def send_campaign(file: File, send: bool = False) -> Outcome:
    """Make the edition of a campaign from a Markdown file on the worker's machine, and mail it.

    Args:
        file: The path of the Markdown file, as docs/campaigns.md describes it.
        send: Approve it and send it, as `lettermill campaign --yes` does. Else the draft waits.
    """
    return _shown(jobs.campaign(_as_task, file, agreed=send))


@flow(name="dispatch")
def dispatch(key: Key | None = None) -> list[Outcome]:
    """Send what is approved and go on with what was interrupted: one edition, or every one.

    Args:
        key: An edition such as digest-2026-11; empty for every one.
    """
    return [_shown(outcome) for outcome in jobs.dispatch(_as_task, key)]


@flow(name="handle-unsubscribes")
def handle_unsubscribes() -> Heard:
    """Hear from the provider who left, bounced or complained, and what became of lost letters."""
    heard = jobs.hear(_as_task)
    if heard.trouble:
        get_run_logger().warning(heard.trouble)
    return heard


@flow(name="housekeeping")
def housekeeping() -> Kept:
    """Make a month that was missed, tidy up, tell the author."""
    return jobs.housekeeping(_as_task)
