"""Builds the parts, runs them together, and stops them in order."""

import asyncio
import fcntl
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from twimbot import words
from twimbot.config import Config, Credentials, Publication
from twimbot.desk.descriptions import Pictures
from twimbot.desk.desk import Desk
from twimbot.desk.situation import Erased
from twimbot.errors import ConfigurationError, DatabaseError, HomeserverError, JobError, TwimbotError, Unwritable
from twimbot.health import Figures, answering
from twimbot.logs import failures
from twimbot.matrix.client import Client, Refused, Unreachable
from twimbot.matrix.discovery import find
from twimbot.matrix.encryption import IS_INSTALLED, Encryption
from twimbot.matrix.media import MediaKeeper, upload
from twimbot.matrix.outbox import Sender
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.profiles import Profiles
from twimbot.matrix.session import Session, adopt_predecessors, follow_upgrades, join_rooms, learn_name
from twimbot.matrix.standing import Standing
from twimbot.matrix.survey import RoomFound, survey
from twimbot.matrix.sync import Sync
from twimbot.matrix.trial import trying
from twimbot.media.wanted import Wanted
from twimbot.model.batch import Batch
from twimbot.model.event import Event, Membership
from twimbot.publishing.exporter import EXPORTS, MEDIA, Exporter, export, export_folder, media_folder
from twimbot.publishing.gather import gather
from twimbot.reloading import Reloader
from twimbot.store.copying import Progress, copy_database, is_same_file
from twimbot.store.database import Database
from twimbot.store.faults import disk_work
from twimbot.store.records import Records
from twimbot.store.rooms import session_in

log = structlog.get_logger(__name__)

DATABASE = "twimbot.db"
"""The store's name in `data_dir`."""

KEYS = "crypto.db"
"""The name of the file of the device's keys in `data_dir`."""

LOCK = "lock"
"""The name of the file in `data_dir` that keeps a second bot away."""

WORKSHOP = "rebuilding"
"""The folder in `data_dir` where a new database is made; what is there is half of one, unless it is running."""

FORMER = "before-rebuild"
"""The folder in `data_dir` with the database and pictures that the latest rebuilding has replaced."""

LOST_AND_FOUND = "lost+found"
"""What a fresh file system holds by itself."""

HOME = (DATABASE, f".{DATABASE}", KEYS, FORMER)
"""How names begin that show a folder to be the bot's: with copies, and what SQLite and Litestream keep beside."""

BESIDE = (LOCK, MEDIA, EXPORTS, WORKSHOP)
"""What else the bot has in `data_dir`; folders of others have such names, too."""

OTHERS = 0o077
"""What a file's mode says about everybody but its owner."""

READING_PATIENCE = 600.0
"""How long pictures are waited for when all that the rooms tell is read, in seconds."""

HEAD_START = 0.25
"""How long the homeserver is left alone with what was said before it is asked for more, in seconds: it would tell each
reaction to the bot while it tells it to people."""

STOP_PATIENCE = 2.0
"""How long recording a batch may take at the end, in seconds; what is being sent is sent again by the next start."""


