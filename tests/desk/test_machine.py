"""For any order of batches, crashes and replays the result equals that of one pass without faults.

TWIMBOT_MACHINE_EXAMPLES is how many weeks are played, 40 by default; a thousand take about a quarter of an hour.

What happens in the rooms is one growing history. The tried desk hears it in pieces of any size, is killed before
a commit, is restarted, reads history again, and loses its knowledge of what it has said; at the end another desk
hears it once, in as few pieces as there can be. Both databases must then be the same, to the last row's number.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Container, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from sqlite3 import Row
from tempfile import mkdtemp
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, precondition, rule

from tests.desk.scene import (
    ANNA,
    BEN,
    BOT,
    EDITOR,
    EDITORS,
    NOW,
    PINGS,
    PUBLICATION,
    SUBMISSIONS,
    TEXT,
    Scene,
    open_scene,
)
from twimbot.desk.descriptions import Pictures
from twimbot.desk.desk import Desk
from twimbot.matrix.ordering import in_order
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.calendar import LATEST
from twimbot.model.event import read_event
from twimbot.store.database import Database
from twimbot.store.outbox import REDACTION, Waiting
from twimbot.store.records import Records

HIGHLIGHTS = "!highlights:example.org"
JURY = "!jury:example.org"
PUBLICATIONS = {
    "news": PUBLICATION,
    "best": PUBLICATION.model_copy(
        update={
            "key": "best",
            "command": "!best",
            "rooms": PUBLICATION.rooms.model_copy(update={"submissions": HIGHLIGHTS, "editors": JURY, "pings": None}),
        }
    ),
}
LEFT_OUT = ("position", "session", "revision", "archive_entry", "archive_term", "archive_department")
"""The tables that say how far the bot is, and those that are compared as what they come to.

Of a message that is taken up later than it was edited, the homeserver tells only the latest edit: the others are
recorded where they came in the same batch. Terms and departments are numbered in the order in which they were learned.
"""
USES = """(
    SELECT archive_term.publication, term, title, each.value FROM archive_term JOIN json_each(uses) AS each
    JOIN archive_department ON archive_department.id = each.key)"""
COMPARED = ("entry_now", "passage_now", "media_now", "archive_told", USES)
"""The views that are compared besides all other tables."""

PEOPLE = st.sampled_from((ANNA, ANNA, BEN, EDITOR))
PLACES = st.sampled_from((SUBMISSIONS, SUBMISSIONS, SUBMISSIONS, HIGHLIGHTS))
TEXTS = st.sampled_from(
    (
        f"NEWS: {TEXT}",
        "News, the tower of Turm has a new bell, which rings at noon and at midnight.",
        "NEWS: tiny",
        "NEWS:",
        TEXT,
        "1. A telescope on a tripod\n2. A bell in a tower",
        "!news drop 1",
        "1",
    )
)
KEYS = st.sampled_from(("⭕", "⭕", "❌", "📱", "🏢", "Fernglas", "Turm", "🎉", "👍"))
CAPTIONS = st.sampled_from((None, None, "A telescope on a tripod, in the rain", f"NEWS: {TEXT}"))
COMMANDS = st.sampled_from(
    (
        *("file 1 clients", "file 2 servers Turm", "drop 1", "restore 1", "drop 2", "move 1 next", "move 2 2026-02-13"),
        *("alt 1 A bell in a tower", "alt 1 2 A telescope", "cover 1", "cover none", "live https://example.org/v A"),
        *(
            "published",
            "published 2026-02-06",
            "unpublished 2026-02-06",
            "list",
            "status",
            "show 1",
            "export",
            "nonsense",
            "project set turm title Tower",
            "project set turm label none",
            "project remove turm",
            "project undo turm",
        ),
        *("unfiled", "why 1", "refile", "edit 1", "title 1 A bell", "title 1 none"),
    )
)
SIZES = st.integers(1, 12)

Raw = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent:
    """The homeserver has taken a row of the outbox, by its place; no event ID: there was nothing to take back."""

    place: int
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The pictures of all messages so far were fetched."""


class Killed(Exception):
    """The process ended between the desk's work and its commit."""


class MortalDatabase(Database):
    """A database whose transactions are given up before their commit once it is doomed."""

    is_doomed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Records]:
        """Enter a transaction as usual; in a doomed database all its work is lost."""
        async with super().transaction() as records:
            yield records
            if self.is_doomed:
                raise Killed


