"""Whose word for the time is taken: the server's of each event, unless its clock can't be right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from twimbot.model.batch import Batch
from twimbot.model.calendar import milliseconds
from twimbot.model.event import Event, Message

SomeEvent = TypeVar("SomeEvent", bound=Event)

AHEAD = timedelta(hours=1)
"""How far a server's clock may be ahead."""

BEHIND = timedelta(days=14)
"""How long before the last batch an event may claim to be sent: servers that lost touch deliver late."""


class Moments:
    """Puts other times in place of those that are not believed.

    It is that of the believed event before it in its room, or else that of the one behind it, or the present: its
    place in the room is the best word there is for when it was sent. An edit from the year 3000 would else outlast all
    later ones, and a submission of 1970 be in nobody's edition. `now` is the present, `heard` until when all rooms
    were heard (None: never), in milliseconds since 1970.
    """

    def __init__(self, now: datetime, heard: int | None) -> None:
        self._present = milliseconds(now)
        self._latest = milliseconds(now + AHEAD)
        self._earliest = 0 if heard is None else heard - BEHIND // timedelta(milliseconds=1)
        self._before: dict[str, int] = {}

    def of_batch(self, batch: Batch) -> Batch:
        """Return a batch with times that can be believed."""
        for room in reversed(batch.rooms):
            for event in reversed(room.events):
                if self._is_believed(event):
                    self._before[room.room_id] = min(event.sent_at, self._present) - 1
        rooms = [replace(room, events=tuple(self._timed(event) for event in room.events)) for room in batch.rooms]
        return replace(batch, rooms=tuple(rooms))

    def of_fetched(self, fetched: Mapping[str, Event]) -> dict[str, Event]:
        """Return events that were asked for beside the batch, by their IDs."""
        return {event_id: self._timed(event) for event_id, event in fetched.items()}

    def _timed(self, event: Event) -> Event:
        if isinstance(event, Message) and event.replacement:
            event = replace(event, replacement=self._at_believed(event.replacement))
        return self._at_believed(event)

    def _at_believed(self, event: SomeEvent) -> SomeEvent:
        is_believed = self._is_believed(event)
        time = event.sent_at if is_believed else self._before.get(event.room_id, self._present - 1) + 1
        self._before[event.room_id] = time
        return event if is_believed else replace(event, sent_at=time)

    def _is_believed(self, event: Event) -> bool:
        return self._earliest <= event.sent_at < self._latest