async def run(config: Config, credentials: Credentials, reread: Callable[[], Config]) -> None:
    """Run the bot until SIGTERM or SIGINT, then finish what is in hand; at SIGHUP `reread` the configuration.

    Raises JobError where it can't start, or can't go on.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with alone(config.data_dir):
        async with open_client(config) as client:
            steady = Steady(config, credentials, client, reread)
            loop.add_signal_handler(signal.SIGHUP, steady.reload)
            async with answering(config.health, lambda: steady.is_ready, steady.figures):
                await _until(stopping.wait(), steady.run())
    log.info("stopped")


class Steady:
    """The bot, begun anew each time that a fault of the disk has passed."""

    def __init__(self, config: Config, credentials: Credentials, client: Client, reread: Callable[[], Config]) -> None:
        self._config = config
        self._credentials = credentials
        self._client = client
        self._reread = reread
        self._bot: Bot | None = None
        self._fault: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a bot is running that hears its homeserver."""
        return self._bot is not None and self._bot.is_ready

    async def figures(self) -> Figures:
        """Return what is told to whoever watches; a bot that waits for its disk has failures only."""
        return await self._bot.figures() if self._bot else Figures(failures=dict(failures))

    def reload(self) -> None:
        """Read the configuration again; a bot that waits for its disk does not."""
        if self._bot:
            self._bot.reload()
        else:
            log.warning("not running just now; ask for the configuration to be read again later")

    async def run(self) -> None:
        """Run without end; raises JobError where the bot can't start, or can't go on.

        At a fault of the disk the bot ends as if it had been killed, so that what was not stored is read again, and
        nothing that was is done twice (docs/architecture.md, promises 1 to 3).
        """
        pauses = waits()
        while True:
            try:
                async with open_database(self._config) as database:
                    await self._say_mended(database)
                    await self._run_on(database)
            except Unwritable as error:
                if self.is_ready:
                    pauses = waits()
                self._bot = None
                pause = next(pauses)
                log.error("waiting for the disk", reason=str(error), seconds=round(pause, 1))  # noqa: TRY400 - says it all
                await asyncio.sleep(pause)

    async def _run_on(self, database: Database) -> None:
        self._bot = Bot(self._config, self._credentials, self._client, database, reread=self._reread)
        try:
            await self._bot.run()
        except Unwritable as error:
            fault = _hourly(error)
            if self._fault is None and await self._bot.tell_editors(words.cannot_store(str(error)), fault):
                self._fault = fault
            raise
        except DatabaseError as error:
            await self._bot.tell_editors(words.must_stop(str(error)), _hourly(error))
            raise
        finally:
            self._config = self._bot.config
            await self._bot.stop()

    async def _say_mended(self, database: Database) -> None:
        """Tell the editors that a fault has passed, by way of the store: that shows whether it has."""
        if self._fault is None:
            return
        async with database.transaction() as records:
            for room_id in (await records.rooms.editors_rooms()).values():
                await records.outbox.send(
                    room_id, words.notice(words.stores_again()), f"{self._fault} {room_id}", "mended"
                )
        log.info("the disk works again")
        self._fault = None


