"""One batch after another from the homeserver, with every gap filled before what follows it.

The token is the store's, and advances only with the effects of its batch (DESIGN: promises 1 and 4). Gaps are
read forwards from the old token, page by page, so that memory does not grow with their length; the first reading
of a room goes back to the opening of its current edition.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from twimbot.errors import HomeserverError
from twimbot.matrix.client import NOTHING, Client, Query, Refused
from twimbot.matrix.encryption import Encryption
from twimbot.matrix.ordering import in_order
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.powers import may_redact
from twimbot.matrix.standing import Standing
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.calendar import Calendar, milliseconds, moment
from twimbot.model.event import MESSAGE_TYPES, Event, Membership, read_event
from twimbot.store.database import Database
from twimbot.store.rooms import KnownRoom

log = structlog.get_logger(__name__)

LONG_POLL = 30
"""How long the server holds back an answer that has nothing new, in seconds."""

PAGE = 200
"""How many events a page of history has at most."""

FETCHES = 5
"""How often an event is asked for that the homeserver fails to give: one event must not deafen the bot."""

SLACK = timedelta(hours=1)
"""How much earlier than the last stored position a lost token is read back to: clocks differ."""

TYPES = [
    *(*MESSAGE_TYPES, "m.reaction", "m.room.redaction", "m.room.encrypted"),
    *("m.room.member", "m.room.power_levels", "m.room.tombstone", "m.room.encryption"),
]
TIMELINE = {"types": TYPES, "limit": 100, "lazy_load_members": True}
NO_EVENTS = {"types": [], "limit": 0}


@dataclass(slots=True)
class SyncStatus:
    """Whether the bot hears its homeserver: what /readyz tells.

    `heard_as` is the log-in with which the last stored batch was asked for, as `Client.log_ins` counts them.
    """

    heard_as: int | None = None
    failure: str | None = None

    @property
    def is_first_done(self) -> bool:
        """Whether anything was heard yet."""
        return self.heard_as is not None

    @property
    def is_ready(self) -> bool:
        """Whether the first sync is done and the last one succeeded."""
        return self.is_first_done and self.failure is None


class Sync:
    """The bot's ear: read `batches`, and record each before asking for the next.

    `on_heard` is called once everything up to a reading position is stored.
    """

    def __init__(
        self,
        client: Client,
        database: Database,
        standing: Standing,
        encryption: Encryption,
        calendars: Mapping[str, Calendar],
        on_heard: Callable[[], None],
        since: datetime | None = None,
    ) -> None:
        self._client = client
        self._database = database
        self._standing = standing
        self._calendars = calendars
        self._encryption = encryption
        self._on_heard = on_heard
        self._since = since
        self.status = SyncStatus()

    async def batches(self, wait: int = LONG_POLL) -> AsyncIterator[Batch]:
        """Yield batches without end; what a batch yields must be stored before the next one is asked for.

        `wait` is how long the server may hold back an answer that has nothing new, in seconds.
        """
        async for batch in self._batches(wait):
            async for late in self._late():
                yield late
            yield replace(batch, rooms=tuple([await self._judged(room) for room in batch.rooms]))

    async def _batches(self, wait: int) -> AsyncIterator[Batch]:
        """Yield what is read from the homeserver."""
        async with self._database.snapshot() as records:
            token = await records.rooms.position()
        while True:
            rooms = await self._rooms()
            asked_as = self._client.log_ins
            answer, token = await self._next(token, rooms, wait)
            parts = _joined(answer, rooms)
            unread = [*_unread(rooms), *_returned(rooms, parts)] if token else list(parts)
            stories = [
                self._history(room_id, parts.get(room_id), token, rooms)
                if room_id in unread
                else self._news(room_id, parts[room_id], str(token))
                for room_id in dict.fromkeys((*parts, *unread))
            ]
            held: tuple[RoomEvents, ...] = ()
            async for runs in in_order(stories, milliseconds(datetime.now(UTC))):
                if held:
                    yield Batch(held)
                held = runs
            await self._standing.hear(answer)
            token = str(answer["next_batch"])
            yield Batch(held, token=token, read_back=tuple(unread))
            self.status.heard_as = asked_as
            self._on_heard()

    async def fetch(self, room_id: str, event_id: str) -> Event | None:
        """Return an event that the store doesn't know, or None where the server has none for us.

        A server that is away is waited for; one that fails at this event alone is asked a few times.
        """
        failures = 0
        for pause in waits():
            try:
                raw = await self._client.get("rooms", room_id, "event", event_id)
                return read_event((await self._encryption.decrypted([raw], room_id))[0], room_id)
            except HomeserverError as error:
                failures += not (isinstance(error, Refused) and error.is_limit)
                if failures == FETCHES or (isinstance(error, Refused) and not error.is_passing):
                    log.warning("event can't be fetched", event_id=event_id, room_id=room_id, reason=str(error))
                    return None
                await asyncio.sleep(wait_for(error, pause))
            if not await self._is_there():
                failures = 0
        raise AssertionError("waits() has no end")

    async def _is_there(self) -> bool:
        """Tell whether the homeserver answers what any homeserver can."""
        try:
            await self._client.versions()
        except HomeserverError:
            return False
        return True

    async def _next(
        self, token: str | None, rooms: Sequence[KnownRoom], wait: int
    ) -> tuple[Mapping[str, Any], str | None]:
        """Return the next sync answer, and the token that it starts from: None where the old one was refused."""
        query = {"filter": _filter([room.room_id for room in rooms]), "set_presence": "offline"}
        while True:
            is_caught_up = self.status.heard_as == self._client.log_ins
            held = wait if token and is_caught_up and not _unread(rooms) else 0
            since = {"since": token} if token else {}
            try:
                answer = await self._patiently("sync", wait=held, query={"timeout": str(held * 1000), **query, **since})
            except Refused as error:
                if token is None:
                    raise
                log.warning("sync token refused, reading back", reason=str(error))
                token = None
                continue
            if isinstance(answer.get("next_batch"), str):
                return await self._encryption.hear(answer), token
            log.warning("sync answer without next_batch")
            await asyncio.sleep(1)

    async def _patiently(
        self, *path: str, query: Query = NOTHING, wait: float = 0, base: str = "client/v3"
    ) -> dict[str, Any]:
        """Ask until there is an answer; raises Refused where asking again would not help."""
        for pause in waits():
            began = time.monotonic()
            try:
                answer = await self._client.get(*path, query=query, wait=wait, base=base)
            except HomeserverError as error:
                if isinstance(error, Refused) and not error.is_passing:
                    raise
                self.status.failure = str(error)
                if "timeout" in query:  # to hear at once that the homeserver is back, not after a long poll
                    query, wait = {**query, "timeout": "0"}, 0
                log.warning("homeserver does not answer", reason=str(error), after=round(time.monotonic() - began, 1))
                await asyncio.sleep(wait_for(error, pause))
            else:
                if self.status.failure:
                    log.info("homeserver answers again")
                self.status.failure = None
                return answer
        raise AssertionError("waits() has no end")

    async def _news(self, room_id: str, part: Mapping[str, Any], token: str) -> AsyncIterator[RoomEvents]:
        """Yield what has happened in a room since a position: the gap before a timeline that is limited, and that."""
        timeline = part["timeline"]
        end = timeline.get("prev_batch")
        if timeline.get("limited") and isinstance(end, str):
            async for page in self._gap(room_id, token, end):
                yield page
        yield _room_events(room_id, timeline.get("events"), _state(part))

    async def _gap(self, room_id: str, token: str, end: str) -> AsyncIterator[RoomEvents]:
        log.info("reading what was missed", room_id=room_id)
        try:
            async for page in self._forwards(room_id, token, end):
                yield page
        except Refused as error:
            log.warning("can't be read forwards, reading back", room_id=room_id, reason=str(error))
            horizon = await self._horizon(_uses(room_id, await self._rooms()))
            async for page in self._back_to(horizon, room_id, end, None):
                yield page

    async def _history(
        self, room_id: str, part: Mapping[str, Any] | None, token: str | None, rooms: Sequence[KnownRoom]
    ) -> AsyncIterator[RoomEvents]:
        """Yield all of a room's edition up to the present, which a sync answer may have brought a part of."""
        uses = _uses(room_id, rooms)
        horizon = await self._horizon(uses)
        is_new = not _is_read(uses) and not any(_succeeds(room, rooms) for room in uses)
        past = Past() if is_new else None
        timeline = part["timeline"] if part else {}
        present = _since(_room_events(room_id, timeline.get("events"), _state(part or {})), horizon)
        if past:
            past.recall(present.events, self._client.user_id)
        start = timeline.get("prev_batch", token)
        log.info("reading back", room_id=room_id, until=moment(horizon).isoformat())
        if isinstance(start, str):
            async for page in self._back_to(horizon, room_id, start, past):
                yield replace(page, past=past)
        yield replace(present, past=past)

    async def _back_to(self, horizon: int, room_id: str, end: str, past: Past | None) -> AsyncIterator[RoomEvents]:
        """Yield a room's history from the horizon (milliseconds) up to a position, where it can be read."""
        try:
            async for page in self._backwards(room_id, end, horizon, past):
                yield page
        except Refused as error:
            log.error("history can't be read", room_id=room_id, reason=str(error))  # noqa: TRY400 - says it all

    async def _rooms(self) -> list[KnownRoom]:
        """Return the rooms of the configured publications."""
        async with self._database.snapshot() as records:
            return [room for room in await records.rooms.known() if room.publication in self._calendars]

    async def _horizon(self, uses: Sequence[KnownRoom]) -> int:
        """Return how far back to read, in milliseconds: the edition's opening, or what was stored last if earlier."""
        now = datetime.now(UTC)
        calendars = [self._calendars[room.publication] for room in uses]
        horizon = self._since or min(calendar.opening(calendar.edition_of(now)) for calendar in calendars)
        async with self._database.snapshot() as records:
            last = await records.rooms.position_time()
            rooms = await records.rooms.known()
        is_new = not _is_read(uses) and not any(_succeeds(room, rooms) for room in uses)
        if last is None or is_new:
            return milliseconds(horizon)
        last = min((last, *(room.lost_at for room in uses if room.lost_at is not None)))
        return min(milliseconds(horizon), last - int(SLACK.total_seconds() * 1000))

    async def _forwards(self, room_id: str, start: str, end: str) -> AsyncIterator[RoomEvents]:
        """Yield pages from one position to another; a page without events is not the end while it names a next.

        While a page is recorded the homeserver works at the next.
        """
        at: object = start
        coming = asyncio.ensure_future(self._page(room_id, "f", start, end))
        try:
            while isinstance(at, str):
                answer = await coming
                at = answer.get("end") if answer.get("end") != at else None
                if isinstance(at, str):
                    coming = asyncio.ensure_future(self._page(room_id, "f", at, end))
                page = _room_events(room_id, answer.get("chunk"), answer.get("state"))
                if page.events:
                    yield page
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _backwards(self, room_id: str, end: str, horizon: int, past: Past | None) -> AsyncIterator[RoomEvents]:
        """Go back to the page that holds the horizon (milliseconds), and yield what follows from there on."""
        start = end
        while True:
            answer = await self._page(room_id, "b", start)
            chunk, before = answer.get("chunk"), answer.get("end")
            events = chunk[::-1] if isinstance(chunk, list) else []
            page = _since(_room_events(room_id, events, answer.get("state")), horizon)
            if past:
                past.recall(page.events, self._client.user_id)
            if not isinstance(before, str) or before == start:  # the last page may hold events, and name no next
                if page.events:
                    yield page
                break
            start = before
            if events and max(map(_sent_at, events)) < horizon:
                break
        async for page in self._forwards(room_id, start, end):
            recent = _since(page, horizon)
            if recent.events:
                yield recent

    async def _page(self, room_id: str, direction: str, start: str, end: str | None = None) -> dict[str, Any]:
        query = {"dir": direction, "from": start, "limit": str(PAGE), "filter": json.dumps(TIMELINE)}
        answer = await self._patiently("rooms", room_id, "messages", query={**query, **({"to": end} if end else {})})
        return {**answer, "chunk": await self._encryption.decrypted(answer.get("chunk"), room_id)}

    async def _judged(self, room: RoomEvents) -> RoomEvents:
        """Let kicks and bans delete what was said only where their senders could have redacted it (MSC4293)."""
        events = [
            replace(event, erases=await self._may_redact(event))
            if isinstance(event, Membership) and event.erases
            else event
            for event in room.events
        ]
        return replace(room, events=tuple(events))

    async def _may_redact(self, event: Membership) -> bool:
        """Tell whether an event's sender could redact others' events as it was sent; where nothing tells, they could.

        To put somebody out takes as much power by default.
        """
        query = {"limit": "0", "filter": json.dumps({"lazy_load_members": True})}
        try:
            answer = await self._patiently("rooms", event.room_id, "context", event.event_id, query=query)
        except Refused as error:
            log.warning("powers can't be read", event_id=event.event_id, room_id=event.room_id, reason=str(error))
            return True
        return may_redact(answer.get("state"), event.sender)

    async def _late(self) -> AsyncIterator[Batch]:
        """Yield what was kept for want of a key that has come since, each with what was said about it meanwhile."""
        if not self._encryption.has_news():
            return
        async with self._database.snapshot() as records:
            waiting = await records.undecrypted.waiting()
        for kept in waiting:
            if not self._encryption.has_key(kept.room_id, kept.session_id):
                continue
            async with self._database.snapshot() as records:
                raw = await records.undecrypted.raw(kept.event_id)
            (event,) = await self._encryption.decrypted([raw], kept.room_id)
            if event is raw:
                continue
            log.info("decrypted late", event_id=kept.event_id, room_id=kept.room_id)
            said = [event, *await self._relations(kept.room_id, kept.event_id)]
            past = Past() if kept.is_history else None
            read = replace(_room_events(kept.room_id, said, None), past=past)
            yield Batch((read,), decrypted=((kept.room_id, kept.event_id),))

    async def _relations(self, room_id: str, event_id: str) -> list[Any]:
        """Return the reactions, edits and thread of an event, the oldest first."""
        path = ("rooms", room_id, "relations", event_id)
        found: list[Any] = []
        at: object = None
        while True:
            query = {"dir": "f", "limit": str(PAGE), **({"from": at} if isinstance(at, str) else {})}
            try:
                answer = await self._patiently(*path, query=query, base="client/v1")
            except Refused as error:
                log.warning("relations can't be read", event_id=event_id, room_id=room_id, reason=str(error))
                return found
            found += await self._encryption.decrypted(answer.get("chunk"), room_id)
            at = answer.get("next_batch")
            if not isinstance(at, str):
                return found


