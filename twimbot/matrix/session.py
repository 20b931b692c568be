"""Logging in once and staying the same device; being in the configured rooms and following their upgrades."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from twimbot.config import Credentials, Publication
from twimbot.errors import HomeserverError, LoggedOut
from twimbot.matrix.client import Client, Refused, Unreachable
from twimbot.matrix.discovery import find
from twimbot.matrix.encryption import IS_INSTALLED, device_of, is_encrypted
from twimbot.matrix.login import password_proof, ways
from twimbot.matrix.standing import Standing, is_inside, regain
from twimbot.store.database import Database
from twimbot.store.rooms import Purpose, StoredSession

log = structlog.get_logger(__name__)

DEVICE_NAME = "twimbot"


class Session:
    """The log-in: taken up from the store, continued or made anew where it has ended, and always the same device.

    `keys` is the file of the device's keys: where the store has forgotten the device, they tell which one it was.
    Makes itself the client's `renew`, so that it may end at any request, and several at once.
    """

    def __init__(self, client: Client, credentials: Credentials, database: Database, keys: Path) -> None:
        self._client = client
        self._credentials = credentials
        self._database = database
        self._keys = keys
        self._renewing = asyncio.Lock()
        client.renew = self.renew

    async def begin(self) -> None:
        """Take up the stored log-in, or make one with the password or token and store it.

        Raises LoggedOut with what to do where none of them is accepted, HomeserverError where the address is none of
        a homeserver, or the store another account's, DatabaseError where the keys can't be used, and what passes as
        Unreachable or Refused.
        """
        stored = await self.find()
        if stored is None:
            await self.renew("")
        else:
            self._client.access_token = stored.access_token
            await self._client.get("account", "whoami")

    async def find(self) -> StoredSession | None:
        """Find the homeserver, and return the stored log-in. Raises as `begin` does."""
        stored = await self._stored()
        if stored:
            check_owner(self._client, stored)
        await find(self._client, is_known=stored is not None)
        return stored

    async def enter(self, proof: Mapping[str, Any]) -> StoredSession:
        """Log in anew as the same device, and store that in place of what was there.

        `proof` is what the homeserver asks for, with its `type`. Raises Refused, LoggedOut where it is another
        account's, and Unreachable.
        """
        stored = await self._stored()
        session = await _entered(self._client, proof, self._device(stored))
        async with self._database.transaction() as records:
            await records.rooms.keep_session(session)
        self._client.access_token = session.access_token
        self._client.log_ins += 1
        log.info("logged in", device_id=session.device_id)
        return session

    def _device(self, stored: StoredSession | None) -> str | None:
        return stored.device_id if stored else device_of(self._keys, self._client.user_id)

    async def renew(self, refused: str) -> None:
        """Go on with another access token than the one that was refused (empty: there is none yet).

        The new one is stored before it is used: until then the homeserver takes the same refresh token again
        (Client-Server API, "Refreshing access tokens"). Raises LoggedOut where there is no way to another one.
        """
        async with self._renewing:
            if self._client.access_token != refused:  # whoever was refused first has renewed it
                return
            session, is_continued = await self._next(await self._stored(), refused)
            async with self._database.transaction() as records:
                await records.rooms.keep_session(session)
            self._client.access_token = session.access_token
            self._client.log_ins += not is_continued
        if is_continued:  # every few minutes where tokens are short-lived
            log.debug("log-in continued", device_id=session.device_id)
        else:
            log.info("logged in", device_id=session.device_id)

    async def _stored(self) -> StoredSession | None:
        async with self._database.snapshot() as records:
            return await records.rooms.session()

    async def _next(self, stored: StoredSession | None, refused: str) -> tuple[StoredSession, bool]:
        """Return the log-in that follows, and whether it continues the one before."""
        if stored and stored.refresh_token:
            try:
                return await _continued(self._client, stored, stored.refresh_token), True
            except Refused as error:
                if error.is_passing:
                    raise
                log.warning("log-in can't be continued", reason=str(error))
        return await self._new(stored, refused), False

    async def _new(self, stored: StoredSession | None, refused: str) -> StoredSession:
        token, password = self._credentials.access_token, self._credentials.password
        if token and token != refused:
            try:
                return await session_by_token(self._client, token)
            except LoggedOut as error:
                if not password:
                    raise
                log.warning("logging in with the password", reason=str(error))
        if password:
            return await session_by_password(self._client, password, self._device(stored))
        raise LoggedOut(ended(self._client) if refused else none_yet(self._client))


def check_owner(client: Client, stored: StoredSession) -> None:
    """Raise HomeserverError where a stored log-in is another account's than the configured one."""
    if stored.user_id != client.user_id:
        raise HomeserverError(
            f"user_id is {client.user_id}, but data_dir belongs to {stored.user_id}; name another data_dir"
        )


