"""Carries out the exports that editors asked for: renders, writes the tree, uploads, and answers.

A job is done when its answer is in the outbox. Killed before that, it is done again, and its messages have the
same transaction ids; only an upload may be made twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import structlog

from twimbot import words
from twimbot.config import Publication
from twimbot.errors import DatabaseError, LoggedOut, NothingToExport, TwimbotError
from twimbot.export.bundle import add_tree, write_tree, zip_tree
from twimbot.export.contents import EditionContents, RenderedPost
from twimbot.publishing import press
from twimbot.publishing.changes import changes
from twimbot.publishing.gather import gather
from twimbot.store.database import Database
from twimbot.store.journal import ExportJob
from twimbot.store.outbox import ANSWER
from twimbot.store.records import Records

log = structlog.get_logger(__name__)

PATIENCE = 20.0
"""How long an export waits for pictures that are still on their way, in seconds."""

MEDIA, EXPORTS = "media", "export"
"""The folders in `data_dir`: of kept pictures and videos, and of what was exported."""

MARKDOWN, ZIP = "text/markdown", "application/zip"

Address = Mapping[str, Any]
"""The part of a message's content that leads to a file: `url`, or where that is encrypted `file`."""


class Upload(Protocol):
    """Uploads bytes with a MIME type and a file name; returns the `url` or `file` of a message that carries them."""

    async def __call__(self, data: bytes, mimetype: str, file_name: str, *, is_encrypted: bool) -> Address:
        """Upload a file, encrypted where the room is."""


