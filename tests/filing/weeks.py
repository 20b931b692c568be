"""Real weeks, replayed in the order of time: what the bot knows of each entry when it comes, and where it belongs."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from twimbot.config import CataloguePart, read_yaml
from twimbot.filing.guide import Guide, guide
from twimbot.filing.knowledge import Knowledge
from twimbot.filing.learning import knowledge
from twimbot.filing.subject import Subject, subject
from twimbot.filing.terms import terms
from twimbot.importing.posts import read_post
from twimbot.intake.mention import Bot
from twimbot.intake.text import submission_text
from twimbot.model.entry import Entry
from twimbot.model.event import Message, read_event
from twimbot.store.database import Database

BOT = Bot("@this-week-in:example.org", ("TWIM",))
PUBLICATION = "twim"


@dataclass(frozen=True, slots=True)
class Case:
    """An entry of a week, as the bot meets it, and where its editor put it: keys, None where the catalogue has none."""

    week: str
    text: str
    sender: str
    subject: Subject
    knowledge: Knowledge
    department: str | None
    project: str | None


async def replay(folders: Sequence[Path], catalogue_file: Path) -> tuple[Guide, list[Case]]:
    """Return the entries of all weeks, each with what was published before its week: nothing of its own or later."""
    known = guide(CataloguePart.model_validate(read_yaml(catalogue_file)).read())
    cases: list[Case] = []
    async with _database() as database:
        for folder in folders:
            async with database.snapshot() as records:
                for number, step in enumerate(_messages(folder), start=1):
                    entry = _entry(folder.name, number, step)
                    read = subject(entry.text)
                    learned = await knowledge(records, entry, known, read.terms)
                    filed = step["filed"]
                    cases.append(
                        Case(
                            week=folder.name,
                            text=entry.text,
                            sender=entry.sender,
                            subject=read,
                            knowledge=learned,
                            department=known.department_titled(filed["department_title"]),
                            project=known.project_titled(filed["heading"]),
                        )
                    )
            async with database.transaction() as records:
                post = read_post(
                    (folder / "post.md").read_text(encoding="utf-8"), PurePath(f"{folder.name}-twim.md")
                ).post
                assert post is not None, f"{folder} can't be read"
                await records.archive.keep_post(PUBLICATION, post, terms)
    return known, cases


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory(prefix="twimbot-filing-") as folder:
        database = await Database.open(Path(folder) / "twimbot.db")
        try:
            yield database
        finally:
            await database.close()


def _messages(folder: Path) -> Iterator[Mapping[str, Any]]:
    for line in (folder / "week.jsonl").read_text(encoding="utf-8").splitlines():
        step = json.loads(line.replace("{bot_id}", BOT.user_id).replace("{bot_name}", BOT.names[0]))
        if step["op"] == "message":
            yield step


def _entry(week: str, number: int, step: Mapping[str, Any]) -> Entry:
    raw = {
        "type": "m.room.message",
        "event_id": f"${number}",
        "sender": step["sender"],
        "origin_server_ts": 0,
        "content": step["content"],
    }
    message = read_event(raw, "!room")
    assert isinstance(message, Message)
    return Entry(
        id=-number,
        publication=PUBLICATION,
        edition=date.fromisoformat(week),
        number=number,
        room_id="!room",
        event_id=f"${number}",
        sender=step["sender"],
        display_name=step.get("name"),
        sent_at=0,
        text=submission_text(message.content, BOT, is_reply=False),
    )
