"""What a room has told so far, read in pages, also where the homeserver must ask other servers for a part of it.

A homeserver that was away lacks what was said meanwhile on others. It asks them only when it is read backwards, near
the hole, and goes on beside the answer: what it then has may be missing in the page that made it ask. So a room is read
backwards until that changes nothing any more, and then forwards, in the order of the room and not of arrival. Of pages
that lie behind nothing is kept but a token, so that memory does not grow with the history's length.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from twimbot.matrix.asking import Asking, RoomFault
from twimbot.matrix.encryption import Encryption
from twimbot.model.batch import Past, RoomEvents
from twimbot.model.event import MESSAGE_TYPES, Event, Membership, read_event

log = structlog.get_logger(__name__)

PAGE = 200
"""How many events a page of history has at most."""

WALKS = 30
"""How often history is read backwards at most: other servers may go on giving more."""

CLOCKS_DIFFER = 60_000
"""By how much another server's clock may be ahead before it is thought that an event is new, in milliseconds."""

TYPES = [
    *(*MESSAGE_TYPES, "m.reaction", "m.room.redaction", "m.room.encrypted"),
    *("m.room.member", "m.room.power_levels", "m.room.tombstone", "m.room.encryption"),
]
TIMELINE: Mapping[str, Any] = {"types": TYPES, "limit": 100, "lazy_load_members": True}
NO_EVENTS: Mapping[str, Any] = {"types": [], "limit": 0}

NOTHING_AT_ALL = {"types": ["org.example.none"]}
"""A filter that no event passes: Synapse waits for other servers where it has fewer events than were asked for."""


class Hole(Exception):
    """Something is in a room's past that was not there when it was heard."""


class History:
    """Reads rooms' history; `user_id` is the bot's."""

    def __init__(self, asking: Asking, encryption: Encryption, user_id: str) -> None:
        self._asking = asking
        self._encryption = encryption
        self._user_id = user_id

    async def after(self, room_id: str, token: str, end: str, heard_at: int) -> AsyncIterator[RoomEvents]:
        """Yield what came after a position that was heard at a time (milliseconds), up to another position.

        Raises Hole, before it yields what stands behind one, where there is more than came in between: Synapse counts
        what it got later from other servers as older than any position.
        """
        heard = await self.newest(room_id, token)
        if heard and heard.is_after(heard_at):
            raise Hole
        await self._expect_no_hole(room_id, token, token, end, heard)
        async for page, start, following in self._forwards(room_id, token, end):
            await self._expect_no_hole(room_id, token, start, following or end, heard)
            if page.events:
                yield page

    async def back_to(
        self, horizon: int, room_id: str, end: str, past: Past | None, *, is_holed: bool = False
    ) -> AsyncIterator[RoomEvents]:
        """Yield what was said from a time (milliseconds) up to a position, in the room's order.

        `past` is told of all that before the first is yielded. `is_holed`: other servers are known to have more.
        """
        walk = await self._walk(horizon, room_id, end, past, is_thorough=is_holed)
        for _ in range(WALKS):
            before, walk = walk, await self._walk(horizon, room_id, end, past, is_thorough=is_holed)
            if walk.digest == before.digest:
                break
            is_holed = True
        else:
            log.warning("other servers go on telling more of a room's history", room_id=room_id)
        if walk.oldest and walk.oldest.events:
            yield walk.oldest
        async for page, _, _ in self._forwards(room_id, walk.start, end):
            recent = since(page, horizon)
            if recent.events:
                yield recent

    async def suspicion(self, room_id: str, end: str) -> RoomFault:
        """Return what is wrong as long as the page before a position, where a hole should be, stays as it is now."""
        query = _query("b", end)
        before = _ids(await self._asking.about_room(room_id, "messages", query=query, is_whole=is_page))
        return self._asking.suspicion(
            room_id, "messages", query=query, is_whole=lambda answer: is_page(answer) and _ids(answer) != before
        )

    async def _walk(self, horizon: int, room_id: str, end: str, past: Past | None, *, is_thorough: bool) -> "_Walk":
        """Go back to the page that holds the horizon, and have the homeserver ask others for what it lacks."""
        start = end
        digest = hashlib.sha256()
        while True:
            answer = await self._settled(room_id, start) if is_thorough else await self._page(room_id, "b", start)
            events, before = answer["chunk"][::-1], answer.get("end")
            digest.update(json.dumps(_ids(answer)).encode())
            page = since(room_events(room_id, events, answer.get("state")), horizon)
            if past:
                past.recall(page.events, self._user_id)
            if not isinstance(before, str) or before == start:  # the last page may hold events, and name no next
                return _Walk(start, digest.digest(), page)
            if not is_thorough:
                await self._backfill(room_id, before, start)
            start = before
            if events and max(map(_sent_at, events)) < horizon:
                return _Walk(start, digest.digest(), None)

    async def _settled(self, room_id: str, start: str) -> dict[str, Any]:
        """Return the page before a position once other servers have nothing to add to it."""
        page = await self._page(room_id, "b", start)
        for _ in range(WALKS):
            before, end = page, page.get("end")
            if isinstance(end, str):
                await self._backfill(room_id, end, start)
            page = await self._page(room_id, "b", start)
            if _ids(page) == _ids(before):
                break
        return page

    async def _backfill(self, room_id: str, start: str, end: str) -> None:
        """Have the homeserver ask others for what it lacks around a position, and wait for that."""
        query = {"dir": "b", "from": end, "to": start, "limit": str(PAGE), "filter": json.dumps(NOTHING_AT_ALL)}
        await self._asking.about_room(room_id, "messages", query=query)

    async def _expect_no_hole(self, room_id: str, token: str, start: str, end: str, heard: "Newest | None") -> None:
        """Raise Hole where the homeserver got something from others that belongs between two positions."""
        await self._backfill(room_id, start, end)
        if await self.newest(room_id, token) != heard:
            raise Hole

    async def newest(self, room_id: str, token: str) -> "Newest | None":
        """Return the room's last event of those that the homeserver had at a position, or got from others later."""
        query = {"dir": "b", "from": token, "limit": "1", "filter": json.dumps({"types": TYPES})}
        answer = await self._asking.about_room(room_id, "messages", query=query, is_whole=is_page)
        return next((Newest(str(_id(event)), _sent_at(event)) for event in answer["chunk"]), None)

    async def _forwards(self, room_id: str, start: str, end: str) -> AsyncIterator[tuple[RoomEvents, str, str | None]]:
        """Yield pages from one position to another, each with its own position and the next page's, if there is one.

        A page without events is not the end while it names a next. While a page is recorded the homeserver works at
        the next.
        """
        at: str | None = start
        coming = asyncio.ensure_future(self._page(room_id, "f", start, end))
        try:
            while at is not None:
                answer, here = await coming, at
                at = answer["end"] if isinstance(answer.get("end"), str) and answer["end"] != at else None
                if at is not None:
                    coming = asyncio.ensure_future(self._page(room_id, "f", at, end))
                yield room_events(room_id, answer["chunk"], answer.get("state")), here, at
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _page(self, room_id: str, direction: str, start: str, end: str | None = None) -> dict[str, Any]:
        query = _query(direction, start, end)
        answer = await self._asking.about_room(room_id, "messages", query=query, is_whole=is_page)
        return {**answer, "chunk": await self._encryption.decrypted(answer["chunk"], room_id)}


