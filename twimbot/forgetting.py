"""Forgets somebody who asks for it: takes all that the bot has of them out of its folder, for good."""

import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from twimbot.app import DATABASE, FORMER, alone, open_database
from twimbot.config import Config, Publication
from twimbot.errors import ConfigurationError, JobError
from twimbot.filing.learning import unlearn
from twimbot.model.calendar import milliseconds
from twimbot.publishing.exporter import export_folder, media_folder
from twimbot.store.copying import copies_before
from twimbot.store.database import Database
from twimbot.store.faults import disk_work
from twimbot.store.people import Traces
from twimbot.store.records import Records
from twimbot.words import counted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of somebody: how many entries, and how many of published posts, under which names.

    `editions` are those whose posts name them, by publication and date.
    """

    entries: int
    published: int
    names: tuple[str, ...]
    editions: tuple[tuple[str, date], ...]

    @property
    def summary(self) -> str:
        """The figures in a line."""
        called = f", called {', '.join(self.names)}" if self.names else ""
        entries = counted(self.entries, "entry", "entries")
        return f"{entries} and {counted(self.published, 'entry', 'entries')} of imported posts{called}"


async def find(config: Config, user_id: str, names: Sequence[str]) -> Found:
    """Return what there is of somebody, and change nothing; raises as `forget` does."""
    async with _alone_with_database(config, user_id) as database, database.snapshot() as records:
        return await _found(records, await records.people.traces(user_id, names))


async def forget(config: Config, user_id: str, names: Sequence[str]) -> tuple[str, ...]:
    """Take somebody out of the database and the folders beside it; return what is left to do by hand.

    `names` are display names by which imported posts without Matrix IDs have them. What was copied before a migration
    or a rebuilding goes as a whole. Raises ConfigurationError for the bot's own ID, JobError where the bot runs, or
    there is no database.
    """
    async with _alone_with_database(config, user_id) as database:
        async with database.transaction() as records:
            traces = await records.people.traces(user_id, names)
            found = await _found(records, traces)
            files = await _erase(records, traces)
            await records.people.blank(user_id, traces.names)
            for who in (user_id, *names):
                await records.people.note(who, milliseconds(datetime.now(UTC)))
            await records.archive.wipe()
        await database.checkpoint()
        with disk_work(config.data_dir):
            _remove(config, found, files)
    log.info("forgot somebody", entries=found.entries, published=found.published)
    return tuple(_left_to_do(config, user_id, found))


@asynccontextmanager
async def _alone_with_database(config: Config, user_id: str) -> AsyncIterator[Database]:
    if user_id == config.user_id:
        raise ConfigurationError(f"{user_id} is the bot itself")
    with alone(config.data_dir):
        if not (config.data_dir / DATABASE).is_file():
            raise JobError(f"{config.data_dir / DATABASE}: there is no database yet, so nobody is in it")
        async with open_database(config) as database:
            yield database


async def _found(records: Records, traces: Traces) -> Found:
    editions = {await records.entries.edition_of(entry_id) for entry_id in traces.entries}
    editions |= {(each.publication, each.edition) for each in traces.published}
    return Found(len(traces.entries), len(traces.published), traces.names, tuple(sorted(editions)))


async def _erase(records: Records, traces: Traces) -> list[str]:
    """Erase somebody's entries, here and in imported posts; return the names of the files that were kept of them."""
    files: list[str] = []
    for entry_id in traces.entries:
        entry = await records.entries.by_id(entry_id)
        if entry:
            await records.outbox.cancel_naming(entry.event_id)
        files += await records.entries.erase(entry_id)
        await unlearn(records, entry_id)
    for published in traces.published:
        await records.archive.forget_published(published.row)
    return files


def _remove(config: Config, found: Found, files: Iterable[str]) -> None:
    """Remove what holds somebody beside the database: files, exported trees, and copies. Raises OSError."""
    for publication, edition in found.editions:
        shutil.rmtree(export_folder(config.data_dir, publication, edition), ignore_errors=True)
    for file in files:
        (media_folder(config.data_dir) / file).unlink(missing_ok=True)
    shutil.rmtree(config.data_dir / FORMER, ignore_errors=True)
    for copy in copies_before(config.data_dir / DATABASE):
        copy.unlink()


def _left_to_do(config: Config, user_id: str, found: Found) -> Sequence[str]:
    """Return sentences about what is not in the bot's own hands."""
    said = []
    if found.editions:
        editions = ", ".join(f"{publication} {edition}" for publication, edition in found.editions)
        said.append(f"these editions had something of theirs: {editions}; what is on the site is to be changed there")
    said += [
        f"{key}: the configuration or its catalogue names them; take {user_id} out of the file"
        for key, publication in config.publications.items()
        if _names(publication, user_id)
    ]
    said.append(
        "what they wrote is still in the rooms until it is deleted there, and backups that you made have it too"
    )
    return said


def _names(publication: Publication, user_id: str) -> bool:
    catalogue = publication.catalogue
    reporters = [each.reporters for each in catalogue.departments] + [each.reporters for each in catalogue.projects]
    return any(user_id in each for each in (publication.editors, *reporters))
