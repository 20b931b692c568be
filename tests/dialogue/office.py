"""A publication on the real homeserver, and the real bot in this process: what is said, and what is answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import Newcomer, unique
from twimbot.app import Bot, open_client, open_database
from twimbot.config import Config, Credentials, load
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import Person, RawEvent, password_of, text_content

CATALOGUE: Mapping[str, Any] = {
    "departments": [
        {"key": "clients", "emoji": "📱", "title": "Clients 📱"},
        {"key": "servers", "emoji": "🏢", "title": "Servers 🏢"},
    ],
    "projects": [{"key": "fernglas", "title": "Fernglas", "department": "clients"}],
}
TEXT = "Fernglas 1.4 is out, with faster search and fewer crashes."


@dataclass(frozen=True)
class Office:
    """A publication's rooms, its editor, a contributor, and the bot's account."""

    editor: Person
    anna: Person
    bot: Person
    submissions: str
    editors_room: str
    pings: str
    config_file: Path

    @property
    def config(self) -> Config:
        """The configuration as it is written now."""
        return load(self.config_file)

    @property
    def credentials(self) -> Credentials:
        """The password of the bot's account."""
        return Credentials(password=password_of(self.bot.user_id[1:].partition(":")[0]))

    def configure(self, **changes: object) -> None:
        """Change keys of the configuration file."""
        written = json.loads(self.config_file.read_text(encoding="utf-8"))
        self.config_file.write_text(json.dumps({**written, **changes}), encoding="utf-8")

    async def submit(self, text: str = TEXT, sender: Person | None = None) -> str:
        """Submit a text as a client with a pill does; return its event ID."""
        pill = f'<a href="https://matrix.to/#/{self.bot.user_id}">News</a>: {text}'
        content = text_content(f"News: {text}", html=pill, mentions=[self.bot])
        return await (sender or self.anna).say(self.submissions, content)

    async def acknowledged(self, target: str, key: str = "✅") -> RawEvent:
        """Wait for a reaction of the bot on an event."""
        return await self.anna.sees(lambda event: self.is_reaction(event, target, key), 15)

    def is_reaction(self, event: RawEvent, target: str, key: str) -> bool:
        """Tell whether an event is the bot's reaction with this key on that event."""
        relation = event["content"].get("m.relates_to", {})
        is_its = event["sender"] == self.bot.user_id and event["type"] == "m.reaction"
        return is_its and (relation.get("event_id"), relation.get("key")) == (target, key)

    async def ask(self, command: str) -> str:
        """Give a command in the editors' room; return the answer's text."""
        asked = await self.editor.text(self.editors_room, f"!news {command}")
        answer = await self.editor.sees(lambda event: answers(event, asked), 15)
        return str(answer["content"]["body"])

    async def exported(self, *arguments: str) -> dict[str, bytes]:
        """Export, and return the files that the bot sent, by name."""
        asked = await self.editor.text(self.editors_room, " ".join(("!news export", *arguments)))
        await self.editor.sees(lambda event: answers(event, asked), 30)
        sent = [event for event in self.editor.timeline.events if event["content"].get("msgtype") == "m.file"]
        return {e["content"]["filename"]: await self.editor.download(e["content"]["url"]) for e in sent}

    @asynccontextmanager
    async def open(self, credentials: Credentials | None = None) -> AsyncIterator[Bot]:
        """Run the bot in this process until the block ends; with the account's password, if nothing else is given."""
        config = self.config
        async with open_database(config) as database, open_client(config) as client:
            bot = Bot(config, credentials or self.credentials, client, database, reread=lambda: self.config)
            running = asyncio.ensure_future(bot.run())
            try:
                while not bot.is_ready:
                    if running.done():
                        running.result()
                    await asyncio.sleep(0.02)
                yield bot
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
                await bot.stop()


def answers(event: RawEvent, asked: str) -> bool:
    """Tell whether an event is an answer to another one."""
    relation = event["content"].get("m.relates_to", {})
    return bool(relation.get("m.in_reply_to", {}).get("event_id") == asked)


async def found_office(homeserver: Homeserver, newcomer: Newcomer, folder: Path) -> Office:
    """Make the rooms and accounts of a publication, and its configuration file in a folder."""
    editor, anna, bot = await newcomer("Edna"), await newcomer("Anna A."), await newcomer("News")
    submissions = await editor.create_room("News", alias=unique("news"))
    editors_room = await editor.create_room("Editors", invite=[bot], is_public=False)
    pings = await editor.create_room("Pings")
    await anna.join(submissions, via=homeserver.server_name)
    config_file = folder / "config.yaml"
    config_file.write_text(
        json.dumps(
            {
                "homeserver": homeserver.url,
                "user_id": bot.user_id,
                "publications": {
                    "news": {
                        "title": "Weekly News",
                        "command": "!news",
                        "rooms": {"submissions": submissions, "editors": editors_room, "pings": pings},
                        "editors": [editor.user_id],
                        "filing": {"file_from": 1},  # so that nothing is filed but by people
                        "schedule": {"timezone": "Europe/Paris"},
                        "submissions": {
                            "per_hour": 100_000,
                            "files_per_day": 1_000_000,
                            "mib_per_day": 1_000_000,
                        },  # a week passes within minutes
                        "catalogue": CATALOGUE,
                    }
                },
            }
        ),
        encoding="utf-8",
    )
    return Office(editor, anna, bot, submissions, editors_room, pings, config_file)
