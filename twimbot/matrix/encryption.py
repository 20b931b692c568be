"""End-to-end encryption: this device's keys, what is read and said in encrypted rooms, and encrypted files.

nio does the cryptography (Olm and Megolm, by vodozemac) and keeps the keys in a file; requests go through our own
client. Needs the extra twimbot[e2e]; without it nothing is decrypted, and saying something raises CannotEncrypt.

Every device of a room's members is given keys, and believed from when it was first seen: nobody verifies devices
for a bot. Megolm sessions for sending live in memory only, so that a killed bot never uses a message index twice.
What is received is stored before the sync position is, as the server then forgets it (Client-Server API v1.19,
"End-to-End Encryption").
"""

import asyncio
import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import structlog
from nio.crypto import ENCRYPTION_ENABLED, decrypt_attachment, encrypt_attachment
from nio.events import OlmEvent, RoomKeyEvent, ToDeviceEvent
from nio.exceptions import EncryptionError
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse

from twimbot.errors import DatabaseError, HomeserverError, Unwritable
from twimbot.matrix.client import Client, NotMatrix, Refused
from twimbot.matrix.cross_signing import CROSS_SIGNING, Identity, NeedsOwner
from twimbot.media.unfit import UnfitFile
from twimbot.model.event import MESSAGE_TYPES, FileKey

if ENCRYPTION_ENABLED:
    from nio.crypto import Olm
    from nio.store import SqliteStore
    from nio.store.models import Accounts
    from peewee import OperationalError, PeeweeException

log = structlog.get_logger(__name__)

ENCRYPTED, MEGOLM = "m.room.encrypted", "m.megolm.v1.aes-sha2"

IS_INSTALLED: bool = ENCRYPTION_ENABLED
"""Whether the extra twimbot[e2e] is installed."""

READABLE = (*MESSAGE_TYPES, "m.reaction")
"""What an encrypted event may turn out to be: the server checks who may send all others, so they come in the clear."""

SIGNED = "signed_curve25519"
"""The kind of key with which another device begins an Olm session."""

CLAIM_PATIENCE = 5000
"""How long other servers may take to give their users' keys, in milliseconds."""

RawEvent = Mapping[str, Any]


class CannotEncrypt(HomeserverError):
    """Something was to be said in an encrypted room, and the extra twimbot[e2e] is not installed."""


