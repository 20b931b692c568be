"""/healthz, /readyz and /metrics, for whoever watches over the process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from twimbot.errors import JobError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from prometheus_client import Metric

    from twimbot.config import Health


@dataclass(frozen=True, slots=True)
class Figures:
    """What /metrics tells: counted since the start, or as it is now; None where that is not known just now.

    `failures` are how often by kind; `sync_age` and `export_seconds` (of all exports together) are in seconds.
    """

    events_read: int = 0
    exports: int = 0
    export_seconds: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)
    entries: int | None = None
    sends_waiting: int | None = None
    sync_age: float | None = None


@asynccontextmanager
async def answering(
    health: Health | None, is_ready: Callable[[], bool], figures: Callable[[], Awaitable[Figures]]
) -> AsyncIterator[None]:
    """Answer while the block runs; nothing is opened where none is configured.

    /healthz: 200 while the process lives. /readyz: 200 while `is_ready` says so, else 503. /metrics: `figures` as
    Prometheus reads them (its text format, or OpenMetrics where that is asked for). Raises JobError where the address
    can't be had.
    """
    if health is None:
        yield
        return

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        return web.Response(text="ready\n") if is_ready() else web.Response(text="not ready\n", status=503)

    async def metrics(request: web.Request) -> web.Response:
        body, kind = _written(await figures(), request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await _listen(runner, health)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, health: Health) -> None:
    try:
        await web.TCPSite(runner, health.host, health.port).start()
    except OSError as error:
        raise JobError(f"health.listen: {health.listen} can't be used: {error.strerror}; name another port") from error


@dataclass(frozen=True, slots=True, eq=False)  # a registry wants it hashable
class _Collector:
    """Hands the figures to a registry as Prometheus names them."""

    figures: Figures

    def collect(self) -> Iterator[Metric]:
        """Yield each measurement; what is not known just now is left out."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily

        now = self.figures
        yield CounterMetricFamily("twimbot_events_read", "Events of the rooms that were read.", now.events_read)
        failures = CounterMetricFamily("twimbot_failures", "What went wrong, as the log says it.", labels=["kind"])
        for kind, count in sorted(now.failures.items()):
            failures.add_metric([kind], count)
        yield failures
        yield SummaryMetricFamily(
            "twimbot_export_seconds", "How long exports took.", count_value=now.exports, sum_value=now.export_seconds
        )
        for name, help_text, value in (
            ("twimbot_entries", "Entries in the store that are not deleted.", now.entries),
            ("twimbot_sends_waiting", "Messages and reactions that are still to be sent.", now.sends_waiting),
            ("twimbot_last_sync_age_seconds", "Seconds since the homeserver was last heard.", now.sync_age),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, help_text, value)


def _written(figures: Figures, accepted: str) -> tuple[bytes, str]:
    """Return the figures in the format that is asked for (an `Accept` header), and its content type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    encode, kind = choose_encoder(accepted)
    return encode(registry), kind
