"""A real Synapse on this machine, reachable from nowhere else, with everything it keeps in one folder."""

import asyncio
import base64
import importlib.util
import json
import secrets
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from twimbot.demo.processes import stop
from twimbot.errors import HomeserverError, JobError

LOOPBACK = "127.0.0.1"
SECONDS_TO_START = 90
UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}


class Homeserver:
    """A Synapse with its own SQLite database, used as `async with Homeserver(folder) as homeserver:`.

    `settings` are added to Synapse's configuration and win over ours. The port stays the same from one `start` to
    the next, and what people did stays in the folder, so that it can be stopped and started again in between.
    Synapse ends with this process, however that ends. Raises JobError where Synapse is not installed.
    """

    def __init__(
        self, folder: Path, *, server_name: str = "example.org", settings: Mapping[str, Any] | None = None
    ) -> None:
        self.folder = folder.absolute()
        self.server_name = server_name
        self._settings = settings or {}
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The address that clients use."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def process_id(self) -> int | None:
        """The process in which Synapse runs; None while it does not."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        """The file into which Synapse writes what goes wrong."""
        return self.folder / "homeserver.log"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start Synapse and return once it answers; HomeserverError with the end of its log where it does not."""
        if importlib.util.find_spec("synapse") is None:
            raise JobError("Synapse, the homeserver, is not installed; run pip install 'twimbot[demo]'")
        configuration = self._write_configuration()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "twimbot.demo.synapse", "-c", str(configuration)),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal goes to a whole process group: ours decides in which order things stop.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(SECONDS_TO_START):
                await self._answers(self._process)
        except BaseException as error:
            await self.stop()
            if isinstance(error, TimeoutError):
                raise self._failure(f"did not answer within {SECONDS_TO_START} s") from error
            raise

    async def stop(self) -> None:
        """Stop Synapse, first by asking; return once it is gone. Does nothing where it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        await stop(process)

    async def kill(self) -> None:
        """End Synapse without asking, as a crash does; return once it is gone. Does nothing where it does not run."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
        await self.stop()

    async def _answers(self, process: asyncio.subprocess.Process) -> None:
        """Return once the client-server API answers."""
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/_matrix/client/versions") as answer:
                        if answer.ok:
                            return
                await asyncio.sleep(0.05)
        raise self._failure(f"ended with status {process.returncode}")

    def _failure(self, what: str) -> HomeserverError:
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:]
        return HomeserverError("\n".join([f"the homeserver {what}; the end of {self.log}:", *last]))

    def _write_configuration(self) -> Path:
        """Write what Synapse reads; the signing key is made once, as it is the server's identity in its database."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "signing.key"
        if not key.exists():
            key.write_text(_signing_key(), encoding="ascii")
        logging = self.folder / "logging.json"
        logging.write_text(json.dumps(_logging(self.log)), encoding="utf-8")
        configuration = self.folder / "homeserver.json"
        configuration.write_text(json.dumps({**self._configuration(key, logging), **self._settings}), encoding="utf-8")
        return configuration

    def _configuration(self, key: Path, logging: Path) -> dict[str, Any]:
        """Everything open and unlimited, and nothing that would speak to the outside."""
        return {
            "server_name": self.server_name,
            "public_baseurl": self.url,
            "listeners": [
                {
                    "type": "http",
                    "port": self._port,
                    "bind_addresses": [LOOPBACK],
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"),
            "pid_file": str(self.folder / "homeserver.pid"),
            "log_config": str(logging),
            "signing_key_path": str(key),
            "macaroon_secret_key": secrets.token_hex(32),
            "form_secret": secrets.token_hex(32),
            "federation_domain_whitelist": [],
            "trusted_key_servers": [],
            "report_stats": False,
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "bcrypt_rounds": 4,
            "presence": {"enabled": False},
            "filter_timeline_limit": 1000,
            **_no_limits(),
        }


def _no_limits() -> dict[str, Any]:
    """Every limit that a week's posts within seconds would meet (synapse/config/ratelimiting.py)."""
    plain = ("message", "registration", "joins_per_room", "admin_redaction", "media_create", "room_creation", "profile")
    return {
        **{f"rc_{name}": UNLIMITED for name in plain},
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), UNLIMITED),
        "rc_joins": dict.fromkeys(("local", "remote"), UNLIMITED),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), UNLIMITED),
    }


def _logging(log: Path) -> dict[str, Any]:
    """Python's logging configuration (`logging.config.dictConfig`): warnings and worse, into one file."""
    return {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"file": {"class": "logging.FileHandler", "filename": str(log), "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


def _signing_key() -> str:
    """Return a new key as `signedjson` writes it: algorithm, version, seed in base64 without padding."""
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"ed25519 a_{secrets.token_hex(2)} {seed}\n"


def free_port() -> int:
    """Return a port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
