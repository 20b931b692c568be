"""What the operator writes, checked whole before anything starts.

`load` reads the YAML file and the catalogues that it names, and reports every mistake of both at once.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    TypeAdapter,
    ValidationError,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from twimbot.errors import ConfigurationError
from twimbot.mistakes import Location, Origins, explain, nearest, reasons
from twimbot.model.calendar import WEEKDAYS, Calendar
from twimbot.model.catalogue import Catalogue, Department, Project, folded, plain_key

SERVER = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
USER_ID = re.compile(rf"@[\x21-\x39\x3b-\x7e]*:{SERVER}")
ROOM = re.compile(rf"(?:![^\s:]+(?::{SERVER})?|#[^\s:]+:{SERVER})")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
WEBSITE = re.compile(r"https?://\S+|@?/\S*", re.IGNORECASE)
PLACEHOLDERS = ("date", "year", "month", "day", "key", "slug")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _user_id(value: str) -> str:
    if not USER_ID.fullmatch(value):
        raise ValueError(f"{value!r} is no Matrix ID; one looks like @name:example.org")
    return value


def _homeserver(value: str) -> str:
    if re.fullmatch(SERVER, value):
        return value
    try:
        url = TypeAdapter(HttpUrl).validate_python(value)
    except ValidationError:
        raise ValueError(f"{value!r} is no address; write one such as https://example.org") from None
    if url.username or url.password or url.query or url.fragment:
        raise ValueError(f"{value!r} has more than an address in it; write one such as https://example.org")
    return str(url)


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


def _emoji(value: str) -> str:
    if not plain_key(value):
        raise ValueError("must not be empty")
    return value.strip()


def _pattern(value: str) -> str:
    unknown = [name for name in re.findall(r"\{([^{}]*)\}", value) if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"there is no {{{unknown[0]}}} to put in; there are {known}")
    return value


def _site_path(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{value!r} leads out of the site; write a path that starts in its checkout")
    return value


def _website(value: str) -> str:
    if value and not WEBSITE.fullmatch(value):
        raise ValueError(f"{value!r} is no address; write one such as https://example.org, or a page's path: @/… or /…")
    return value


def _command(value: str) -> str:
    if not re.fullmatch(r"\S+", value):
        raise ValueError(f"{value!r} is no command; write one word such as !news")
    return value


Homeserver = Annotated[str, AfterValidator(_homeserver)]
"""An address (http or https), or the name of a server, whose `.well-known` file tells the address."""

UserId = Annotated[str, AfterValidator(_user_id)]
Room = Annotated[str, AfterValidator(_room)]
Key = Annotated[str, AfterValidator(_key)]
Words = Annotated[str, Field(min_length=1)]
Emoji = Annotated[str, AfterValidator(_emoji)]
SitePath = Annotated[str, AfterValidator(_site_path)]
Pattern = Annotated[str, AfterValidator(_pattern)]


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
    """The rooms of a publication, each an ID or an alias; `ping_bots` are those whose pongs count (None: all)."""

    submissions: Room
    editors: Room
    pings: Room | None = None
    ping_bots: Annotated[tuple[UserId, ...], Field(min_length=1)] | None = None


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
    """How messages become entries; `min_length` is in characters and counts the text without the mention.

    `per_hour` is how many messages of one sender are taken or answered within an hour, `files_per_day` and
    `mib_per_day` (in 1,048,576 bytes) how many pictures and videos are fetched of one within a day; editors have no
    limit.
    """

    min_length: Annotated[int, Field(ge=0)] = 30
    per_hour: Annotated[int, Field(ge=1)] = 30
    files_per_day: Annotated[int, Field(ge=1)] = 100
    mib_per_day: Annotated[int, Field(ge=1)] = 500
    ack: Emoji = "✅"
    take_up: Emoji = "⭕"
    drop: Emoji = "❌"


class Filing(_Part):
    """How sure the bot must be, from 0 to 1: to file an entry itself (1: never), and to suggest a place."""

    file_from: Annotated[float, Field(gt=0, le=1)] = 0.6
    suggest_from: Annotated[float, Field(gt=0, le=1)] = 0.15


class Images(_Part):
    """Where a post's pictures go: the folder in the site's checkout, and the URL under which they are served.

    Pictures are kept in their own format or re-encoded in another one, and scaled down to `width` pixels if wider
    (`media.picture.Wanted`).
    """

    folder: SitePath = "static/blog/img"
    url: str = "/blog/img"
    format: Literal["keep", "webp", "avif"] = "keep"
    width: Annotated[int, Field(ge=100)] | None = None


class Post(_Part):
    """What the post looks like; `{date}`, `{year}`, `{month}`, `{day}`, `{key}` and `{slug}` stand in the paths.

    `author` is named in the front matter in place of whoever exports; `category` defaults to the publication's
    title; `template`, `image_template` and `video_template` are Jinja2 files used in place of the packaged ones.
    `live_video` tells whether editions have a video, and editors are asked for it. With `site_checkout`, a folder,
    links into the site are written in its own way and looked up there.
    """

    template: Path | None = None
    image_template: Path | None = None
    video_template: Path | None = None
    live_video: bool = True
    author: str | None = None
    category: str | None = None
    verbs: Annotated[tuple[Words, ...], Field(min_length=1)] = ("says", "reports", "announces")
    file: Annotated[SitePath, AfterValidator(_pattern)] = "content/blog/{year}/{month}/{date}-{key}.md"
    path: Pattern = "/blog/{year}/{month}/{day}/{slug}-{date}"
    site_checkout: Path | None = None
    images: Images = Images()


TEMPLATES = ("template", "image_template", "video_template")


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
    website: Annotated[str, AfterValidator(_website)] | None = None
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
    """One digest; `key` is its name in the configuration file, put in by `load` and never written inside."""

    key: Annotated[str, Field(exclude=True)]
    title: Words
    command: Annotated[str, AfterValidator(_command)]
    rooms: Rooms
    editors: Annotated[tuple[UserId, ...], Field(min_length=1)]
    schedule: Schedule
    submissions: Submissions = Submissions()
    filing: Filing = Filing()
    catalogue_part: CataloguePart = Field(alias="catalogue")
    post: Post = Post()

    def model_post_init(self, _context: object) -> None:
        """Read the calendar and the catalogue once."""
        self._calendar = self.schedule.calendar
        self._catalogue = self.catalogue_part.read()

    _calendar: Calendar
    _catalogue: Catalogue

    def with_catalogue(self, part: CataloguePart) -> Self:
        """Return the same publication with another catalogue."""
        other = self.model_copy(update={"catalogue_part": part})
        other.model_post_init(None)
        return other

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

    homeserver: Homeserver
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
    the file, the line and the path of the key in it, what is wrong and, for a key nobody knows, the nearest known.
    """
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{path}: is empty or no mapping of keys; see config.example.yaml")
    origins = Origins(path)
    mistakes: list[str] = []
    for key, publication in _publications(raw):
        mistakes += _read_catalogue(key, publication, path.parent, origins)
    mistakes += [origins.sentence(*contradiction) for contradiction in _contradictions(raw, path.parent)]
    for key, publication in _publications(raw):
        publication["key"] = key
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        mistakes = [*explain(error, Config, origins), *mistakes]
    else:
        if not mistakes:
            return _absolute(config, path.absolute().parent)
    raise ConfigurationError(*mistakes)