def none_yet(client: Client) -> str:
    """Say that there is no log-in, and what to do."""
    return (
        f"{client.user_id}: there is no log-in yet; run 'twimbot login', or "
        "set TWIMBOT_PASSWORD or TWIMBOT_ACCESS_TOKEN (or …_FILE)"
    )


def ended(client: Client) -> str:
    """Say that the log-in has ended with nothing to make another one, and what to do."""
    return (
        f"{client.homeserver} ended the log-in of {client.user_id}; run 'twimbot login', or "
        "set TWIMBOT_PASSWORD or a new TWIMBOT_ACCESS_TOKEN, and restart"
    )


async def learn_name(client: Client, database: Database) -> None:
    """Remember the bot's present display name, by which people will call it."""
    try:
        profile = await client.get("profile", client.user_id, "displayname")
    except Refused:
        return
    name = profile.get("displayname")
    if isinstance(name, str) and name.strip():
        async with database.transaction() as records:
            await records.rooms.keep_bot_name(name.strip())


async def join_rooms(
    client: Client, publications: Collection[Publication], database: Database, standing: Standing
) -> list[str]:
    """Join every configured room, or make sure that the bot is in it; return what keeps it from rooms it was in before.

    Raises HomeserverError naming all that it may not join, can't read, or can't tell apart.
    """
    losses: list[str] = []
    async with database.transaction() as records:
        await records.rooms.keep_only({(p.key, purpose) for p in publications for purpose in rooms_of(p)})
    refusals = []
    submissions: dict[str, str] = {}
    for publication in publications:
        for purpose, configured in rooms_of(publication).items():
            try:
                room_id = await _enter(client, publication, purpose, configured, database)
            except (Unreachable, Refused) as error:
                known = await _known(publication, purpose, configured, database)
                if known is None or not await is_inside(client, known):
                    raise
                log.warning("room can't be looked at, going by what is known", room_id=known, reason=str(error))
                room_id = known
            except HomeserverError as error:
                lost = await _lost(client, publication, purpose, configured, database)
                if lost is None:
                    refusals.append(str(error))
                else:
                    await standing.lose(lost, "out", str(error))
                    losses.append(str(error))
                continue
            if purpose == "submissions" and submissions.setdefault(room_id, publication.key) != publication.key:
                refusals.append(
                    f"room {configured} is the submissions room of {submissions[room_id]} and {publication.key}; "
                    "each publication needs its own"
                )
    if refusals:
        raise HomeserverError("\n".join(refusals))
    return losses


async def _lost(
    client: Client, publication: Publication, purpose: Purpose, configured: str, database: Database
) -> str | None:
    """Return the room that was joined under this name before and that the bot is no longer in, or None."""
    room_id = await _known(publication, purpose, configured, database)
    return None if room_id is None or await is_inside(client, room_id) else room_id


async def _known(publication: Publication, purpose: Purpose, configured: str, database: Database) -> str | None:
    """Return the room that was joined under this name before, or None."""
    async with database.snapshot() as records:
        rooms = await records.rooms.known()
    use = (publication.key, purpose, configured)
    mine = (room for room in rooms if room.is_current and (room.publication, room.purpose, room.configured) == use)
    return next((room.room_id for room in mine), None)


