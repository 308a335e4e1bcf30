"""The flows that Prefect deploys and shows; what they do stands in `flows/jobs.py`.

Prefect may start any of them twice, or again after a crash: the ledger makes the second time find
nothing to do. So no task is cached, and only reading the feed is retried by Prefect.
"""

from collections.abc import Callable
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from content.errors import FeedUnreachable
from flows import collecting, jobs
from flows.hearing import Heard
from flows.outcome import Outcome


def _feed_was_down(_task: Any, _run: Any, state: Any) -> bool:
    return isinstance(state.result(raise_on_failure=False), FeedUnreachable)


def _as_task(step: Callable[..., Any], *arguments: Any) -> Any:
    """Call a step as a Prefect task of its own name."""

    def run(*given: Any) -> Any:
        return jobs.plainly(step, *given)

    options: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
    if step is collecting.collect_for_digest and runtime.deployment.id:
        options |= {"retries": 3, "retry_delay_seconds": [60, 300, 900]}
        options |= {"retry_condition_fn": _feed_was_down}
    return task(name=step.__name__.replace("_", "-"), **options)(run)(*arguments)


def _shown(outcome: Outcome) -> Outcome:
    """Put an edition's numbers on Prefect's pages, as an artifact: counts, and nobody's address."""
    if outcome.letters:
        table = [{"letters": state, "count": count} for state, count in outcome.letters.items()]
        create_table_artifact(table, key=outcome.key, description=f"What became of {outcome.key}")
    return outcome


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


@flow(name="monthly-digest")
def monthly_digest(period: str | None = None, send: bool = False) -> Outcome:
    """Make and mail the digest of a month, by default the last one that is over.

    `send` approves it as `lettermill digest --yes` does; without it the settings decide.
    """
    due = runtime.flow_run.scheduled_start_time if runtime.deployment.id else None
    return _shown(jobs.monthly_digest(_as_task, period, agreed=send, at=due))


@flow(name="send-campaign")
def send_campaign(file: str, send: bool = False) -> Outcome:
    """Make the edition of a campaign from a Markdown file on the worker's machine, and mail it.

    `send` approves it as `lettermill campaign --yes` does; without it the draft waits for a yes.
    """
    return _shown(jobs.campaign(_as_task, file, agreed=send))


@flow(name="dispatch")
def dispatch(key: str | None = None) -> list[Outcome]:
    """Send what is approved and go on with what was interrupted: one edition, or every one."""
    return [_shown(outcome) for outcome in jobs.dispatch(_as_task, key)]


@flow(name="handle-unsubscribes")
def handle_unsubscribes() -> Heard:
    """Hear from the provider who left, bounced or complained, and what became of lost letters."""
    heard = jobs.hear(_as_task)
    if heard.trouble:
        get_run_logger().warning(heard.trouble)
    return heard
