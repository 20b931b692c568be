"""Fetches the pictures and videos of entries and keeps them, from the moment that an entry has them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import structlog

from twimbot.errors import HomeserverError
from twimbot.matrix.client import SERVER_ERRORS, Client, Refused
from twimbot.matrix.encryption import decrypt_file, encrypt_file
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.turns import Turns
from twimbot.media.clean import publishable
from twimbot.media.unfit import UnfitFile
from twimbot.media.wanted import Wanted
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Media
from twimbot.store.database import Database
from twimbot.store.faults import disk_work
from twimbot.store.media import Account
from twimbot.store.records import Records

log = structlog.get_logger(__name__)

MOST_BYTES = 100 * 1024 * 1024
"""The largest file that is kept, in bytes."""

REFUSALS = {
    "M_NOT_FOUND": "the homeserver does not have it any more",
    "M_TOO_LARGE": "it is too large for the homeserver",
}
"""What is said of a file that the homeserver refuses, by its error code (Client-Server API, content repository)."""

UPLOADS = 5
"""How often an upload is tried."""

AT_ONCE, AT_ONCE_OF_AWAY = 4, 2
"""How many files are fetched at once: connections are wanted for listening and answering too. Those of servers that are
away may keep the homeserver busy for minutes each, and have places of their own."""

AT_ONCE_OF_ONE, AT_ONCE_OF_ONE_AWAY = 2, 1
"""How many of them may be one sender's, so that the next one's need not wait for the whole of a large file."""

AWAY = timedelta(hours=1)
"""How long a server that does not give a file may be away, before the file counts as lost."""

FIRST_WAIT_FOR_AWAY, LONGEST_WAIT_FOR_AWAY = 5.0, 300.0
"""How long to wait before a server that is away is asked again, in seconds."""


class Listener(Protocol):
    """Decides what is fetched, and hears how that ends, inside of the transaction that records it."""

    async def admit(self, records: Records, publication: str, media: Media, now: datetime) -> Account | None:
        """Count a file that is to be fetched; return to whom what is fetched counts, None where it is held back."""

    async def hear_kept(self, records: Records, media: Media) -> None:
        """Hear that a file is kept."""

    async def hear_refused(self, records: Records, media: Media, reason: str) -> None:
        """Hear that a file can't be used, and why."""

    async def hear_lost(self, records: Records, media: Media, reason: str) -> None:
        """Hear that a file can't be had, and why."""

    async def hear_no_room(self, records: Records, reason: str) -> None:
        """Hear that files can't be kept just now, and why; it is said each time that one is tried."""