class History:
    """What has happened so far, as a homeserver tells it."""

    def __init__(self) -> None:
        self.steps: list[Raw | Sent | Kept] = []

    def add(self, step: Raw | Sent | Kept) -> None:
        """Let something happen."""
        self.steps.append(step)

    def told_again(self, start: int, end: int) -> list[Raw]:
        """Return the events of a part of the history as they are now: without what was deleted, edits beside."""
        return [self._as_told(each, end, end) for each in self.steps[start:end] if isinstance(each, Mapping)]

    def event(self, event_id: str, room_id: str, start: int, end: int) -> Raw | None:
        """Return a single event of a room as it is told for the batch of a part of the history, or None.

        That is as it was where the batch begins, with what the batch brings beside what had no edit before. A
        homeserver tells it as it is behind the batch; but what is deleted before it can be fetched never becomes an
        entry, and the later ones rightly have other numbers than those of a bot that was there; and of two edits the
        first is not told.
        """
        for each in self.steps[:end]:
            if isinstance(each, Mapping) and (each["event_id"], each["room_id"]) == (event_id, room_id):
                return self._as_told(each, start, end)
        return None

    def is_edited(self, message: Raw, into: str | None = None) -> bool:
        """Tell whether a message was edited, or edited into a kind of message."""
        return any(
            isinstance(each, Mapping)
            and _edited(each) == message["event_id"]
            and into in (None, each["content"]["msgtype"])
            for each in self.steps
        )

    def has_more_edits(self, edit: Raw) -> bool:
        """Tell whether an event is an edit, and not the only one of its message."""
        target = _edited(edit)
        return target is not None and sum(_edited(each) == target for each in self.steps) > 1

    def _as_told(self, event: Raw, start: int, end: int) -> Raw:
        deleted = {
            (each["content"]["redacts"], each["room_id"])
            for each in self.steps[:start]
            if isinstance(each, Mapping) and each["type"] == REDACTION
        }
        if (event["event_id"], event["room_id"]) in deleted or self._is_put_out(event, start):
            return {**event, "content": {}}
        edits = self._edits(event, start, deleted) or self._edits(event, end, deleted)
        if not edits or _edited(event):
            return event
        latest = max(edits, key=lambda edit: (edit["origin_server_ts"], edit["event_id"]))
        return {**event, "unsigned": {"m.relations": {"m.replace": latest}}}

    def _edits(self, event: Raw, end: int, deleted: Container[tuple[str, str]]) -> list[Raw]:
        return [
            each
            for each in self.steps[:end]
            if isinstance(each, Mapping)
            and _edited(each) == event["event_id"]
            and (each["sender"], each["room_id"]) == (event["sender"], event["room_id"])
            and (each["event_id"], each["room_id"]) not in deleted
            and not self._is_put_out(each, end)
        ]

    def _is_put_out(self, event: Raw, end: int) -> bool:
        """Tell whether the sender of a message or reaction was put out later, with all that they had said."""
        if event["type"] in (REDACTION, "m.room.member"):
            return False
        after = self.steps[self.steps.index(event) : end]
        return any(
            isinstance(each, Mapping)
            and each["content"].get("redact_events")
            and (each["state_key"], each["room_id"]) == (event["sender"], event["room_id"])
            for each in after
        )


def _edited(step: Raw | Sent | Kept) -> str | None:
    """Return which event an edit is of, or None where it is no edit."""
    relation = step["content"].get("m.relates_to", {}) if isinstance(step, Mapping) else {}
    return relation["event_id"] if relation.get("rel_type") == "m.replace" else None