class Bot:
    """The running bot.

    `since` is how far back rooms are read for the first time, if not to their edition's opening; `keys` is the file of
    the device's keys, if not the one in `data_dir`; `reread` returns the configuration as it is written now, if it
    may have changed.
    """

    def __init__(
        self,
        config: Config,
        credentials: Credentials,
        client: Client,
        database: Database,
        since: datetime | None = None,
        keys: Path | None = None,
        reread: Callable[[], Config] | None = None,
    ) -> None:
        self._config = config
        self._client = client
        keys = keys or config.data_dir / KEYS
        self._session = Session(client, credentials, database, keys)
        self.database = database
        self._publications = publications = dict(config.publications)
        self._desk = Desk(database, publications, config.user_id, can_decrypt=IS_INSTALLED)
        calendars = {key: p.calendar for key, p in publications.items()}
        self._encryption = Encryption(client, keys, credentials.password)
        self._standing = Standing(client, database, publications, self._wake)
        self._profiles = Profiles(client)
        self._sync = Sync(client, database, self._standing, self._encryption, calendars, self._wake, since)
        self._sender = Sender(client, database, self._sync.status, self._standing, self._encryption)
        images = {key: Wanted(p.post.images.format, p.post.images.width) for key, p in publications.items()}
        self._keeper = MediaKeeper(
            client, database, media_folder(config.data_dir), images, Pictures(publications), self._sender.wake
        )
        self._exporter = Exporter(
            database, publications, config.data_dir, partial(upload, client), self._keeper.settle, self._sender.wake
        )
        self._reloader = Reloader(database, config, publications, reread or (lambda: config), self._sender.wake)
        self._is_caught_up = asyncio.Event()
        self._is_to_wipe = False
        self._events_read = 0
        self._recording: asyncio.Task[None] | None = None

    @property
    def config(self) -> Config:
        """What it goes by: the configuration that it was made with, and the catalogues as they were last read."""
        return self._config.model_copy(update={"publications": dict(self._publications)})

    def reload(self) -> None:
        """Read the configuration again once the bot is running, and take over its catalogues."""
        self._reloader.ask()

    @property
    def is_ready(self) -> bool:
        """Whether the first sync is done, the last one succeeded, and the bot is in its rooms and may speak there."""
        return self._sync.status.is_ready and self._standing.is_good

    async def figures(self) -> Figures:
        """Return what is told to whoever watches; of the store nothing where that can't be read."""
        entries = sends = age = None
        try:
            async with self.database.snapshot() as records:
                entries, sends = await records.entries.count(), await records.outbox.count_waiting()
                synced = await records.rooms.position_time()
            age = None if synced is None else max(0.0, time.time() - synced / 1000)
        except DatabaseError as error:
            log.debug("the store can't be measured", reason=str(error))
        made, seconds = self._exporter.made, self._exporter.seconds
        return Figures(self._events_read, made, seconds, dict(failures), entries, sends, age)

    async def run(self) -> None:
        """Log in, join the rooms, and listen without end."""
        await self._start()
        log.info("listening", user_id=self.config.user_id, publications=list(self.config.publications))
        await self._sender.begin()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._standing.run())
                group.create_task(self._sender.run())
                # An export that was answered in a life that the store has forgotten is not made again, and a folder of
                # many pictures, or a large file, is not looked through before the first answer.
                await self._is_caught_up.wait()
                group.create_task(self._keeper.run())
                group.create_task(self._exporter.run())
                group.create_task(self._reloader.run())
                group.create_task(self.database.check())
        except* TwimbotError as errors:
            raise _leaf(errors) from None

    async def stop(self) -> None:
        """Finish the batch in hand, which its own transaction keeps whole."""
        if self._recording:
            done, _ = await asyncio.wait([self._recording], timeout=STOP_PATIENCE)
            for error in filter(None, (task.exception() for task in done if not task.cancelled())):
                log.warning("batch in hand not finished", reason=str(error))
        self._sync.close()
        self._encryption.close()

    async def tell_editors(self, answer: words.Answer, cause: str) -> bool:
        """Say something in every editors' room at once, past a store that fails; the same cause is told once.

        Returns whether it was said anywhere; where it can't be said it is in the log only.
        """
        try:
            async with self.database.snapshot() as records:
                rooms = set((await records.rooms.editors_rooms()).values())
        except DatabaseError as error:
            log.warning("the editors can't be told", reason=str(error))
            return False
        return any([await self._tell(room_id, answer, cause) for room_id in sorted(rooms)])

    async def _tell(self, room_id: str, answer: words.Answer, cause: str) -> bool:
        try:
            await self._sender.say_past_store(room_id, words.notice(answer), cause, "fault")
        except (DatabaseError, HomeserverError) as error:
            log.warning("the editors can't be told", room_id=room_id, reason=str(error))
            return False
        return True

    async def _start(self) -> None:
        """Log in and join; wait for a homeserver that does not answer, as long as that takes."""
        async with self.database.transaction() as records:
            for publication in self._publications.values():
                await records.catalogue.settle(publication)
        for pause in waits():
            try:
                await self._session.begin()
                await self._open_keys()
                await learn_name(self._client, self.database)
                await join_rooms(self._client, self.config.publications.values(), self.database, self._standing)
                await adopt_predecessors(self._client, self.database)
                await self._standing.refresh()
            except (Unreachable, Refused) as error:
                if isinstance(error, Refused) and not error.is_passing:
                    raise
                log.warning("waiting for the homeserver", homeserver=self._client.homeserver, reason=str(error))
                await asyncio.sleep(wait_for(error, pause))
            else:
                return

    async def _open_keys(self) -> None:
        """Open the keys of the device that is logged in."""
        async with self.database.snapshot() as records:
            session = await records.rooms.session()
        if session:
            self._encryption.open(session.device_id)

    async def read_up(self, hear: Callable[[Batch], None]) -> None:
        """Log in, join the rooms, and record all that they tell up to the present, pictures included; say nothing.

        `hear` is given each batch as it is recorded.
        """
        await self._start()
        async for batch in self._sync.batches(wait=0):
            hear(batch)
            recorded = await self._record(batch)
            for room_id, reason in recorded.faults.items():
                raise HomeserverError(f"{self._client.homeserver} fails at room {room_id} ({reason}); try again later")
            # A first answer may be one that the homeserver has at hand from a while ago.
            if batch.token is not None and not batch.rooms and not await self._is_behind():
                break
        try:
            await _until(self._keeper.settle(READING_PATIENCE), self._keeper.run())
        except* TwimbotError as errors:
            raise _leaf(errors) from None
        async with self.database.transaction() as records:
            await records.outbox.cancel_outdated()

    async def _listen(self) -> None:
        async for batch in self._sync.batches():
            await self._record(batch)
            self._wake()
            if batch.token is not None:
                self._is_caught_up.set()
                await self._sender.done(HEAD_START)

    async def _record(self, batch: Batch) -> Batch:
        """Record a batch with what belongs to it; return what was recorded."""
        fetched = await self._fetched(batch)
        batch = await self._named(batch, fetched)
        batch = self._sync.with_faults(batch)
        self._recording = asyncio.ensure_future(self._store(batch, fetched))
        await asyncio.shield(self._recording)
        self._events_read += sum(len(room.events) for room in batch.rooms)
        self._sender.wake()
        await self._standing.refresh()
        await follow_upgrades(self._client, self.database, self._standing)
        self._standing.wake()
        return batch

    async def _store(self, batch: Batch, fetched: Mapping[str, Event]) -> None:
        """Record a batch and remove what it erased, as one work: nobody would remove it at the next start."""
        await self._wipe(await self._desk.record(batch, fetched))

    async def _is_behind(self) -> bool:
        """Tell whether a room has still to be read, such as one that took another's place."""
        async with self.database.snapshot() as records:
            return not all(room.is_read_back or room.loss == "out" for room in await records.rooms.known())

    def _wake(self) -> None:
        """Tell the parts that there may be something to do."""
        for part in (self._sender, self._keeper, self._exporter, self._reloader):
            part.wake()

    async def _wipe(self, erased: Erased) -> None:
        """Remove what was deleted from the disk: kept files, exported trees, and the write-ahead log's copy."""
        for publication, edition in erased.editions:
            tree = export_folder(self.config.data_dir, publication, edition)
            await asyncio.to_thread(shutil.rmtree, tree, ignore_errors=True)
        self._keeper.forget(erased.files)  # after them, as what it leaves at a fault is swept at the next start
        self._is_to_wipe |= erased.is_any
        if self._is_to_wipe:
            self._is_to_wipe = not await self.database.checkpoint()

    async def _named(self, batch: Batch, fetched: Mapping[str, Event]) -> Batch:
        """Return a batch with the names of those whom neither it nor the store tells, as their profiles say."""
        strangers = await self._desk.strangers(batch, fetched)
        names = await self._profiles.names(user_id for _, user_id in strangers)
        added: dict[str, list[Membership]] = {}
        for room_id, user_id in strangers:
            if user_id in names:
                joined = Membership("", room_id, user_id, 0, user_id, "join", names[user_id])
                added.setdefault(room_id, []).append(joined)
        rooms = [replace(room, members=(*room.members, *added.pop(room.room_id, ()))) for room in batch.rooms]
        return replace(batch, rooms=tuple(rooms))

    async def _fetched(self, batch: Batch) -> Mapping[str, Event]:
        """Return the events that a batch speaks of and that are not at hand."""
        found = {}
        for reference in await self._desk.references(batch):
            event = await self._sync.fetch(reference.room_id, reference.event_id)
            if event is not None:
                found[reference.event_id] = event
        return found


