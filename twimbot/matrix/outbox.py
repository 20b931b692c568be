"""The bot's mouth: sends what the store says is to be sent, until it is sent.

Each room is served in its own order, acknowledgements first and what can wait (suggestions) last, and waits for no
other room. A suggestion is sent once it has stood for a second: what is taken back by then is never sent, and where
the homeserver limits the rate, no more than half of the allowance is spent on what can wait. A
repeated send has the same transaction id on the same device, so the homeserver does it once (Client-Server API,
"Transaction identifiers"). It forgets that with time, and when the device is logged out: after a start and after a
new log-in nothing is sent before everything up to then was heard, by which what was sent is known again.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog

from twimbot.errors import HomeserverError
from twimbot.matrix.asking import SyncStatus
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.encryption import ENCRYPTED, CannotEncrypt, Encryption
from twimbot.matrix.patience import Allowance, wait_for, waits
from twimbot.matrix.standing import Barrier, Standing
from twimbot.store.database import Database
from twimbot.store.outbox import MESSAGE, REDACTION, Waiting, transaction_id

log = structlog.get_logger(__name__)

DUPLICATE = "M_DUPLICATE_ANNOTATION"
"""The homeserver's word for a reaction that the bot made before, and has forgotten: it stands, so it is sent."""


class Powerless(HomeserverError):
    """The bot's power is known not to reach for a type of event, so it was not tried."""


SETTLING = 1.0
"""How long a suggestion stands, in seconds, before it is sent: what follows a message at once may call for another."""

ATTEMPTS_AFTER = (1.0, 10.0, 60.0, 600.0, 3000.0)
"""When a row is tried again, in seconds, that is refused though the bot may send it: as spam, or by a policy.

After the last one it is given up. A restart counts anew.
"""


@dataclass(frozen=True, slots=True)
class _PutOff:
    """A refused row that is tried again at `due` (monotonic seconds), after so many attempts."""

    room_id: str
    due: float
    attempts: int