async def _enter(
    client: Client, publication: Publication, purpose: Purpose, configured: str, database: Database
) -> str:
    """Join a room, or the last one that took its place, and record that; return its ID."""
    room_id = await _successor(publication, purpose, configured, database)
    joined = await join(client, room_id, vias(client, publication))
    room_id = await _successor(publication, purpose, joined, database)
    if room_id != joined:  # an alias that still leads to the old room
        await join(client, room_id, vias(client, publication))
    encrypted = await _may_be_encrypted(client, room_id, configured)
    alias = await _canonical_alias(client, room_id)
    async with database.transaction() as records:
        await records.rooms.keep(publication.key, purpose, room_id, configured)
        await records.rooms.name_room(room_id, alias)
        if encrypted:
            await records.rooms.note_encryption(room_id)
    log.info("in room", room_id=room_id, publication=publication.key, purpose=purpose)
    return room_id


async def adopt_predecessors(client: Client, database: Database) -> None:
    """Note the rooms whose place those took that are still to be read, where the bot is in them: they tell a part too.

    Both must name each other (Client-Server API, "Room upgrades").
    """
    async with database.snapshot() as records:
        rooms = await records.rooms.known()
    unread = {room.room_id for room in rooms if not room.is_read_back}
    answer = await client.get("joined_rooms") if unread else {}
    joined = set(answer.get("joined_rooms", ())) - {room.room_id for room in rooms}
    for room_id in sorted(unread):
        successor = room_id
        while (predecessor := await _predecessor(client, successor)) and predecessor in joined:
            encrypted = await is_encrypted(client, predecessor)
            async with database.transaction() as records:
                await records.rooms.keep_predecessor(successor, predecessor)
                if encrypted:
                    await records.rooms.note_encryption(predecessor)
            joined.remove(predecessor)
            log.info("took the place of", room_id=successor, predecessor=predecessor)
            successor = predecessor


async def follow_upgrades(client: Client, database: Database, standing: Standing) -> None:
    """Join the rooms that took the place of ours; one that can't be joined yet is tried again the next time."""
    async with database.snapshot() as records:
        wanted = await records.rooms.wanted()
    for room in wanted:
        try:
            await join(client, room.room_id, [room.via] if room.via else [])
            encrypted = await is_encrypted(client, room.room_id)
        except (Unreachable, Refused) as error:
            log.warning("upgraded room not joined yet", room_id=room.room_id, reason=str(error))
            continue
        except HomeserverError as error:
            await standing.lose(room.room_id, "out", str(error))
            continue
        async with database.transaction() as records:
            await regain(records, room.room_id)
            await records.rooms.joined(room.room_id)
            if encrypted:
                await records.rooms.note_encryption(room.room_id)
        log.info("followed an upgrade", room_id=room.room_id)


async def join(client: Client, room: str, via: Iterable[str]) -> str:
    """Join a room by ID or alias; return its ID. Raises HomeserverError with what to do, or Unreachable."""
    try:
        answer = await client.post("join", room, query={"via": list(via)})
    except Refused as error:
        if error.is_passing:
            raise
        raise HomeserverError(
            f"room {room} can't be joined ({error}); invite {client.user_id} to it, or correct its name"
        ) from error
    return str(answer.get("room_id", room))


def rooms_of(publication: Publication) -> dict[Purpose, str]:
    """Return a publication's rooms as configured, by their use."""
    rooms: Mapping[Purpose, str | None] = {
        "submissions": publication.rooms.submissions,
        "editors": publication.rooms.editors,
        "pings": publication.rooms.pings,
    }
    return {purpose: room for purpose, room in rooms.items() if room}


def vias(client: Client, publication: Publication) -> list[str]:
    """Return servers that are probably in the rooms: IDs of room version 12 name none themselves."""
    servers = [user.partition(":")[2] for user in (client.user_id, *publication.editors)]
    return list(dict.fromkeys(servers))


