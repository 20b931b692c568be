"""A flood: ten people send twice what their limits allow, and somebody else one entry with a picture behind it all."""

from pathlib import Path
from typing import Any

from tests.desk.scene import ANNA, EDITORS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from tests.desk.test_descriptions import gallery
from tests.desk.test_parts import reply, thread
from tests.fuzz.test_costs import used
from tests.matrix.test_media import NEW, Clock, Homeserver, keeping, serving
from twimbot.matrix.media import AT_ONCE
from twimbot.store.outbox import ACKNOWLEDGEMENTS

KIB = 1024
FLOODERS = [f"@flooder{number}:example.org" for number in range(10)]
PER_HOUR, FILES = 6, 10
LIMITED = PUBLICATION.model_copy(
    update={"submissions": PUBLICATION.submissions.model_copy(update={"per_hour": PER_HOUR, "files_per_day": FILES})}
)
OF_A_MESSAGE, OF_AN_EVENT = 4 * 64 * KIB, KIB
"""How many bytes are kept of a message with its edits, and of any other event, at most (SECURITY.md)."""


async def flood(scene: Scene) -> int:
    """Have everybody send a gallery and many entries, with edits, reactions and words below; return how many events."""
    events: list[dict[str, Any]] = []
    for flooder in FLOODERS:
        pictures = gallery(scene, *(f"P{number}-{flooder[8]}" for number in range(15)), body=f"NEWS: {TEXT}")
        pictures["sender"] = flooder
        texts = [scene.message(flooder, f"NEWS: {TEXT} {number} ".ljust(20_000, "x")) for number in range(2 * PER_HOUR)]
        below = [scene.message(flooder, "Hm. " * 50, **thread(each["event_id"])) for each in texts]
        edits = [
            scene.edit(flooder, each["event_id"], f"NEWS: {number} ".ljust(60_000, "y"))
            for each in texts
            for number in range(5)
        ]
        reactions = [scene.reaction(flooder, each["event_id"], key) for each in texts for key in "⭕📱❌"]
        events += (pictures, *texts, *below, *edits, *reactions)
    for start in range(0, len(events), 100):
        await scene.happen(*events[start : start + 100])
    return len(events)


async def test_a_flood_is_kept_in_what_is_written_down_and_others_come_through_it(scene: Scene, tmp_path: Path) -> None:
    scene.serve(LIMITED)
    before = await used(scene)
    number = await flood(scene)
    messages = len(FLOODERS) * PER_HOUR
    assert await used(scene) - before <= messages * OF_A_MESSAGE + (number - messages) * OF_AN_EVENT
    target = await scene.submitted(ANNA)
    await scene.happen(scene.picture(ANNA, "Annas", **reply(target)))
    assert len(await scene.entries()) == messages + 1
    assert len(await scene.said(EDITORS)) == len(FLOODERS), "each is told once"
    assert await acknowledgements_before(scene, target) == messages, "no other answer comes before one's ✅"
    homeserver = Homeserver()
    async with serving(homeserver) as client, keeping(scene, client, tmp_path, Clock(), LIMITED) as ended:
        while not homeserver.asked or any(kept == "wanted" for _, kept in await all_media(scene)):
            ended.clear()
            await ended.wait()
    assert f"{NEW}example.org/Annas" in homeserver.asked[: AT_ONCE + len(FLOODERS) + 1]
    assert len(homeserver.asked) == len(FLOODERS) * FILES + 1


async def acknowledgements_before(scene: Scene, target: str) -> int:
    """Return how much is sent before an entry is acknowledged."""
    async with scene.database.snapshot() as records:
        ((number,),) = await records.connection.execute_fetchall(
            """SELECT count(*) FROM outbox AS row, outbox AS its
               WHERE its.subject = ?1 AND its.purpose = 'react ✅' AND row.state = 'pending' AND row.room_id = ?2
                 AND (row.lane < its.lane OR (row.lane = its.lane AND row.seq < its.seq)) AND its.lane = ?3""",
            (target, SUBMISSIONS, ACKNOWLEDGEMENTS),
        )
    return int(number)


async def all_media(scene: Scene) -> list[tuple[str, str]]:
    """Return all pictures that show, each with how far it is."""
    entries = await scene.entries()
    return [(media.mxc, str(media.state)) for entry in entries for media in entry.media]
