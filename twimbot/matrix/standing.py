"""The bot's standing in its rooms: put out, muted, invited back; each told once, to the editors and in the log."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from twimbot import words
from twimbot.config import Publication
from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, Refused, Unreachable
from twimbot.matrix.encryption import ENCRYPTED
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.powers import LEVELS, level, power_of
from twimbot.model.calendar import milliseconds
from twimbot.store.database import Database
from twimbot.store.outbox import MESSAGE, REDACTION
from twimbot.store.records import Records
from twimbot.store.rooms import Invitation, KnownRoom, Loss

log = structlog.get_logger(__name__)

FORBIDDEN = "M_FORBIDDEN"
SUSPENDED = "M_USER_SUSPENDED"
"""The homeserver's words for what an account may not do: here and now, or nowhere until it is let off (v1.13)."""

REFUSED = (403, 500)
"""HTTP's status codes of what may not be allowed; Dendrite calls it a fault of its own to take back without power."""

REACTION = "m.reaction"

Barrier = Literal["out", "muted", "powerless", "final", "unknown"]
"""What keeps the bot from sending a type of event to a room.

It is put out of the room, or may neither speak nor react there, and waits until it may; its power does not reach for
this type alone; it is no power of the bot's that the room or the homeserver refuses for; or nothing is known that would
forbid it, as where a module of the homeserver takes it for spam.
"""

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
        self._told_powerless: set[tuple[str, str]] = set()
        self._known_powerless: set[tuple[str, str]] = set()
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
        joined = _mapping(rooms.get("join")).items()
        if changed := {room for room, part in joined if any(event.get("type") == LEVELS for event in _news(part))}:
            self._known_powerless = {each for each in self._known_powerless if each[0] not in changed}
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

    def forbids(self, room_id: str, kind: str) -> bool:
        """Tell whether this type of event alone was refused to the bot, and no power there has changed since."""
        return (room_id, kind) in self._known_powerless

    async def barrier(self, room_id: str, kind: str, refusal: Refused) -> Barrier:
        """Return what keeps the bot from sending this type of event, and tell of it where it is news.

        What a room does not take any more since it was upgraded is refused for good.
        """
        if refusal.status not in REFUSED or not await self._is_current(room_id):
            return "final"
        barrier = await self._barrier(room_id, kind, refusal)
        if barrier in ("out", "muted"):
            await self.lose(room_id, barrier, str(refusal))
        return barrier

    async def pause(self, seconds: float) -> None:
        """Wait before trying again what the bot might not do: so long, or until somebody's power has changed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._levels_changed.wait(), seconds)

    async def note_sent(self, room_id: str, kind: str) -> None:
        """Note that the bot could send this type of event to a room: it is not muted there any more.

        Taking back says nothing about that: who is muted may be let do it.
        """
        if (room_id, kind) in self._told_powerless:
            self._told_powerless.discard((room_id, kind))
            await self._tell_uses(room_id, words.empowered, kind, f"{room_id} {kind} {milliseconds(datetime.now(UTC))}")
        if kind == REDACTION or not any(room.room_id == room_id and room.loss == "muted" for room in self._lost):
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

    async def tell_refusal(self, room_id: str, refusal: Refused) -> None:
        """Tell the editors, at most once a day for a room, that the homeserver refuses what the bot may send there."""
        today = datetime.now(UTC).date()
        await self._tell_uses(room_id, words.refused, str(refusal), f"{room_id} refused {today}")

    async def _tell_uses(self, room_id: str, say: Callable[[str, str], words.Answer], what: str, cause: str) -> None:
        """Tell the editors something about a room in each of its uses but their own: there it may be refused, too."""
        async with self._database.transaction() as records:
            for use in await records.rooms.known():
                if use.room_id == room_id and use.is_current and use.purpose != "editors":
                    await _tell(records, use, say(_name(use), what), cause)
        self._on_told()

    async def _is_current(self, room_id: str) -> bool:
        async with self._database.snapshot() as records:
            return any(room.room_id == room_id and room.is_current for room in await records.rooms.known())

    async def _barrier(self, room_id: str, kind: str, refusal: Refused) -> Barrier:
        if refusal.code == SUSPENDED:
            return "muted"
        if not await is_inside(self._client, room_id):
            return "out"
        if (await self._state(room_id, "m.room.tombstone")).content:
            return "final"
        changed = self._levels_changed
        levels = await self._state(room_id, LEVELS)
        if not _is_short(levels.content, self._client.user_id, kind) or await self._is_creator(room_id):
            return "unknown"
        if await self._is_muted(room_id, levels.content):
            return "muted"
        if not changed.is_set():  # else it may be out of date
            self._known_powerless.add((room_id, kind))
        if (room_id, kind) not in self._told_powerless:
            self._told_powerless.add((room_id, kind))
            log.error("power does not reach", room_id=room_id, type=kind, reason=str(refusal))
            await self._tell_uses(room_id, words.powerless, kind, f"{room_id} {kind} {levels.event_id}")
        return "powerless"

    async def _is_muted(self, room_id: str, levels: Mapping[str, Any]) -> bool:
        """Tell whether the bot may say nothing in a room: neither messages nor reactions, which editors get none of."""
        async with self._database.snapshot() as records:
            is_secret = await records.rooms.is_encrypted(room_id)
            uses = [room for room in await records.rooms.known() if room.room_id == room_id]
        user_id = self._client.user_id
        return _is_short(levels, user_id, ENCRYPTED if is_secret else MESSAGE) and (
            _is_short(levels, user_id, REACTION) or all(room.purpose == "editors" for room in uses)
        )

    async def _is_creator(self, room_id: str) -> bool:
        """Tell whether the bot has all power in a room, which stands in no list (room version 12, MSC4289).

        A room ID without a server's name says that the room is of that version or a later one (MSC4291).
        """
        if ":" in room_id:
            return False
        create = await self._state(room_id, "m.room.create")
        others = create.content.get("additional_creators")
        return self._client.user_id in (create.sender, *(others if isinstance(others, list) else ()))

    async def _state(self, room_id: str, kind: str) -> "_State":
        """Return a room's state event, an empty one where there is none."""
        try:
            answer = await self._client.get("rooms", room_id, "state", kind, query={"format": "event"})
        except Refused as error:
            if error.is_passing:
                raise
            return _State({})
        if answer.get("type") != kind:
            return _State(answer)  # the content alone: that is what a homeserver from before v1.16 gives
        return _State(_mapping(answer.get("content")), _text(answer.get("sender")), _text(answer.get("event_id")))


@dataclass(frozen=True, slots=True)
class _State:
    """A state event: its content, and who sent it as which event where the homeserver says so."""

    content: Mapping[str, Any]
    sender: str = ""
    event_id: str = ""


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


def _is_short(levels: Mapping[str, Any], user_id: str, kind: str) -> bool:
    """Tell whether somebody's power does not reach for a type of event (Client-Server API, "m.room.power_levels").

    To take back what is one's own needs the power to send `m.room.redaction`, and not that to redact others'.
    """
    needed = level(_mapping(levels.get("events")).get(kind), level(levels.get("events_default"), 0))
    return power_of(levels, user_id) < needed


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