class Encryption:
    """The keys of one device, once they are opened; all methods do without them where that can't be.

    `password` is the account's, for a homeserver that asks for it before the account may vouch for its device.
    """

    def __init__(self, client: Client, path: Path, password: str | None = None) -> None:
        self._client = client
        self._path = path
        self._password = password
        self._olm: Any = None
        self._published_with: str | None = None
        self._is_new = False
        self._requests = asyncio.Lock()
        self._has_news = True
        self._has_fallback = True
        # nio has a set of these too, but forgets who changed while their devices were being asked for.
        self._outdated: set[str] = set()

    def open(self, device_id: str) -> None:
        """Open the keys of a device that has logged in, or make them. Raises DatabaseError where that can't be."""
        if not IS_INSTALLED or (self._olm and self._olm.device_id == device_id):
            return
        self.close()
        with _opening(self._path):
            self._path.touch(mode=0o600)
            self._path.chmod(0o600)
            self._olm = Olm(self._client.user_id, device_id, _store(self._path, self._client.user_id, device_id))

    async def prepare(self) -> None:
        """See to it that others can trust and reach this device, now rather than with the first sync."""
        if self._olm:
            await self._keep_up()

    def close(self) -> None:
        """Close the file."""
        if self._olm:
            self._olm.store.database.close()
            self._olm, self._published_with = None, None

    def has_news(self) -> bool:
        """Tell whether something may be decrypted by now that could not be before; asking settles it."""
        has_news, self._has_news = self._has_news and self._olm is not None, False
        return has_news

    def has_key(self, room_id: str, session_id: str) -> bool:
        """Tell whether the key of a Megolm session is there."""
        return bool(self._olm) and any(session_id in sessions for sessions in self._sessions(room_id))

    async def hear(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take the keys from a sync answer, and return it with the rooms' events decrypted."""
        if self._olm is None:
            return answer
        with self._stored():
            for raw in _list(_mapping(answer.get("to_device")).get("events")):
                self._take_key(raw)
        self._note_devices(_mapping(answer.get("device_lists")))
        counts = _mapping(answer.get("device_one_time_keys_count"))
        self._olm.uploaded_key_count = counts.get(SIGNED, 0)
        unused = answer.get("device_unused_fallback_key_types")
        self._has_fallback = unused is None or SIGNED in _list(unused)  # older servers know no fallback keys
        await self._keep_up()
        rooms = _mapping(answer.get("rooms"))
        joined = {
            room_id: await self._hear_room(room_id, part) for room_id, part in _mapping(rooms.get("join")).items()
        }
        return {**answer, "rooms": {**rooms, "join": joined}}

    async def decrypted(self, events: object, room_id: str) -> list[Any]:
        """Return a room's raw events, decrypted where that can be; the others stay as they came."""
        found = _list(events)
        if self._olm is None or not any(_is_encrypted(event) for event in found):
            return found
        await self._look_up({event["sender"] for event in found if _is_encrypted(event)})
        return [(self._decrypted(event, room_id) or event) if _is_encrypted(event) else event for event in found]

    async def encrypt(self, room_id: str, kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the content of the encrypted event that says something to all who are in a room now.

        What it relates to stays in the clear, where it belongs. Raises CannotEncrypt, or HomeserverError.
        """
        if self._olm is None:
            raise CannotEncrypt("the room is encrypted; install twimbot[e2e] and restart")
        async with self._requests:
            await self._share_session(room_id)
            session = self._olm.outbound_group_sessions[room_id]
            inside = {key: value for key, value in content.items() if key != "m.relates_to"}
            outside = {"m.relates_to": content["m.relates_to"]} if "m.relates_to" in content else {}
            payload = {"type": kind, "content": inside, "room_id": room_id}
            return {
                "algorithm": MEGOLM,
                "sender_key": self._olm.account.identity_keys["curve25519"],
                "device_id": self._olm.device_id,
                "session_id": session.id,
                # nio's own way would write letters beyond ASCII as six bytes each, which long answers can't afford.
                "ciphertext": session.encrypt(json.dumps(payload, ensure_ascii=False)),
                **outside,
            }

    def _sessions(self, room_id: str) -> Iterable[Mapping[str, Any]]:
        sessions: Mapping[str, Mapping[str, Any]] = self._olm.inbound_group_store[room_id]
        return sessions.values()

    async def _hear_room(self, room_id: str, raw: object) -> Mapping[str, Any]:
        part = _mapping(raw)
        timeline = _mapping(part.get("timeline"))
        return {**part, "timeline": {**timeline, "events": await self.decrypted(timeline.get("events"), room_id)}}

    def _take_key(self, raw: object) -> None:
        """Take what another device sent to this one; anybody may send anything, so nothing of it ends the bot."""
        try:
            event = ToDeviceEvent.parse_event(raw)
            if not isinstance(event, OlmEvent):
                return
            key = self._olm.decrypt_event(event)
        except PeeweeException:
            raise
        except Exception:
            log.exception("message to this device can't be read")
            return
        if isinstance(key, RoomKeyEvent):
            self._has_news = True
            if self._olm.device_store.device_from_sender_key(event.sender, event.sender_key) is None:
                self._outdated.add(event.sender)

    def _note_devices(self, lists: Mapping[str, Any]) -> None:
        """Note whose devices changed, and whose are not told of any more."""
        self._outdated |= self._olm.tracked_users & set(_texts(lists.get("changed")))
        self._olm.tracked_users -= set(_texts(lists.get("left")))

    def _decrypted(self, event: RawEvent, room_id: str) -> RawEvent | None:
        """Return what an event says, None where its key is not there or it is not what it claims to be."""
        payload = self._payload(event, room_id)
        content = _mapping(payload.get("content"))
        if payload.get("room_id") != room_id or payload.get("type") not in READABLE:
            return None
        relation = _mapping(event.get("content")).get("m.relates_to")
        inside = {key: value for key, value in content.items() if key != "m.relates_to"}
        return {
            "event_id": event.get("event_id"),
            "sender": event.get("sender"),
            "origin_server_ts": event.get("origin_server_ts"),
            "type": payload["type"],
            "content": {**inside, "m.relates_to": relation} if relation is not None else inside,
            "unsigned": self._unsigned(event, room_id),
        }

    def _payload(self, event: RawEvent, room_id: str) -> Mapping[str, Any]:
        """Decrypt an event by a session that a device of its sender has made; empty where there is none."""
        content, sender, event_id = _mapping(event.get("content")), event.get("sender"), event.get("event_id")
        session_id = content.get("session_id")
        for sessions in self._sessions(room_id):
            session = sessions.get(session_id) if isinstance(session_id, str) else None
            if session is None or not self._is_of(session, sender):
                continue
            try:
                plaintext, index = session.decrypt(content.get("ciphertext"))
                payload = json.loads(plaintext)
            except (ValueError, TypeError, RecursionError) as error:  # vodozemac's errors are ValueErrors
                log.warning("event can't be decrypted", event_id=event_id, reason=str(error))
                continue
            # An index that comes again with another event ID is somebody's copy of what was said before.
            if self._olm.message_index_store.setdefault((room_id, session_id, index), event_id) == event_id:
                return _mapping(payload)
            log.warning("encrypted event is a copy of another", event_id=event_id, sender=sender)
        return {}

    def _is_of(self, session: Any, sender: object) -> bool:  # noqa: ANN401 - nio has no types
        """Tell whether a session was made by a device of the sender, which may be logged out by now."""
        own = self._olm.account.identity_keys
        if sender == self._client.user_id and session.sender_key == own["curve25519"]:
            return True
        devices = self._olm.device_store[sender].values()
        keys = {(device.curve25519, device.ed25519) for device in devices}
        return (session.sender_key, session.ed25519) in keys

    def _unsigned(self, event: RawEvent, room_id: str) -> Mapping[str, Any]:
        """Return what the server put beside an event, with the latest edit decrypted."""
        unsigned = _mapping(event.get("unsigned"))
        relations = _mapping(unsigned.get("m.relations"))
        edit = relations.get("m.replace")
        if not _is_encrypted(edit):
            return unsigned
        # An edit has no edits of its own: without `unsigned`, hostile events can't stand in each other without end.
        read = self._decrypted({**_mapping(edit), "unsigned": {}}, room_id)
        return {**unsigned, "m.relations": {**relations, "m.replace": read}}

    async def _keep_up(self) -> None:
        """Upload and ask for what is due; what fails now is due again with the next sync."""
        async with self._requests:
            try:
                if self._published_with != self._client.access_token:
                    await self._publish()
                await self._upload_keys()
                await self._query_devices()
                await self._mend_sessions()
            except HomeserverError as error:
                log.warning("device keys are not up to date yet", reason=str(error))

    async def _look_up(self, users: Collection[str]) -> None:
        """Have the devices of these users at hand; what fails is due again with the next sync."""
        async with self._requests:
            self._outdated |= set(users) - self._olm.tracked_users
            try:
                await self._query_devices()
            except HomeserverError as error:
                log.warning("devices can't be asked for yet", reason=str(error))

    async def _upload_keys(self) -> None:
        """Upload the device's keys once, and keys for others to begin with whenever they have taken some."""
        if not self._olm.should_upload_keys and self._has_fallback:
            return
        with self._stored():
            content = self._olm.share_keys() if self._olm.should_upload_keys else {}
            content |= {} if self._has_fallback else {"fallback_keys": self._fallback_keys()}
            self._olm.save_account()  # before others can use them
        answer = await self._client.post("keys", "upload", content=content)
        counts = _mapping(answer.get("one_time_key_counts"))
        with self._stored():
            self._olm.handle_response(KeysUploadResponse(0, counts.get(SIGNED, 0)))
        self._has_fallback = True

    def _fallback_keys(self) -> Mapping[str, Any]:
        """Make the key for those who come when all one-time keys are taken; nio knows nothing of it, vodozemac does."""
        account = self._olm.account._account  # noqa: SLF001 - see above
        account.generate_fallback_key()
        keys = {
            f"{SIGNED}:{name}": {"key": key.to_base64(), "fallback": True} for name, key in account.fallback_key.items()
        }
        name = f"ed25519:{self._olm.device_id}"
        return {
            key: {**content, "signatures": {self._client.user_id: {name: self._olm.sign_json(content)}}}
            for key, content in keys.items()
        }

    async def _publish(self) -> None:
        """See to it that the homeserver has this device's keys and the account vouches for it: after each log-in."""
        own, device, token = self._client.user_id, self._olm.device_id, self._client.access_token
        answer = await self._client.post("keys", "query", content={"device_keys": {own: [device]}})
        known = _mapping(_mapping(_mapping(answer.get("device_keys")).get(own)).get(device))
        if not known:  # also after a log-out, which takes the keys from the homeserver
            self._olm.account.shared = False
        elif self._olm.account.identity_keys["ed25519"] not in _mapping(known.get("keys")).values():
            log.error("the keys of this device were lost; log it out and restart, as others may not trust new ones")
        self._is_new = self._is_new or not known
        await self._upload_keys()
        await self._vouch_for_device()
        self._published_with = token
        self._is_new = False

    async def _vouch_for_device(self) -> None:
        """Have the account vouch for this device, where the homeserver lets it.

        What its owner would have to do is told when the device is new: nothing else changes that by itself.
        """
        with self._stored():
            identity = Identity.open(self._path, self._client.user_id)
        try:
            await identity.vouch(self._client, self._olm.device_id, self._password)
        except NeedsOwner as error:
            tell = log.warning if self._is_new else log.debug
            tell("device is not cross-signed; some clients will give it no keys", reason=str(error))
        except (Refused, NotMatrix) as error:
            if isinstance(error, Refused) and error.is_passing:
                raise
            log.warning("device can't be cross-signed; some clients will give it no keys", reason=str(error))

    async def _query_devices(self) -> None:
        """Ask for the devices of those whose devices are unknown or have changed."""
        users, self._outdated = self._outdated, set()
        if not users:
            return
        content = {"device_keys": {user: [] for user in sorted(users)}, "timeout": CLAIM_PATIENCE}
        try:
            answer = await self._client.post("keys", "query", content=content)
        except BaseException:
            self._outdated |= users
            raise
        with self._stored():
            for user, devices in _mapping(answer.get("device_keys")).items():
                self._handle(KeysQueryResponse({user: devices}, {}), user)
        # A server that does not answer now tells by a later sync's device lists when it does.
        self._olm.tracked_users |= users
        self._has_news = True

    async def _claim(self, devices: Mapping[str, Sequence[str]]) -> None:
        """Begin Olm sessions with devices; one that has no keys left is tried again the next time."""
        wanted = {user: dict.fromkeys(ids, SIGNED) for user, ids in devices.items() if ids}
        if not wanted:
            return
        content = {"one_time_keys": wanted, "timeout": CLAIM_PATIENCE}
        answer = await self._client.post("keys", "claim", content=content)
        with self._stored():
            for user, found in _mapping(answer.get("one_time_keys")).items():
                for device, keys in _mapping(found).items():
                    self._handle(KeysClaimResponse({user: {device: keys}}, {}), user)

    def _handle(self, response: object, user: str) -> None:
        """Have nio take in what a user's devices say of themselves: whatever that is, it concerns nobody else."""
        try:
            self._olm.handle_response(response)
        except PeeweeException:
            raise
        except Exception:
            log.exception("devices can't be read", user_id=user)

    async def _mend_sessions(self) -> None:
        """Begin anew with devices whose messages can't be read any more, and tell them so (`m.dummy`)."""
        if self._olm.wedged_devices:
            await self._claim(self._olm.get_users_for_key_claiming())
        for message in list(self._olm.outgoing_to_device_messages):
            await self._send_to_devices(message.as_dict()["messages"])
            self._olm.handle_response(ToDeviceResponse(message))

    async def _share_session(self, room_id: str) -> None:
        """See to it that the room's session is known to the devices of its members now, and to no others."""
        members = await self._members(room_id)
        self._outdated |= members - self._olm.tracked_users
        await self._query_devices()
        await self._claim(self._olm.get_missing_sessions(sorted(members)))
        session = self._olm.outbound_group_sessions.get(room_id)
        if session and session.shared and not session.expired and session.users_shared_with == self._reachable(members):
            return
        with self._stored():
            self._olm.create_outbound_group_session(room_id)
            session = self._olm.outbound_group_sessions[room_id]
            shares = list(
                self._olm.share_group_session_parallel(room_id, sorted(members), ignore_unverified_devices=True)
            )
        for devices, content in shares:
            await self._send_to_devices(content["messages"])
            session.users_shared_with |= devices
        session.mark_as_shared()

    async def _members(self, room_id: str) -> set[str]:
        answer = await self._client.get("rooms", room_id, "joined_members")
        return set(_mapping(answer.get("joined")))

    def _reachable(self, members: Iterable[str]) -> set[tuple[str, str]]:
        """Return the devices to which a session can be sent, but for this one."""
        return {
            (user, device.id)
            for user in members
            for device in self._olm.device_store.active_user_devices(user)
            if device.id != self._olm.device_id and self._olm.session_store.get(device.curve25519)
        }

    async def _send_to_devices(self, messages: Mapping[str, Any]) -> None:
        await self._client.put("sendToDevice", ENCRYPTED, secrets.token_hex(16), content={"messages": messages})

    @contextmanager
    def _stored(self) -> Iterator[None]:
        """Store what is done inside at once. Raises Unwritable where that may go well later, else DatabaseError."""
        try:
            with self._olm.store.database.atomic():
                yield
        except OperationalError as error:
            raise Unwritable(f"{self._path} can't be written: {error}; make room or look at the disk") from error
        except PeeweeException as error:
            raise DatabaseError(f"{self._path} can't be used: {error}; restore it from a copy") from error


def device_of(path: Path, user_id: str) -> str | None:
    """Return the device of a user whose keys a file holds, the last one of several, or None.

    Raises DatabaseError where the file can't be used.
    """
    if not IS_INSTALLED or not path.exists():
        return None
    with _opening(path), closing(_store(path, user_id, "").database) as database, database.bind_ctx([Accounts]):
        mine = Accounts.select().where(Accounts.user_id == user_id, ~Accounts.device_id.startswith(CROSS_SIGNING))
        account = mine.order_by(Accounts.id.desc()).first()
    return account and str(account.device_id)


async def is_encrypted(client: Client, room_id: str) -> bool:
    """Ask whether a room is encrypted. Raises HomeserverError where that can't be learnt."""
    try:
        await client.get("rooms", room_id, "state", "m.room.encryption")
    except Refused as error:
        if error.code != "M_NOT_FOUND":
            raise
        return False
    return True


def decrypt_file(path: Path, key: FileKey) -> None:
    """Decrypt a file in its place. Raises UnfitFile where the key is not its own, or the file was tampered with."""
    try:
        # Both base64 alphabets are in use: a JWK's is the one for URLs.
        data = decrypt_attachment(path.read_bytes(), key.key, key.sha256, key.iv)
    except (EncryptionError, ValueError, TypeError) as error:
        raise UnfitFile("it can't be decrypted") from error
    path.write_bytes(data)


def encrypt_file(data: bytes) -> tuple[bytes, Mapping[str, Any]]:
    """Encrypt a file; return it, and all of its EncryptedFile but the address."""
    encrypted, keys = encrypt_attachment(data)
    return encrypted, keys


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """Raise DatabaseError where the file of the keys can't be used."""
    try:
        yield
    except (PeeweeException, OSError, ValueError) as error:
        raise DatabaseError(f"{path}: can't be used: {error}; restore it from a copy") from error


def _store(path: Path, user_id: str, device_id: str) -> Any:  # noqa: ANN401 - nio has no types
    return SqliteStore(user_id, device_id, str(path.parent), "", path.name)


def _is_encrypted(event: object) -> bool:
    return isinstance(event, dict) and event.get("type") == ENCRYPTED and isinstance(event.get("sender"), str)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> Iterator[str]:
    return (each for each in _list(value) if isinstance(each, str))
