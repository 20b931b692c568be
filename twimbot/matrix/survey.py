"""Looks at the configured rooms and changes nothing: what each is, how the bot stands in it, and what it may do there.

Client-Server API v1.19: "Listing rooms", "Room Summaries", "m.room.power_levels".
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from twimbot.config import Publication
from twimbot.matrix.client import NOTHING, Client, NotMatrix, Refused
from twimbot.matrix.encryption import IS_INSTALLED
from twimbot.matrix.powers import CREATION, LEVELS, may_send
from twimbot.matrix.session import rooms_of, vias
from twimbot.store.rooms import Purpose

ENCRYPTED, HISTORY, TOMBSTONE = "m.room.encryption", "m.room.history_visibility", "m.room.tombstone"

PARTS = ("timeline", "state", "ephemeral", "account_data")
"""What a sync would tell of each room."""

MOST_UPGRADES = 50
"""How many rooms that took another's place are followed: more are a circle."""

OPEN = {"public": "public", "restricted": "restricted", "knock_restricted": "restricted"}
"""How a room that can probably be joined is called, by its join rule."""


@dataclass(frozen=True, slots=True)
class RoomFound:
    """What was found of a room; None where the homeserver does not tell that to somebody who is not in it.

    `standing` is one word: joined, invited, public, restricted (to members of other rooms), outside, banned, closed or
    unknown. `may_speak`, `may_react` and `may_redact` are about the bot's own events. `problem` is a whole sentence.
    """

    publication: str
    purpose: Purpose
    configured: str
    standing: str
    room_id: str | None = None
    may_speak: bool | None = None
    may_react: bool | None = None
    may_redact: bool | None = None
    is_encrypted: bool | None = None
    history: str | None = None
    problem: str | None = None


async def survey(client: Client, publications: Collection[Publication]) -> list[RoomFound]:
    """Look at all rooms of these publications. Raises Unreachable, or Refused for what passes."""
    joined = set((await client.get("joined_rooms")).get("joined_rooms", ()))
    invited = await _invitations(client)
    found: list[RoomFound] = []
    submissions: dict[str | None, str] = {None: ""}
    for publication in publications:
        for purpose, configured in rooms_of(publication).items():
            blank = RoomFound(publication.key, purpose, configured, "unknown")
            room = await _look(client, blank, vias(client, publication), joined, invited)
            first = submissions.setdefault(room.room_id, publication.key) if purpose == "submissions" else None
            found.append(_judged(room, client.user_id, first))
    return found


