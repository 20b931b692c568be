"""The world of the corpus: two digests with rooms of their own and a third that shares an editors' room.

A case's events are written short and become raw Matrix events here; anything that a short form can't say is said
raw, with `content` and `event`, which replace what the short form made. `$name` is the event of that name.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, NOW, PINGS, PUBLICATION, SUBMISSIONS
from twimbot.config import Publication
from twimbot.desk.descriptions import Pictures
from twimbot.desk.desk import Desk
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Entry
from twimbot.model.event import Event, read_event
from twimbot.store.database import Database
from twimbot.store.records import Records
from twimbot.store.rooms import Purpose

GABI = "@gabi:example.org"
DORA = "@dora:example.org"
GARDEN, SHED = "!garden:example.org", "!shed:example.org"
DIGEST = "!digest:example.org"

HALF_AN_HOUR = timedelta(minutes=30)
"""How long after NOW, when cases begin, the desk's clock stands."""

PLACES = {"submissions": SUBMISSIONS, "editors": EDITORS, "pings": PINGS, "garden": GARDEN, "shed": SHED}
PLACES |= {"digest": DIGEST, "elsewhere": "!elsewhere:example.org", "garden pings": "!garden-pings:example.org"}
PEOPLE = {"anna": ANNA, "ben": BEN, "edna": EDITOR, "gabi": GABI, "dora": DORA, "bot": BOT}

Raw = dict[str, Any]


def _publication(key: str, editor: str, submissions: str, editors: str) -> Publication:
    """Return a digest with departments of its own, one of which has the emoji of another digest's."""
    return Publication.model_validate(
        {
            "key": key,
            "title": key.title(),
            "command": f"!{key}",
            "rooms": {"submissions": submissions, "editors": editors, "pings": f"!{key}-pings:example.org"},
            "editors": [editor],
            "filing": {"file_from": 1},  # so that nothing is filed but by people
            "schedule": {"weekday": "friday", "deadline": "17:00", "timezone": "Europe/Paris"},
            "catalogue": {
                "departments": [
                    {"key": "plants", "emoji": "🌱", "title": "Plants"},
                    {"key": "houses", "emoji": "🏢", "title": "Houses"},
                ]
            },
        }
    )


PUBLICATIONS = {
    "news": PUBLICATION,
    "garden": _publication("garden", GABI, GARDEN, SHED),
    "digest": _publication("digest", DORA, DIGEST, EDITORS),
}

PICTURES = Pictures(PUBLICATIONS)


def raw_event(short: Mapping[str, Any], name: str, number: int) -> Raw:
    """Return the raw event that a short form stands for, sent `number` seconds after NOW."""
    room = PLACES[short.get("in", "submissions")]
    raw: Raw = {
        "type": short.get("type", _type(short)),
        "event_id": f"${name}",
        "room_id": room,
        "sender": PEOPLE.get(short.get("from", "anna"), short.get("from")),
        "origin_server_ts": short.get("at", milliseconds(NOW) + 1000 * number),
        "content": _content(short),
    }
    if "content" in short:
        raw["content"] = {**raw["content"], **short["content"]}
    return {**raw, **short.get("event", {})}


def _type(short: Mapping[str, Any]) -> str:
    kinds = {"react": "m.reaction", "redact": "m.room.redaction", "named": "m.room.member"}
    return next((kinds[key] for key in kinds if key in short), "m.room.message")


