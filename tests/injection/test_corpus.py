"""What strangers try: every case of the corpus as it is, and once more cut, one event a batch, and replayed."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from tests.injection.corpus import Case, cases
from tests.injection.world import PUBLICATIONS, World, begin_anew, raw_event
from twimbot.store.database import Database

CASES = cases()
FETCH = {"pictures": "fetched"}

Batches = Sequence[Sequence[Mapping[str, Any]]]


@pytest.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """Open the one database that all cases use, each of them emptied."""
    opened = await Database.open(tmp_path_factory.mktemp("injection") / "twimbot.db")
    yield opened
    await opened.close()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_nobody_gets_in(case: Case, database: Database) -> None:
    whole = await _played(case, database, is_cut=False)
    cut = await _played(case, database, is_cut=True)
    assert cut == whole


async def _played(case: Case, database: Database, *, is_cut: bool) -> dict[str, Any]:
    """Play a case, compare what stands afterwards with what must, and return it."""
    await begin_anew(database)
    made = _raws(case)
    memory = {(raw["room_id"], str(raw["event_id"])): raw for batch in made for raw in batch if raw != FETCH}
    world = World(database, memory)
    before, deeds = made[: len(case.given)], made[len(case.given) :]
    await _play(world, before)
    expected = _expected(await world.standing(), case.then)
    if is_cut:
        deeds = [[raw] for batch in [*deeds, *deeds] for raw in batch]
    await _play(world, deeds, is_first_reading=case.is_first_reading)
    stands = await world.standing()
    _compare(stands, expected)
    return stands


async def _play(world: World, batches: Batches, *, is_first_reading: bool = False) -> None:
    for batch in batches:
        if FETCH in batch:
            await world.fetch_pictures()
        raws = [dict(raw) for raw in batch if raw != FETCH]
        await world.happen(raws, is_first_reading=is_first_reading)


def _raws(case: Case) -> list[list[dict[str, Any]]]:
    """Return the raw events of a case, the ones before it included, batch by batch."""
    number = 0
    made: list[list[dict[str, Any]]] = []
    for batch in (*case.given, *case.batches):
        made.append([])
        for short in batch:
            for _ in range(short.get("times", 1)):
                number += 1
                name = short.get("id", f"event-{number}")
                made[-1].append(dict(short) if short == FETCH else raw_event(short, name, number))
    return made


class Part(str):
    """A part of what is said, in place of the whole."""

    __slots__ = ()


def _expected(before: dict[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must stand: what stood, but for what a case says.

    Entries are all of their digest's, each by the keys that it names; `said` is what is said besides, by a part.
    """
    said = {room: [*before["said"].get(room, []), *map(Part, parts)] for room, parts in then.get("said", {}).items()}
    reactions = {**before["reactions"], **then.get("reactions", {})}
    return {
        **before,
        **{key: value for key, value in then.items() if key in PUBLICATIONS},
        "said": {**before["said"], **said},
        "reactions": {subject: keys for subject, keys in reactions.items() if keys},
        "decisions": {**before["decisions"], **then.get("decisions", {})},
    }


def _compare(stands: dict[str, Any], expected: dict[str, Any]) -> None:
    for key in PUBLICATIONS:
        named = [
            {name: entry[name] for name in wanted} for entry, wanted in zip(stands[key], expected[key], strict=False)
        ]
        assert (len(stands[key]), named) == (len(expected[key]), expected[key])
    for room in stands["said"].keys() | expected["said"].keys():
        said, wanted = stands["said"].get(room, []), expected["said"].get(room, [])
        assert len(said) == len(wanted), said
        assert all(
            part in whole if isinstance(part, Part) else part == whole for part, whole in zip(wanted, said, strict=True)
        ), said
    assert stands["reactions"] == expected["reactions"]
    assert stands["decisions"] == expected["decisions"]


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, number in names.items() if number > 1] == []
    assert len(CASES) >= 300
