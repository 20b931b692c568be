"""Reads the configuration again while the bot runs, and takes over its catalogues where it is whole.

They are put in place between two transactions, so that a batch in hand sees one catalogue from its beginning to its
end. Whatever else has changed in the file waits for a restart, and is named.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime

import structlog

from twimbot import words
from twimbot.catalogue.changes import differences
from twimbot.config import Config, Publication, check_catalogue
from twimbot.errors import ConfigurationError
from twimbot.filing.suggesting import renew_unfiled
from twimbot.model.calendar import milliseconds
from twimbot.store.catalogue import ReloadJob
from twimbot.store.database import Database
from twimbot.store.outbox import ANSWER
from twimbot.store.records import Records
from twimbot.words import Answer

log = structlog.get_logger(__name__)


class Reloader:
    """Reads the configuration again when a command (`wake`) or somebody outside of the rooms (`ask`) wants that.

    `config` is what the bot was started with, `publications` what all of it goes by; `reread` returns the
    configuration as it is written now, or raises ConfigurationError. `on_told` is called when something is to be said.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        publications: MutableMapping[str, Publication],
        reread: Callable[[], Config],
        on_told: Callable[[], None],
    ) -> None:
        self._database = database
        self._config = config
        self._publications = publications
        self._reread = reread
        self._on_told = on_told
        self._wake = asyncio.Event()
        self._is_asked = False

    def wake(self) -> None:
        """Say that a command may be waiting."""
        self._wake.set()

    def ask(self) -> None:
        """Ask for the configuration to be read again."""
        self._is_asked = True
        self.wake()

    async def run(self) -> None:
        """Read whenever that is wanted, without end; cancelling it loses no command."""
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._database.snapshot() as records:
                jobs = await records.catalogue.reloads_waiting()
            if jobs or self._is_asked:
                self._is_asked = False
                await self._reload(jobs)
                self._on_told()

    async def _reload(self, jobs: Sequence[ReloadJob]) -> None:
        now = datetime.now(UTC)
        cause = jobs[0].event_id if jobs else f"reload {milliseconds(now)}"
        try:
            fresh = await asyncio.to_thread(self._reread)
            renewed = self._renewed(fresh)
        except ConfigurationError as error:
            log.error("configuration not taken over", mistakes=error.mistakes)  # noqa: TRY400 - the mistakes say it all
            refusal = words.not_reloaded(error.mistakes)
            async with self._database.transaction() as records:
                await _tell(records, dict.fromkeys(self._publications, refusal), jobs, cause)
            return
        later = [*_beyond_catalogues(self._config, fresh)]
        async with self._database.transaction() as records:
            said = {key: words.reloaded(each.title, (), later) for key, each in self._publications.items()}
            for key, publication in renewed.items():
                before = await records.catalogue.present(self._publications[key])
                await records.catalogue.settle(publication)
                after = await records.catalogue.present(publication)
                news = differences(before.catalogue_part, after.catalogue_part)
                said[key] = words.reloaded(publication.title, news, later)
                if news:
                    await renew_unfiled(records, after, now, cause)
            await _tell(records, said, jobs, cause)
        # Nothing is awaited between the commit and this, so no other transaction comes in between.
        self._publications.update(renewed)
        log.info("catalogues read again", waiting_for_restart=later)

    def _renewed(self, fresh: Config) -> dict[str, Publication]:
        """Return the publications with the catalogues of a configuration that was read again."""
        renewed = {
            key: publication.with_catalogue(fresh.publications[key].catalogue_part)
            for key, publication in self._publications.items()
            if key in fresh.publications
        }
        for publication in renewed.values():  # which may go by other reactions than the file has now
            check_catalogue(publication.catalogue_part, publication.submissions)
        return renewed


async def _tell(records: Records, said: Mapping[str, Answer], jobs: Sequence[ReloadJob], cause: str) -> None:
    """Tell the editors of each publication what came of it: as the answer to a command given in their room, if any."""
    rooms = await records.rooms.editors_rooms()
    told = set()
    for job in jobs:
        is_among_editors = job.room_id == rooms.get(job.publication) and job.publication in said
        answer = said[job.publication] if is_among_editors else words.editors_are_told()
        for number, content in enumerate(words.contents(answer, job.event_id)):
            await records.outbox.send(job.room_id, content, job.event_id, f"{ANSWER} {number}")
        await records.catalogue.end_reload(job.event_id)
        told |= {job.publication} if is_among_editors else set()
    for key, answer in said.items():
        if key in rooms and key not in told:
            await records.outbox.send(rooms[key], words.notice(answer), cause, f"reload {key}")


def _beyond_catalogues(running: Config, fresh: Config) -> Iterator[str]:
    """Yield the keys, beside the catalogues, at which two configurations differ."""
    for name in Config.model_fields:
        if name != "publications" and getattr(running, name) != getattr(fresh, name):
            yield name
    for key in dict.fromkeys((*running.publications, *fresh.publications)):
        before, after = running.publications.get(key), fresh.publications.get(key)
        if before is None or after is None:
            yield f"publications.{key}"
            continue
        for name in Publication.model_fields:
            if name != "catalogue_part" and getattr(before, name) != getattr(after, name):
                yield f"publications.{key}.{name}"
