"""Whose word for the time is taken: the server's of each event, unless its clock can't be right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.event import Edit, Event, Message

SomeEvent = TypeVar("SomeEvent", bound=Event)

AHEAD = timedelta(hours=1)
"""How far a server's clock may be ahead."""

BEHIND = timedelta(days=14)
"""How long before the last batch an event that is read back may claim to be sent: servers that lost touch deliver late.
"""

LATE = timedelta(minutes=10)
"""How long before the last batch an event may claim to be sent that comes as news: whoever dates messages back would
else have as many hours as they like to be counted in."""

MILLISECOND = timedelta(milliseconds=1)


class Moments:
    """Puts other times in place of those that are not believed.

    It is that of the believed event before it in its room, or else that of the one behind it, or the present: its
    place in the room is the best word there is for when it was sent. An edit from the year 3000 would else outlast all
    later ones, and a submission of 1970 be in nobody's edition. `now` is the present, `heard` until when
    all was heard (None: never) and `unheard` since when some rooms were not, by ID, in milliseconds since 1970. A batch
    that is given up before its commit leaves `heard` as it was, so the same dates are believed when it is heard again.
    """

    def __init__(self, now: datetime, heard: int | None, unheard: Mapping[str, int] | None = None) -> None:
        self._present = milliseconds(now)
        self._latest = milliseconds(now + AHEAD)
        self._heard = heard
        self._unheard = unheard or {}
        self._earliest = 0 if heard is None else min((heard, *self._unheard.values())) - BEHIND // MILLISECOND
        self._before: dict[str, int] = {}

    def of_batch(self, batch: Batch) -> Batch:
        """Return a batch with times that can be believed."""
        for room in reversed(batch.rooms):
            earliest = self._earliest_in(room)
            for event in reversed(room.events):
                if self._is_believed(event, earliest):
                    self._before[room.room_id] = min(event.sent_at, self._present) - 1
        rooms = [
            replace(room, events=tuple(self._timed(event, self._earliest_in(room)) for event in room.events))
            for room in batch.rooms
        ]
        return replace(batch, rooms=tuple(rooms))

    def of_fetched(self, fetched: Mapping[str, Event]) -> dict[str, Event]:
        """Return events that were asked for beside the batch, by their IDs."""
        return {event_id: self._timed(event, self._earliest) for event_id, event in fetched.items()}

    def _earliest_in(self, room: RoomEvents) -> int:
        if self._heard is None or room.is_read_back or room.past is not None:
            return self._earliest
        return min(self._heard, self._unheard.get(room.room_id, self._heard)) - LATE // MILLISECOND

    def _timed(self, event: Event, earliest: int) -> Event:
        if isinstance(event, Message) and event.replacement:
            event = replace(event, replacement=self._at_believed(event.replacement, earliest))
        return self._at_believed(event, earliest)

    def _at_believed(self, event: SomeEvent, earliest: int) -> SomeEvent:
        is_believed = self._is_believed(event, earliest)
        if not is_believed and isinstance(event, Edit) and self._is_believed(event, self._earliest):
            return event  # it is in nobody's edition by itself, and must not outlast one that was made after it
        time = event.sent_at if is_believed else self._before.get(event.room_id, self._present - 1) + 1
        self._before[event.room_id] = time
        return event if is_believed else replace(event, sent_at=time)

    def _is_believed(self, event: Event, earliest: int) -> bool:
        return earliest <= event.sent_at < self._latest
