"""The bot's standing in its rooms: put out, muted, invited back; each told once, to the editors and in the log."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from twimbot import words
from twimbot.config import Publication
from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, Refused, Unreachable
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.powers import LEVELS, level, power_of
from twimbot.model.calendar import milliseconds
from twimbot.store.database import Database
from twimbot.store.records import Records
from twimbot.store.rooms import Invitation, KnownRoom, Loss

log = structlog.get_logger(__name__)

FORBIDDEN = "M_FORBIDDEN"
SUSPENDED = "M_USER_SUSPENDED"
"""The homeserver's words for what an account may not do: here and now, or nowhere until it is let off (v1.13)."""

AT_ONCE = 4
"""How many invitations are answered at once: a stranger's server may take its time over being declined."""


class Standing:
    """Keeps how the bot stands in its rooms, tells of changes, and answers invitations.

    `publications` say whose invitations are followed: an editor's, into a room that the bot was put out of. What took
    the place of an upgraded room is joined whoever invites, as the old room vouches for it. `on_told` is called when
    there is something to say.
    """

    def __init__(
        self,
        client: Client,
        database: Database,
        publications: Mapping[str, Publication],
        on_told: Callable[[], None],
    ) -> None:
        self._client = client
        self._database = database
        self._publications = publications
        self._on_told = on_told
        self._lost: tuple[KnownRoom, ...] = ()
        self._wake = asyncio.Event()
        self._levels_changed = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._busy: dict[str, asyncio.Task[None]] = {}

    @property
    def is_good(self) -> bool:
        """Whether the bot is in its submissions and editors' rooms, and may speak there."""
        return all(room.purpose == "pings" for room in self._lost)

    async def refresh(self) -> None:
        """Look up in the store how the bot stands, after what may have changed it."""
        async with self._database.snapshot() as records:
            self._lost = tuple(await records.rooms.lost())

    async def hear(self, answer: Mapping[str, Any]) -> None:
        """Store what a sync answer says of being put out and invited: to be called before its token is stored."""
        rooms = _mapping(answer.get("rooms"))
        if any(event.get("type") == LEVELS for part in _mapping(rooms.get("join")).values() for event in _news(part)):
            self._levels_changed.set()
            self._levels_changed = asyncio.Event()
        for room_id, part in _mapping(rooms.get("leave")).items():
            event = _last_membership(_news(part), self._client.user_id)
            await self.lose(room_id, "out", _how(event), _text(event.get("event_id")))
        invited = [
            Invitation(room_id, _text(_last_membership(_invite_state(part), self._client.user_id).get("sender")))
            for room_id, part in _mapping(rooms.get("invite")).items()
        ]
        if invited:
            async with self._database.transaction() as records:
                for invitation in invited:
                    await records.rooms.invite(invitation)

    def wake(self) -> None:
        """Say that a batch is recorded: an upgrade in it may be what makes an invitation beside it welcome."""
        self._wake.set()

    async def lose(self, room_id: str, loss: Loss, how: str, event_id: str = "") -> None:
        """Note that the bot is kept from a room, and tell that where it is news; `event_id` is what did it."""
        now = milliseconds(datetime.now(UTC))
        async with self._database.transaction() as records:
            uses = await records.rooms.lose(room_id, loss, now)
            for use in uses:
                said = words.put_out(_name(use), how) if loss == "out" else words.muted(_name(use), how)
                if use.purpose != "editors":  # there it would be said to nobody
                    await _tell(records, use, said, event_id or f"{room_id} {now}")
        for use in uses:
            log.error("kept from room", room_id=room_id, purpose=use.purpose, loss=loss, reason=how)
        if uses:
            await self.refresh()
            self._on_told()

    async def barrier(self, room_id: str, kind: str, refusal: Refused) -> Loss | None:
        """Return how the bot is kept from sending this type of event; None where that is not why it was refused.

        What a room does not take any more since it was upgraded is refused for good.
        """
        if refusal.code not in (FORBIDDEN, SUSPENDED) or not await self._is_current(room_id):
            return None
        loss = await self._loss(room_id, kind, refusal)
        if loss:
            await self.lose(room_id, loss, str(refusal))
        return loss

    async def pause(self, seconds: float) -> None:
        """Wait before trying again what the bot might not do: so long, or until somebody's power has changed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._levels_changed.wait(), seconds)

    async def note_sent(self, room_id: str) -> None:
        """Note that the bot could send something to a room: it is not muted there any more."""
        if not any(room.room_id == room_id and room.loss == "muted" for room in self._lost):
            return
        async with self._database.transaction() as records:
            await regain(records, room_id, "muted")
        await self.refresh()
        self._on_told()

    async def run(self) -> None:
        """Answer invitations without end, from the first `wake` on; cancelling it loses none."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                async with self._database.snapshot() as records:
                    inviting = await records.rooms.inviting()
                for room_id in inviting:
                    if room_id not in self._busy:
                        self._busy[room_id] = group.create_task(self._answer(room_id))

    async def _answer(self, room_id: str) -> None:
        """Answer the invitations to a room, until the homeserver has taken that or refuses it for good.

        One answer at a time: a declined invitation must not undo that another one was followed.
        """
        pauses = waits()
        try:
            while invitations := await self._invitations(room_id):
                try:
                    async with self._slots:
                        await self._follow(invitations)
                except HomeserverError as error:
                    if isinstance(error, Unreachable) or (isinstance(error, Refused) and error.is_passing):
                        await asyncio.sleep(wait_for(error, next(pauses)))
                        continue
                    log.warning("invitation not answered", room_id=room_id, reason=str(error))
                async with self._database.transaction() as records:
                    for invitation in invitations:
                        await records.rooms.end_invitation(invitation)
        finally:
            del self._busy[room_id]
            self._wake.set()  # what came in while this one was ending

    async def _invitations(self, room_id: str) -> list[Invitation]:
        async with self._database.snapshot() as records:
            return await records.rooms.invitations(room_id)

    async def _follow(self, invitations: Sequence[Invitation]) -> None:
        """Join a room if one of those who invite to it is welcome, else decline, unless the bot is in it by now."""
        room_id, inviters = invitations[0].room_id, [invitation.inviter for invitation in invitations]
        welcome = [each.inviter for each in invitations if await self._is_welcome(each)]
        if welcome:
            via = sorted({inviter.partition(":")[2] for inviter in welcome})
            await self._client.post("join", room_id, query={"via": via})
            log.info("invitation followed", room_id=room_id, inviters=welcome)
        elif not await is_inside(self._client, room_id):
            await self._client.post("rooms", room_id, "leave")
            log.warning("invitation declined", room_id=room_id, inviters=inviters)

    async def _is_welcome(self, invitation: Invitation) -> bool:
        async with self._database.snapshot() as records:
            lost, wanted = await records.rooms.lost(), await records.rooms.wanted()
        editors = (
            self._publications[room.publication].editors
            for room in lost
            if room.room_id == invitation.room_id and room.loss == "out" and room.publication in self._publications
        )
        return any(room.room_id == invitation.room_id for room in wanted) or any(
            invitation.inviter in each for each in editors
        )

    async def _is_current(self, room_id: str) -> bool:
        async with self._database.snapshot() as records:
            return any(room.room_id == room_id and room.is_current for room in await records.rooms.known())

    async def _loss(self, room_id: str, kind: str, refusal: Refused) -> Loss | None:
        if refusal.code == SUSPENDED:
            return "muted"
        if not await is_inside(self._client, room_id):
            return "out"
        if await self._state(room_id, "m.room.tombstone"):
            return None
        levels = await self._state(room_id, LEVELS)
        return "muted" if _is_mute(levels, self._client.user_id, kind) else None

    async def _state(self, room_id: str, kind: str) -> Mapping[str, Any]:
        """Return the content of a room's state event, empty where there is none."""
        try:
            return await self._client.get("rooms", room_id, "state", kind)
        except Refused as error:
            if error.is_passing:
                raise
            return {}


