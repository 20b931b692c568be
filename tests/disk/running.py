"""The real bot as a process, a small disk that can be filled, and what both tell."""

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.dialogue.office import Office
from twimbot.demo.homeserver import free_port

PATIENCE = 30.0


@dataclass(frozen=True)
class RunningBot:
    """A bot of its own process: its log, and whether it says that it is ready."""

    process: Process
    log: Path
    port: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return what was logged."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]

    async def status(self) -> int:
        """Return the status of /readyz; 0 where nobody answers."""
        with suppress(aiohttp.ClientError):
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}/readyz") as response,
            ):
                return response.status
        return 0

    async def turns(self, status: int) -> None:
        """Wait until /readyz has this status."""
        async with asyncio.timeout(PATIENCE):
            while await self.status() != status:
                assert self.process.returncode is None, self.log.read_text(encoding="utf-8")
                await asyncio.sleep(0.05)

    async def logs(self, event: str) -> dict[str, Any]:
        """Wait for a line of the log."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in self.lines:
                    if line["event"] == event:
                        return line
                await asyncio.sleep(0.05)


@asynccontextmanager
async def run(
    office: Office, folder: Path, *, umask: int = 0o022, level: str = "info", prefix: Sequence[str] = ()
) -> AsyncIterator[RunningBot]:
    """Run the bot of an office as the real command, with its log in a folder, until the block ends.

    `prefix` is a command that runs the command behind it.
    """
    port, log = free_port(), folder / "bot.log"
    office.configure(health={"listen": f"127.0.0.1:{port}"}, log={"format": "json", "level": level})
    environment = {**os.environ, "TWIMBOT_PASSWORD": office.credentials.password or ""}
    command = (*prefix, sys.executable, "-m", "twimbot", "run", "--config", str(office.config_file))
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(*command, env=environment, umask=umask, stderr=output)
    try:
        yield RunningBot(process, log, port)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)


@contextmanager
def small_disk(folder: Path, size: str = "4m") -> Iterator[Path]:
    """Mount a file system of this size on a new folder; needs root."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607 - our own folder


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Make a file or folder read-only, also for root, until the block ends."""
    mount("--bind", str(path), str(path))
    mount("-o", "remount,ro,bind", str(path))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)  # noqa: S603, S607 - our own path


def mount(*arguments: str) -> None:
    """Mount something, or skip the test where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False, text=True)  # noqa: S603, S607 - ours
    if done.returncode:
        pytest.skip(f"needs to mount: {done.stderr.strip()}")


def fill(folder: Path) -> Path:
    """Write a file until no space is left; return it."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    return filler
