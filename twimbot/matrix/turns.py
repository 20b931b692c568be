"""Fair turns: a number of places that those who want them take by turns, however many of them one has asked for."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Gives out places; `most_of_one` is how many of them one who asks may hold at a time, below all there are.

    A place that gets free goes to who holds the fewest, and of those to whoever has waited for the longest since their
    last turn.
    """

    def __init__(self, places: int, most_of_one: int) -> None:
        self._free = places
        self._most_of_one = most_of_one
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it inside."""
        asked = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(asked)
        self._give()
        try:
            await asked
            yield
        finally:
            self._take_back(who, asked)

    def _give(self) -> None:
        """Give out the places that are free."""
        while self._free:
            fitting = [who for who in self._waiting if self._held[who] < self._most_of_one]
            if not fitting:
                return
            who = min(fitting, key=self._held.__getitem__)  # of equals the first, who has waited for the longest
            waiting = self._waiting.pop(who)
            asked = waiting.popleft()
            if waiting:
                self._waiting[who] = waiting  # behind all others
            if not asked.cancelled():
                asked.set_result(None)
                self._free -= 1
                self._held[who] += 1

    def _take_back(self, who: str, asked: asyncio.Future[None]) -> None:
        """Take back a place that was given; a wish that was given up before is passed over when its turn comes."""
        if not asked.cancelled():
            self._free += 1
            self._held[who] -= 1
            self._held += Counter()  # keeps none who hold nothing
            self._give()