async def regain(records: Records, room_id: str, loss: Loss = "out") -> None:
    """Note and tell that the bot is no longer kept from a room in this way; nothing where it was not."""
    now = milliseconds(datetime.now(UTC))
    for use in await records.rooms.regain(room_id, loss):
        said = words.back(_name(use)) if loss == "out" else words.unmuted(_name(use))
        await _tell(records, use, said, f"{room_id} {now}")
        log.info("no longer kept from room", room_id=room_id, purpose=use.purpose)


async def note_fault(records: Records, room_id: str, reason: str) -> None:
    """Note that the homeserver fails at a room, and tell that where it is news."""
    now = milliseconds(datetime.now(UTC))
    for use in await records.rooms.leave_unread(room_id, now):
        if use.counts:
            await _tell(records, use, words.unread(_name(use), reason), f"{room_id} {now} fault")
        log.error("room can't be read", room_id=room_id, purpose=use.purpose, reason=reason)


async def note_read(records: Records, room_id: str) -> None:
    """Note that all of a room is read, and tell that where it was not."""
    now = milliseconds(datetime.now(UTC))
    for use in await records.rooms.read_back(room_id):
        if use.counts:
            await _tell(records, use, words.read_again(_name(use)), f"{room_id} {now} read")
        log.info("room can be read again", room_id=room_id, purpose=use.purpose)


async def is_inside(client: Client, room_id: str) -> bool:
    """Tell whether the bot is in a room."""
    return room_id in (await client.get("joined_rooms")).get("joined_rooms", ())


async def _tell(records: Records, use: KnownRoom, said: words.Answer, cause: str) -> None:
    """Put a word about a room into the outbox for the editors of its publication."""
    for room in await records.rooms.known():
        if (room.publication, room.purpose) == (use.publication, "editors") and room.is_current:
            await records.outbox.send(room.room_id, words.notice(said), cause, f"standing of {use.purpose}")


def _name(use: KnownRoom) -> str:
    return words.room(use.purpose, use.alias or use.room_id)


def _news(part: object) -> Iterator[Mapping[str, Any]]:
    for name in ("state", "timeline"):
        yield from _events(_mapping(part).get(name))


def _invite_state(part: object) -> Iterator[Mapping[str, Any]]:
    yield from _events(_mapping(part).get("invite_state"))


def _events(section: object) -> Iterator[Mapping[str, Any]]:
    events = _mapping(section).get("events")
    yield from map(_mapping, events if isinstance(events, list) else ())


def _last_membership(events: Iterable[Mapping[str, Any]], user_id: str) -> Mapping[str, Any]:
    """Return the last word on somebody's membership, empty where there is none."""
    mine = [event for event in events if event.get("type") == "m.room.member" and event.get("state_key") == user_id]
    return mine[-1] if mine else {}


def _how(event: Mapping[str, Any]) -> str:
    content = _mapping(event.get("content"))
    return words.removal(
        _text(event.get("sender")), _text(content.get("reason")), is_ban=content.get("membership") == "ban"
    )


def _is_mute(levels: Mapping[str, Any], user_id: str, kind: str) -> bool:
    """Tell whether somebody's power does not reach for a type of event (Client-Server API, "m.room.power_levels").

    Whoever created a room of version 12 has all power and no entry here, and is not refused in the first place.
    """
    needed = level(_mapping(levels.get("events")).get(kind), level(levels.get("events_default"), 0))
    return power_of(levels, user_id) < needed


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
