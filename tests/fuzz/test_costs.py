"""What one sender costs beyond the limits: each further event is kept in less than 1 KiB, whatever it says."""

from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.desk.scene import ANNA, BOT, EDITOR, SUBMISSIONS, TEXT, Scene, open_scene
from tests.fuzz.malforming import KNOWN, VALID, places

PICTURE = "$picture"
"""A picture of that entry's."""

FILE = {"url": "mxc://example.org/B", "key": {"k": "A"}, "iv": "A", "hashes": {"sha256": "A"}}
SHOWN = {"msgtype": "m.image", "body": "A tower", "filename": "a.png"}
NEWER: tuple[dict[str, Any], ...] = (
    {**SHOWN, "url": "mxc://example.org/C"},
    {**SHOWN, "file": FILE},
    {"msgtype": "m.gallery", "body": "", "itemtypes": [{**SHOWN, "itemtype": "m.image", "url": "mxc://example.org/D"}]},
)
"""What the picture is edited into."""

LONG = 60_000
"""How long a text in an event may be, as an event has at most 65,536 bytes."""

COPIES = 20
MOST = 1024
"""How many bytes an event may cost."""

PAGE = 4096
SLACK = 4 * PAGE + 2 * LONG
"""What a few tables and indexes may need for a page that is begun, and the latest texts of what is edited."""


def of_stranger(raw: dict[str, Any]) -> dict[str, Any]:
    """Return an event as somebody sends it who is no editor."""
    return {**deepcopy(raw), "sender": ANNA}


def stuffed() -> Iterator[Any]:
    """Yield events of strangers with, at each place in turn that has a text, a very long one in its stead."""
    seen = set()
    relation = {"rel_type": "m.replace", "event_id": PICTURE}
    edits = [{**VALID[0], "content": {**new, "m.new_content": new, "m.relates_to": relation}} for new in NEWER]
    for raw in (*VALID, *edits):
        if raw["sender"] == BOT or raw["type"] in ("m.room.tombstone", "m.room.encryption"):
            continue  # what only the bot sends, and those who have the power for it
        for path in [(), *places(raw["content"])]:
            event, name = of_stranger(raw), f"{raw['type']} {raw['content'].get('msgtype')} {path}"
            if name in seen or (path and not isinstance(_at(event["content"], path), str)):
                continue
            seen.add(name)
            yield pytest.param(event, path, id=name)


def _at(value: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - JSON
    for step in path:
        value = value[step]
    return value


def copy(event: dict[str, Any], path: tuple[Any, ...], number: int) -> dict[str, Any]:
    """Return an event of its own with a long text of its own."""
    made = {**deepcopy(event), "event_id": f"$copy-{number}"}
    if path:
        _at(made["content"], path[:-1])[path[-1]] = f"{number} ".ljust(LONG, "x")
    return made


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Have somebody send all that the limits allow, and edit it at length."""
    async with open_scene(Path(tmp_path_factory.mktemp("costs"))) as made:
        async with made.database.transaction() as records:
            await records.rooms.note_encryption(SUBMISSIONS)
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": KNOWN}}}
        await made.happen(
            {**made.message(ANNA, f"NEWS: {TEXT}"), "event_id": KNOWN},
            {**made.picture(ANNA, **reply), "event_id": PICTURE},
        )
        await made.happen(*(made.message(ANNA, f"NEWS: {TEXT} {number}") for number in range(40)))
        for number in range(6):
            await made.happen(made.edit(ANNA, KNOWN, f"NEWS: {number}".ljust(LONG, "x")))
        for number in range(6):
            new = {**SHOWN, "body": f"{number}".ljust(LONG, "x"), "url": f"mxc://example.org/E{number}"}
            await made.happen(made.edit_into(ANNA, PICTURE, new))
        yield made


async def used(scene: Scene) -> int:
    """Return how many bytes of the database are in use."""
    async with scene.database.snapshot() as records:
        found = [
            next(iter(await records.connection.execute_fetchall(f"PRAGMA {name}")))[0]
            for name in ("page_count", "freelist_count")
        ]
    return int(found[0] - found[1]) * PAGE


numbers = count()


@pytest.mark.parametrize(("event", "path"), list(stuffed()))
async def test_beyond_the_limits_no_event_costs_more_than_1_kib(
    scene: Scene, event: dict[str, Any], path: tuple[Any, ...]
) -> None:
    before = await used(scene)
    for _ in range(COPIES):
        sent = copy(event, path, next(numbers))
        scene.moment += 1000
        sent["origin_server_ts"] = scene.moment
        await scene.happen(sent)
    assert await used(scene) - before <= COPIES * MOST + SLACK


def test_editors_are_no_strangers() -> None:
    assert all(case.values[0]["sender"] != EDITOR for case in stuffed())