async def _continued(client: Client, stored: StoredSession, refresh_token: str) -> StoredSession:
    """Return the log-in with fresh tokens; one that is not replaced can be used again."""
    answer = await client.enter("refresh", {"refresh_token": refresh_token})
    following = _text(answer, "refresh_token") or refresh_token
    return replace(stored, access_token=_text(answer, "access_token"), refresh_token=following)


async def session_by_token(client: Client, token: str) -> StoredSession:
    """Return the log-in that an access token is of. Raises LoggedOut where that is none of ours, or Unreachable."""
    try:
        answer = await client.owner_of(token)
    except Refused as error:
        if error.is_passing:
            raise
        raise LoggedOut(f"{client.homeserver} refuses TWIMBOT_ACCESS_TOKEN ({error}); make a new one") from error
    if answer.get("user_id") != client.user_id:
        raise LoggedOut(
            f"TWIMBOT_ACCESS_TOKEN belongs to {answer.get('user_id')}, but user_id is {client.user_id}; correct one"
        )
    return StoredSession(client.user_id, _text(answer, "device_id"), token)


async def session_by_password(client: Client, password: str, device: str | None) -> StoredSession:
    """Log in as a device (None: a new one). Raises LoggedOut with what to do where that is refused, or Unreachable."""
    try:
        return await _entered(client, password_proof(client.user_id, password), device)
    except Refused as error:
        if error.is_passing:
            raise
        offered = await ways(client)
        if not offered.by_password:
            raise LoggedOut(f"{client.homeserver} takes no passwords; {offered.advice}") from error
        raise LoggedOut(
            f"{client.homeserver} refuses the password of {client.user_id} ({error}); check TWIMBOT_PASSWORD"
        ) from error


async def _entered(client: Client, proof: Mapping[str, Any], device: str | None) -> StoredSession:
    """Log in; as another account than the configured one that is undone. Raises Refused, LoggedOut, Unreachable."""
    wanted = {
        **proof,
        "initial_device_display_name": DEVICE_NAME,
        "refresh_token": True,
        **({"device_id": device} if device else {}),
    }
    answer = await client.enter("login", wanted)
    token = _text(answer, "access_token")
    if (user := _text(answer, "user_id")) != client.user_id:
        await client.log_out(token)
        raise LoggedOut(f"that was the log-in of {user}, but user_id is {client.user_id}; log in as that")
    return StoredSession(user, _text(answer, "device_id"), token, _text(answer, "refresh_token") or None)


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""


async def _successor(publication: Publication, purpose: Purpose, room: str, database: Database) -> str:
    async with database.snapshot() as records:
        return await records.rooms.last_successor(publication.key, purpose, room)


async def _predecessor(client: Client, room_id: str) -> str | None:
    """Return the room that names another as its replacement, and is named by it, or None."""
    create = await _state(client, room_id, "m.room.create")
    named = create.get("predecessor")
    predecessor = named.get("room_id") if isinstance(named, dict) else None
    if not isinstance(predecessor, str):
        return None
    tombstone = await _state(client, predecessor, "m.room.tombstone")
    return predecessor if tombstone.get("replacement_room") == room_id else None


async def _canonical_alias(client: Client, room_id: str) -> str | None:
    alias = (await _state(client, room_id, "m.room.canonical_alias")).get("alias")
    return alias if isinstance(alias, str) and alias.startswith("#") else None


async def _state(client: Client, room_id: str, kind: str) -> Mapping[str, Any]:
    """Return the content of a room's state event, empty where there is none or the bot may not see it."""
    try:
        return await client.get("rooms", room_id, "state", kind)
    except Refused as error:
        if error.is_passing:
            raise
        return {}


async def _may_be_encrypted(client: Client, room_id: str, configured: str) -> bool:
    """Tell whether a room is encrypted; raises HomeserverError where it may not be, as the extra is not installed."""
    encrypted = await is_encrypted(client, room_id)
    if encrypted and not IS_INSTALLED:
        raise HomeserverError(
            f"room {configured} is encrypted; install twimbot[e2e], or name a room without encryption"
        )
    return encrypted
