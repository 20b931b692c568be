"""The catalogue of a running bot: proposed, decided, read again from its file, and written back into it."""

import json
import signal
from pathlib import Path

from tests.dialogue.office import CATALOGUE, Office, answers
from tests.disk.running import run
from tests.test_cli import call
from twimbot.config import load
from twimbot.demo.person import RawEvent


async def told(office: Office, text: str) -> RawEvent:
    """Wait until the bot has said something with this text in the editors' room."""
    return await office.editor.sees(
        lambda event: (
            event["room_id"] == office.editors_room
            and event["sender"] == office.bot.user_id
            and text in str(event["content"].get("body", ""))
        ),
        15,
    )


def with_catalogue_file(office: Office) -> Path:
    """Move the catalogue of an office into a file of its own."""
    file = office.config_file.with_name("catalogue.yaml")
    file.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    publications = json.loads(office.config_file.read_text(encoding="utf-8"))["publications"]
    office.configure(publications={"news": {**publications["news"], "catalogue": file.name}})
    return file


async def test_a_proposal_an_editor_s_yes_and_the_file_read_again_broken_and_whole(
    office: Office, tmp_path: Path
) -> None:
    file = with_catalogue_file(office)
    async with run(office, tmp_path) as bot:
        await bot.turns(200)
        proposal = await office.anna.text(
            office.submissions, "!news project propose leuchte | Leuchte | https://leuchte.example.org | clients"
        )
        notice = await told(office, "proposes the project Leuchte (leuchte)")
        await office.editor.react(office.editors_room, notice["event_id"], "👍")
        await office.anna.sees(
            lambda event: answers(event, proposal) and "have taken Leuchte" in event["content"]["body"], 15
        )
        entry = await office.submit("Leuchte 2 is out, and shines brighter than before.")
        await office.acknowledged(entry, "Leuchte ?")

        good = file.read_text(encoding="utf-8")
        file.write_text(good.replace('"department": "clients"', '"department": "client"'), encoding="utf-8")
        bot.process.send_signal(signal.SIGHUP)
        mistake = await told(office, "go on with the last good one")
        assert (
            f"{file}:1: projects.0.department: there is no department 'client'; did you mean 'clients'?"
            in (mistake["content"]["body"])
        )
        assert "Leuchte (leuchte)" not in await office.ask("projects Fern")

        file.write_text(good.replace('"Fernglas"', '"Telescope"'), encoding="utf-8")
        office.configure(log={"format": "json", "level": "debug"})
        bot.process.send_signal(signal.SIGHUP)
        news = await told(office, "and go by it from now on")
        assert "- project fernglas has another title\n" in news["content"]["body"]
        assert news["content"]["body"].endswith("taken over by a restart only: log.")
        assert await office.ask("projects") == "- Clients 📱: Telescope (fernglas), Leuchte\n- Servers 🏢: no project"
        assert "nothing in it has changed" in await office.ask("reload")

        written = call(tmp_path, "catalogue", "--config", str(office.config_file), "--output", str(file), "--force")
        assert (written.returncode, written.stdout) == (0, f"{file}\n")
        assert "key: leuchte" in file.read_text(encoding="utf-8")
        assert "nothing in it has changed" in await office.ask("reload")
        assert [row.key for row in load(office.config_file).publications["news"].catalogue.projects] == [
            "fernglas",
            "leuchte",
        ]