class Bot:
    """A desk on a database of its own, which does to a history what `twimbot.app.Bot` does."""

    def __init__(self, folder: Path, history: History) -> None:
        self._folder = folder
        self._history = history
        self.done = 0
        self.database: MortalDatabase

    async def prepare(self) -> None:
        """Make the database, and be in the rooms."""
        async with open_scene(self._folder) as scene, scene.database.transaction() as records:
            await records.rooms.keep("best", "submissions", HIGHLIGHTS, HIGHLIGHTS)
            await records.rooms.keep("best", "editors", JURY, JURY)
        await self.start()

    async def start(self) -> None:
        """Open the database as the process's start does."""
        self.database = await MortalDatabase.open(self._folder / "twimbot.db")
        self.desk = Desk(self.database, PUBLICATIONS, BOT, lambda: NOW)

    async def record(self, events: Sequence[Raw], end: int, *, position: str | None) -> None:
        """Record events as one batch, which ends at a point of the history; fetch for it what must be."""
        rooms: dict[str, list[Any]] = {}
        for raw in events:
            event = read_event(raw, raw["room_id"])
            if event:
                rooms.setdefault(event.room_id, []).append(event)
        pages = [_page(RoomEvents(room, tuple(found))) for room, found in rooms.items()]
        batch = Batch(tuple([run async for runs in in_order(pages, LATEST) for run in runs]), position)
        fetched = {}
        for reference in await self.desk.references(batch):
            raw_target = self._history.event(reference.event_id, reference.room_id, self.done, end)
            event = read_event(raw_target, reference.room_id)
            if event is not None:
                fetched[reference.event_id] = event
        await self.desk.record(batch, fetched)

    async def hear(self, most: int) -> None:
        """Record what comes next, as one batch of so many events at most."""
        events = self._next(most)
        end = self.done + len(events)
        await self.record(events, end, position=f"position-{end}")
        self.done = end

    async def die(self, most: int) -> None:
        """Be killed while the next batch is recorded, and start again."""
        self.database.is_doomed = True
        events = self._next(most)
        with suppress(Killed):
            await self.record(events, self.done + len(events), position="never")
        await self.database.close()
        await self.start()

    async def hear_again(self, start: int, sizes: Sequence[int]) -> None:
        """Record what was recorded before, from a point of the history on, in batches of these sizes and one more."""
        events = self._history.told_again(start, self.done)
        for size in sizes:
            await self.record(events[:size], self.done, position=None)
            events = events[size:]
        await self.record(events, self.done, position=None)

    async def catch_up(self) -> None:
        """Record everything that has happened and is still to be heard, in as few pieces as there can be."""
        while self.done < len(self._history.steps):
            match self._history.steps[self.done]:
                case Sent() as sent:
                    await self.note(sent)
                    self.done += 1
                case Kept():
                    await self.keep()
                    self.done += 1
                case _:
                    await self.hear(len(self._history.steps))

    async def note(self, sent: Sent) -> None:
        """Note that a row was sent."""
        async with self.database.transaction() as records:
            (row,) = await records.connection.execute_fetchall(
                "SELECT seq FROM outbox ORDER BY seq LIMIT 1 OFFSET ?", (sent.place,)
            )
            if sent.event_id is None:
                await records.outbox.mark_cancelled(row["seq"])
            else:
                await records.outbox.mark_sent(row["seq"], sent.event_id)

    async def keep(self) -> None:
        """Fetch all pictures that are wanted, and ask what they show."""
        pictures = Pictures(PUBLICATIONS)
        async with self.database.transaction() as records:
            for _, media in await records.media.wanted():
                await records.media.keep(media, ".png")
                await pictures.hear_kept(records, media)

    async def place(self, row: Waiting) -> int:
        """Return how many rows of the outbox stand before one."""
        async with self.database.snapshot() as records:
            (found,) = await records.connection.execute_fetchall(
                "SELECT count(*) AS place FROM outbox WHERE seq < ?", (row.seq,)
            )
        return int(found["place"])

    async def waiting(self) -> Waiting | None:
        """Return what is to be sent next, or None."""
        async with self.database.snapshot() as records:
            for room_id in await records.outbox.rooms_waiting():
                return await records.outbox.next_in(room_id)
        return None

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of all tables but those that tell how far the bot is."""
        async with self.database.snapshot() as records:
            tables = await records.connection.execute_fetchall(
                """SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                   AND name NOT LIKE 'archive_index%' ORDER BY name"""
            )
            names = [*COMPARED, *(row["name"] for row in tables if row["name"] not in LEFT_OUT)]
            return {
                name: _plain(await records.connection.execute_fetchall(f"SELECT * FROM {name}"))  # noqa: S608 - names of tables
                for name in names
            }

    def _next(self, most: int) -> list[Raw]:
        events: list[Raw] = []
        for step in self._history.steps[self.done : self.done + most]:
            if not isinstance(step, Mapping):
                break
            events.append(step)
        return events


async def _page(room: RoomEvents) -> AsyncIterator[RoomEvents]:
    yield room


def _plain(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return rows by their columns, in their order.

    Of running numbers only the order counts, as SQLite counts what was ignored as well; those of redactions go into
    their transaction ids.
    """
    found = [dict(row) for row in rows]
    if not found or "seq" not in found[0]:
        return sorted(found, key=repr)
    found.sort(key=itemgetter("seq"))
    places = {row["seq"]: place for place, row in enumerate(found)}
    for row in found:
        row["seq"] = places[row["seq"]]
        if row.get("redacts") is not None:
            row["redacts"] = places[row["redacts"]]
            del row["digest"], row["transaction_id"]
    return found