def _filter(rooms: Sequence[str]) -> str:
    return json.dumps(
        {
            "presence": NO_EVENTS,
            "account_data": NO_EVENTS,
            "room": {
                "rooms": sorted(set(rooms)),
                "timeline": TIMELINE,
                "state": {
                    "types": ["m.room.member", "m.room.tombstone", "m.room.encryption"],
                    "lazy_load_members": True,
                },
                "ephemeral": NO_EVENTS,
                "account_data": NO_EVENTS,
            },
        }
    )


def _joined(answer: Mapping[str, Any], rooms: Iterable[KnownRoom]) -> dict[str, Mapping[str, Any]]:
    """Return the parts of a sync answer that are about known rooms, by the room's ID."""
    known = {room.room_id for room in rooms}
    joined = _mapping(_mapping(answer.get("rooms")).get("join"))
    return {
        room_id: {**_mapping(part), "timeline": _mapping(_mapping(part).get("timeline"))}
        for room_id, part in joined.items()
        if room_id in known
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _state(part: Mapping[str, Any]) -> object:
    return _mapping(part.get("state")).get("events")


def _room_events(room_id: str, timeline: object, state: object) -> RoomEvents:
    before = _read_all(state, room_id)
    members = tuple(event for event in before if isinstance(event, Membership))
    others = [event for event in before if not isinstance(event, Membership)]
    return RoomEvents(room_id, (*others, *_read_all(timeline, room_id)), members)


def _read_all(raw: object, room_id: str) -> list[Event]:
    events = (read_event(event, room_id) for event in raw) if isinstance(raw, list) else ()
    return [event for event in events if event is not None]


def _sent_at(raw: object) -> int:
    event = raw if isinstance(raw, dict) else {}
    sent_at = event.get("origin_server_ts")
    return sent_at if isinstance(sent_at, int) else 0


def _since(page: RoomEvents, horizon: int) -> RoomEvents:
    return replace(page, events=tuple(event for event in page.events if event.sent_at >= horizon))


def _uses(room_id: str, rooms: Iterable[KnownRoom]) -> list[KnownRoom]:
    return [room for room in rooms if room.room_id == room_id]


def _is_read(uses: Iterable[KnownRoom]) -> bool:
    """Tell whether a room's history has been read in all of its uses."""
    return all(room.is_read_back for room in uses)


def _unread(rooms: Sequence[KnownRoom]) -> list[str]:
    """Return the rooms that are still to be read; from outside they can't be."""
    return list(dict.fromkeys(room.room_id for room in rooms if not room.is_read_back and room.loss != "out"))


def _returned(rooms: Iterable[KnownRoom], joined: Iterable[str]) -> list[str]:
    """Return the rooms that the bot was put out of and is in again."""
    return [room_id for room_id in joined if any(room.loss == "out" for room in _uses(room_id, rooms))]


def _succeeds(room: KnownRoom, rooms: Iterable[KnownRoom]) -> bool:
    """Tell whether a room took the place of one that the bot has read."""
    use = (room.publication, room.purpose, room.configured)
    return any(
        (other.publication, other.purpose, other.configured) == use
        and other.room_id != room.room_id
        and other.is_read_back
        for other in rooms
    )
