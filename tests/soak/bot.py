"""The real bot as a process that is killed and started again, as a service manager would."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

SECONDS_TO_STOP = 30


class BotProcess:
    """`python -m twimbot run`, which logs into a file; it ends with this process, however that ends.

    `kills` counts those by `kill`, `exits` the times that it ended by itself and was started again.
    """

    def __init__(self, config_file: Path, password: str, log: Path) -> None:
        self.kills = 0
        self.exits = 0
        self.log = log
        self._arguments = (sys.executable, "-m", "twimbot.demo.stage_bot", "run", "--config", str(config_file))
        self._environment = {**os.environ, "TWIMBOT_PASSWORD": password}
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start it, and again whenever it ends by itself."""
        async with self._turn:
            await self._start()

    async def kill(self) -> None:
        """End it with SIGKILL."""
        await self._end(signal.SIGKILL)
        self.kills += 1

    async def stop(self) -> int:
        """End it with SIGTERM; return its exit status."""
        return await self._end(signal.SIGTERM)

    def memory(self) -> int | None:
        """Return the most memory that was resident since its start, in bytes; None where the system does not tell."""
        with suppress(OSError):
            status = Path(f"/proc/{self._process.pid}/status" if self._process else "").read_text(encoding="ascii")
            found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
            return int(found[1]) * 1024 if found else None
        return None

    async def _start(self) -> None:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._arguments, env=self._environment, stdin=PIPE, stdout=DEVNULL, stderr=log
            )
        self._process = process
        self._watch = asyncio.create_task(self._start_again(process))

    async def _end(self, number: signal.Signals) -> int:
        async with self._turn:
            if self._process is None or self._watch is None:
                raise RuntimeError("the bot was not started")
            self._watch.cancel()
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            async with asyncio.timeout(SECONDS_TO_STOP):
                return await self._process.wait()

    async def _start_again(self, process: Process) -> None:
        await process.wait()
        self.exits += 1
        await self.start()
