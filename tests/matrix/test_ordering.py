"""What was missed in several rooms is read as it happened, a page of each room at a time."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from twimbot.matrix.ordering import in_order
from twimbot.model.batch import RoomEvents
from twimbot.model.event import Membership, Redaction

NOW = 1000

times = st.lists(st.lists(st.integers(0, 2 * NOW), max_size=4), max_size=4)
"""A room's pages, as the times of their events."""


def page(room: int, number: int, sent: Sequence[int]) -> RoomEvents:
    """Make a page whose members are named for it, so that one can see when they come."""
    events = tuple(
        Redaction(f"${room}-{number}-{place}", f"!{room}", "@a:example.org", time, "$x")
        for place, time in enumerate(sent)
    )
    member = Membership(f"${room}-{number}", f"!{room}", "@a:example.org", 0, "@a:example.org", "join", str(number))
    return RoomEvents(f"!{room}", events, (member,))


async def merged(rooms: Sequence[Sequence[Sequence[int]]]) -> list[list[RoomEvents]]:
    """Merge rooms; a page is asked for only when all of the one before it has been given out."""
    given_out: Counter[str] = Counter()

    async def pages(room: int) -> AsyncIterator[RoomEvents]:
        before = 0
        for number, sent in enumerate(rooms[room]):
            assert given_out[f"!{room}"] == before
            yield page(room, number, sent)
            before += len(sent)

    found = []
    async for runs in in_order([pages(room) for room in range(len(rooms))], NOW):
        found.append(list(runs))
        for run in runs:
            given_out[run.room_id] += len(run.events)
    return found


@given(st.lists(times, max_size=3))
async def test_every_event_comes_once_and_each_room_keeps_its_order(rooms: list[list[list[int]]]) -> None:
    runs = [run for batch in await merged(rooms) for run in batch]
    for room, pages in enumerate(rooms):
        wanted = [e.event_id for number, sent in enumerate(pages) for e in page(room, number, sent).events]
        assert [event.event_id for run in runs if run.room_id == f"!{room}" for event in run.events] == wanted


@given(st.lists(times, max_size=3))
async def test_names_come_before_the_page_that_they_are_for(rooms: list[list[list[int]]]) -> None:
    known: dict[str, str | None] = {}
    for batch in await merged(rooms):
        for run in batch:
            for member in run.members:
                known[run.room_id] = member.display_name
            for event in run.events:
                assert event.event_id.split("-")[1] == known[run.room_id]


@given(st.lists(st.lists(st.integers(0, NOW), max_size=12).map(sorted), max_size=3), st.integers(1, 5))
async def test_rooms_are_read_as_it_happened(rooms: list[list[int]], size: int) -> None:
    paged = [[sent[at : at + size] for at in range(0, len(sent), size)] for sent in rooms]
    found = [event.sent_at for batch in await merged(paged) for run in batch for event in run.events]
    assert found == sorted(found)


async def test_a_clock_that_is_ahead_holds_up_nobody() -> None:
    """An event of the next year comes behind its own room's last one, and what follows it is not late."""
    found = await merged([[[10, 2 * NOW, 30]], [[20, 40]]])
    order = [event.event_id for batch in found for run in batch for event in run.events]
    assert order == ["$0-0-0", "$0-0-1", "$1-0-0", "$0-0-2", "$1-0-1"]