class Exporter:
    """Does the waiting exports, one after another; `wake` it after each commit that may have added one.

    `made` is how many it has made, or tried to, and `seconds` how long that took altogether.
    """

    def __init__(
        self,
        database: Database,
        publications: Mapping[str, Publication],
        data_dir: Path,
        upload: Upload,
        settle_media: Callable[[float], Awaitable[None]],
        on_answer: Callable[[], None],
    ) -> None:
        self._database = database
        self._publications = publications
        self._data_dir = data_dir
        self._upload = upload
        self._settle_media = settle_media
        self._wake = asyncio.Event()
        self._on_answer = on_answer
        self.made = 0
        self.seconds = 0.0

    def wake(self) -> None:
        """Say that an export may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Do exports without end; cancelling it loses none."""
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._database.snapshot() as records:
                jobs = await records.journal.exports_waiting()
            for job in jobs:
                with structlog.contextvars.bound_contextvars(event_id=job.event_id):
                    await self._do(job)

    async def _do(self, job: ExportJob) -> None:
        publication = self._publications.get(job.publication)
        async with self._database.snapshot() as records:
            editors_room = (await records.rooms.editors_rooms()).get(job.publication)
        if publication is None or editors_room is None:
            async with self._database.transaction() as records:
                await records.journal.end_export(job.event_id)
            return
        await self._settle_media(PATIENCE)
        async with self._database.snapshot() as records:
            is_encrypted = await records.rooms.is_encrypted(editors_room)
        begun = time.monotonic()
        made = await self._made(job, publication, partial(self._upload, is_encrypted=is_encrypted))
        self.made, self.seconds = self.made + 1, self.seconds + time.monotonic() - begun
        async with self._database.transaction() as records:
            if made.contents and await _has_lost_words(records, made.contents):
                self._wake.set()  # something was deleted while it was uploaded: it is made again, without that
                return
            for name, mimetype, address, size in made.files:
                content = words.file_content(address, name, mimetype, size)
                await records.outbox.send(editors_room, content, job.event_id, f"file {mimetype}")
            for number, content in enumerate(words.contents(made.answer, job.event_id)):
                await records.outbox.send(job.room_id, content, job.event_id, f"{ANSWER} {number}")
            if made.contents:
                await records.exports.keep(job.publication, job.edition, made.contents.entries)
            await records.journal.end_export(job.event_id)
        self._on_answer()

    async def _made(
        self, job: ExportJob, publication: Publication, upload: Callable[[bytes, str, str], Awaitable[Address]]
    ) -> "_Made":
        """Render and upload, and say what is to be said about it."""
        try:
            async with self._database.snapshot() as records:
                present = await records.catalogue.present(publication)
                contents = await gather(records, present, job.edition, job.author)
                changed = await changes(records, present, job.edition, contents.entries)
            exported = await asyncio.to_thread(export, contents, self._data_dir)
            post, path = exported.post, exported.path
            data = post.text.encode()
            files = [(path.name, MARKDOWN, await upload(data, MARKDOWN, path.name), len(data))]
            problems = []
            if post.pictures or post.indexes:
                try:
                    data = await asyncio.to_thread(zip_tree, post, media_folder(self._data_dir))
                    name = f"{path.stem}.zip"
                    files.append((name, ZIP, await upload(data, ZIP, name), len(data)))
                except (LoggedOut, DatabaseError):
                    raise
                except TwimbotError as error:
                    log.warning("zip not sent", reason=str(error))
                    problems.append(words.no_zip(str(error), str(path)))
        except (LoggedOut, DatabaseError):  # the bot's own trouble: the job is done once that has passed
            raise
        except (TwimbotError, OSError) as error:
            log.exception("export failed", publication=job.publication, edition=str(job.edition))
            return _Made(words.export_failed(job.edition, str(error)))
        except Exception:  # a job that ended the process would end it again after each restart
            log.exception("export failed", publication=job.publication, edition=str(job.edition))
            return _Made(words.broken(job.event_id))
        log.info("exported", publication=job.publication, edition=str(job.edition), path=str(path))
        notes, calendar = (*problems, *exported.notes), publication.calendar
        answer = words.exported(contents, post, publication.command, notes, calendar, datetime.now(UTC))
        since = words.changed(job.edition, changed).parts if changed else ()
        return _Made(words.Answer((*answer.parts, *since)), tuple(files), contents)


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of an export: what is said, the files as name, MIME type, address and bytes, and what is in the post.

    Where it failed there are no files and no contents.
    """

    answer: words.Answer
    files: tuple[tuple[str, str, Address, int], ...] = ()
    contents: EditionContents | None = None


async def _has_lost_words(records: Records, contents: EditionContents) -> bool:
    """Tell whether anything that stands in an edition's contents was deleted since they were gathered."""
    for entry in contents.entries:
        kept = await records.entries.all_texts(entry.id)
        if not kept.issuperset(filter(None, entry.texts)):
            return True
        present = await records.media.of_entry(entry.id)
        if not {media.id for media in present}.issuperset(media.id for media in entry.media):
            return True
    return False


def media_folder(data_dir: Path) -> Path:
    """Return where the pictures and videos of entries are kept."""
    return data_dir / MEDIA


def export_folder(data_dir: Path, publication: str, edition: date) -> Path:
    """Return where an edition's tree is written."""
    return data_dir / EXPORTS / publication / edition.isoformat()


@dataclass(frozen=True, slots=True)
class Export:
    """An exported edition: the post, where it stands, and sentences about what an editor should look at."""

    post: RenderedPost
    path: Path
    notes: tuple[str, ...]


def export(contents: EditionContents, data_dir: Path, output: Path | None = None) -> Export:
    """Render an edition, write its tree, and have the site's linters read it over.

    Without `output` the tree replaces the one in `<data_dir>/export/<publication>/<date>`; with it, the tree is
    added to that folder. Raises NothingToExport where nothing is in the edition, JobError and ConfigurationError
    where it can't be written or drawn.
    """
    if all(entry.is_dropped for entry in contents.entries):
        raise NothingToExport(f"the edition of {contents.edition} of {contents.key} has no entries; name another date")
    post = press.render(contents)
    if output:
        path = add_tree(post, media_folder(data_dir), output)
    else:
        path = write_tree(post, media_folder(data_dir), export_folder(data_dir, contents.key, contents.edition))
    return Export(post, path, (*post.notes, *press.tool_notes(post, contents)))
