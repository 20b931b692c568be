"""Whose word for the time is taken: the server's of each event, unless its clock can't be right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
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
    """Puts the present in place of times that are not believed, a millisecond later each time: their order stays.

    An edit from the year 3000 would else outlast all later ones, and a submission of 1970 be in nobody's edition.
    `now` is the present, `heard` when the last batch was stored (None: never), in milliseconds since 1970.
    """

    def __init__(self, now: datetime, heard: int | None) -> None:
        self._latest = milliseconds(now + AHEAD)
        self._earliest = 0 if heard is None else heard - BEHIND // timedelta(milliseconds=1)
        self._presents = count(milliseconds(now))

    def of_batch(self, batch: Batch) -> Batch:
        """Return a batch with times that can be believed."""
        rooms = (
            replace(room, events=tuple(self._timed(event, self._earliest) for event in room.events))
            for room in batch.rooms
        )
        return replace(batch, rooms=tuple(rooms))

    def of_fetched(self, fetched: Mapping[str, Event]) -> dict[str, Event]:
        """Return events that were asked for, by their IDs; they may be of any age."""
        return {event_id: self._timed(event, 0) for event_id, event in fetched.items()}

    def _timed(self, event: Event, earliest: int) -> Event:
        if isinstance(event, Message) and event.replacement:
            event = replace(event, replacement=self._at_believed(event.replacement, earliest))
        return self._at_believed(event, earliest)

    def _at_believed(self, event: SomeEvent, earliest: int) -> SomeEvent:
        return event if earliest <= event.sent_at < self._latest else replace(event, sent_at=next(self._presents))