class MediaKeeper:
    """Keeps media in a folder, under their media ids; `wake` it after each commit that may have added some.

    `wanted` says by publication what is made of pictures; `on_answer` is called when there may be something to say, and
    `clock` tells the present time in UTC.
    """

    def __init__(
        self,
        client: Client,
        database: Database,
        folder: Path,
        wanted: Mapping[str, Wanted],
        listener: Listener,
        on_answer: Callable[[], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._client = client
        self._database = database
        self._folder = folder
        self._wanted = wanted
        self._listener = listener
        self._on_answer = on_answer
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._turns = Turns(AT_ONCE, AT_ONCE_OF_ONE)
        self._turns_of_away = Turns(AT_ONCE_OF_AWAY, AT_ONCE_OF_ONE_AWAY)
        self._away: set[str] = set()
        self._decoding = asyncio.Lock()
        self._busy: dict[tuple[int, str], asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Say that something may be wanted."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch without end; cancelling it loses nothing."""
        with disk_work(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        await self._sweep()
        self._wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                for publication, media in await self._waiting():
                    if (media.id, media.mxc) not in self._busy:
                        self._busy[media.id, media.mxc] = group.create_task(self._fetch(publication, media))

    async def settle(self, seconds: float) -> None:
        """Wait until nothing is wanted any more, but no longer than that."""
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                self._ended.clear()
                while await self._waiting():
                    await self._ended.wait()
                    self._ended.clear()

    def forget(self, file_names: Sequence[str]) -> None:
        """Remove the files of what was deleted."""
        with disk_work(self._folder):
            for name in file_names:
                (self._folder / name).unlink(missing_ok=True)

    async def _waiting(self) -> tuple[tuple[str, Media], ...]:
        async with self._database.snapshot() as records:
            return await records.media.wanted()

    async def _sweep(self) -> None:
        """Bring folder and store together: remove what the store doesn't know, and fetch again what is missing.

        Unknown are halves of a fetch, and what was deleted as the bot stopped.
        """
        async with self._database.snapshot() as records:
            known = await records.media.file_names()
        with disk_work(self._folder):
            there = {file.name for file in self._folder.iterdir()}
        self.forget(sorted(there - known))
        missing = sorted(known - there)
        async with self._database.transaction() as records:
            for name in missing:
                await records.media.want_again(name)
        if missing:
            log.warning("kept pictures are missing and fetched again", files=missing)

    async def _fetch(self, publication: str, media: Media) -> None:
        """Fetch a file until it is kept or can't be had."""
        pauses, pauses_of_away = waits(), waits(FIRST_WAIT_FOR_AWAY, LONGEST_WAIT_FOR_AWAY)
        try:
            while True:
                try:
                    turns = self._turns_of_away if _server(media) in self._away else self._turns
                    async with turns.turn(media.sender or ""):
                        account = await self._admit(publication, media)
                        if account is None:
                            return
                        await self._download(publication, media, account)
                except UnfitFile as error:
                    await self._give_up(media, str(error), self._listener.hear_refused)
                    return
                except Refused as error:
                    absence = self._absence(media, error)
                    if await self._is_lost(media, error) if absence else not error.is_passing:
                        log.warning("picture refused", event_id=media.event_id, mxc=media.mxc, reason=str(error))
                        reason = absence or REFUSALS.get(error.code, "the homeserver does not give it")
                        await self._give_up(media, reason, self._listener.hear_lost)
                        return
                    await self._wait(media, error, next(pauses_of_away if absence else pauses))
                except HomeserverError as error:
                    await self._wait(media, error, next(pauses))
                except OSError as error:
                    await self._tell(error)
                    await self._wait(media, error, next(pauses))
                else:
                    self._away.discard(_server(media))
                    return
        finally:
            del self._busy[media.id, media.mxc]
            self._ended.set()

    async def _admit(self, publication: str, media: Media) -> Account | None:
        """Return to whom a file counts that may be fetched, None where it is held back."""
        async with self._database.transaction() as records:
            account = await self._listener.admit(records, publication, media, self._clock())
        if account is None:
            self._on_answer()
        return account

    def _absence(self, media: Media, error: Refused) -> str | None:
        """Return what an error says of the server that has a file, None where that server is not to blame.

        A file of another server that the homeserver does not find may be on a server that is away: Dendrite makes no
        difference, Synapse answers 502 and 504. A file may also be announced before it is uploaded (v1.7).
        """
        server = _server(media)
        if error.code == "M_NOT_YET_UPLOADED":
            return "its upload has not ended within an hour"
        if server == self._client.user_id.partition(":")[2]:
            return None
        if error.code == "M_NOT_FOUND":
            return f"its server, {server}, has not given it for an hour; it is away, or does not have it any more"
        return f"its server, {server}, has not answered for an hour" if error.status >= SERVER_ERRORS else None

    async def _is_lost(self, media: Media, error: Refused) -> bool:
        """Note that a file's server is away; tell whether it has been for too long, while the homeserver was not."""
        self._away.add(_server(media))
        now = milliseconds(self._clock())
        async with self._database.transaction() as records:
            since = await records.media.miss(media, now)
        if now - since < AWAY // timedelta(milliseconds=1):
            return False
        if not error.code.startswith("M_"):  # a proxy's word: it may be the homeserver that is away
            try:
                await self._client.versions()
            except HomeserverError:
                return False
        return True

    async def _tell(self, error: OSError) -> None:
        async with self._database.transaction() as records:
            await self._listener.hear_no_room(records, error.strerror or str(error))
        self._on_answer()

    async def _wait(self, media: Media, error: Exception, pause: float) -> None:
        log.warning("picture not fetched yet", event_id=media.event_id, reason=str(error))
        await asyncio.sleep(wait_for(error, pause))

    async def _download(self, publication: str, media: Media, account: Account) -> None:
        """Fetch a file into the folder, make of it what may be published, and note under which name it is kept.

        Files are decoded one after another, as a picture of the allowed size takes much memory while that lasts.
        """
        key = f"{media.id}-{media.mxc.rpartition('/')[2]}"
        part, clean = self._folder / f".{key}.part", self._folder / f".{key}.clean"
        wanted = self._wanted.get(publication, Wanted())
        try:
            await self._write(media, part)
            async with self._decoding:
                if media.key:
                    await asyncio.to_thread(decrypt_file, part, media.key)
                extension = await asyncio.to_thread(publishable, part, clean, media.kind, wanted)
            await self._keep(media, clean, extension)
        finally:
            size = _size(part)
            part.unlink(missing_ok=True)
            clean.unlink(missing_ok=True)
            await self._count(account, size)  # once there is room for it, where the disk has been full

    async def _count(self, account: Account, size: int) -> None:
        """Count as much of a file as has come, in bytes."""
        async with self._database.transaction() as records:
            await records.media.count_bytes(account, size)

    async def _write(self, media: Media, part: Path) -> None:
        size = 0
        with part.open("wb") as file:
            async for piece in self._client.download(media.mxc):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UnfitFile(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
                file.write(piece)

    async def _keep(self, media: Media, clean: Path, extension: str) -> None:
        """Give a fetched file its name, unless its message was deleted while it was on its way."""
        async with self._database.transaction() as records:
            name = await records.media.keep(media, extension)
            if name is None:
                return
            await asyncio.to_thread(clean.replace, self._folder / name)
            await self._listener.hear_kept(records, media)
        self._on_answer()
        log.info("picture kept", event_id=media.event_id, file=name)

    async def _give_up(self, media: Media, reason: str, hear: Callable[[Records, Media, str], Awaitable[None]]) -> None:
        async with self._database.transaction() as records:
            await records.media.fail(media, reason)
            await hear(records, media, reason)
        self._on_answer()
        log.error("picture can't be had", event_id=media.event_id, mxc=media.mxc, reason=reason)


def _server(media: Media) -> str:
    """Return the name of the server that has a file."""
    return media.mxc.removeprefix("mxc://").partition("/")[0]


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


async def upload(
    client: Client, data: bytes, mimetype: str, file_name: str, *, is_encrypted: bool
) -> Mapping[str, Any]:
    """Upload a file; return the part of a message's content that leads to it. Raises HomeserverError."""
    if not is_encrypted:
        return {"url": await _upload(client, data, mimetype, file_name)}
    encrypted, keys = await asyncio.to_thread(encrypt_file, data)
    return {"file": {**keys, "url": await _upload(client, encrypted, "application/octet-stream", "file")}}


async def _upload(client: Client, data: bytes, mimetype: str, file_name: str) -> str:
    """Upload a file, trying again where the fault passes; return its mxc URI."""
    for pause in islice(waits(), UPLOADS - 1):
        try:
            return await client.upload(data, mimetype, file_name)
        except HomeserverError as error:
            if isinstance(error, Refused) and not error.is_passing:
                raise
            log.warning("not uploaded yet", file=file_name, reason=str(error))
            await asyncio.sleep(wait_for(error, pause))
    return await client.upload(data, mimetype, file_name)
