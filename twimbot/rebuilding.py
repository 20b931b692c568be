"""Makes a lost database again from what the rooms tell, and says what they don't."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from twimbot.app import DATABASE, FORMER, KEYS, WORKSHOP, Bot, alone, open_client, open_database
from twimbot.commands.table import is_command
from twimbot.config import Config, Credentials, Publication
from twimbot.errors import DatabaseError
from twimbot.filing.terms import terms
from twimbot.model.batch import Batch
from twimbot.model.entry import MediaState
from twimbot.model.event import Event, Message, Unreadable
from twimbot.publishing.exporter import media_folder
from twimbot.store.database import Database
from twimbot.store.faults import SIDE_FILES, disk_work
from twimbot.store.rooms import StoredSession
from twimbot.words import counted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made: a sentence for each publication, what the rooms don't tell, and where the former data is."""

    editions: tuple[str, ...]
    notes: tuple[str, ...]
    former: Path | None


async def rebuild(config: Config, credentials: Credentials, since: date | None) -> Rebuilt:
    """Read the rooms' history into a new database, and put that in the place of the present one.

    History is read from the opening of the edition that `since` belongs to, by default of the one that is due by
    the calendar. Nothing is said in the rooms. The former database and pictures are moved into a folder beside
    them, and stay in place where anything fails; only the log-in and the published posts in them go on. Raises
    JobError where the homeserver or the disk is at fault, or a bot runs.
    """
    with alone(config.data_dir):
        workshop = config.model_copy(update={"data_dir": config.data_dir / WORKSHOP})
        shutil.rmtree(workshop.data_dir, ignore_errors=True)
        try:
            account = _Account()
            async with (
                open_database(workshop) as database,
                open_client(config) as client,
                _same_log_in(config, database),
            ):
                account.has_lost_posts = not await _take_over_posts(config, database)
                bot = Bot(workshop, credentials, client, database, _horizon(config, since), config.data_dir / KEYS)
                try:
                    await bot.read_up(lambda batch: account.hear(batch, config.publications))
                finally:
                    await bot.stop()
                editions = tuple([await _sentence(database, each) for each in config.publications.values()])
                async with database.snapshot() as records:
                    account.failed = len(await records.journal.failures())
            former = _put_in_place(config.data_dir, workshop.data_dir)
        finally:
            shutil.rmtree(workshop.data_dir, ignore_errors=True)
    return Rebuilt(editions, account.notes(), former)


@dataclass(slots=True)
class _Account:
    """What was read, by event ID as pages may overlap, and what of it could not be understood."""

    unanswered: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    failed: int = 0
    has_lost_posts: bool = False

    def hear(self, batch: Batch, publications: Mapping[str, Publication]) -> None:
        for room in batch.rooms:
            self.unreadable.update(event.event_id for event in room.events if isinstance(event, Unreadable))
            commands = {event.event_id for event in room.events if _is_command(event, publications)}
            self.unanswered |= commands - (room.past.answered if room.past else commands)
        log.info("read", events=sum(len(room.events) for room in batch.rooms))

    def notes(self) -> tuple[str, ...]:
        said = []
        if self.unanswered:
            commands = counted(len(self.unanswered), "command of an editor has", "commands of editors have")
            said.append(f"{commands} no answer in the room, and no effect: give it again where it is still wanted")
        if self.unreadable:
            said.append(f"{counted(len(self.unreadable), 'encrypted event', 'encrypted events')} could not be read")
        if self.failed:
            said.append(f"{counted(self.failed, 'event', 'events')} could not be handled; the log says why")
        if self.has_lost_posts:
            said.append("published posts that had been imported are lost with the former database: import them again")
        return tuple(said)


def _is_command(event: Event, publications: Mapping[str, Publication]) -> bool:
    return isinstance(event, Message) and any(
        event.sender in each.editors and is_command(event.content.body, each.command) for each in publications.values()
    )


@asynccontextmanager
async def _same_log_in(config: Config, database: Database) -> AsyncIterator[None]:
    """Go on with the log-in of the present database, as the same device, and give it back as it stands in the end.

    A refresh token that was used is worth nothing: without what followed, the present database would have no log-in.
    """
    before = await _present_log_in(config)
    if before:
        async with database.transaction() as records:
            await records.rooms.keep_session(before)
    try:
        yield
    finally:
        await _give_back(config, database, before)


