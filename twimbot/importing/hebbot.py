"""Makes a catalogue from the configuration of hebbot, the bot that many weekly posts were made with.

The shapes are those of hebbot's own example (doc/example_config/config.toml in haecker-felix/hebbot): `sections` are
departments, `projects` are projects, and everything else is settings, which only notes can carry over.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from twimbot.catalogue.writing import catalogue_yaml
from twimbot.config import KEY, USER_ID, WEBSITE, Submissions
from twimbot.errors import ConfigurationError
from twimbot.model.catalogue import folded, plain_key

INSTEAD = {
    "bot_user_id": "write user_id: {value}",
    "bot_password": "is read from TWIMBOT_PASSWORD, or from the file that TWIMBOT_PASSWORD_FILE names",
    "reporting_room_id": "write rooms.submissions: {value}",
    "admin_room_id": "write rooms.editors: {value}",
    "ping_room_id": "write rooms.pings: {value}",
    "editors": "write editors: {value}",
    "notice_emoji": "write submissions.take_up: {value}",
    "restrict_notice": "has no counterpart; in twimbot only editors ever take up what others wrote",
    "min_length": "write submissions.min_length: {value}",
    "ack_text": "twimbot reacts with submissions.ack instead of answering with a text",
    "verbs": "write post.verbs: {value}",
    "image_markdown": "write it as a post.image_template, and set post.images.url to where the site serves pictures",
    "video_markdown": "twimbot writes videos by itself; set post.video_template for another form",
    "update_config_command": "has no counterpart; change the file, then say !twim reload or send the bot SIGHUP",
}
"""What to do about each of hebbot's settings in a configuration of twimbot's."""


@dataclass(frozen=True, slots=True)
class HebbotImport:
    """A catalogue as YAML, and a sentence about everything that could not be carried over as it was."""

    catalogue_yaml: str
    notes: tuple[str, ...]


def _one_line(text: str) -> str:
    return " ".join(text.split())


_Line = Annotated[str, AfterValidator(_one_line)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Section(_Table):
    name: _Line
    title: _Line
    emoji: _Line
    order: int | float | None = None
    usual_reporters: tuple[_Line, ...] = ()


class _Project(_Table):
    name: _Line
    title: _Line
    emoji: _Line = ""
    description: _Line = ""
    website: _Line = ""
    default_section: _Line
    usual_reporters: tuple[_Line, ...] = ()


class _Hebbot(_Table):
    sections: tuple[_Section, ...]
    projects: tuple[_Project, ...] = ()


class _Notes:
    """Sentences about a file, each with the line that it is about."""

    def __init__(self, text: str, source: str) -> None:
        self.sentences: list[str] = []
        self._lines = text.splitlines()
        self._source = source

    def about_row(self, kind: str, index: int, sentence: str) -> None:
        """Say something about one of the tables that `[[kind]]` opens."""
        self.sentences.append(f"{self.row(kind, index)}: {sentence}")

    def about_setting(self, name: str, sentence: str) -> None:
        """Say something about a key that stands above all tables."""
        place = self._place(rf"{re.escape(name)}\s*=", 0)
        self.sentences.append(f"{place}: {name}: {sentence}")

    def row(self, kind: str, index: int) -> str:
        """Return the file and the line where a table opens."""
        return self._place(rf"\[\[\s*{kind}\s*\]\]", index)

    def _place(self, pattern: str, index: int) -> str:
        found = [number for number, line in enumerate(self._lines, 1) if re.match(rf"\s*{pattern}", line)]
        return f"{self._source}:{found[index]}" if index < len(found) else self._source


def catalogue_from_hebbot(text: str, source: str) -> HebbotImport:
    """Turn a hebbot configuration into a catalogue; `source` is the file's name, for the sentences.

    Raises ConfigurationError where the text is no TOML or no hebbot configuration. What only a person can decide
    (two departments with one emoji, a project of no section) stays as it is written, and a note asks for it.
    """
    notes = _Notes(text, source)
    hebbot = _read(text, source, notes)
    for name, value in (hebbot.model_extra or {}).items():
        notes.about_setting(name, _instead(name, value))
    keys = _keys("sections", [section.name for section in hebbot.sections], notes)
    departments = list(_departments(hebbot, keys, notes))
    projects = list(_projects(hebbot, keys, notes))
    title = f"Departments and projects, made from {source}."
    return HebbotImport(catalogue_yaml(departments, projects, title), tuple(notes.sentences))


def _read(text: str, source: str, notes: _Notes) -> _Hebbot:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        problem = str(error)[: place.start()] if place else str(error)
        line = place[1] if place and place[1] else len(text.splitlines())
        raise ConfigurationError(f"{source}:{line}: is no valid TOML: {problem}") from error
    if not raw.get("sections"):
        raise ConfigurationError(f"{source}: is no hebbot configuration; one has [[sections]] and [[projects]]")
    try:
        return _Hebbot.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError(*(_mistake(detail, source, notes) for detail in error.errors())) from error


def _mistake(detail: ErrorDetails, source: str, notes: _Notes) -> str:
    kind, *rest = map(str, detail["loc"])
    where = notes.row(kind, int(rest[0])) if rest and rest[0].isdecimal() else source
    problem = "is missing" if detail["type"] == "missing" else detail["msg"][0].lower() + detail["msg"][1:]
    return f"{where}: {'.'.join([kind, *rest])}: {problem}"


def _instead(name: str, value: object) -> str:
    return INSTEAD.get(name, "twimbot knows no such setting; it is left out").format(value=_shown(value))


def _shown(value: object) -> str:
    """Return a value as it may be written in YAML, in one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _keys(kind: str, names: Sequence[str], notes: _Notes) -> list[str]:
    """Return a key for each name: what is no key in twimbot is changed as little as possible, and so are doubles."""
    keys: list[str] = []
    for index, name in enumerate(names):
        wanted = _key(name, kind.removesuffix("s"))
        key = next(key for key in chain([wanted], _numbered(wanted, "-")) if key not in keys)
        if key != name:
            reason = "stands twice" if name in names[:index] else "can't be a key"
            notes.about_row(kind, index, f"the name {_shown(name)} {reason}; the key is {key} now")
        keys.append(key)
    return keys


