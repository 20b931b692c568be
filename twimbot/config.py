"""What the operator writes, checked whole before anything starts.

`load` reads the YAML file and the catalogues that it names, and reports every mistake of both at once.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from twimbot.errors import ConfigurationError
from twimbot.model.calendar import WEEKDAYS, Calendar
from twimbot.model.catalogue import Catalogue, Department, Project, folded, plain_key

SERVER = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
USER_ID = re.compile(rf"@[\x21-\x39\x3b-\x7e]*:{SERVER}")
ROOM = re.compile(rf"(?:![^\s:]+(?::{SERVER})?|#[^\s:]+:{SERVER})")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _user_id(value: str) -> str:
    if not USER_ID.fullmatch(value):
        raise ValueError(f"{value!r} is no Matrix ID; one looks like @name:example.org")
    return value


def _room(value: str) -> str:
    if not ROOM.fullmatch(value):
        raise ValueError(f"{value!r} is no room; write its ID (!abc:example.org) or alias (#name:example.org)")
    return value


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError(f"{value!r} is no key; use letters, digits, '.', '_' and '-'")
    return value


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone; write one such as Europe/Paris or UTC") from None


def _time_of_day(value: object) -> time:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value))
    if not match:
        raise ValueError(f'{value!r} is no time of day; write it as "17:00"')
    return time(int(match[1]), int(match[2]))


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the highest port there is
        raise ValueError(f"{value!r} is no address to listen on; write it as 127.0.0.1:8080")
    return value


UserId = Annotated[str, AfterValidator(_user_id)]
Room = Annotated[str, AfterValidator(_room)]
Key = Annotated[str, AfterValidator(_key)]
Words = Annotated[str, Field(min_length=1)]
Emoji = Annotated[str, Field(min_length=1), AfterValidator(str.strip)]


class Log(_Part):
    """How the log looks."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Health(_Part):
    """Where /healthz and /readyz are answered."""

    listen: Annotated[str, AfterValidator(_address)]

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port without its address."""
        return int(self.listen.rpartition(":")[2])


class Rooms(_Part):
    """The rooms of a publication, each an ID or an alias."""

    submissions: Room
    editors: Room
    pings: Room | None = None


class Schedule(_Part):
    """When editions close."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "friday"
    deadline: Annotated[time, BeforeValidator(_time_of_day)] = time(17)
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)]

    @property
    def calendar(self) -> Calendar:
        """The schedule as the rest of the house reads it."""
        return Calendar(WEEKDAYS.index(self.weekday), self.deadline, self.timezone)


class Submissions(_Part):
    """How messages become entries; `min_length` is in characters and counts the text without the mention."""

    min_length: Annotated[int, Field(ge=0)] = 30
    ack: Emoji = "✅"
    take_up: Emoji = "⭕"
    drop: Emoji = "❌"


class Images(_Part):
    """Where a post's pictures go: the folder in the site's checkout, and the URL under which they are served."""

    folder: str = "static/blog/img"
    url: str = "/blog/img"


class Post(_Part):
    """What the post looks like; `{date}`, `{year}`, `{month}`, `{day}`, `{key}` and `{slug}` stand in the paths.

    `author` is named in the front matter in place of whoever exports; `category` defaults to the publication's
    title; `template` is a Jinja2 file used in place of the packaged one.
    """

    template: Path | None = None
    author: str | None = None
    category: str | None = None
    verbs: Annotated[tuple[Words, ...], Field(min_length=1)] = ("says", "reports", "announces")
    file: str = "content/blog/{year}/{month}/{date}-{key}.md"
    path: str = "/blog/{year}/{month}/{day}/{slug}-{date}"
    images: Images = Images()


class DepartmentPart(_Part):
    """A department as written; `order` sorts where given, else the place in the list does."""

    key: Key
    emoji: Emoji
    title: Words
    order: float | None = None
    reporters: tuple[UserId, ...] = ()
    aliases: tuple[Words, ...] = ()


class ProjectPart(_Part):
    """A project as written; `label` defaults to the title."""

    key: Key
    title: Words
    label: Words | None = None
    website: str | None = None
    description: str | None = None
    department: Key
    reporters: tuple[UserId, ...] = ()
    aliases: tuple[Words, ...] = ()


class CataloguePart(_Part):
    """The departments and projects as written."""

    departments: Annotated[tuple[DepartmentPart, ...], Field(min_length=1)]
    projects: tuple[ProjectPart, ...] = ()

    def read(self) -> Catalogue:
        """Return the catalogue as the rest of the house reads it, departments in the order of the post."""
        rows = sorted(enumerate(self.departments), key=lambda row: (row[1].order is None, row[1].order or 0, row[0]))
        return Catalogue(
            tuple(Department(d.key, d.emoji, d.title, d.reporters, d.aliases) for _, d in rows),
            tuple(
                Project(
                    p.key,
                    p.label or p.title,
                    p.title,
                    p.department,
                    p.website or None,
                    p.description or None,
                    p.reporters,
                    p.aliases,
                )
                for p in self.projects
            ),
        )


