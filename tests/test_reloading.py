"""Reading the configuration again: what is taken over, what is said of it and where, and what is kept."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.desk.scene import ANNA, BOT, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, Scene
from twimbot.config import CataloguePart, Config, Publication
from twimbot.errors import ConfigurationError
from twimbot.model.calendar import milliseconds
from twimbot.reloading import Reloader


def config_with(publication: Publication = PUBLICATION, **changes: Any) -> Config:  # noqa: ANN401 - any key's value
    written = {"homeserver": "http://127.0.0.1:1", "user_id": BOT, "data_dir": Path("/nowhere")}
    return Config.model_validate({**written, "publications": {"news": publication}, **changes})


def with_title(title: str, emoji: str = "📱") -> Publication:
    """Return the publication with another title of turm, and emoji of the clients, in its file."""
    raw = PUBLICATION.catalogue_part.model_dump(mode="json")
    raw["projects"][1]["title"] = title
    raw["departments"][0]["emoji"] = emoji
    return PUBLICATION.with_catalogue(CataloguePart.model_validate(raw))


async def reload(scene: Scene, reread: Callable[[], Config], *, asks: bool = True) -> dict[str, Publication]:
    """Read the configuration again, as asked for from outside or by a command; return what the bot goes by then."""
    publications, told = {"news": PUBLICATION}, asyncio.Event()
    reloader = Reloader(scene.database, config_with(), publications, reread, told.set)
    if asks:
        reloader.ask()
    running = asyncio.ensure_future(reloader.run())
    async with asyncio.timeout(10):
        await told.wait()
    running.cancel()
    await asyncio.wait([running])
    return publications


async def test_what_the_file_has_taken_over_is_settled_and_the_rest_stays(scene: Scene) -> None:
    await scene.happen(scene.command(EDITOR, "project set turm title Tower"))
    await scene.happen(scene.command(EDITOR, "project set turm description High"))
    await scene.happen(scene.command(EDITOR, "alias add clients apps"))
    publications = await reload(scene, lambda: config_with(with_title("Tower")))
    assert publications["news"].catalogue.projects[1].title == "Tower"
    async with scene.database.snapshot() as records:
        assert [change.field for change in await records.catalogue.pending("news")] == ["description", "aliases"]
    assert (await scene.said(EDITORS))[-1] == (
        "I have read the catalogue of Weekly News again; nothing in it has changed."
    )


async def test_the_answer_to_a_command_from_the_submissions_room_is_in_the_editors_room(scene: Scene) -> None:
    await scene.happen(scene.command(EDITOR, "reload", SUBMISSIONS))
    await reload(scene, lambda: config_with(with_title("Tower")), asks=False)
    assert await scene.said() == ["I have read the configuration again; the editors' room has what came of it."]
    (told,) = await scene.said(EDITORS)
    assert told.endswith("go by it from now on:\n\n- project turm has another title")
    async with scene.database.snapshot() as records:
        assert await records.catalogue.reloads_waiting() == []


async def test_what_waits_for_a_restart_is_named(scene: Scene) -> None:
    other = PUBLICATION.model_copy(update={"title": "Daily News"})
    await reload(scene, lambda: config_with(other, log={"level": "debug"}))
    (told,) = await scene.said(EDITORS)
    assert told.endswith("Changed as well, but taken over by a restart only: log, publications.news.title.")


async def test_the_editors_of_a_publication_that_is_gone_from_the_file_are_told(scene: Scene) -> None:
    other = PUBLICATION.model_copy(update={"key": "other", "command": "!other"})
    await scene.happen(scene.command(EDITOR, "reload"))
    fresh = config_with().model_copy(update={"publications": {"other": other}})
    assert (await reload(scene, lambda: fresh, asks=False))["news"] is PUBLICATION
    (told,) = await scene.said(EDITORS)
    assert told.endswith("taken over by a restart only: publications.news, publications.other.")


async def test_mistakes_are_told_and_the_last_good_one_is_kept(scene: Scene) -> None:
    def broken() -> Config:
        raise ConfigurationError("catalogue.yaml:7: projects.0.title: is missing")

    assert (await reload(scene, broken))["news"] is PUBLICATION
    (told,) = await scene.said(EDITORS)
    assert "go on with the last good one:\n\n- catalogue.yaml:7: projects.0.title: is missing" in told


async def test_a_catalogue_that_clashes_with_the_running_reactions_is_refused(scene: Scene) -> None:
    assert (await reload(scene, lambda: config_with(with_title("Turm Server", emoji="❌"))))["news"] is PUBLICATION
    assert "drop: '❌' stands for department clients already" in (await scene.said(EDITORS))[-1]


async def test_what_is_not_filed_is_suggested_by_the_new_catalogue(scene: Scene) -> None:
    scene.now = datetime.now(UTC)
    scene.moment = milliseconds(scene.now)
    target = await scene.submitted(ANNA, "Leuchte 3 shines even brighter than that one did.")
    await reload(scene, lambda: config_with(with_title("Leuchte")))
    assert "Turm ?" in await scene.reactions(target)