def catalogue_file(path: Path, key: str) -> Path | None:
    """Return the file that a publication's catalogue stands in, or None where that is the configuration at `path`."""
    named = read_yaml(path)["publications"][key]["catalogue"]
    return path.parent / named if isinstance(named, str) else None


def check_catalogue(part: CataloguePart, submissions: Submissions) -> None:
    """Check a catalogue that was changed after it was read, as `load` does; raises ConfigurationError.

    `submissions` has the reactions that mean something else already. Each mistake begins with the key that it is about.
    """
    raw = part.model_dump(mode="json", exclude_defaults=True)
    beside = {"submissions": submissions.model_dump(), "catalogue": raw}
    mistakes = [*_in_catalogue(raw), *_clashing_signs(beside)]
    try:
        CataloguePart.model_validate(raw)
    except ValidationError as error:
        mistakes = [*reasons(error, CataloguePart), *mistakes]
    if mistakes:
        raise ConfigurationError(*(f"{where[-1]}: {text}" for where, text in mistakes))


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Read a YAML 1.2 file (so JSON too), in which no key stands twice; ConfigurationError where that fails."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: can't be read: {_reason(error)}") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise ConfigurationError(f"{line}: is no valid YAML: {problem}") from error
    except (ValueError, LookupError, OverflowError) as error:  # what ruamel.yaml lets through, as of a date that isn't
        raise ConfigurationError(f"{path}: has a value that is none of its kind: {error}; put it in quotes") from error
    except RecursionError as error:
        raise ConfigurationError(f"{path}: is nested too deeply; nothing in it needs more than ten levels") from error


