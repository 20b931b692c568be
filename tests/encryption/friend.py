"""Somebody with an encrypting client: matrix-nio's own, which shares nothing with the bot but the library."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nio import AsyncClient, AsyncClientConfig
from nio.crypto import decrypt_attachment, encrypt_attachment

from twimbot.demo.person import Person, RawEvent, password_of, text_content

FILTER = {"room": {"timeline": {"limit": 1000}}}
ALGORITHM = {"algorithm": "m.megolm.v1.aes-sha2"}


class Friend:
    """A person's encrypting device; `seen` are the events of all rooms, decrypted where they could be."""

    def __init__(self, person: Person, client: AsyncClient) -> None:
        self.person = person
        self.client = client
        self.seen: list[RawEvent] = []

    async def catch_up(self, wait: int = 0) -> None:
        """Read what there is, and do what nio wants done after each sync; `wait` in milliseconds."""
        answer = await self.client.sync(timeout=wait, sync_filter=FILTER)
        for room_id, part in answer.rooms.join.items():
            self.seen += [
                {**event.source, "room_id": room_id, "was_encrypted": event.decrypted} for event in part.timeline.events
            ]
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()

    async def sees(self, wanted: Callable[[RawEvent], bool], seconds: float = 15) -> RawEvent:
        """Return the first event that is wanted, of all that were ever seen."""
        async with asyncio.timeout(seconds):
            while True:
                found = next((event for event in self.seen if wanted(event)), None)
                if found is not None:
                    return found
                await self.catch_up(3000)

    async def send(self, room_id: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        """Say something to everybody in an encrypted room; return its event ID."""
        await self.catch_up()
        answer = await self.client.room_send(room_id, kind, dict(content), ignore_unverified_devices=True)
        return str(answer.event_id)

    async def text(self, room_id: str, body: str, **more: Any) -> str:  # noqa: ANN401 - handed on
        """Say a text; `more` is for `text_content`."""
        return await self.send(room_id, text_content(body, **more))

    async def edit(self, room_id: str, event_id: str, body: str) -> str:
        """Replace a text."""
        new, relation = text_content(body), {"rel_type": "m.replace", "event_id": event_id}
        return await self.send(room_id, {**new, "body": f"* {body}", "m.new_content": new, "m.relates_to": relation})

    async def picture(self, data: bytes) -> dict[str, Any]:
        """Upload a PNG encrypted; return the content of a message that shows it."""
        encrypted, keys = encrypt_attachment(data)
        url = await self.person.upload(encrypted, "application/octet-stream", "file")
        info = {"mimetype": "image/png", "size": len(data)}
        return {"msgtype": "m.image", "body": "a.png", "filename": "a.png", "file": {**keys, "url": url}, "info": info}

    async def file(self, event: RawEvent) -> bytes:
        """Fetch and decrypt what a message carries."""
        file = event["content"]["file"]
        encrypted = await self.person.download(file["url"])
        decrypted: bytes = decrypt_attachment(encrypted, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return decrypted

    def make_session(self, room_id: str) -> Mapping[str, str]:
        """Begin a new Megolm session for a room and give its key to nobody; return it, for `give`."""
        self.client.olm.create_outbound_group_session(room_id)
        session = self.client.olm.outbound_group_sessions[room_id]
        session.mark_as_shared()
        return {**ALGORITHM, "room_id": room_id, "session_id": session.id, "session_key": session.session_key}

    async def give(self, key: Mapping[str, str], to: str) -> None:
        """Give a session's key to all devices of somebody."""
        olm = self.client.olm
        for device in olm.device_store.active_user_devices(to):
            session = olm.session_store.get(device.curve25519)
            if session is None:
                await self.client.keys_claim({to: [device.id]})
                session = olm.session_store.get(device.curve25519)
            content = olm._olm_encrypt(session, device, "m.room_key", dict(key))  # noqa: SLF001 - nio gives keys on its own terms only
            messages = {"messages": {to: {device.id: content}}}
            await self.person.call("PUT", "sendToDevice", "m.room.encrypted", key["session_id"], body=messages)


async def encrypt(person: Person, room: str) -> None:
    """Switch a room's encryption on, as somebody with the power to."""
    await person.call("PUT", "rooms", room, "state", "m.room.encryption", body=ALGORITHM)


@asynccontextmanager
async def encrypting(person: Person, homeserver: str, folder: Path) -> AsyncIterator[Friend]:
    """Log a person in on a device of their own that encrypts; its keys are kept in a folder, one for each device."""
    config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
    client = AsyncClient(homeserver, person.user_id, store_path=_made(folder), config=config)
    try:
        await client.login(password_of(person.user_id[1:].partition(":")[0]))
        friend = Friend(person, client)
        await friend.catch_up()
        yield friend
    finally:
        await client.close()
        if client.store:
            client.store.database.close()


def _made(folder: Path) -> str:
    folder.mkdir()
    return str(folder)
