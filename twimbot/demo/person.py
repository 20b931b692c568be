"""People who use a room as a client does: over the plain client-server API (v1.19), one method a thing people do."""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from twimbot.errors import HomeserverError, JobError

RawEvent = Mapping[str, Any]
"""An event as the homeserver gives it, with its `room_id` put in."""

SECONDS_FOR_A_SYNC = 20
EVENTS_IN_A_SYNC = 1000
EVENTS_IN_A_REPORT = 12


class NotSeen(JobError):
    """Somebody waited in vain for an event; the message lists what came instead."""


class People:
    """Everybody on one homeserver: `async with People(homeserver.url) as people:`; holds their connections."""

    def __init__(self, homeserver: str) -> None:
        self.homeserver = homeserver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def register(self, localpart: str, display_name: str | None = None) -> "Person":
        """Make an account (its password is `password_of(localpart)`) and return the person who has it."""
        if self._session is None:
            raise RuntimeError("People is used as a context manager")
        person = Person(self._session, self.homeserver)
        await person.register(localpart, display_name)
        return person


def password_of(localpart: str) -> str:
    """Return the password of an account that `register` makes: people here have no secrets."""
    return f"password of {localpart}"


class Person:
    """One account; `register` comes first. Whatever the homeserver refuses raises HomeserverError."""

    def __init__(self, session: aiohttp.ClientSession, homeserver: str) -> None:
        self.user_id = ""
        self.access_token = ""
        self.timeline = Timeline(self)
        self._session = session
        self._homeserver = homeserver.rstrip("/")

    async def register(self, localpart: str, display_name: str | None = None) -> None:
        """Make the account, without any proof of identity, and take the display name (none: the localpart)."""
        account = {"username": localpart, "password": password_of(localpart), "auth": {"type": "m.login.dummy"}}
        answer = await self.call("POST", "register", body=account)
        self.user_id, self.access_token = answer["user_id"], answer["access_token"]
        if display_name is not None:
            await self.take_name(display_name)

    async def take_name(self, display_name: str) -> None:
        """Change the display name, in every room."""
        await self.call("PUT", "profile", self.user_id, "displayname", body={"displayname": display_name})

    async def create_room(
        self,
        name: str,
        *,
        alias: str | None = None,
        invite: "Sequence[Person | str]" = (),
        is_public: bool = True,
        version: str | None = None,
    ) -> str:
        """Make a room and return its ID; `alias` is the localpart of one, `invite` people or their Matrix IDs."""
        wish = {
            "name": name,
            "preset": "public_chat" if is_public else "private_chat",
            "invite": [person if isinstance(person, str) else person.user_id for person in invite],
            "room_alias_name": alias,
            "room_version": version,
        }
        answer = await self.call("POST", "createRoom", body={key: value for key, value in wish.items() if value})
        return str(answer["room_id"])

    async def join(self, room: str, *, via: str | None = None) -> None:
        """Enter a room by its ID or alias; `via` is a homeserver that is in it, where one's own is not yet."""
        await self.call("POST", "join", room, body={}, query={"via": via} if via else None)

    async def leave(self, room_id: str) -> None:
        """Leave a room."""
        await self.call("POST", "rooms", room_id, "leave", body={})

    async def upgrade(self, room_id: str, version: str) -> str:
        """Replace a room by one of another version and return the new ID."""
        answer = await self.call("POST", "rooms", room_id, "upgrade", body={"new_version": version})
        return str(answer["replacement_room"])

    async def send(self, room_id: str, kind: str, content: Mapping[str, Any]) -> str:
        """Send an event of any type and return its ID."""
        answer = await self.call("PUT", "rooms", room_id, "send", kind, secrets.token_hex(8), body=content)
        return str(answer["event_id"])

    async def say(self, room_id: str, content: Mapping[str, Any]) -> str:
        """Send a message with this content and return its event ID."""
        return await self.send(room_id, "m.room.message", content)

    async def text(
        self, room_id: str, body: str, *, html: str | None = None, mentions: "Sequence[Person | str]" = ()
    ) -> str:
        """Say something; `mentions` are those whom `m.mentions` names."""
        return await self.say(room_id, text_content(body, html=html, mentions=mentions))

    async def edit(self, room_id: str, event_id: str, content: str | Mapping[str, Any]) -> str:
        """Replace an earlier message by a text or by any content; the fallback begins with an asterisk."""
        new = text_content(content) if isinstance(content, str) else content
        relation = {"rel_type": "m.replace", "event_id": event_id}
        fallback = {**new, "body": f"* {new.get('body', '')}"}
        return await self.say(room_id, {**fallback, "m.new_content": new, "m.relates_to": relation})

    async def reply(self, room_id: str, event_id: str, content: str | Mapping[str, Any]) -> str:
        """Answer a message with a text or with any content."""
        new = text_content(content) if isinstance(content, str) else content
        return await self.say(room_id, {**new, "m.relates_to": {"m.in_reply_to": {"event_id": event_id}}})

    async def reply_in_thread(self, room_id: str, root: str, content: str | Mapping[str, Any]) -> str:
        """Say something in the thread that begins with `root`, with the fallback for clients that know no threads."""
        new = text_content(content) if isinstance(content, str) else content
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        return await self.say(room_id, {**new, "m.relates_to": relation})

    async def react(self, room_id: str, event_id: str, key: str) -> str:
        """React to an event with an emoji or a word."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room_id, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room_id: str, event_id: str) -> str:
        """Delete a message, or take back a reaction."""
        answer = await self.call("PUT", "rooms", room_id, "redact", event_id, secrets.token_hex(8), body={})
        return str(answer["event_id"])

    async def upload(self, data: bytes, content_type: str, file_name: str) -> str:
        """Put a file into the homeserver's media and return its `mxc://` address."""
        url = self._url("_matrix", "media", "v3", "upload").with_query(filename=file_name)
        headers = self._headers | {"Content-Type": content_type}
        async with self._session.post(url, data=data, headers=headers) as response:
            answer = await _checked(response)
        return str(json.loads(answer)["content_uri"])

    async def send_image(
        self, room_id: str, data: bytes, *, file_name: str = "picture.png", caption: str | None = None
    ) -> str:
        """Upload a PNG and send it; a caption stands in `body` beside `filename` (spec: media captions)."""
        return await self.say(room_id, await self.image_content(data, file_name=file_name, caption=caption))

    async def image_content(
        self, data: bytes, *, file_name: str = "picture.png", caption: str | None = None
    ) -> dict[str, Any]:
        """Upload a PNG and return the content of a message that shows it, for `reply` and the like."""
        return {
            "msgtype": "m.image",
            "body": caption or file_name,
            "filename": file_name,
            "url": await self.upload(data, "image/png", file_name),
            "info": {"mimetype": "image/png", "size": len(data)},
        }

    async def download(self, mxc: str) -> bytes:
        """Fetch a file by its `mxc://` address, as a member (authenticated media, v1.11)."""
        server, _, media_id = mxc.removeprefix("mxc://").partition("/")
        url = self._url("_matrix", "client", "v1", "media", "download", server, media_id)
        async with self._session.get(url, headers=self._headers) as response:
            return await _checked(response)

    async def sees(self, wanted: Callable[[RawEvent], bool], seconds: float = 10) -> RawEvent:
        """Return the first event in the person's rooms, ever, that is wanted; NotSeen when the time is up."""
        return await self.timeline.first(wanted, seconds)

    async def call(
        self, method: str, *path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Call the client-server API v3 at the parts of a path; waits where the homeserver asks for patience."""
        url = self._url("_matrix", "client", "v3", *path).with_query(query or {})
        while True:
            async with self._session.request(method, url, json=body, headers=self._headers) as response:
                if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                    patience = await response.json()
                    await asyncio.sleep(patience.get("retry_after_ms", 100) / 1000)
                    continue
                answer: dict[str, Any] = json.loads(await _checked(response))
                return answer

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"} if self.access_token else {}

    def _url(self, *path: str) -> URL:
        """Return the address of a path, each part of it quoted: IDs hold characters that would split it."""
        return URL("/".join([self._homeserver, *(quote(part, safe="") for part in path)]), encoded=True)


class Timeline:
    """What a person has seen, in the order in which it came; looks for more only while somebody waits."""

    def __init__(self, person: Person) -> None:
        self.events: list[RawEvent] = []
        self._person = person
        self._since: str | None = None
        self._turn = asyncio.Lock()

    async def first(self, wanted: Callable[[RawEvent], bool], seconds: float) -> RawEvent:
        """Return the first event that is wanted, whether it has been seen before or is still to come."""
        looked_at = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    news = self.events[looked_at:]
                    found = next((event for event in news if wanted(event)), None)
                    if found is not None:
                        return found
                    looked_at += len(news)
                    await self._after(looked_at)
        raise NotSeen(self._report(seconds))

    async def catch_up(self) -> Sequence[RawEvent]:
        """Fetch what there is by now, and return everything that has been seen."""
        async with self._turn:
            await self._sync(0)
        return self.events

    async def _after(self, count: int) -> None:
        """Return once more than `count` events may be there; of several who wait, one asks for all."""
        async with self._turn:
            if len(self.events) > count:
                return
            try:
                await self._sync(SECONDS_FOR_A_SYNC)
            except aiohttp.ClientError:
                # The homeserver may just be starting again; whoever waits has set a time for that.
                await asyncio.sleep(0.1)

    async def _sync(self, seconds: int) -> None:
        room_filter = {"room": {"timeline": {"limit": EVENTS_IN_A_SYNC}, "state": {"types": []}}}
        query = {"timeout": str(seconds * 1000), "filter": json.dumps(room_filter)}
        if self._since:
            query["since"] = self._since
        answer = await self._person.call("GET", "sync", query=query)
        for room_id, room in answer.get("rooms", {}).get("join", {}).items():
            self.events += [{**event, "room_id": room_id} for event in room["timeline"]["events"]]
        self._since = answer["next_batch"]

    def _report(self, seconds: float) -> str:
        last = [f"  {_line(event)}" for event in self.events[-EVENTS_IN_A_REPORT:]] or ["  nothing at all"]
        return "\n".join([f"{self._person.user_id} did not see it within {seconds:g} s; the last events were:", *last])


def text_content(body: str, *, html: str | None = None, mentions: "Sequence[Person | str]" = ()) -> dict[str, Any]:
    """Return the content of a text message."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": body}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    named = [person if isinstance(person, str) else person.user_id for person in mentions]
    return content | {"m.mentions": {"user_ids": named} if named else {}}


async def _checked(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer; HomeserverError with the request and the server's words for a refusal."""
    body = await response.read()
    if not response.ok:
        said = body.decode("utf-8", "replace")
        raise HomeserverError(f"{response.method} {response.url.path}: {response.status} {said}")
    return body


def _line(event: RawEvent) -> str:
    return f"{event['room_id']} {event['event_id']} {event['sender']} {event['type']} {json.dumps(event['content'])}"