class Week(RuleBasedStateMachine):
    """People in their rooms, and a bot that is unlucky."""

    messages = Bundle("messages")
    deeds = Bundle("deeds")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = Path(mkdtemp(prefix="twimbot-"))
        self._history = History()
        self._bot = Bot(self._folder / "tried", self._history)
        self._run(self._bot.prepare())
        self._people = Scene(self._bot.database)
        self._unnoted: dict[str, Sent] = {}

    def teardown(self) -> None:
        """Hear everything once more without faults, and compare."""
        try:
            self._run(self._compare())
        finally:
            self._runner.close()
            shutil.rmtree(self._folder)

    # What people do

    @rule(target=messages, sender=PEOPLE, text=TEXTS, place=PLACES)
    def say(self, sender: str, text: str, place: str) -> Raw:
        return self._happens(self._people.message(sender, text, place))

    @rule(target=messages, sender=PEOPLE, caption=CAPTIONS)
    def show(self, sender: str, caption: str | None) -> Raw:
        described = {"filename": "a.png", "body": caption} if caption else {}
        return self._happens(self._people.picture(sender, **described))

    @rule(target=messages, sender=PEOPLE, text=TEXTS, to=messages, is_reply=st.booleans(), is_picture=st.booleans())
    def answer(self, sender: str, text: str, to: Raw, is_reply: bool, is_picture: bool) -> Raw:  # noqa: FBT001 - given by hypothesis
        reply = {"m.in_reply_to": {"event_id": to["event_id"]}}
        relation = (
            reply
            if is_reply
            else {"rel_type": "m.thread", "event_id": to["event_id"], **reply, "is_falling_back": True}
        )
        if is_picture:
            said = self._people.picture(sender, **{"m.relates_to": relation})
        else:
            said = self._people.message(sender, text, **{"m.relates_to": relation})
        return self._happens({**said, "room_id": to["room_id"]})

    @rule(target=messages, target_message=messages, text=TEXTS, is_own=st.sampled_from((True, True, True, False)))
    def edit(self, target_message: Raw, text: str, is_own: bool) -> Any:  # noqa: FBT001, ANN401 - given by hypothesis
        if self._history.is_edited(target_message, into="m.image"):
            return multiple()
        sender = target_message["sender"] if is_own else BEN
        return self._happens(self._people.edit(sender, target_message["event_id"], text, target_message["room_id"]))

    @rule(target=messages, target_message=messages, name=st.sampled_from("AB"), caption=CAPTIONS)
    def edit_into_picture(self, target_message: Raw, name: str, caption: str | None) -> Any:  # noqa: ANN401 - as `send`
        if self._history.is_edited(target_message):
            return multiple()  # the pictures of before may be known or not, see LEFT_OUT
        described = {"filename": "a.png", "body": caption} if caption else {"body": "a.png"}
        new = {"msgtype": "m.image", "url": f"mxc://example.org/{name}", **described}
        edit = self._people.edit_into(target_message["sender"], target_message["event_id"], new)
        return self._happens({**edit, "room_id": target_message["room_id"]})

    @rule(target=deeds, sender=PEOPLE, message=messages, key=KEYS)
    def react(self, sender: str, message: Raw, key: str) -> Raw:
        return self._happens(self._people.reaction(sender, message["event_id"], key, message["room_id"]))

    @rule(deed=st.one_of(messages, deeds), is_own=st.booleans())
    def delete(self, deed: Raw, is_own: bool) -> None:  # noqa: FBT001 - given by hypothesis
        sender = deed["sender"] if is_own else EDITOR
        if self._history.has_more_edits(deed):
            return  # the text of before may be known or not, see LEFT_OUT
        self._happens(self._people.redaction(sender, deed["event_id"], deed["room_id"]))

    @rule(user=PEOPLE, membership=st.sampled_from(("leave", "ban")), place=PLACES)
    def put_out(self, user: str, membership: str, place: str) -> None:
        sender = BEN if user == EDITOR else EDITOR
        self._happens(self._people.put_out(sender, user, membership, place))

    @rule(
        target=deeds,
        sender=st.sampled_from((EDITOR, EDITOR, ANNA)),
        text=COMMANDS,
        place=st.sampled_from((EDITORS, SUBMISSIONS)),
    )
    def command(self, sender: str, text: str, place: str) -> Raw:
        return self._happens(self._people.command(sender, text, place))

    @rule(user=PEOPLE, name=st.sampled_from(("Anna (away)", "News", None)), place=PLACES)
    def rename(self, user: str, name: str | None, place: str) -> None:
        content = {"membership": "join", "displayname": name}
        self._happens(self._people.event(user, "m.room.member", content, place, state_key=user))

    @rule(target=deeds, took=st.integers(1, 999))
    def ping(self, took: int) -> Raw:
        content = {"msgtype": "m.notice", "body": "Pong!", "pong": {"ms": took, "from": "example.org", "ping": "$p"}}
        return self._happens(self._people.event(BEN, "m.room.message", content, PINGS))

    # What the bot does

    @rule(target=messages, is_noted=st.booleans())
    def send(self, is_noted: bool) -> Any:  # noqa: FBT001, ANN401 - given by hypothesis; what `multiple` returns has no name
        """Have the homeserver take what is to be sent next; where it is not noted, the process ended before it was."""
        self._run(self._bot.catch_up())
        row = self._run(self._bot.waiting())
        if row is None:
            return multiple()
        if row.transaction_id in self._unnoted:
            self._run(self._bot.note(self._unnoted.pop(row.transaction_id)))
            return multiple()
        if row.type == REDACTION and row.redacts is None:
            event = None
        elif row.type == REDACTION:
            event = self._people.redaction(BOT, str(row.redacts), row.room_id)
        else:
            event = self._people.event(BOT, row.type, row.content, row.room_id)
        sent = Sent(self._run(self._bot.place(row)), str(event["event_id"]) if event else None)
        if is_noted or event is None:
            self._run(self._bot.note(sent))
        else:
            self._unnoted[row.transaction_id] = sent
        self._history.add(sent)
        self._bot.done += 1
        if event is None:
            return multiple()
        self._happens(event)
        return event if row.type == "m.room.message" else multiple()

    @rule()
    def fetch_pictures(self) -> None:
        self._run(self._bot.catch_up())
        self._history.add(Kept())
        self._run(self._bot.catch_up())

    @rule(size=SIZES)
    def sync(self, size: int) -> None:
        self._run(self._bot.hear(size))

    @rule(size=SIZES)
    def kill(self, size: int) -> None:
        self._run(self._bot.die(size))

    @precondition(lambda self: self._bot.done)
    @rule(back=st.integers(1, 60), sizes=st.lists(SIZES, max_size=4), is_killed=st.booleans())
    def refuse_token(self, back: int, sizes: list[int], is_killed: bool) -> None:  # noqa: FBT001 - given by hypothesis
        """Read history again, as after a refused token; killed on the way, the bot begins anew."""
        start = max(self._bot.done - back, 0)
        if is_killed and sizes:
            events = self._history.told_again(start, self._bot.done)
            self._run(self._bot.record(events[: sizes[0]], self._bot.done, position=None))
            self._run(self._bot.die(1))
        self._run(self._bot.hear_again(start, sizes))

    def _happens(self, event: Raw) -> Raw:
        self._history.add(event)
        return event

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _compare(self) -> None:
        faultless = Bot(self._folder / "faultless", self._history)
        await faultless.prepare()
        try:
            await self._bot.catch_up()
            for sent in self._unnoted.values():
                await self._bot.note(sent)
            await faultless.catch_up()
            found, expected = await self._bot.everything(), await faultless.everything()
            assert expected["failed_event"] == []
            for table, rows in expected.items():
                superfluous = [row for row in found[table] if row not in rows]
                missing = [row for row in rows if row not in found[table]]
                assert (superfluous, missing) == ([], []), table
        finally:
            await self._bot.database.close()
            await faultless.database.close()


TestWeek = Week.TestCase
TestWeek.settings = settings(
    max_examples=int(os.environ.get("TWIMBOT_MACHINE_EXAMPLES", "40")),
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
