"""The limits for one sender's pictures and videos: how many files, and how many bytes, are fetched within a day."""

from datetime import timedelta

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from tests.desk.test_descriptions import gallery
from tests.desk.test_parts import reply
from twimbot.desk.descriptions import MIB, Pictures
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.event import read_event

FILES, MOST_MIB = 10, 5
LIMITED = PUBLICATION.model_copy(
    update={
        "submissions": PUBLICATION.submissions.model_copy(
            update={"per_hour": 1000, "files_per_day": FILES, "mib_per_day": MOST_MIB}
        )
    }
)
PICTURES = Pictures({"news": LIMITED})
TOO_MUCH = f"That is more than I fetch from one person within a day ({FILES} files or {MOST_MIB} MiB)"


@pytest.fixture(autouse=True)
def limited(scene: Scene) -> None:
    scene.serve(LIMITED)


async def fetch(scene: Scene, size: int = 1000) -> int:
    """Fetch what is wanted as far as it may be; return how many files that were."""
    fetched = 0
    async with scene.database.snapshot() as records:
        wanted = await records.media.wanted()
    for publication, media in wanted:
        async with scene.database.transaction() as records:
            account = await PICTURES.admit(records, publication, media, scene.now)
            if account:
                fetched += 1
                await records.media.count_bytes(account, size)
                await records.media.keep(media, "png")
                await PICTURES.hear_kept(records, media)
    async with scene.database.snapshot() as records:
        assert await records.media.wanted() == (), "what is held back is not asked for again and again"
    return fetched


async def send(scene: Scene, number: int, sender: str = ANNA, name: str = "P") -> str:
    """Have somebody submit a text and, below it, that many pictures in one message; return its event ID."""
    target = await scene.submitted(sender)
    pictures = gallery(scene, *(f"{name}{each}" for each in range(number)), **reply(target))
    pictures["sender"] = sender
    await scene.happen(pictures)
    return str(pictures["event_id"])


async def test_files_beyond_the_limit_are_left_out_and_told_once(scene: Scene) -> None:
    await send(scene, 40)
    assert await fetch(scene) == FILES
    assert len((await scene.entry()).media) == FILES
    await send(scene, 5, name="Q")
    assert await fetch(scene) == 0
    (said,) = [said for said in await scene.said() if TOO_MUCH in said]
    assert "Send them again tomorrow" in said
    (told,) = await scene.said(EDITORS)
    assert told.startswith(
        f"Anna A. ({ANNA}) has sent more than {FILES} files or {MOST_MIB} MiB of pictures and videos"
    )


async def test_others_and_editors_are_not_held_up_by_it(scene: Scene) -> None:
    await send(scene, 40)
    await send(scene, 3, BEN, "B")
    await send(scene, 40, EDITOR, "E")
    assert await fetch(scene) == FILES + 3 + 40


async def test_so_are_those_beyond_the_bytes(scene: Scene) -> None:
    await send(scene, 8)
    assert await fetch(scene, 2 * MIB) == 3
    assert len([said for said in await scene.said() if TOO_MUCH in said]) == 1


async def test_the_next_day_begins_anew(scene: Scene) -> None:
    await send(scene, 40)
    await fetch(scene)
    scene.now += timedelta(days=1)
    scene.moment += 24 * 60 * 60 * 1000
    await send(scene, 40, name="Q")
    assert await fetch(scene) == FILES
    assert len([said for said in await scene.said() if TOO_MUCH in said]) == 2


async def test_deleting_does_not_get_around_it(scene: Scene) -> None:
    for number in range(4):
        sent = await send(scene, 5, name=f"P{number}-")
        await fetch(scene)
        await scene.happen(scene.redaction(ANNA, sent))
    await send(scene, 5, name="Q")
    assert await fetch(scene) == 0


async def test_nor_do_edits_that_put_pictures_back(scene: Scene) -> None:
    target = await scene.submitted()
    picture = scene.picture(ANNA, "One", **reply(target))
    await scene.happen(picture)
    fetched = await fetch(scene)
    for number in range(40):
        name = ("Two", "One")[number % 2]
        new = {"msgtype": "m.image", "body": "a.png", "url": f"mxc://example.org/{name}"}
        await scene.happen(scene.edit_into(ANNA, picture["event_id"], new))
        fetched += await fetch(scene)
    assert fetched == FILES


@pytest.mark.parametrize("is_own_entry", [False, True])
async def test_an_editor_takes_one_up(scene: Scene, *, is_own_entry: bool) -> None:
    await send(scene, 40)
    await fetch(scene)
    late = gallery(scene, "Q1", "Q2", body=f"NEWS: {TEXT} With pictures.")
    if not is_own_entry:
        late = gallery(scene, "Q1", "Q2", **reply((await scene.entry()).event_id))
    await scene.hear(late)
    assert await fetch(scene) == 0
    await scene.hear(scene.reaction(ANNA, late["event_id"], "⭕"))
    assert await fetch(scene) == 0, "not its sender"
    await scene.hear(scene.reaction(EDITOR, late["event_id"], "⭕"))
    assert await fetch(scene) == 2
    shown = [media.mxc.rpartition("/")[2] for entry in await scene.entries() for media in entry.media]
    assert shown[-2:] == ["Q1", "Q2"]


async def test_history_counts_by_its_own_days_and_is_not_told(scene: Scene) -> None:
    target = scene.message(ANNA, f"NEWS: {TEXT}")
    sent = [gallery(scene, *(f"P{day}-{each}" for each in range(8)), **reply(target["event_id"])) for day in range(3)]
    for day, each in enumerate(sent):
        each["origin_server_ts"] -= (2 - day) * 24 * 60 * 60 * 1000
    target["origin_server_ts"] = sent[0]["origin_server_ts"] - 1
    events = tuple(event for each in (target, *sent) if (event := read_event(each, SUBMISSIONS)))
    await scene.desk.record(Batch((RoomEvents(SUBMISSIONS, events, past=Past()),)), {})
    assert await fetch(scene) == 24
    assert await scene.said() == await scene.said(EDITORS) == []


async def test_nobody_remembers_for_long_what_was_fetched(scene: Scene) -> None:
    await send(scene, 3)
    await fetch(scene)
    scene.now += timedelta(days=31)
    await scene.happen(scene.message(BEN, "Hello!"))
    async with scene.database.snapshot() as records:
        assert list(await records.connection.execute_fetchall("SELECT * FROM media_use")) == []
