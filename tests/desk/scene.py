"""A publication with its rooms and a desk on a real SQLite file, spoken to with raw events."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from twimbot.config import Publication
from twimbot.desk.desk import Desk
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Entry
from twimbot.model.event import Event, read_event
from twimbot.store.database import Database
from twimbot.store.records import Records

BOT = "@news:example.org"
EDITOR = "@edna:example.org"
ANNA = "@anna:example.org"
BEN = "@ben:example.org"
SUBMISSIONS = "!submissions:example.org"
EDITORS = "!editors:example.org"
PINGS = "!pings:example.org"
NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
"""A Wednesday; the edition closes on Friday, 2026-02-06."""

TEXT = "Fernglas 1.4 is out, with faster search and fewer crashes."

PUBLICATION = Publication.model_validate(
    {
        "key": "news",
        "title": "Weekly News",
        "command": "!news",
        "rooms": {"submissions": SUBMISSIONS, "editors": EDITORS, "pings": PINGS},
        "editors": [EDITOR],
        "filing": {"file_from": 1},  # so that nothing is filed but by people
        "schedule": {"weekday": "friday", "deadline": "17:00", "timezone": "Europe/Paris"},
        "catalogue": {
            "departments": [
                {"key": "clients", "emoji": "📱", "title": "Clients 📱"},
                {"key": "servers", "emoji": "🏢", "title": "Servers 🏢", "reporters": [BEN]},
            ],
            "projects": [
                {"key": "fernglas", "label": "Fernglas", "title": "Fernglas", "department": "clients"},
                {"key": "turm", "label": "Turm", "title": "Turm Server", "department": "servers"},
            ],
        },
    }
)


@dataclass
class Scene:
    """The desk, and what people do in front of it; every deed returns its event ID.

    `now` is what the desk's clock shows, `moment` what the servers' clocks show (milliseconds since 1970).
    """

    database: Database
    now: datetime = NOW
    moment: int = milliseconds(NOW)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    told: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.serve(PUBLICATION)

    def serve(self, publication: Publication) -> None:
        """Serve the publication as it is configured from now on."""
        self.desk = Desk(self.database, {"news": publication}, BOT, lambda: self.now)

    async def hear(self, *raw: Mapping[str, Any]) -> None:
        """Record raw events as one batch, with what has to be fetched for it from what was heard before."""
        for each in raw:
            self.told[each["event_id"]] = each
            self.told.pop(each["content"].get("redacts", ""), None)
        batch = self._batch(raw, None)
        wanted = [self.told.get(each.event_id) for each in await self.desk.references(batch)]
        fetched = [read_event(each, each["room_id"]) for each in wanted if each]
        await self.desk.record(batch, {event.event_id: event for event in fetched if event})

    async def happen(self, *raw: Mapping[str, Any], first_reading: bool = False) -> list[str]:
        """Record raw events as one batch; return the kept files that are to be removed."""
        return (await self.desk.record(self._batch(raw, Past() if first_reading else None), {})).files

    def _batch(self, raw: Iterable[Mapping[str, Any]], past: Past | None) -> Batch:
        events: dict[str, list[Event]] = {}
        for each in raw:
            event = read_event(each, each["room_id"])
            if event:
                events.setdefault(event.room_id, []).append(event)
        rooms = tuple(RoomEvents(room, tuple(found), past=past) for room, found in events.items())
        return Batch(rooms, token=f"token-{next(self.numbers)}")

    def event(
        self, sender: str, kind: str, content: Mapping[str, Any], room: str = SUBMISSIONS, **more: object
    ) -> dict[str, Any]:
        """Make a raw event, each a second after the one before."""
        self.moment += 1000
        number = next(self.numbers)
        return {
            "type": kind,
            "event_id": f"$event-{number}",
            "room_id": room,
            "sender": sender,
            "origin_server_ts": self.moment,
            "content": content,
            **more,
        }

    def message(self, sender: str, body: str, room: str = SUBMISSIONS, /, **content: object) -> dict[str, Any]:
        """Make a text message."""
        return self.event(sender, "m.room.message", {"msgtype": "m.text", "body": body, **content}, room)

    def picture(self, sender: str, media_id: str = "AbCdEf", /, **content: object) -> dict[str, Any]:
        """Make a picture without a caption."""
        url = f"mxc://example.org/{media_id}"
        return self.event(sender, "m.room.message", {"msgtype": "m.image", "body": "a.png", "url": url, **content})

    def edit(
        self, sender: str, target: str, body: str, room: str = SUBMISSIONS, kind: str = "m.text"
    ) -> dict[str, Any]:
        """Make an edit."""
        new = {"msgtype": kind, "body": body}
        relation = {"rel_type": "m.replace", "event_id": target}
        content = {**new, "body": f"* {body}", "m.new_content": new, "m.relates_to": relation}
        return self.event(sender, "m.room.message", content, room)

    def edit_into(self, sender: str, target: str, new: Mapping[str, Any]) -> dict[str, Any]:
        """Make an edit that puts any content in the place of another."""
        relation = {"rel_type": "m.replace", "event_id": target}
        return self.event(sender, "m.room.message", {**new, "m.new_content": new, "m.relates_to": relation})

    def reaction(self, sender: str, target: str, key: str, room: str = SUBMISSIONS) -> dict[str, Any]:
        """Make a reaction."""
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        return self.event(sender, "m.reaction", {"m.relates_to": relation}, room)

    def redaction(self, sender: str, target: str, room: str = SUBMISSIONS) -> dict[str, Any]:
        """Make a redaction, as rooms of version 11 and later have them."""
        return self.event(sender, "m.room.redaction", {"redacts": target}, room)

    def put_out(
        self,
        sender: str,
        user_id: str,
        membership: str = "ban",
        room: str = SUBMISSIONS,
        /,
        *,
        key: str = "redact_events",
        erases: object = True,
    ) -> dict[str, Any]:
        """Make a kick or ban that deletes what was said (MSC4293)."""
        return self.event(sender, "m.room.member", {"membership": membership, key: erases}, room, state_key=user_id)

    def command(self, sender: str, text: str, room: str = EDITORS) -> dict[str, Any]:
        """Make a command."""
        return self.message(sender, f"!news {text}", room)

    async def submitted(self, sender: str = ANNA, text: str = TEXT) -> str:
        """Have somebody submit a text; return its event ID."""
        message = self.message(sender, f"NEWS: {text}")
        await self.happen(message)
        return str(message["event_id"])

    async def entries(self) -> list[Entry]:
        """Return the entries of the edition of NOW."""
        async with self.database.snapshot() as records:
            return await records.entries.of_edition("news", PUBLICATION.calendar.edition_of(NOW))

    async def entry(self) -> Entry:
        """Return the only entry there is."""
        (entry,) = await self.entries()
        return entry

    async def reactions(self, target: str) -> list[str]:
        """Return the bot's standing reactions on an event."""
        async with self.database.snapshot() as records:
            return list((await records.outbox.reactions_on(SUBMISSIONS, target)).values())

    async def said(self, room: str = SUBMISSIONS) -> list[str]:
        """Return what waits to be said in a room, as plain text."""
        async with self.database.snapshot() as records:
            rows = await records.connection.execute_fetchall(
                """SELECT json_extract(content, '$.body') AS body FROM outbox
                   WHERE room_id = ? AND type = 'm.room.message' AND state = 'pending' ORDER BY seq""",
                (room,),
            )
        return [row["body"] for row in rows]

    async def failures(self) -> list[str]:
        """Return the events that could not be handled."""
        async with self.database.snapshot() as records:
            return await records.journal.failures()


@asynccontextmanager
async def open_scene(folder: Path) -> AsyncIterator[Scene]:
    """Open a scene in an empty folder."""
    database = await Database.open(folder / "twimbot.db")
    try:
        async with database.transaction() as records:
            await records.rooms.keep_bot_name("News")
            await _join(records)
        yield Scene(database)
    finally:
        await database.close()


async def _join(records: Records) -> None:
    await records.rooms.keep("news", "submissions", SUBMISSIONS, SUBMISSIONS)
    await records.rooms.keep("news", "editors", EDITORS, EDITORS)
    await records.rooms.keep("news", "pings", PINGS, PINGS)
    for user, name in ((ANNA, "Anna A."), (BEN, "Ben"), (EDITOR, "Edna")):
        await records.rooms.name_member(SUBMISSIONS, user, name)
        await records.rooms.name_member(EDITORS, user, name)
