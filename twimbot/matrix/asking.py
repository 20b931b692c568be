"""Asks the homeserver until it answers: as long as that takes where it is away, and not for one room alone.

A homeserver may fail at one room for ever, while others wait for what is asked next. That room is given up, and tried
beside the rest until the same request succeeds.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog

from twimbot.errors import HomeserverError, TwimbotError
from twimbot.matrix.client import NOTHING, Client, Query, Refused, Unreachable
from twimbot.matrix.patience import wait_for, waits

log = structlog.get_logger(__name__)

FAILURES = 5
"""How often in a row a homeserver that answers otherwise may fail at a room before that is given up for now."""

PATIENCE = 60.0
"""How long the others wait at most while it does so, in seconds; an answer that never ends takes longer by itself."""

FIRST_TRIAL, LONGEST_TRIAL = 2.0, 600.0
"""How long a room that was given up is left alone, at first and in the end, in seconds."""

SUSPICIONS = 150
"""How often other servers are given the chance to fill a hole that may be none: for a day."""

SHORT_POLL = 5
"""How long news are waited for at most while a room is tried, in seconds."""


@dataclass(slots=True)
class SyncStatus:
    """Whether the bot hears its homeserver: what /readyz tells.

    `heard_as` is the log-in with which the last stored batch was asked for, as `Client.log_ins` counts them.
    """

    heard_as: int | None = None
    failure: str | None = None

    @property
    def is_first_done(self) -> bool:
        """Whether anything was heard yet."""
        return self.heard_as is not None

    @property
    def is_ready(self) -> bool:
        """Whether the first sync is done and the last one succeeded."""
        return self.is_first_done and self.failure is None


@dataclass(frozen=True, slots=True)
class _Request:
    path: tuple[str, ...]
    query: Query
    base: str
    is_whole: Callable[[Mapping[str, Any]], bool]


class RoomFault(HomeserverError):
    """The homeserver fails at one room, and answers what else it is asked; `request` is what it fails at.

    Where it is not certain it has only not got from other servers what they may have.
    """

    def __init__(self, room_id: str, request: _Request, reason: str, *, is_certain: bool = True) -> None:
        super().__init__(reason)
        self.room_id = room_id
        self.request = request
        self.is_certain = is_certain


@dataclass(frozen=True, slots=True)
class _Trial:
    fault: RoomFault
    task: asyncio.Task[None]


class Asking:
    """Requests that are repeated until they are answered; `status` tells whether they are."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._trials: dict[str, _Trial] = {}
        self._pauses: dict[str, Iterator[float]] = {}
        self.status = SyncStatus()

    def close(self) -> None:
        """Try no room any more."""
        for trial in self._trials.values():
            trial.task.cancel()

    @property
    def patience(self) -> float:
        """How long something else may be waited for: rooms that were given up are to be read soon after they work."""
        return SHORT_POLL if self._trials else math.inf

    async def patiently(self, *path: str, query: Query = NOTHING, wait: float = 0) -> dict[str, Any]:
        """Ask until there is an answer; raises Refused where asking again would not help."""
        for pause in waits():
            began = time.monotonic()
            try:
                answer = await self._client.get(*path, query=query, wait=wait)
            except HomeserverError as error:
                if isinstance(error, Refused) and not error.is_passing:
                    raise
                self.status.failure = str(error)
                if "timeout" in query:  # to hear at once that the homeserver is back, not after a long poll
                    query, wait = {**query, "timeout": "0"}, 0
                log.warning("homeserver does not answer", reason=str(error), after=round(time.monotonic() - began, 1))
                await asyncio.sleep(wait_for(error, pause))
            else:
                self._note_answer()
                return answer
        raise AssertionError("waits() has no end")

    async def about_room(
        self,
        room_id: str,
        *path: str,
        query: Query = NOTHING,
        base: str = "client/v3",
        is_whole: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> dict[str, Any]:
        """Ask about a room until there is an answer with all that it must have.

        Raises Refused where asking again would not help, and RoomFault where the homeserver fails at this alone. Where
        it is away as a whole it is waited for.
        """
        request = _Request(("rooms", room_id, *path), query, base, is_whole)
        began, failures = time.monotonic(), 0
        for pause in waits():
            try:
                answer = await self._answer(request)
            except HomeserverError as error:
                if isinstance(error, Refused) and not error.is_passing:
                    raise
                failures += not (isinstance(error, Refused) and error.is_limit)
                pause = wait_for(error, pause)  # noqa: PLW2901 - it knows better
                self.status.failure = str(error)
                log.warning("homeserver does not answer", room_id=room_id, reason=str(error))
                if not await self._is_there():
                    began, failures = time.monotonic(), 0
                elif failures >= self._most(room_id) or time.monotonic() + pause > began + PATIENCE:
                    self._note_answer()
                    raise RoomFault(room_id, request, str(error)) from error
                await asyncio.sleep(pause)
            else:
                self._note_answer()
                return answer
        raise AssertionError("waits() has no end")

    def suspicion(
        self, room_id: str, *path: str, query: Query, is_whole: Callable[[Mapping[str, Any]], bool]
    ) -> RoomFault:
        """Return the fault that there is as long as a room's answer is not whole, for lack of other servers' part."""
        request = _Request(("rooms", room_id, *path), query, "client/v3", is_whole)
        return RoomFault(room_id, request, "other servers may have more", is_certain=False)

    async def is_well(self, fault: RoomFault) -> bool:
        """Tell whether the request that failed succeeds by now."""
        try:
            await self._answer(fault.request)
        except HomeserverError:
            return False
        return True

    def is_given_up(self, room_id: str) -> bool:
        """Tell whether the homeserver goes on failing at a room, as far as is known."""
        trial = self._trials.get(room_id)
        return trial is not None and trial.fault.is_certain

    def is_tried(self, room_id: str) -> bool:
        """Tell whether a room is left alone until a request about it succeeds."""
        return room_id in self._trials

    def give_up(self, fault: RoomFault) -> None:
        """Leave a room alone until the request that failed succeeds, and try that from time to time."""
        present = self._trials.get(fault.room_id)
        if present and (present.fault.is_certain or not fault.is_certain):
            return
        if present:
            present.task.cancel()
        self._trials[fault.room_id] = _Trial(fault, asyncio.create_task(self._try(fault)))

    def trust(self, room_id: str) -> None:
        """Note that all of a room could be read: the next time that it fails it is tried soon again."""
        self._pauses.pop(room_id, None)

    async def _try(self, fault: RoomFault) -> None:
        """Return once it is worth reading a room again."""
        pauses = self._pauses.setdefault(fault.room_id, waits(FIRST_TRIAL, LONGEST_TRIAL))
        for pause in pauses if fault.is_certain else islice(pauses, SUSPICIONS):
            await asyncio.sleep(pause)
            try:
                await self._answer(fault.request)
            except HomeserverError as error:
                if isinstance(error, Refused) and not error.is_passing:
                    break
            except TwimbotError:  # whoever asks next meets it too
                break
            else:
                break
        del self._trials[fault.room_id]

    async def _answer(self, request: _Request) -> dict[str, Any]:
        answer = await self._client.get(*request.path, query=request.query, base=request.base)
        if not request.is_whole(answer):
            raise Unreachable(f"{self._client.homeserver} answered without what was asked for")
        return answer

    def _most(self, room_id: str) -> int:
        """Return how often a homeserver may fail at a room in a row: once where it is known to."""
        return 1 if room_id in self._pauses else FAILURES

    async def _is_there(self) -> bool:
        """Tell whether the homeserver answers what any homeserver can."""
        try:
            await self._client.versions()
        except HomeserverError:
            return False
        return True

    def _note_answer(self) -> None:
        if self.status.failure:
            log.info("homeserver answers again")
        self.status.failure = None
