"""`python -m reports`: reads the settings and runs the worker until SIGTERM or SIGINT."""

import asyncio
import logging
import signal
import sys
import uuid
from typing import Any

from interview import health, logs, settings, tracing
from interview.clock import SystemClock
from interview.errors import VivaError
from interview.processes import Self, alive
from interview.replica import Load, ReplicaKind
from interview.settings import Settings
from interview.storage import Storage
from providers.providers import Providers
from providers.usage import CALLS
from reports.evaluator import Evaluator
from reports.lease_worker import LeaseWorker, Limits
from reports.proposing import Proposer
from reports.rendering import Renderer
from reports.worker import ReportsWorker, Scoring

log = logging.getLogger("reports")


async def serve(configured: Settings) -> None:
    """Connect and work until a signal asks to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    clock = SystemClock()
    storage = await Storage.connect(configured, clock)
    providers = Providers(configured, storage, clock)
    chat = providers.chat(configured.report_llm_timeout_s)
    limits = Limits(
        lease_s=configured.report_lease_s,
        poll_s=configured.report_poll_s,
        max_attempts=configured.report_max_attempts,
        retry_s=configured.report_retry_s,
        deadline_s=configured.report_llm_timeout_s,
    )
    owner = f"reports-{uuid.uuid4()}"
    evaluator = Evaluator(
        storage, chat, clock, limits, owner, at_once=configured.evaluation_concurrency, meter=providers.meter
    )
    worker = ReportsWorker(
        storage,
        chat,
        clock,
        limits,
        owner,
        providers.meter,
        scoring=Scoring(configured.report_passes, configured.report_llm_concurrency, configured.report_scores_wait_s),
        at_once=configured.report_concurrency,
        evaluator=evaluator if configured.evaluation_concurrency else None,
    )
    proposer = Proposer(storage, chat, clock, limits, owner, providers.meter)
    renderer = Renderer(storage, clock, limits, owner, configured.report_fonts_dir)
    me = Self(
        ReplicaKind.REPORTS,
        lambda: Load(
            jobs=worker.busy + evaluator.busy + proposer.busy + renderer.busy,
            capacity=2 + configured.report_concurrency + configured.evaluation_concurrency,
        ),
        clock,
    )
    end_traces = tracing.set_up(configured.otel_exporter_otlp_endpoint, "reports")
    try:
        async with (
            alive(me, configured, clock, CALLS, storage=storage),
            health.answering(configured.worker_health_port),
        ):
            log.info("the reports worker is ready")
            await _work(stop, worker, evaluator, proposer, renderer)
    finally:
        await chat.aclose()
        await storage.close()
        await asyncio.to_thread(end_traces)


async def _work(stop: asyncio.Event, *workers: LeaseWorker[Any]) -> None:
    """Run the workers until `stop` is set; one that fails takes the others along, whose work goes back first."""
    tasks = [asyncio.create_task(worker.run(stop), name=worker.kind) for worker in workers]
    try:
        await asyncio.gather(*tasks)
    finally:
        stop.set()
        await asyncio.wait(tasks)


def main() -> int:
    """Run, and say in one line what is wrong when it cannot."""
    try:
        configured = settings.load()
        logs.set_up(configured.log_level)
        asyncio.run(serve(configured))
    except VivaError as error:
        print(f"reports: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