def parse_yaml(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read YAML 1.2; raises YAMLError."""
    return _paired(YAML(typ="safe", pure=True).load(text))


def _paired(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    """Join surrogates: JSON writes a character beyond U+FFFF as two escapes, which YAML leaves apart."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_paired(key): _paired(each) for key, each in value.items()}
        case list():
            return [_paired(each) for each in value]
        case _:
            return value


def _publications(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    publications = raw.get("publications")
    if isinstance(publications, dict):
        yield from ((str(key), value) for key, value in publications.items() if isinstance(value, dict))


def _read_catalogue(key: str, publication: dict[str, Any], folder: Path, origins: Origins) -> tuple[str, ...]:
    """Put the catalogue's content in the place of its file's name; return what keeps the file from being read."""
    named = publication.get("catalogue")
    if not isinstance(named, str):
        return ()
    place = ("publications", key, "catalogue")
    origins.add(place, folder / named)
    try:
        publication["catalogue"] = read_yaml(folder / named)
    except ConfigurationError as error:
        origins.mark_unreadable(place)
        publication["catalogue"] = None
        return error.mistakes
    return ()


def _contradictions(raw: Mapping[str, Any], folder: Path) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong between values that are each right: things that must differ, and names of nothing.

    Reads the raw values, so that these mistakes are told together with those that pydantic finds.
    """
    yield from _strange_rooms(raw)
    commands: dict[tuple[str, str], str] = {}
    for key, publication in _publications(raw):
        for where, text in chain(
            _in_rooms(key, publication, commands),
            _clashing_signs(publication),
            _in_catalogue(_mapping(publication.get("catalogue"))),
            _in_post(_mapping(publication.get("post")), folder),
        ):
            yield ("publications", key, *where), text
        if "key" in publication:
            yield ("publications", key, "key"), "there is no such key; a publication's key is the one above it"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(catalogue: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    rows = catalogue.get(kind)
    return [_mapping(row) for row in rows] if isinstance(rows, list) else []


def _in_rooms(
    key: str, publication: Mapping[str, Any], commands: dict[tuple[str, str], str]
) -> Iterator[tuple[Location, str]]:
    """Find a room without a purpose of its own, and a command that would be given to two publications at once."""
    rooms, command = _mapping(publication.get("rooms")), str(publication.get("command"))
    for purpose in ("submissions", "editors"):
        room = rooms.get(purpose)
        if isinstance(room, str) and (other := commands.setdefault((room, command), key)) != key:
            yield ("rooms", purpose), f"{room} and {command} are used by {other} too; change one of them"
    # A message is an entry of one publication, whatever the commands are called.
    room = rooms.get("submissions")
    if isinstance(room, str) and (other := commands.setdefault((room, ""), key)) != key:
        yield ("rooms", "submissions"), f"{room} is the submissions room of {other} already; each needs its own"
    if "editors" in rooms and rooms["editors"] == rooms.get("submissions"):
        yield ("rooms", "editors"), "is the submissions room too; editors need a room of their own"


def _strange_rooms(raw: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """Find editors' rooms where another publication takes submissions: a deletion there would be heard by one only."""
    rooms = {key: _mapping(publication.get("rooms")) for key, publication in _publications(raw)}
    submissions = {each["submissions"]: key for key, each in rooms.items() if isinstance(each.get("submissions"), str)}
    for key, each in rooms.items():
        room = each.get("editors")
        if isinstance(room, str) and (other := submissions.get(room, key)) != key:
            where = ("publications", key, "rooms", "editors")
            yield where, f"{room} is the submissions room of {other}; editors need a room of their own"


def _in_post(post: Mapping[str, Any], folder: Path) -> Iterator[tuple[Location, str]]:
    for name in TEMPLATES:
        template = post.get(name)
        if isinstance(template, str) and not (folder / template).is_file():
            yield ("post", name), f"there is no file {template}"
    checkout = post.get("site_checkout")
    if isinstance(checkout, str) and not (folder / checkout).is_dir():
        yield ("post", "site_checkout"), f"there is no folder {checkout}"


def _in_catalogue(catalogue: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    for where, text in chain(_double_keys(catalogue), _double_signs(catalogue), _homeless(catalogue)):
        yield ("catalogue", *where), text


def _double_keys(catalogue: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    for kind in ("departments", "projects"):
        seen: set[str] = set()
        for index, row in enumerate(_rows(catalogue, kind)):
            key = row.get("key")
            if isinstance(key, str) and key in seen:
                yield (kind, index, "key"), f"{key!r} is another row's key already; every row needs its own"
            seen.add(str(key))


def _signs(catalogue: Mapping[str, Any]) -> Iterator[tuple[Location, str, str]]:
    """Yield where each reaction is written, the reaction, and what it stands for."""
    for kind in ("departments", "projects"):
        for index, row in enumerate(_rows(catalogue, kind)):
            field = "emoji" if kind == "departments" else "label" if row.get("label") else "title"
            if isinstance(row.get(field), str) and plain_key(row[field]):
                yield (kind, index, field), row[field], f"{kind.removesuffix('s')} {row.get('key')}"


def _double_signs(catalogue: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """Find reactions that would mean two things, compared as they are in the room: without U+FE0F and case."""
    first: dict[str, str] = {}
    for where, sign, meaning in _signs(catalogue):
        other = first.setdefault(folded(sign), meaning)
        if other != meaning:
            yield where, f"{sign!r} stands for {other} already; every reaction needs its own"


def _homeless(catalogue: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    keys = [str(row.get("key")) for row in _rows(catalogue, "departments")]
    for index, project in enumerate(_rows(catalogue, "projects")):
        wanted = project.get("department")
        if isinstance(wanted, str) and wanted not in keys:
            meant = nearest(wanted, keys)
            hint = f"did you mean {meant!r}?" if meant else "add it to the departments"
            yield ("projects", index, "department"), f"there is no department {wanted!r}; {hint}"


def _clashing_signs(publication: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """Find a reaction that means two things; only `ack` may be a department's, since the bot's own decide nothing."""
    given = _mapping(publication.get("submissions"))
    meanings = {plain_key(sign): meaning for _, sign, meaning in _signs(_mapping(publication.get("catalogue")))}
    for name in ("take_up", "drop"):
        sign = str(given.get(name, Submissions.model_fields[name].default))
        other = meanings.setdefault(plain_key(sign), name)
        if other != name and plain_key(sign):
            yield ("submissions", name), f"{sign!r} stands for {other} already; every reaction needs its own"
    ack = str(given.get("ack", Submissions.model_fields["ack"].default))
    for name in ("take_up", "drop"):
        if plain_key(ack) == plain_key(str(given.get(name, Submissions.model_fields[name].default))):
            yield ("submissions", "ack"), f"{ack!r} stands for {name} already; every reaction needs its own"


def _absolute(config: Config, folder: Path) -> Config:
    """Return the configuration with its paths starting at the file's folder."""
    publications = {key: _with_absolute_paths(p, folder) for key, p in config.publications.items()}
    return config.model_copy(update={"data_dir": folder / config.data_dir, "publications": publications})


def _with_absolute_paths(publication: Publication, folder: Path) -> Publication:
    written = {name: getattr(publication.post, name) for name in (*TEMPLATES, "site_checkout")}
    absolute = {name: folder / path for name, path in written.items() if path is not None}
    return publication.model_copy(update={"post": publication.post.model_copy(update=absolute)})


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
