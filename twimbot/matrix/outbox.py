"""The bot's mouth: sends what the store says is to be sent, until it is sent.

Each room is served in its own order, what can wait (suggestions) after the rest, and waits for no other room. A
repeated send has the same transaction id on the same device, so the homeserver does it once (Client-Server API,
"Transaction identifiers"). It forgets that with time, and when the device is logged out: after a start and after a
new log-in nothing is sent before everything up to then was heard, by which what was sent is known again.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import structlog

from twimbot.errors import HomeserverError
from twimbot.matrix.asking import SyncStatus
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.encryption import ENCRYPTED, CannotEncrypt, Encryption
from twimbot.matrix.patience import wait_for, waits
from twimbot.matrix.standing import FORBIDDEN, Standing
from twimbot.store.database import Database
from twimbot.store.outbox import MESSAGE, REDACTION, Waiting, transaction_id
from twimbot.store.rooms import Loss

log = structlog.get_logger(__name__)

DUPLICATE = "M_DUPLICATE_ANNOTATION"
"""The homeserver's word for a reaction that the bot made before, and has forgotten: it stands, so it is sent."""


class Sender:
    """Sends the outbox; `wake` it after each commit that may have put something in."""

    def __init__(
        self, client: Client, database: Database, status: SyncStatus, standing: Standing, encryption: Encryption
    ) -> None:
        self._client = client
        self._database = database
        self._status = status
        self._standing = standing
        self._encryption = encryption
        self._wake = asyncio.Event()
        self._is_done = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._pausing: set[str] = set()
        # Of the rows of earlier lives nobody knows whether they were sent; of this life's, what was tried is known.
        self._last_of_before = 0
        self._tried: set[int] = set()
        self._forbidden: set[int] = set()

    async def begin(self) -> None:
        """Note what waits from an earlier life, before anything is added."""
        async with self._database.snapshot() as records:
            self._last_of_before = await records.outbox.last()

    def wake(self) -> None:
        """Say that something may be waiting."""
        self._is_done.clear()
        self._wake.set()

    async def done(self, patience: float) -> None:
        """Wait until all is sent that can be just now, at most so many seconds; not at all where nothing may be yet."""
        if self._has_heard_all():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._is_done.wait()

    async def run(self) -> None:
        """Send without end; cancelling it loses nothing."""
        self._wake.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not self._has_heard_all():
                    continue  # woken again after the next batch
                async with self._database.snapshot() as records:
                    waiting = await records.outbox.rooms_waiting()
                if self._pausing.issuperset(waiting):
                    self._is_done.set()
                for room_id in waiting:
                    if room_id not in self._busy:
                        self._busy[room_id] = group.create_task(self._serve(room_id))

    async def say_past_store(self, room_id: str, content: Mapping[str, Any], cause: str, purpose: str) -> None:
        """Send a message at once, for when it can't be stored; the same cause and purpose are the same send.

        Raises HomeserverError.
        """
        async with self._database.snapshot() as records:
            is_secret = await records.rooms.is_encrypted(room_id)
        transaction = transaction_id(f"{cause} {room_id}", purpose)
        row = Waiting(0, transaction, room_id, MESSAGE, content, cause, is_secret=is_secret)
        await self._request(row, None)

    async def _serve(self, room_id: str) -> None:
        """Send what waits for a room, and look again after each pause: something more urgent may have come."""
        pauses = waits()
        try:
            while self._has_heard_all():
                log_in = self._client.log_ins
                async with self._database.snapshot() as records:
                    row = await records.outbox.next_in(room_id)
                if row is None:
                    return
                try:
                    loss = await self._send(row, log_in)
                except HomeserverError as error:
                    if isinstance(error, Refused) and not error.is_passing:
                        raise
                    log.warning("not sent yet", room_id=room_id, event_id=row.cause, reason=str(error))
                    with self._pause(room_id):
                        await asyncio.sleep(wait_for(error, next(pauses)))
                    continue
                if loss == "out":
                    return  # woken again when the bot is back
                if loss == "muted":
                    with self._pause(room_id):
                        await self._standing.pause(next(pauses))
                else:
                    pauses = waits()
        finally:
            del self._busy[room_id]
            self._wake.set()  # what came in while this one was ending

    @contextmanager
    def _pause(self, room_id: str) -> Iterator[None]:
        """Let nobody wait for a room meanwhile."""
        self._pausing.add(room_id)
        self._wake.set()
        try:
            yield
        finally:
            self._pausing.discard(room_id)

    def _has_heard_all(self) -> bool:
        """Tell whether whatever was sent with an earlier log-in has been heard."""
        return self._status.heard_as == self._client.log_ins

    async def _send(self, row: Waiting, log_in: int) -> Loss | None:
        """Send a row with this log-in, and note whether the homeserver has taken or refused it; raises what passes.

        Returns how the bot is kept from the room, where it is: then the row waits.
        """
        if row.is_outdated and row.seq > self._last_of_before and row.seq not in self._tried:
            await self._note(row, None)  # never sent, so there is nothing to take back later
            return None
        self._tried.add(row.seq)
        try:
            event_id = await self._request(row, log_in)
        except Refused as error:
            if error.is_passing:
                raise
            loss = await self._standing.barrier(row.room_id, row.type, error)
            if loss:
                return loss
            if error.code == FORBIDDEN and row.seq not in self._forbidden:
                self._forbidden.add(row.seq)  # nothing forbids it by now: once more
                return None
            await self._note_refusal(row, error)
        except CannotEncrypt as error:
            await self._mark_refused(row, error)
        else:
            await self._note(row, event_id)
            await self._standing.note_sent(row.room_id)
            log.info("sent", room_id=row.room_id, event_id=row.cause, type=row.type, as_event=event_id)
        self._tried.discard(row.seq)
        self._forbidden.discard(row.seq)
        return None

    async def _note(self, row: Waiting, event_id: str | None) -> None:
        async with self._database.transaction() as records:
            if event_id is None:
                await records.outbox.mark_cancelled(row.seq)
            else:
                await records.outbox.mark_sent(row.seq, event_id)

    async def _request(self, row: Waiting, log_in: int | None) -> str | None:
        """Have the homeserver take a row, with this log-in or any; None where there is nothing to take back."""
        if row.type == REDACTION:
            if row.redacts is None:
                return None
            path = ("rooms", row.room_id, "redact", row.redacts, row.transaction_id)
            content: Mapping[str, Any] = row.content
        else:
            kind, content = await self._as_sent(row)
            path = ("rooms", row.room_id, "send", kind, row.transaction_id)
        answer = await self._client.put(*path, content=content, log_in=log_in)
        return str(answer.get("event_id", ""))

    async def _as_sent(self, row: Waiting) -> tuple[str, Mapping[str, Any]]:
        """Return type and content as the room wants them; a reaction holds nothing to encrypt (`m.reaction`)."""
        if row.type == MESSAGE and row.is_secret:
            return ENCRYPTED, await self._encryption.encrypt(row.room_id, row.type, row.content)
        return row.type, row.content

    async def _note_refusal(self, row: Waiting, error: Refused) -> None:
        if error.code != DUPLICATE:
            await self._mark_refused(row, error)
            return
        async with self._database.transaction() as records:
            await records.outbox.mark_sent(row.seq, None)

    async def _mark_refused(self, row: Waiting, error: HomeserverError) -> None:
        async with self._database.transaction() as records:
            await records.outbox.mark_refused(row.seq, str(error))
        log.error("refused", room_id=row.room_id, event_id=row.cause, type=row.type, reason=str(error))
