"""Fetches the pictures and videos of entries and keeps them, from the moment that an entry has them."""

import asyncio
from contextlib import suppress
from itertools import islice
from pathlib import Path

import structlog
from PIL import Image

from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.patience import wait_for, waits
from twimbot.model.entry import Media
from twimbot.store.database import Database

log = structlog.get_logger(__name__)

MOST_BYTES = 100 * 1024 * 1024
"""The largest file that is kept, in bytes."""

REFUSALS = {
    "M_NOT_FOUND": "the homeserver does not have it any more",
    "M_NOT_YET_UPLOADED": "it was never uploaded",
    "M_TOO_LARGE": "it is too large for the homeserver",
}
"""What is said of a file that the homeserver refuses, by its error code (Client-Server API, content repository)."""

UPLOADS = 5
"""How often an upload is tried."""

AT_ONCE = 4
"""How many files are fetched at once: connections are wanted for listening and answering too."""

IMAGE_FORMATS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
VIDEO_MAGIC = {b"\x1aE\xdf\xa3": "webm"}


class UnfitFile(Exception):
    """A file that is not what it claims to be, or that no site could show; the sentence says which."""


class MediaKeeper:
    """Keeps media in a folder, under their media ids; `wake` it after each commit that may have added some."""

    def __init__(self, client: Client, database: Database, folder: Path) -> None:
        self._client = client
        self._database = database
        self._folder = folder
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._busy: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Say that something may be wanted."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch without end; cancelling it loses nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._sweep()
        self._wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                for media in await self._wanted():
                    if media.id not in self._busy:
                        self._busy[media.id] = group.create_task(self._fetch(media))

    async def settle(self, seconds: float) -> None:
        """Wait until nothing is wanted any more, but no longer than that."""
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                self._ended.clear()
                while await self._wanted():
                    await self._ended.wait()
                    self._ended.clear()

    def forget(self, file_names: list[str]) -> None:
        """Remove the files of what was deleted."""
        for name in file_names:
            (self._folder / name).unlink(missing_ok=True)

    async def _wanted(self) -> list[Media]:
        async with self._database.snapshot() as records:
            return await records.media.wanted()

    async def _sweep(self) -> None:
        """Remove files that the store doesn't know: halves of a fetch, and what was deleted as the bot stopped."""
        async with self._database.snapshot() as records:
            known = await records.media.file_names()
        self.forget([file.name for file in self._folder.iterdir() if file.name not in known])

    async def _fetch(self, media: Media) -> None:
        """Fetch a file until it is kept or can't be had."""
        try:
            for pause in waits():
                try:
                    async with self._slots:
                        await self._download(media)
                except UnfitFile as error:
                    await self._give_up(media, str(error))
                    return
                except Refused as error:
                    if not error.is_passing:
                        log.warning("picture refused", event_id=media.event_id, mxc=media.mxc, reason=str(error))
                        await self._give_up(media, REFUSALS.get(error.code, "the homeserver does not give it"))
                        return
                    await self._wait(media, error, pause)
                except (HomeserverError, OSError) as error:
                    await self._wait(media, error, pause)
                else:
                    return
        finally:
            del self._busy[media.id]
            self._ended.set()

    async def _wait(self, media: Media, error: Exception, pause: float) -> None:
        log.warning("picture not fetched yet", event_id=media.event_id, reason=str(error))
        await asyncio.sleep(wait_for(error, pause))

    async def _download(self, media: Media) -> None:
        """Fetch a file into the folder, and note under which name it is kept there."""
        part = self._folder / f".{media.id}.part"
        try:
            await self._write(media, part)
            extension = await asyncio.to_thread(extension_of, part, media.kind)
            await self._keep(media, part, extension)
        finally:
            part.unlink(missing_ok=True)

    async def _write(self, media: Media, part: Path) -> None:
        size = 0
        with part.open("wb") as file:
            async for piece in self._client.download(media.mxc):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UnfitFile(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
                file.write(piece)

    async def _keep(self, media: Media, part: Path, extension: str) -> None:
        """Give a fetched file its name, unless its message was deleted while it was on its way."""
        async with self._database.transaction() as records:
            name = await records.media.keep(media, extension)
            if name is None:
                return
            await asyncio.to_thread(part.replace, self._folder / name)
        log.info("picture kept", event_id=media.event_id, file=name)

    async def _give_up(self, media: Media, reason: str) -> None:
        async with self._database.transaction() as records:
            await records.media.fail(media.id, reason)
        log.error("picture can't be had", event_id=media.event_id, mxc=media.mxc, reason=reason)


async def upload(client: Client, data: bytes, mimetype: str, file_name: str) -> str:
    """Upload a file, trying again where the fault passes; return its mxc URI. Raises HomeserverError."""
    for pause in islice(waits(), UPLOADS - 1):
        try:
            return await client.upload(data, mimetype, file_name)
        except HomeserverError as error:
            if isinstance(error, Refused) and not error.is_passing:
                raise
            log.warning("not uploaded yet", file=file_name, reason=str(error))
            await asyncio.sleep(wait_for(error, pause))
    return await client.upload(data, mimetype, file_name)


def extension_of(file: Path, kind: str) -> str:
    """Return the extension that a file's content calls for, whatever its sender says.

    Raises UnfitFile where it is no picture (`m.image`) or video that a web page can show.
    """
    return _image_extension(file) if kind == "m.image" else _video_extension(file)


def _image_extension(file: Path) -> str:
    try:
        with Image.open(file, formats=list(IMAGE_FORMATS)) as image:
            found = image.format
            image.verify()
    except Exception as error:  # Pillow's many readers raise whatever they raise
        raise UnfitFile("it is no PNG, JPEG, GIF, WebP or AVIF picture") from error
    return IMAGE_FORMATS[str(found)]


def _video_extension(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(12)
    if start[4:8] == b"ftyp":
        return "mp4"
    for magic, extension in VIDEO_MAGIC.items():
        if start.startswith(magic):
            return extension
    raise UnfitFile("it is no MP4 or WebM video")
