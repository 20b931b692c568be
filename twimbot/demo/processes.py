"""Processes that a demo or test starts: they end when asked, and at the latest with whoever started them."""

import asyncio
import os
import sys
import threading
from contextlib import suppress

SECONDS_TO_STOP = 10


def end_with_parent() -> None:
    """End this process once whoever started it is gone, which closes its standard input; returns at once."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    # SQLite stands a sudden end, and with the parent gone nobody is left to wait for an orderly one.
    os._exit(0)


async def stop(process: asyncio.subprocess.Process) -> None:
    """Stop a process, first by asking; return once it is gone."""
    try:
        with suppress(ProcessLookupError, TimeoutError):
            process.terminate()
            await asyncio.wait_for(process.wait(), SECONDS_TO_STOP)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if process.stdin:
            process.stdin.close()