def _content(short: Mapping[str, Any]) -> Raw:
    content: Raw = {}
    match short:
        case {"react": key, "to": target}:
            content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}
        case {"redact": target}:
            content = {"redacts": target}
        case {"named": name}:
            content = {"membership": "join", "displayname": name}
        case {"edit": text, "to": target}:
            new = _message(text, short)
            relation = {"rel_type": "m.replace", "event_id": target}
            content = {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        case {"say": text}:
            content = {**_message(text, short), **_relation(short)}
        case {"picture": caption}:
            file = {"msgtype": "m.image", "filename": "a.png", "url": f"mxc://example.org/{short.get('mxc', 'AbCdEf')}"}
            content = {**file, "body": caption or "a.png", **_relation(short)}
    return content


def _message(text: str, short: Mapping[str, Any]) -> Raw:
    html = {"format": "org.matrix.custom.html", "formatted_body": short["html"]} if "html" in short else {}
    return {"msgtype": short.get("kind", "m.text"), "body": text, **html}


def _relation(short: Mapping[str, Any]) -> Raw:
    match short:
        case {"thread": root, "reply": target}:
            reply = {"m.in_reply_to": {"event_id": target}, "is_falling_back": False}
            return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, **reply}}
        case {"thread": root}:
            return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}}
        case {"reply": target}:
            return {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
        case _:
            return {}


@dataclass
class World:
    """The desk, a homeserver's memory of what was sent, and how everything stands."""

    database: Database
    memory: dict[tuple[str, str], Raw] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Desk(self.database, PUBLICATIONS, BOT, lambda: NOW + HALF_AN_HOUR)

    async def happen(self, raws: Sequence[Raw], *, is_first_reading: bool = False) -> None:
        """Record raw events as one batch, with what the desk asks the homeserver for."""
        rooms: dict[str, list[Event]] = {}
        for raw in raws:
            event = read_event(raw, raw["room_id"])
            if event:
                rooms.setdefault(raw["room_id"], []).append(event)
        past = Past() if is_first_reading else None
        found = tuple(RoomEvents(room, tuple(events), past=past) for room, events in rooms.items())
        batch = Batch(found, token="token")  # noqa: S106 - a sync token
        fetched = {each.event_id: self._told(each.room_id, each.event_id) for each in await self.desk.references(batch)}
        await self.desk.record(batch, {event_id: event for event_id, event in fetched.items() if event})

    def _told(self, room_id: str, event_id: str) -> Event | None:
        raw = self.memory.get((room_id, event_id))
        return read_event(raw, room_id) if raw else None

    async def fetch_pictures(self) -> None:
        """Fetch what is wanted, and let the questions that follow be sent: one is the event `$question-NAME`."""
        async with self.database.transaction() as records:
            for _, media in await records.media.wanted():
                await records.media.keep(media, "png")
                await PICTURES.hear_kept(records, media)
            await records.connection.execute(
                """UPDATE outbox SET state = 'sent', event_id = '$question-' || substr(cause, 2)
                   WHERE purpose = 'describe' AND state = 'pending'"""
            )

    async def standing(self) -> dict[str, Any]:
        """Return how everything stands that anybody can see: entries, decisions, what the bot says and reacts."""
        async with self.database.snapshot() as records:
            entries = {key: [_seen(entry) async for entry in _entries(records, key)] for key in PUBLICATIONS}
            rows = await records.connection.execute_fetchall(
                """SELECT room_id, json_extract(content, '$.body') AS body FROM outbox
                   WHERE type = 'm.room.message' AND state IN ('pending', 'sent') ORDER BY seq"""
            )
            names = {room: name for name, room in PLACES.items()}
            said: dict[str, list[str]] = {}
            for row in rows:
                said.setdefault(names[row["room_id"]], []).append(row["body"] or "(asked)")
            reactions = await records.connection.execute_fetchall(
                """SELECT subject, substr(purpose, 7) AS key FROM outbox AS row
                   WHERE type = 'm.reaction' AND state IN ('pending', 'sent')
                     AND NOT EXISTS (SELECT 1 FROM outbox AS later WHERE later.redacts = row.seq) ORDER BY seq"""
            )
            standing: dict[str, list[str]] = {}
            for row in reactions:
                standing.setdefault(row["subject"], []).append(row["key"])
            assert await records.journal.failures() == []
            return {
                **entries,
                "said": said,
                "reactions": standing,
                "decisions": await _decisions(records),
            }


async def _entries(records: Records, publication: str) -> AsyncIterator[Entry]:
    for edition in await records.editions.with_entries(publication):
        for entry in await records.entries.of_edition(publication, edition):
            yield entry


def _seen(entry: Entry) -> dict[str, Any]:
    return {
        "event": entry.event_id,
        "edition": entry.edition.isoformat(),
        "number": entry.number,
        "by": entry.sender,
        "name": entry.display_name,
        "text": entry.text,
        "department": entry.department,
        "project": entry.project,
        "dropped": entry.is_dropped,
        "passages": [passage.text for passage in entry.passages],
        "pictures": [media.alt for media in entry.media],
    }


async def _decisions(records: Records) -> dict[str, int]:
    """Count the rows of what commands decide besides entries, and of the ping room's answers."""
    tables = ("live_video", "cover", "publishing", "export_job", "move", "pong")
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)  # noqa: S608 - constants
    (row,) = await records.connection.execute_fetchall(f"SELECT {counts}")
    return dict(row)


async def begin_anew(database: Database) -> None:
    """Empty a database of everything but that the bot is in all rooms and knows who is called what."""
    async with database.transaction() as records:
        await records.connection.execute("PRAGMA defer_foreign_keys = ON")
        # The full-text index follows its table by triggers; its own tables are not to be touched.
        tables = await records.connection.execute_fetchall(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'archive_index%'"
        )
        for table in tables:
            await records.connection.execute(f"DELETE FROM {table['name']}")  # noqa: S608 - the schema's own name
        await records.rooms.keep_bot_name("News")
        for key, publication in PUBLICATIONS.items():
            for purpose, room in _rooms(publication):
                await records.rooms.keep(key, purpose, room, room)
                for user, name in ((ANNA, "Anna A."), (BEN, "Ben"), (EDITOR, "Edna"), (GABI, "Gabi"), (DORA, "Dora")):
                    await records.rooms.name_member(room, user, name)


def _rooms(publication: Publication) -> Iterator[tuple[Purpose, str]]:
    yield "submissions", publication.rooms.submissions
    yield "editors", publication.rooms.editors
    if publication.rooms.pings:
        yield "pings", publication.rooms.pings
