"""Real weeks, where the team's collection of them is at hand, from the messages to the post, without a room."""

import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

import pytest

from tests.export.judging import linter_findings, other_structure, structure, targets
from tests.export.making import contents, entry, media
from twimbot.export.post import render
from twimbot.intake.mention import Bot
from twimbot.intake.text import submission_text
from twimbot.model.catalogue import Catalogue, Department, Project
from twimbot.model.entry import Entry
from twimbot.model.event import Message, read_event

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
BOT_ID = "@this-week-in:example.org"
ROOT = Path(__file__).parents[2]
TOOL = CORPUS.parent / "tools" / "acceptance.py"
LEFT = re.compile(r"^\| (?P<week>\d{4}-\d\d-\d\d) \| \d+ \| (?P<lines>\d+) \|", re.MULTILINE)
"""A row of the table of what is left to do by hand (docs/reliability.md)."""

FRONT_MATTER = re.compile(r"\A\+\+\+\n.*?\n\+\+\+\n", re.DOTALL)


@dataclass(frozen=True)
class Week:
    """An edition's entries, each with the text of its message, the post that they make, and the notes about it."""

    folder: Path
    entries: tuple[Entry, ...]
    post: str
    notes: tuple[str, ...]


def weeks() -> list[Any]:
    """Return the collection's weeks; one skipped case where it is missing."""
    folders = sorted(CORPUS.glob("20*"))
    if not folders:
        reason = f"the collection of real weeks is not at {CORPUS}; test_properties has texts like theirs"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="collection")]
    return [pytest.param(folder, id=folder.name) for folder in folders]


@pytest.fixture(scope="module", params=weeks())
def week(request: pytest.FixtureRequest) -> Week:
    """Return a week as it is filed and rendered."""
    folder: Path = request.param
    meta, *steps = map(json.loads, (folder / "week.jsonl").read_text(encoding="utf-8").splitlines())
    bot = Bot(BOT_ID, (meta["bot_name"],))
    entries = tuple(_entries(steps, bot))
    day = date.fromisoformat(folder.name)
    edition = contents(
        *entries,
        title=meta["title"],
        edition=day,
        deadline=datetime(day.year, day.month, day.day, 16, tzinfo=UTC),
        catalogue=_catalogue(json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))),
    )
    rendered = render(edition)
    return Week(folder, entries, FRONT_MATTER.sub("", rendered.text), rendered.notes)


def _catalogue(raw: dict[str, list[dict[str, Any]]]) -> Catalogue:
    departments = tuple(Department(each["key"], each["emoji"], each["title"]) for each in raw["departments"])
    names = ("key", "label", "title", "department", "website", "description")
    projects = tuple(Project(**{name: each[name] for name in names if name in each}) for each in raw["projects"])
    return Catalogue(departments, projects)


def _entries(steps: list[dict[str, Any]], bot: Bot) -> Iterator[Entry]:
    messages = [step for step in steps if step["op"] == "message"]
    pictures = [step for step in steps if step["op"] == "image"]
    for number, step in enumerate(messages, start=1):
        yield entry(
            number,
            _text(step, bot),
            sender=step["sender"],
            display_name=step.get("name"),
            department=step["filed"]["department"],
            project=step["filed"]["project"],
            media=tuple(
                media(index, mxc=f"mxc://example.org/{each['id']}", alt=each["alt"], file_name=_file_name(each))
                for index, each in enumerate(pictures)
                if each["id"].startswith(f"{step['id']}i")
            ),
        )


def _text(step: dict[str, Any], bot: Bot) -> str:
    content = json.loads(
        json.dumps(step["content"]).replace("{bot_id}", bot.user_id).replace("{bot_name}", bot.names[0])
    )
    event = {"type": "m.room.message", "event_id": "$x", "sender": step["sender"], "origin_server_ts": 1}
    message = read_event({**event, "content": content}, "!room")
    assert isinstance(message, Message)
    return submission_text(message.content, bot, is_reply=False)


def _file_name(step: dict[str, Any]) -> str:
    return f"{step['id']}{PurePath(step['filename']).suffix}"


def test_the_sites_linter_finds_nothing(week: Week) -> None:
    assert linter_findings(week.post) == []


def test_two_parsers_see_the_same(week: Week) -> None:
    assert structure(week.post) == other_structure(week.post)


def test_every_link_of_a_message_is_in_the_post(week: Week) -> None:
    linked = [target for each in week.entries for target in targets(each.text)]
    assert Counter(linked) - Counter(targets(week.post)) == Counter()
    assert linked


def test_no_link_was_lost_or_changed(week: Week) -> None:
    assert not [note for note in week.notes if "mending" in note or "no link" in note]


@pytest.fixture(scope="module")
def acceptance() -> ModuleType:
    """Return the tool that counts what is left to do by hand."""
    if not TOOL.is_file():
        pytest.skip(f"the acceptance tool is not at {TOOL}")
    spec = importlib.util.spec_from_file_location("acceptance", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_more_is_left_to_do_by_hand_than_is_written_down(week: Week, acceptance: ModuleType) -> None:
    documented = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    left = {found["week"]: int(found["lines"]) for found in LEFT.finditer(documented)}
    published = (week.folder / "post.md").read_text(encoding="utf-8")
    edits, parts, _, difference = acceptance.hand_edits(week.post, published)
    # A week that is new to the collection is in order without a row, as most are.
    assert edits <= left.get(week.folder.name, 1), f"{parts}\n" + "\n".join(difference)