async def _look(
    client: Client,
    blank: RoomFound,
    via: Collection[str],
    joined: Collection[str],
    invited: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> RoomFound:
    """Return what there is to see of a room, or of the last one that took its place."""
    room_id, via = await _resolved(client, blank.configured, via)
    if room_id is None:
        return blank
    for _ in range(MOST_UPGRADES):
        replacement = (await _state(client, room_id, TOMBSTONE) if room_id in joined else {}).get("replacement_room")
        if not isinstance(replacement, str):
            break
        room_id = replacement
    room = replace(blank, room_id=room_id)
    if room_id in joined:
        return await _inside(client, room)
    if room_id in invited:
        return replace(room, standing="invited", is_encrypted=ENCRYPTED in invited[room_id])
    return await _outside(client, room, via)


async def _resolved(client: Client, configured: str, via: Collection[str]) -> tuple[str | None, Collection[str]]:
    """Return the ID of a room, None where nobody knows its alias, and servers that are probably in it."""
    if not configured.startswith("#"):
        return configured, via
    answer = await _asked(client, "directory", "room", configured) or {}
    room_id, servers = answer.get("room_id"), answer.get("servers")
    more = [str(server) for server in servers[:3]] if isinstance(servers, list) else []
    return (room_id, [*via, *more]) if isinstance(room_id, str) else (None, via)


async def _inside(client: Client, room: RoomFound) -> RoomFound:
    """Return what can be seen from within a room."""
    room_id = room.room_id or ""
    levels = await _asked(client, "rooms", room_id, "state", LEVELS)
    created = await _asked(client, "rooms", room_id, "state", CREATION, query={"format": "event"}) or {}
    state = [{**created, "type": CREATION}, *([{"type": LEVELS, "content": levels}] if levels is not None else ())]
    is_encrypted = bool(await _state(client, room_id, ENCRYPTED))
    history = (await _state(client, room_id, HISTORY)).get("history_visibility", "shared")

    def may(kind: str) -> bool:
        return may_send(state, client.user_id, kind)

    return replace(
        room,
        standing="joined",
        may_speak=may("m.room.encrypted" if is_encrypted else "m.room.message"),
        may_react=may("m.reaction"),
        may_redact=may("m.room.redaction"),
        is_encrypted=is_encrypted,
        history=str(history),
    )


async def _outside(client: Client, room: RoomFound, via: Collection[str]) -> RoomFound:
    """Return what is told of a room to those who are not in it."""
    room_id = room.room_id or ""
    try:
        told = await client.get("room_summary", room_id, query={"via": list(via)}, base="client/v1")
    except NotMatrix:
        return replace(room, standing="outside")
    except Refused as error:
        if error.is_passing:
            raise
        return replace(room, standing="outside" if error.code == "M_UNRECOGNIZED" else "closed")
    is_banned = told.get("membership") == "ban"
    return replace(
        room,
        standing="banned" if is_banned else OPEN.get(str(told.get("join_rule")), "closed"),
        is_encrypted=bool(told.get("encryption")),
        history="world_readable" if told.get("world_readable") else None,
    )


def _judged(room: RoomFound, user_id: str, first: str | None) -> RoomFound:
    """Add what has to be mended before the bot can do its work there.

    `first` is the first publication that has the room for its submissions.
    """
    problem = None
    if room.standing == "unknown":
        problem = f"there is no room {room.configured} to be found; correct its name"
    elif room.standing == "closed":
        problem = f"room {room.configured} can't be joined (it is closed, or there is none); invite {user_id} to it"
    elif room.standing == "banned":
        problem = f"room {room.configured} can't be joined ({user_id} is banned); unban it there, and invite it"
    elif room.is_encrypted and not IS_INSTALLED:
        problem = f"room {room.configured} is encrypted; install twimbot[e2e], or name a room without encryption"
    elif room.may_speak is False and room.purpose != "pings":
        problem = f"room {room.configured}: {user_id} may not speak there; give it the power to"
    elif first not in (None, room.publication):
        said = f"room {room.configured} is the submissions room of {first} and {room.publication}"
        problem = f"{said}; each publication needs its own"
    return replace(room, problem=problem)


async def _invitations(client: Client) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the rooms that the bot is invited to, each with what an invitation shows of it, by type of event."""
    nothing = {"not_types": ["*"]}
    wanted = {"presence": nothing, "account_data": nothing, "room": dict.fromkeys(PARTS, nothing)}
    answer = await client.get("sync", query={"timeout": "0", "filter": json.dumps(wanted)})
    rooms = answer.get("rooms")
    invite = rooms.get("invite") if isinstance(rooms, dict) else None
    found = invite.items() if isinstance(invite, dict) else ()
    return {room_id: {str(event.get("type")): event for event in _shown(part)} for room_id, part in found}


def _shown(part: object) -> Iterator[Mapping[str, Any]]:
    state = part.get("invite_state") if isinstance(part, dict) else None
    events = state.get("events") if isinstance(state, dict) else None
    yield from (event for event in (events if isinstance(events, list) else ()) if isinstance(event, dict))


async def _state(client: Client, room_id: str, *place: str) -> Mapping[str, Any]:
    """Return the content of a state event, empty where there is none or it is not shown."""
    return await _asked(client, "rooms", room_id, "state", *place) or {}


async def _asked(client: Client, *path: str, query: Mapping[str, str] = NOTHING) -> Mapping[str, Any] | None:
    """Ask for something; None where there is none, or it is not for the bot."""
    try:
        return await client.get(*path, query=query)
    except NotMatrix:
        return None
    except Refused as error:
        if error.is_passing:
            raise
        return None