class Publication(_Part):
    """One digest; `key` is its name in the configuration file."""

    key: Key
    title: Words
    command: Annotated[str, Field(pattern=r"^\S+$")]
    rooms: Rooms
    editors: Annotated[tuple[UserId, ...], Field(min_length=1)]
    schedule: Schedule
    submissions: Submissions = Submissions()
    catalogue_part: CataloguePart = Field(alias="catalogue")
    post: Post = Post()

    def model_post_init(self, _context: object) -> None:
        """Read the calendar and the catalogue once."""
        self._calendar = self.schedule.calendar
        self._catalogue = self.catalogue_part.read()

    _calendar: Calendar
    _catalogue: Catalogue

    @property
    def calendar(self) -> Calendar:
        """When editions open and close."""
        return self._calendar

    @property
    def catalogue(self) -> Catalogue:
        """The departments and projects."""
        return self._catalogue


class Config(_Part):
    """The whole configuration; paths in it are absolute once `load` has read it."""

    homeserver: HttpUrl
    user_id: UserId
    data_dir: Path = Path("data")
    log: Log = Log()
    health: Health | None = None
    publications: Annotated[dict[Key, Publication], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the bot logs in with: a password, or an access token that somebody made for it."""

    password: str | None = None
    access_token: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read TWIMBOT_PASSWORD and TWIMBOT_ACCESS_TOKEN, or the files that the same names with `_FILE` give.

        Raises ConfigurationError where a file can't be read. Both may be missing: a stored session needs neither.
        """
        return cls(_secret("TWIMBOT_PASSWORD", environment), _secret("TWIMBOT_ACCESS_TOKEN", environment))


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    if environment.get(name):
        return environment[name]
    file = environment.get(name + "_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}_FILE: {file} can't be read: {_reason(error)}") from error


def load(path: Path) -> Config:
    """Read and check the configuration file and the catalogues that it names.

    Relative paths in it start at the file's own folder. Raises ConfigurationError with every mistake: each names
    the file, the path of the key in it, what is wrong and, for a key nobody knows, the nearest one that is known.
    """
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{path}: is empty or no mapping of keys; see config.example.yaml")
    mistakes: list[str] = []
    elsewhere: dict[str, Path] = {}
    for key, publication in _publications(raw):
        publication["key"] = key
        _read_catalogue(key, publication, path, elsewhere, mistakes)
    mistakes += _contradictions(raw, path, elsewhere)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        mistakes = [*_mistakes(error, path, elsewhere), *mistakes]
    else:
        if not mistakes:
            return _absolute(config, path.absolute().parent)
    raise ConfigurationError(*dict.fromkeys(mistakes))


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Read a YAML 1.2 file (so JSON too), in which no key stands twice; ConfigurationError where that fails."""
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: can't be read: {_reason(error)}") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise ConfigurationError(f"{line}: is no valid YAML: {problem}") from error


def _publications(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    publications = raw.get("publications")
    if isinstance(publications, dict):
        yield from ((str(key), value) for key, value in publications.items() if isinstance(value, dict))


def _read_catalogue(
    key: str, publication: dict[str, Any], path: Path, elsewhere: dict[str, Path], mistakes: list[str]
) -> None:
    """Put the catalogue's content in the place of its file's name, and remember which file it came from."""
    named = publication.get("catalogue")
    if not isinstance(named, str):
        return
    file = path.parent / named
    place = f"publications.{key}.catalogue"
    elsewhere[place] = file
    publication["catalogue"] = {}
    try:
        publication["catalogue"] = read_yaml(file)
    except ConfigurationError as error:
        mistakes.extend(error.mistakes)


def _mistakes(error: ValidationError, path: Path, elsewhere: Mapping[str, Path]) -> list[str]:
    unreadable = {place for place, file in elsewhere.items() if not file.is_file()}
    return [
        _sentence(detail, path, elsewhere)
        for detail in error.errors()
        if not any(_dotted(detail["loc"]).startswith(place) for place in unreadable)
    ]


def _dotted(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location if part != "[key]")


def _where(place: str, path: Path, elsewhere: Mapping[str, Path]) -> str:
    for prefix, file in elsewhere.items():
        if place == prefix or place.startswith(prefix + "."):
            rest = place.removeprefix(prefix).lstrip(".")
            return f"{file}: {rest}" if rest else str(file)
    return f"{path}: {place}" if place else str(path)


def _sentence(detail: ErrorDetails, path: Path, elsewhere: Mapping[str, Path]) -> str:
    where = _where(_dotted(detail["loc"]), path, elsewhere)
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such key{_nearest(detail['loc'])}"
        case "missing":
            return f"{where}: is missing"
        case "value_error":
            return f"{where}: {detail['ctx']['error']}"
        case "literal_error":
            return f"{where}: {detail['input']!r} is not possible; write {detail['ctx']['expected']}"
        case "too_short":
            return f"{where}: must not be empty"
        case _:
            message = detail["msg"]
            given = "" if isinstance(detail["input"], dict | list) else f" (it says {detail['input']!r})"
            return f"{where}: {message[0].lower()}{message[1:]}{given}"


def _nearest(location: Sequence[int | str]) -> str:
    known = _known_keys(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; the keys here are {', '.join(known)}"


def _known_keys(location: Sequence[int | str]) -> list[str]:
    """Return the keys that may stand at a place, by walking the models along its path."""
    model: Any = Config
    for part in location:
        if isinstance(part, int):
            continue
        if model is Config and part == "publications":
            model = None
        elif model is None:
            model = Publication
        else:
            fields = {(f.alias or n): f for n, f in model.model_fields.items()}
            model = _model_in(fields[part].annotation)
    return [f.alias or n for n, f in model.model_fields.items() if (model, n) != (Publication, "key")]


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - any annotation, and the model somewhere in it
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def _contradictions(raw: Mapping[str, Any], path: Path, elsewhere: Mapping[str, Path]) -> list[str]:
    """Return what is wrong between values that are each right: things that must differ, and names of nothing.

    Reads the raw values, so that these mistakes are told together with those that pydantic finds.
    """
    mistakes = []
    rooms: dict[tuple[str, str], str] = {}
    for key, publication in _publications(raw):
        place = f"publications.{key}"
        where = f"{path}: {place}"
        mistakes += [
            f"{_where(f'{place}.catalogue.{name}', path, elsewhere)}: {text}"
            for name, text in _in_catalogue(publication)
        ]
        mistakes += [f"{where}.submissions.{name}: {text}" for name, text in _clashing_signs(publication)]
        command = publication.get("command")
        for purpose, room in (publication.get("rooms") or {}).items():
            other = rooms.setdefault((str(room), str(command)), place)
            if other != place:
                mistakes.append(f"{where}.rooms.{purpose}: {room} and {command} are used by {other} too; change one")
            if purpose == "editors" and room == (publication.get("rooms") or {}).get("submissions"):
                mistakes.append(f"{where}.rooms.editors: is the submissions room too; editors need a room of their own")
    return mistakes


def _rows(catalogue: object, kind: str) -> list[dict[str, Any]]:
    rows = catalogue.get(kind) if isinstance(catalogue, dict) else None
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []


def _in_catalogue(publication: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    catalogue = publication.get("catalogue")
    departments, projects = _rows(catalogue, "departments"), _rows(catalogue, "projects")
    yield from _doubles("departments", "key", departments)
    yield from _doubles("projects", "key", projects)
    signs = [("departments", i, "emoji", d.get("emoji")) for i, d in enumerate(departments)]
    signs += [("projects", i, "label", p.get("label") or p.get("title")) for i, p in enumerate(projects)]
    first: dict[str, str] = {}
    for kind, index, field, sign in signs:
        if isinstance(sign, str):
            other = first.setdefault(folded(sign), f"{kind}.{index}")
            if other != f"{kind}.{index}":
                yield f"{kind}.{index}.{field}", f"{sign} stands for {other} already; every reaction needs its own"
    keys = [str(d.get("key")) for d in departments]
    for index, project in enumerate(projects):
        wanted = project.get("department")
        if isinstance(wanted, str) and wanted not in keys:
            close = difflib.get_close_matches(wanted, keys, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]!r}?" if close else "; add it to departments"
            yield f"projects.{index}.department", f"there is no department {wanted!r}{hint}"


def _doubles(kind: str, field: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        if isinstance(row.get(field), str) and first.setdefault(row[field], index) != index:
            yield f"{kind}.{index}.{field}", f"{row[field]!r} is the {field} of {kind}.{first[row[field]]} already"


def _clashing_signs(publication: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find reactions that would mean two things; `ack` is only ever the bot's own, so it may be a department's."""
    part = publication.get("submissions")
    given = part if isinstance(part, dict) else {}
    signs = {name: str(given.get(name, Submissions.model_fields[name].default)) for name in ("take_up", "drop")}
    if plain_key(signs["take_up"]) == plain_key(signs["drop"]):
        yield "drop", f"{signs['drop']} is take_up's reaction already; every reaction needs its own"
    for name, sign in signs.items():
        for index, department in enumerate(_rows(publication.get("catalogue"), "departments")):
            if isinstance(department.get("emoji"), str) and plain_key(department["emoji"]) == plain_key(sign):
                yield name, f"{sign} stands for departments.{index} already; every reaction needs its own"


def _absolute(config: Config, folder: Path) -> Config:
    """Return the configuration with its paths starting at the file's folder."""
    publications = {
        key: p.model_copy(update={"post": p.post.model_copy(update={"template": folder / p.post.template})})
        if p.post.template
        else p
        for key, p in config.publications.items()
    }
    mistakes = [
        f"publications.{key}.post.template: there is no file {p.post.template}"
        for key, p in publications.items()
        if p.post.template and not p.post.template.is_file()
    ]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return config.model_copy(update={"data_dir": folder / config.data_dir, "publications": publications})


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