async def check_online(
    config: Config, credentials: Credentials, show: Callable[[Sequence[RoomFound]], None] = lambda _found: None
) -> tuple[str, ...]:
    """Try each secret that is set and the stored log-in, and look at every room; return what is worth knowing.

    Nothing is changed here or there: no room is joined, no device stays, nothing is written. `show` is given what was
    found of the rooms. Raises JobError with all that is wrong.
    """
    with disk_work(config.data_dir), suppress(FileNotFoundError):
        check_own(config.data_dir)
    stored = await asyncio.to_thread(session_in, config.data_dir / DATABASE)
    async with open_client(config) as client:
        await find(client, is_known=False)
        async with trying(client, credentials, stored) as trial:
            found = await survey(client, config.publications.values()) if client.access_token else []
    if found:
        show(found)
    elif not trial.problems:
        trial.notes.append("nobody was there to look at the rooms; set TWIMBOT_PASSWORD for that")
    problems = [*trial.problems, *(room.problem for room in found if room.problem)]
    if problems:
        raise HomeserverError("\n".join(problems))
    return tuple(trial.notes)


async def export_from_store(
    config: Config, publication: Publication, edition: date | None, output: Path | None, author: str | None
) -> tuple[Path, tuple[str, ...]]:
    """Write an edition's tree from the store alone; return the post's path and what an editor should look at.

    `edition` defaults to the one that is due. Raises NothingToExport where nothing is in it.
    """
    async with open_database(config) as database, database.snapshot() as records:
        calendar = publication.calendar
        named = edition or await records.editions.due(publication.key, calendar, datetime.now(UTC))
        by = author or await _author(records, publication, named)
        contents = await gather(records, await records.catalogue.present(publication), named, by)
        exported = await asyncio.to_thread(export, contents, config.data_dir, output)
    return exported.path, exported.notes


