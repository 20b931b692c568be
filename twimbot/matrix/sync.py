"""One batch after another from the homeserver, with every gap filled before what follows it.

The token is the store's, and advances only with the effects of its batch (docs/architecture.md, promises 1 and 4).
What was missed is read page by page, so that memory does not grow with its length; the first reading of a room goes
back to the opening of its current edition. What can't be read, as the homeserver fails at a room, is noted with the
token, and read later.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from twimbot.matrix.asking import Asking, RoomFault
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.encryption import Encryption
from twimbot.matrix.history import NO_EVENTS, PAGE, TIMELINE, History, Hole, room_events, since
from twimbot.matrix.ordering import in_order
from twimbot.matrix.powers import may_redact
from twimbot.matrix.standing import Standing
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.calendar import Calendar, milliseconds, moment
from twimbot.model.event import Event, Membership, read_event
from twimbot.store.database import Database
from twimbot.store.rooms import KnownRoom
from twimbot.store.undecrypted import Undecrypted

log = structlog.get_logger(__name__)

LONG_POLL = 30
"""How long the server holds back an answer that has nothing new, in seconds."""

SLACK = timedelta(hours=1)
"""How much earlier than the last stored position a lost token is read back to: clocks differ."""


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
        self._asking = Asking(client)
        self._history = History(self._asking, encryption, client.user_id)
        self._faults: dict[str, RoomFault] = {}
        self._suspected: set[str] = set()
        self.status = self._asking.status

    def close(self) -> None:
        """End what goes on beside the reading."""
        self._asking.close()

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
            unread = [*self._unread(rooms), *_returned(rooms, parts)] if token else list(parts)
            stories = [
                self._read(room_id, parts.get(room_id), token, rooms)
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

    def with_faults(self, batch: Batch) -> Batch:
        """Return a batch, all of whose events are fetched, with the rooms at which the homeserver has failed so far.

        They count as read only once they are read without a fault; in a batch with a token all is accounted for.
        """
        faults = {room_id: str(fault) for room_id, fault in self._faults.items() if fault.is_certain}
        if batch.token is None:
            return batch
        self._suspected.difference_update(batch.read_back)
        for room_id, fault in self._faults.items():
            self._asking.give_up(fault)
            if not fault.is_certain:
                self._suspected.add(room_id)
        self._faults.clear()
        read_back = tuple(room_id for room_id in batch.read_back if room_id not in faults)
        for room_id in read_back:
            if room_id not in self._suspected:
                self._asking.trust(room_id)
        return replace(batch, read_back=read_back, faults=faults)

    async def fetch(self, room_id: str, event_id: str) -> Event | None:
        """Return an event that the store doesn't know, or None where the server has none for us.

        A server that is away is waited for; where it fails at this event alone, the room is to be read again.
        """
        try:
            raw = await self._asking.about_room(room_id, "event", event_id)
        except RoomFault as fault:
            self._faults.setdefault(room_id, fault)
        except Refused as error:
            log.warning("event can't be fetched", event_id=event_id, room_id=room_id, reason=str(error))
        else:
            return read_event((await self._encryption.decrypted([raw], room_id))[0], room_id)
        return None

    async def _next(
        self, token: str | None, rooms: Sequence[KnownRoom], wait: int
    ) -> tuple[Mapping[str, Any], str | None]:
        """Return the next sync answer, and the token that it starts from: None where the old one was refused."""
        query = {"filter": _filter([room.room_id for room in rooms]), "set_presence": "offline"}
        while True:
            is_caught_up = self.status.heard_as == self._client.log_ins
            held = min(wait, self._asking.patience) if token and is_caught_up and not self._unread(rooms) else 0
            since = {"since": token} if token else {}
            try:
                answer = await self._asking.patiently(
                    "sync", wait=held, query={"timeout": str(held * 1000), **query, **since}
                )
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

    async def _news(self, room_id: str, part: Mapping[str, Any], token: str) -> AsyncIterator[RoomEvents]:
        """Yield what has happened in a room since a position: the gap before a timeline that is limited, and that."""
        timeline = part["timeline"]
        end = timeline.get("prev_batch")
        present = room_events(room_id, timeline.get("events"), _state(part))
        if timeline.get("limited") and isinstance(end, str):
            try:
                async for page in self._gap(room_id, token, end, is_short=_is_short(timeline.get("events"))):
                    yield page
            except RoomFault as fault:
                self._faults.setdefault(room_id, fault)
        yield present

    async def _gap(self, room_id: str, token: str, end: str, *, is_short: bool) -> AsyncIterator[RoomEvents]:
        """Yield what was said between two positions; where there is a hole, all from the edition's opening on.

        Other servers may have told before the first position what belongs behind it, and the other way round. Raises
        RoomFault in the end where they have told nothing, as they may be away: it is asked again.
        """
        if self._asking.is_given_up(room_id):
            return  # all of it is read once that works again
        log.info("reading what was missed", room_id=room_id)
        async with self._database.snapshot() as records:
            heard_at = await records.rooms.position_time() or 0
        newest = None
        try:
            if is_short:
                newest = await self._history.newest(room_id, token)
            else:
                async for page in self._history.after(room_id, token, end, heard_at):
                    yield page
                return
        except Hole:
            is_holed = True
        except Refused as error:
            is_holed = is_short
            log.warning("can't be read forwards", room_id=room_id, reason=str(error))
        else:
            is_holed = True
        horizon = await self._horizon(_uses(room_id, await self._rooms()))
        log.info("reading back", room_id=room_id, until=moment(horizon).isoformat(), is_holed=is_holed)
        async for page in self._back_to(horizon, room_id, end, None, is_holed=is_holed):
            yield page
        if newest and not newest.is_after(heard_at) and newest == await self._history.newest(room_id, token):
            raise await self._history.suspicion(room_id, end)

    async def _read(
        self, room_id: str, part: Mapping[str, Any] | None, token: str | None, rooms: Sequence[KnownRoom]
    ) -> AsyncIterator[RoomEvents]:
        """Yield all of a room's edition up to the present, which a sync answer may have brought a part of."""
        uses = _uses(room_id, rooms)
        horizon = await self._horizon(uses)
        past = Past() if _is_new(uses, rooms) else None
        timeline = part["timeline"] if part else {}
        present = since(room_events(room_id, timeline.get("events"), _state(part or {})), horizon)
        if past:
            past.recall(present.events, self._client.user_id)
        start = timeline.get("prev_batch", token)
        log.info("reading back", room_id=room_id, until=moment(horizon).isoformat())
        if isinstance(start, str):
            try:
                async for page in self._back_to(horizon, room_id, start, past, is_holed=room_id in self._suspected):
                    yield replace(page, past=past)
            except RoomFault as fault:
                self._faults.setdefault(room_id, fault)
        yield replace(present, past=past, is_read_back=True)

    async def _back_to(
        self, horizon: int, room_id: str, end: str, past: Past | None, *, is_holed: bool = False
    ) -> AsyncIterator[RoomEvents]:
        """Yield a room's history from the horizon (milliseconds) up to a position, where it can be read."""
        try:
            async for page in self._history.back_to(horizon, room_id, end, past, is_holed=is_holed):
                yield replace(page, is_read_back=True)
        except Refused as error:
            log.error("history can't be read", room_id=room_id, reason=str(error))  # noqa: TRY400 - says it all

    def _unread(self, rooms: Sequence[KnownRoom]) -> list[str]:
        """Return the rooms that are still to be read; from outside they can't be, nor where the homeserver fails."""
        due = (
            room.room_id
            for room in rooms
            if (room.is_to_be_read or room.room_id in self._suspected) and room.loss != "out"
        )
        return [room_id for room_id in dict.fromkeys(due) if not self._asking.is_tried(room_id)]

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
        if last is None or _is_new(uses, rooms):
            return milliseconds(horizon)
        times = (time for room in uses for time in (room.lost_at, room.unread_since))
        last = min((last, *(time for time in times if time is not None)))
        return min(milliseconds(horizon), last - int(SLACK.total_seconds() * 1000))

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
            answer = await self._asking.about_room(event.room_id, "context", event.event_id, query=query)
        except RoomFault as fault:
            self._faults.setdefault(event.room_id, fault)  # it is judged when that is read again
            return False
        except Refused as error:
            log.warning("powers can't be read", event_id=event.event_id, room_id=event.room_id, reason=str(error))
            return True
        return may_redact(answer.get("state"), event.sender)

    async def _late(self) -> AsyncIterator[Batch]:
        """Yield what waited for a key that has come since, each with what was said about it meanwhile."""
        if not self._encryption.has_news():
            return
        async with self._database.snapshot() as records:
            waiting = await records.undecrypted.waiting()
        for kept in waiting:
            if not self._encryption.has_key(kept.room_id, kept.session_id):
                continue
            place = ((kept.room_id, kept.event_id),)
            try:
                event = await self._decrypted(kept)
                said = [event, *await self._relations(kept.room_id, kept.event_id)] if event else []
            except RoomFault as fault:
                self._faults.setdefault(kept.room_id, fault)
                continue
            except Refused as error:
                log.warning("can't be decrypted any more", event_id=kept.event_id, reason=str(error))
                yield Batch((), decrypted=place)
                continue
            if said:
                past = Past() if kept.is_history else None
                read = replace(room_events(kept.room_id, said, None), past=past, is_read_back=True)
                yield Batch((read,), decrypted=place)

    async def _decrypted(self, kept: Undecrypted) -> Any | None:  # noqa: ANN401 - an event as it came
        """Ask for an event that waited for its key and decrypt it; None where the key that came is not its own.

        Raises RoomFault, and Refused where the homeserver does not have it any more.
        """
        told = await self._asking.about_room(kept.room_id, "event", kept.event_id)
        raw = {**told, "origin_server_ts": kept.sent_at, "unsigned": {}}  # its edits are asked for with all the rest
        (event,) = await self._encryption.decrypted([raw], kept.room_id)
        if event is raw:
            return None
        log.info("decrypted late", event_id=kept.event_id, room_id=kept.room_id)
        return event

    async def _relations(self, room_id: str, event_id: str) -> list[Any]:
        """Return the reactions, edits and thread of an event, the oldest first."""
        found: list[Any] = []
        at: object = None
        while True:
            query = {"dir": "f", "limit": str(PAGE), **({"from": at} if isinstance(at, str) else {})}
            try:
                answer = await self._asking.about_room(room_id, "relations", event_id, query=query, base="client/v1")
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


def _is_short(timeline: object) -> bool:
    """Tell whether a limited timeline has fewer events than were asked for, as where there is a hole before them."""
    return not isinstance(timeline, list) or len(timeline) < TIMELINE["limit"]


def _uses(room_id: str, rooms: Iterable[KnownRoom]) -> list[KnownRoom]:
    return [room for room in rooms if room.room_id == room_id]


def _is_new(uses: Iterable[KnownRoom], rooms: Sequence[KnownRoom]) -> bool:
    """Tell whether a room's history was never read, nor that of one whose place it took."""
    return not all(room.is_read_back for room in uses) and not any(_succeeds(room, rooms) for room in uses)


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