@dataclass(slots=True)
class _Settling:
    """A room's suggestions: up to row `settled` they may be sent, up to `seen` once it is `due` (monotonic seconds)."""

    settled: int = 0
    seen: int = 0
    due: float = 0


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
        # Rooms in which nothing is to be done just now, until `_news`.
        self._resting: set[str] = set()
        self._news = asyncio.Event()
        self._put_off: dict[int, _PutOff] = {}
        self._settling: dict[str, _Settling] = {}
        self._allowance = Allowance()
        # Of the rows of earlier lives nobody knows whether they were sent; of this life's, what was tried is known.
        self._last_of_before = 0
        self._tried: set[int] = set()

    async def begin(self) -> None:
        """Note what waits from an earlier life, before anything is added."""
        async with self._database.snapshot() as records:
            self._last_of_before = await records.outbox.last()

    def wake(self) -> None:
        """Say that something may be waiting."""
        self._is_done.clear()
        self._resting.clear()
        self._news.set()
        self._news = asyncio.Event()
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
                if (self._pausing | self._resting).issuperset(waiting):
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
                log_in, news = self._client.log_ins, self._news
                row, wait = await self._next(room_id)
                if wait:
                    await self._rest(room_id, wait, news)
                    continue
                if row is None:
                    return
                try:
                    barrier = await self._send(row, log_in)
                except HomeserverError as error:
                    if isinstance(error, Refused) and not error.is_passing:
                        raise
                    log.warning("not sent yet", room_id=room_id, event_id=row.cause, reason=str(error))
                    wait = wait_for(error, next(pauses))
                    if isinstance(error, Refused) and error.is_limit:
                        self._allowance.note_limit(wait)
                    with self._pause(room_id):
                        await asyncio.sleep(wait)
                    continue
                if barrier == "out":
                    return  # woken again when the bot is back
                if barrier == "muted":
                    with self._pause(room_id):
                        await self._standing.pause(next(pauses))
                else:
                    pauses = waits()
        finally:
            del self._busy[room_id]
            self._wake.set()  # what came in while this one was ending

    async def _next(self, room_id: str) -> tuple[Waiting | None, float]:
        """Return what is to be sent next in a room, if anything, and how many seconds that has to wait."""
        now, put_off = time.monotonic(), {seq: e for seq, e in self._put_off.items() if e.room_id == room_id}
        waiting = [seq for seq, each in put_off.items() if each.due > now]
        async with self._database.snapshot() as records:
            row = await records.outbox.next_in(room_id, waiting)
            last = await records.outbox.last() if row and row.can_wait else 0
        if row is None:
            return None, min((put_off[seq].due - now for seq in waiting), default=0)
        wait = self._until_sendable(row, last, now) if row.can_wait else 0
        return row, min(wait, *(put_off[seq].due - now for seq in waiting)) if waiting else wait

    def _until_sendable(self, row: Waiting, last: int, now: float) -> float:
        """Return how many seconds a suggestion still has to wait, where `last` is the latest row of all."""
        if row.is_outdated and self._is_unsent(row):
            return 0
        settling = self._settling.setdefault(row.room_id, _Settling())
        if now >= settling.due:
            settling.settled = settling.seen
        if row.seq <= settling.settled:
            return self._allowance.until_spare()
        if row.seq > settling.seen:
            settling.seen, settling.due = last, now + SETTLING
        return settling.due - now

    async def _rest(self, room_id: str, seconds: float, news: asyncio.Event) -> None:
        """Wait so long, or until something new may be waiting; let nobody wait for the room meanwhile."""
        if news.is_set():
            return
        self._resting.add(room_id)
        self._wake.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), seconds)
        self._resting.discard(room_id)

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

    def _is_unsent(self, row: Waiting) -> bool:
        """Tell whether a row is known not to have been sent."""
        return row.seq not in self._tried and (row.seq > self._last_of_before or row.seq in self._put_off)

    async def _send(self, row: Waiting, log_in: int) -> Barrier | None:
        """Send a row with this log-in, and note whether the homeserver has taken or refused it; raises what passes.

        Returns what keeps the bot from sending to the room, where something does: then the row waits.
        """
        if row.is_outdated and self._is_unsent(row):
            await self._note(row, None)  # so there is nothing to take back later
            self._put_off.pop(row.seq, None)
            return None
        kind = ENCRYPTED if row.type == MESSAGE and row.is_secret else row.type
        if self._standing.forbids(row.room_id, kind):
            await self._mark_refused(row, Powerless(f"the bot's power does not reach for {kind}"))
            return None
        self._tried.add(row.seq)
        try:
            event_id = await self._request(row, log_in)
        except Refused as error:
            barrier = await self._standing.barrier(row.room_id, kind, error)
            if barrier in ("out", "muted"):
                return barrier
            if error.is_passing and barrier != "powerless":
                raise
            if barrier == "unknown" and await self._is_put_off(row, error):
                return None
            await self._note_refusal(row, error)
        except CannotEncrypt as error:
            await self._mark_refused(row, error)
        else:
            self._allowance.note_use()
            await self._note(row, event_id)
            await self._standing.note_sent(row.room_id, kind)
            log.info("sent", room_id=row.room_id, event_id=row.cause, type=row.type, as_event=event_id)
        self._tried.discard(row.seq)
        self._put_off.pop(row.seq, None)
        return None

    async def _is_put_off(self, row: Waiting, error: Refused) -> bool:
        """Put a row off that the bot may send and that was refused, unless that was the last attempt; tell that once.

        Nothing is told of the first refusal: what forbade it may have passed since.
        """
        before = self._put_off.get(row.seq)
        attempts = before.attempts if before else 0
        if attempts >= len(ATTEMPTS_AFTER):
            return False
        if attempts == 1:
            await self._standing.tell_refusal(row.room_id, error)
        self._tried.discard(row.seq)
        log.warning("refused for now", room_id=row.room_id, event_id=row.cause, type=row.type, reason=str(error))
        self._put_off[row.seq] = _PutOff(row.room_id, time.monotonic() + ATTEMPTS_AFTER[attempts], attempts + 1)
        return True

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
            await records.outbox.mark_made_before(row.seq)

    async def _mark_refused(self, row: Waiting, error: HomeserverError) -> None:
        async with self._database.transaction() as records:
            await records.outbox.mark_refused(row.seq, str(error))
        log.error("refused", room_id=row.room_id, event_id=row.cause, type=row.type, reason=str(error))
