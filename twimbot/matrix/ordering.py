"""Several rooms as one story: their events in the order of time, each room's own order kept.

Commands in one room are about what was said in another, so what was missed has to be read as it happened.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace

from twimbot.model.batch import RoomEvents
from twimbot.model.event import Event


async def in_order(rooms: Iterable[AsyncIterator[RoomEvents]], now: int) -> AsyncIterator[tuple[RoomEvents, ...]]:
    """Merge the pages of rooms by when their events were sent; yield runs, whenever a room's page is used up.

    No more than two pages of each room are held: the next one is fetched while one is recorded. An event from after
    `now` (milliseconds since 1970) comes right behind the one before it: its server's clock is wrong, and must not
    hold up its room.
    """
    readers = [_Reader(pages) for pages in rooms]
    runs: list[RoomEvents] = []
    while True:
        for reader in readers:
            runs.extend([run async for run in reader.turn(now)])
        readers = [reader for reader in readers if reader.rest]
        if not readers:
            break
        reader = min(readers, key=_Reader.time)
        others = [other.time() for other in readers if other is not reader]
        runs.append(reader.take(min(others, default=None)))
        if not reader.rest:
            yield tuple(runs)
            runs = []
    if runs:
        yield tuple(runs)


@dataclass(slots=True)
class _Reader:
    """One room's pages; `rest` are the events of the present page that are still to come, with their times."""

    pages: AsyncIterator[RoomEvents]
    page: RoomEvents | None = None
    rest: deque[tuple[int, Event]] = field(default_factory=deque)

    def time(self) -> int:
        return self.rest[0][0]

    async def turn(self, now: int) -> AsyncIterator[RoomEvents]:
        """Go on to the next page with events where the present one is used up; yield what stands before them."""
        while not self.rest:
            self.page = await anext(self.pages, None)
            if self.page is None:
                return
            if self.page.members:
                yield replace(self.page, events=())
            time = 0
            for event in self.page.events:
                time = event.sent_at if event.sent_at <= now else time
                self.rest.append((time, event))

    def take(self, until: int | None) -> RoomEvents:
        """Return the events up to a time of another room (None: all of them), and at least one."""
        events = [self.rest.popleft()[1]]
        while self.rest and (until is None or self.time() <= until):
            events.append(self.rest.popleft()[1])
        assert self.page is not None  # noqa: S101 - its events are being taken
        return replace(self.page, events=tuple(events), members=())
