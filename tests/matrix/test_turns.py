"""Fair turns: who asks once does not wait for all that somebody else has asked for."""

import asyncio

from twimbot.matrix.turns import Turns


class Row:
    """People who take turns; `order` is in which they had them, `present` who holds a place now."""

    def __init__(self, places: int, most_of_one: int) -> None:
        self.turns = Turns(places, most_of_one)
        self.order: list[str] = []
        self.present: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.goes = asyncio.Semaphore(0)

    def ask(self, who: str, times: int = 1) -> None:
        self.tasks += [asyncio.create_task(self._hold(who)) for _ in range(times)]

    async def _hold(self, who: str) -> None:
        async with self.turns.turn(who):
            self.order.append(who)
            self.present.append(who)
            await self.goes.acquire()
            self.present.remove(who)

    async def settle(self) -> None:
        """Let everybody go as far as they can."""
        for _ in range(3 * len(self.tasks) + 10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Let all have their turns."""
        for _ in self.tasks:
            self.goes.release()
            await self.settle()
        await asyncio.gather(*self.tasks)


async def test_nobody_holds_all_places() -> None:
    row = Row(4, 2)
    row.ask("anna", 100)
    await row.settle()
    assert row.present == ["anna", "anna"]
    row.ask("ben")
    await row.settle()
    assert row.present == ["anna", "anna", "ben"], "whoever comes next finds a place"
    await row.end()
    assert len(row.order) == 101


async def test_who_asks_once_waits_for_one_turn_of_each_of_the_others() -> None:
    row = Row(1, 1)
    for who in ("anna", "ben", "cleo"):
        row.ask(who, 50)
    await row.settle()
    row.ask("dora")
    await row.end()
    assert row.order[:5] == ["anna", "anna", "ben", "cleo", "dora"]


async def test_who_holds_less_comes_first() -> None:
    row = Row(3, 3)
    row.ask("anna", 2)
    row.ask("cleo")
    row.ask("anna")
    row.ask("ben")
    await row.settle()
    assert row.order == ["anna", "anna", "cleo"]
    row.goes.release()  # one of Anna's ends
    await row.settle()
    assert row.order[3] == "ben"
    await row.end()


async def test_who_is_given_up_leaves_the_row_and_their_place() -> None:
    row = Row(1, 1)
    row.ask("anna")
    row.ask("ben", 2)
    row.ask("cleo")
    await row.settle()
    for task in row.tasks[:3]:
        task.cancel()
        await row.settle()
    assert row.order[-1] == "cleo"
    assert row.present[-1] == "cleo"
    row.goes.release()
    await asyncio.gather(*row.tasks, return_exceptions=True)