async def at_present(config: Config) -> Config:
    """Return a configuration with the changes of the store on top of its catalogues, if there is one."""
    path = config.data_dir / DATABASE
    with disk_work(path):
        is_there = path.is_file()
    if not is_there:
        return config
    async with open_database(config) as database, database.snapshot() as records:
        present = {key: await records.catalogue.present(each) for key, each in config.publications.items()}
    return config.model_copy(update={"publications": present})


def back_up(config: Config, target: Path, progress: Progress, *, replaces: bool) -> None:
    """Copy the database to a file as it stands at this moment, also while the bot runs.

    Raises ConfigurationError where the file is not to be written, JobError where the copy can't be made.
    """
    source = config.data_dir / DATABASE
    if not source.is_file():
        raise JobError(f"{source}: there is no database yet; start the bot first, or check data_dir")
    if is_same_file(source, target):
        raise ConfigurationError(f"{target} is the database itself; name another file")
    if target.is_dir():
        raise ConfigurationError(f"{target} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target}: there is no folder {target.parent}; make it first")
    if target.exists() and not replaces:
        raise ConfigurationError(f"{target} exists already; name another file, or say --force to replace it")
    copy_database(source, target, progress)


@asynccontextmanager
async def open_database(config: Config) -> AsyncIterator[Database]:
    """Open the store in the configured folder, and close it in the end.

    Raises ConfigurationError where the folder is not the bot's, else as Database.open does.
    """
    with disk_work(config.data_dir):
        make_private(config.data_dir)
    database = await Database.open(config.data_dir / DATABASE)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_client(config: Config) -> AsyncIterator[Client]:
    """Open the line to the homeserver, and close it in the end."""
    client = Client(config.homeserver, config.user_id)
    try:
        yield client
    finally:
        await client.close()


async def _author(records: Records, publication: Publication, edition: date) -> str:
    """Return who stands in the front matter where nobody is named: who exported last, else the first editor."""
    last = await records.journal.last_author(publication.key, edition)
    return last or publication.editors[0][1:].partition(":")[0]


async def _until(end: Coroutine[Any, Any, object], work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it fails, or until the other has come to its end."""
    tasks = asyncio.ensure_future(end), asyncio.ensure_future(work)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Keep a second bot from the same folder; raises ConfigurationError where there is one, or no folder to be had."""
    try:
        make_private(data_dir)
        lock = (data_dir / LOCK).open("w")
    except OSError as error:
        raise ConfigurationError(f"data_dir: {data_dir} can't be written: {error.strerror}; check its owner") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise JobError(f"{data_dir} is in use by another twimbot; stop that one first") from None
        yield


def make_private(data_dir: Path) -> None:
    """Make the folder, or close one that others can look into: the log-in and unpublished texts are in it.

    Everything that opens the store goes through here first. A folder that holds other things than the bot's is neither
    closed nor written into, as it may be everybody's (`/srv`) or somebody's (a home); only what is closed already and
    has the bot's database or keys in it may hold whatever its owner has put beside them. Raises ConfigurationError
    where it is not the bot's, OSError where it can't be had.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if check_own(data_dir):
        data_dir.chmod(0o700)
        log.warning("closed data_dir to others", data_dir=str(data_dir))


def check_own(data_dir: Path) -> bool:
    """Raise ConfigurationError where a folder is not the bot's; return whether others can look into it.

    Raises OSError where there is no such folder, or it can't be read.
    """
    names = {each.name for each in data_dir.iterdir()} - {LOST_AND_FOUND}
    is_open = bool(data_dir.stat().st_mode & OTHERS)
    is_home = any(name.startswith(HOME) for name in names)
    beside = BESIDE if is_home or not is_open else ()
    others = sorted(name for name in names if not name.startswith(HOME) and name not in beside)
    if others and (is_open or not is_home):
        way_out = f", or close it with chmod 700 {data_dir} if nobody else needs it" if is_home else ""
        raise ConfigurationError(
            f"data_dir: {data_dir} holds what is not the bot's ({others[0]}); name a folder of its own{way_out}"
        )
    return is_open


def _hourly(error: DatabaseError) -> str:
    """Return what names a fault of this kind for an hour: one that comes and goes is told once in that time."""
    return f"{type(error).__name__} {datetime.now(UTC):%Y-%m-%dT%H}"


def _leaf(error: BaseException) -> BaseException:
    """Return the first error in groups of groups."""
    return _leaf(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
