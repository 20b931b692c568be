"""/healthz and /readyz, for whoever watches over the process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from twimbot.config import Health
from twimbot.errors import JobError


@asynccontextmanager
async def answering(health: Health | None, is_ready: Callable[[], bool]) -> AsyncIterator[None]:
    """Answer while the block runs; nothing is opened where none is configured.

    /healthz: 200 while the process lives. /readyz: 200 while `is_ready` says so, else 503. Raises JobError where
    the address can't be had.
    """
    if health is None:
        yield
        return

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        return web.Response(text="ready\n") if is_ready() else web.Response(text="not ready\n", status=503)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
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