def _key(name: str, otherwise: str) -> str:
    return name if KEY.fullmatch(name) else re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or otherwise


def _numbered(word: str, separator: str) -> Iterator[str]:
    return (f"{word}{separator}{number}" for number in count(2))


def _departments(hebbot: _Hebbot, keys: Sequence[str], notes: _Notes) -> Iterator[Mapping[str, Any]]:
    """Yield the departments as twimbot writes them, and ask for emoji that mean one thing each."""
    take_up = (hebbot.model_extra or {}).get("notice_emoji", Submissions().take_up)
    meanings = {plain_key(Submissions().drop): "submissions.drop", plain_key(str(take_up)): "submissions.take_up"}
    for index, (key, section) in enumerate(zip(keys, hebbot.sections, strict=True)):
        this, emoji = f"department {key}", section.emoji or key
        meaning = meanings.setdefault(plain_key(emoji), this)
        if not section.emoji:
            notes.about_row("sections", index, f"{this} has no emoji; until you give it one, its key stands for it")
        if meaning != this:
            notes.about_row("sections", index, f"{emoji} of {this} is that of {meaning} too; change one of them")
        if plain_key(emoji) == plain_key(Submissions().ack):
            text = f"{emoji} of {this} is also what the bot acknowledges with; set submissions.ack to something else"
            notes.about_row("sections", index, text)
        yield {
            "key": key,
            "emoji": emoji,
            "title": section.title or key,
            "order": section.order,
            "reporters": _reporters("sections", index, section, notes),
        }


def _projects(hebbot: _Hebbot, department_keys: Sequence[str], notes: _Notes) -> Iterator[Mapping[str, Any]]:
    """Yield the projects as twimbot writes them, each with a label that nothing before it has."""
    sections = zip(hebbot.sections, department_keys, strict=True)
    departments = {section.name: key for section, key in reversed(list(sections))}
    taken = {folded(section.emoji) for section in hebbot.sections}
    keys = _keys("projects", [project.name for project in hebbot.projects], notes)
    for index, (key, project) in enumerate(zip(keys, hebbot.projects, strict=True)):
        this, title, home = f"project {key}", project.title or key, project.default_section
        wanted = project.emoji or title
        label = next(x for x in chain([wanted, title, key], _numbered(key, " ")) if folded(x) not in taken)
        taken.add(folded(label))
        if label != wanted:
            notes.about_row("projects", index, f"{wanted} of {this} is taken already; its label is {label} now")
        if project.website and not WEBSITE.fullmatch(project.website):
            text = f"{_shown(project.website)} of {this} is no address; write one such as https://example.org"
            notes.about_row("projects", index, text)
        if home not in departments:
            notes.about_row("projects", index, f"{this} is of section {_shown(home)}, which is missing; choose another")
        yield {
            "key": key,
            "label": label if label != title else None,
            "title": title,
            "website": project.website,
            "description": project.description,
            "department": departments.get(home) or _key(home, "missing"),
            "reporters": _reporters("projects", index, project, notes),
        }


def _reporters(kind: str, index: int, table: _Section | _Project, notes: _Notes) -> list[str]:
    """Return whoever has a Matrix ID, and say what else of a table is left out."""
    for user_id in table.usual_reporters:
        if not USER_ID.fullmatch(user_id):
            notes.about_row(kind, index, f"the reporter {_shown(user_id)} is left out, being no Matrix ID")
    for name in table.model_extra or {}:
        notes.about_row(kind, index, f"twimbot knows no {name}; it is left out")
    return list(dict.fromkeys(x for x in table.usual_reporters if USER_ID.fullmatch(x)))