@dataclass(frozen=True, slots=True)
class Newest:
    """The last event in a room; `sent_at` is in milliseconds."""

    event_id: str
    sent_at: int

    def is_after(self, time: int) -> bool:
        """Tell whether it was surely sent after a time, in milliseconds."""
        return self.sent_at > time + CLOCKS_DIFFER


@dataclass(frozen=True, slots=True)
class _Walk:
    """A way back: the position that it leads to, what stands for all that was met, and the events before the position.

    The last are None where a position stands before all.
    """

    start: str
    digest: bytes
    oldest: RoomEvents | None


def _query(direction: str, start: str, end: str | None = None) -> dict[str, str]:
    page = {"dir": direction, "from": start, "limit": str(PAGE), "filter": json.dumps(TIMELINE)}
    return page | ({"to": end} if end else {})


def is_page(answer: Mapping[str, Any]) -> bool:
    """Tell whether an answer is a page of history."""
    return isinstance(answer.get("chunk"), list)


def room_events(room_id: str, timeline: object, state: object) -> RoomEvents:
    """Read raw events of any shape, and the state before them; what is no event is left out."""
    before = _read_all(state, room_id)
    members = tuple(event for event in before if isinstance(event, Membership))
    others = [event for event in before if not isinstance(event, Membership)]
    return RoomEvents(room_id, (*others, *_read_all(timeline, room_id)), members)


def since(page: RoomEvents, horizon: int) -> RoomEvents:
    """Return a page without what was sent before a time, in milliseconds."""
    return replace(page, events=tuple(event for event in page.events if event.sent_at >= horizon))


def _read_all(raw: object, room_id: str) -> list[Event]:
    events = (read_event(event, room_id) for event in raw) if isinstance(raw, list) else ()
    return [event for event in events if event is not None]


def _ids(answer: Mapping[str, Any]) -> list[object]:
    return [_id(event) for event in answer["chunk"]]


def _id(raw: object) -> object:
    return raw.get("event_id") if isinstance(raw, dict) else None


def _sent_at(raw: object) -> int:
    event = raw if isinstance(raw, dict) else {}
    sent_at = event.get("origin_server_ts")
    return sent_at if isinstance(sent_at, int) else 0