async def _present_log_in(config: Config) -> StoredSession | None:
    if not (config.data_dir / DATABASE).exists():
        return None
    try:
        async with open_database(config) as present, present.snapshot() as records:
            return await records.rooms.session()
    except DatabaseError as error:
        log.warning("the present database can't be read; logging in anew", reason=str(error))
        return None


async def _give_back(config: Config, database: Database, before: StoredSession | None) -> None:
    """Store the log-in as it stands now in the present database, if there is one that had it."""
    if before is None:
        return
    try:
        async with database.snapshot() as records:
            session = await records.rooms.session()
        if session and session != before:
            async with open_database(config) as present, present.transaction() as records:
                await records.rooms.keep_session(session)
    except DatabaseError as error:
        log.warning("the present database keeps an old log-in", reason=str(error))


async def _take_over_posts(config: Config, database: Database) -> bool:
    """Put the published posts of the present database into the new one; return whether that database can be read."""
    if not (config.data_dir / DATABASE).exists():
        return False
    try:
        async with open_database(config) as present, present.snapshot() as records:
            posts = {key: await records.archive.posts(key) for key in config.publications}
            forgotten = await records.people.forgotten()
    except DatabaseError as error:
        log.warning("the present database can't be read; its posts are lost", reason=str(error))
        return False
    async with database.transaction() as records:
        await records.people.take_over(forgotten)
        for key, published in posts.items():
            for post in published:
                await records.archive.keep_post(key, post, terms)
    return True


def _horizon(config: Config, since: date | None) -> datetime:
    """Return how far back to read: to the opening of the earliest edition that is meant."""
    now = datetime.now(UTC)
    calendars = [publication.calendar for publication in config.publications.values()]
    if since is None:
        editions = [(each, each.just_closed(now) or each.edition_of(now)) for each in calendars]
    else:
        editions = [(each, each.edition_of(each.deadline(since))) for each in calendars]
    return min(calendar.opening(edition) for calendar, edition in editions)


async def _sentence(database: Database, publication: Publication) -> str:
    """Say what the due edition of a publication holds by now."""
    async with database.snapshot() as records:
        edition = await records.editions.due(publication.key, publication.calendar, datetime.now(UTC))
        entries = await records.entries.of_edition(publication.key, edition)
    filed = sum(entry.department is not None for entry in entries)
    dropped = sum(entry.is_dropped for entry in entries)
    files = [media for entry in entries for media in entry.media]
    missing = sum(media.state is not MediaState.KEPT for media in files)
    figures = f"{counted(len(entries), 'entry', 'entries')}, {filed} filed, {dropped} dropped"
    pictures = f"{counted(len(files), 'picture or video', 'pictures and videos')}, {missing} missing"
    return f"{publication.key}: edition of {edition}: {figures}; {pictures}"


def _put_in_place(data_dir: Path, workshop: Path) -> Path | None:
    """Move what is left of the present data aside, and the new in; return where the former is, if there is any.

    A write-ahead log or pictures may be left without their database, and would be taken for parts of the new one.
    What an earlier rebuilding had moved aside goes with the workshop: one copy is kept. Where a move fails, those
    before it are undone.
    """
    parts = (media_folder(data_dir), *(data_dir / f"{DATABASE}{ending}" for ending in ("", *SIDE_FILES)))
    former = None
    with disk_work(data_dir), ExitStack() as undoing:
        moves = []
        present = [path for path in parts if path.exists()]
        if present:
            former = data_dir / FORMER
            if former.exists():
                former.rename(workshop / FORMER)
                undoing.callback((workshop / FORMER).rename, former)
            former.mkdir(mode=0o700)
            undoing.callback(former.rmdir)
            moves = [(path, former / path.name) for path in present]
        made = (path for path in (media_folder(workshop), workshop / DATABASE) if path.exists())
        for path, place in (*moves, *((path, data_dir / path.name) for path in made)):
            path.rename(place)
            undoing.callback(place.rename, path)
        undoing.pop_all()
    return former
