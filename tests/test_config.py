"""The configuration: what is read from it, and the sentence for every kind of mistake."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from twimbot.config import Config, Credentials, Filing, Log, Post, Schedule, Submissions, load, read_yaml
from twimbot.errors import ConfigurationError

ROOT = Path(__file__).parents[1]

GARDEN = """\
homeserver: https://matrix.example.org
user_id: "@news:example.org"
publications:
  weekly:
    title: Garden News
    command: "!weekly"
    rooms: {submissions: "#garden:example.org", editors: "!shed:example.org"}
    editors: ["@ada:example.org"]
    schedule: {timezone: Europe/Paris}
    catalogue:
      departments: [{key: fruit, emoji: "🍎", title: Fruit}]
"""

CATALOGUE = """\
departments:
  - {key: fruit, emoji: "🍎", title: Fruit}
  - {key: tools, emoji: "🛠️", title: Tools}
projects:
  - {key: rake, title: Rake, department: tools}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a configuration, and a catalogue beside it, and gives its path."""

    def written(configuration: str, catalogue: str | None = None) -> Path:
        if catalogue is not None:
            (tmp_path / "catalogue.yaml").write_text(catalogue, encoding="utf-8")
            configuration = re.sub(r"catalogue:\n.*\n", "catalogue: catalogue.yaml\n", configuration)
        (tmp_path / "config.yaml").write_text(configuration, encoding="utf-8")
        return tmp_path / "config.yaml"

    return written


def mistakes(path: Path) -> list[str]:
    """Return what is said about a configuration, without the folder that it is in."""
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return [mistake.replace(f"{path.parent}/", "") for mistake in caught.value.mistakes]


def keys_of(annotation: Any) -> Iterator[str]:  # noqa: ANN401 - an annotation may be anything
    """Yield every key that may be written in what an annotation describes."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if not field.exclude:
                yield field.alias or name
            yield from keys_of(field.annotation)
    for part in get_args(annotation):
        yield from keys_of(part)


class TestWhatIsRead:
    def test_defaults(self, write: Write) -> None:
        config = load(write(GARDEN))
        weekly = config.publications["weekly"]
        assert (weekly.key, weekly.schedule.weekday, weekly.schedule.deadline) == ("weekly", "friday", time(17))
        assert (config.health, weekly.rooms.pings, weekly.post.author) == (None, None, None)

    def test_paths_start_at_the_file(self, write: Write, tmp_path: Path) -> None:
        (tmp_path / "own.md.j2").touch()
        (tmp_path / "site").mkdir()
        paths = "template: own.md.j2, site_checkout: site"
        config = load(write(GARDEN + f"    post: {{{paths}}}\ndata_dir: elsewhere\n"))
        assert config.data_dir == tmp_path / "elsewhere"
        assert config.publications["weekly"].post.template == tmp_path / "own.md.j2"
        assert config.publications["weekly"].post.site_checkout == tmp_path / "site"

    def test_catalogue_in_a_file(self, write: Write) -> None:
        catalogue = load(write(GARDEN, CATALOGUE)).publications["weekly"].catalogue
        assert [department.key for department in catalogue.departments] == ["fruit", "tools"]
        assert [(project.label, project.department) for project in catalogue.projects] == [("Rake", "tools")]

    def test_order_sorts_before_the_place_in_the_list(self, write: Write) -> None:
        ordered = CATALOGUE.replace("title: Tools", "title: Tools, order: 2")
        catalogue = load(write(GARDEN, ordered)).publications["weekly"].catalogue
        assert [department.key for department in catalogue.departments] == ["tools", "fruit"]

    def test_json(self, write: Write) -> None:
        as_yaml = write(GARDEN)
        assert load(write(json.dumps(read_yaml(as_yaml)))).publications["weekly"].title == "Garden News"

    @pytest.mark.parametrize("room", ["!shed:example.org", "!7fS0gkW-hash_only", "#shed:example.org", "!a:[::1]:8448"])
    def test_every_kind_of_room(self, write: Write, room: str) -> None:
        config = load(write(GARDEN.replace("!shed:example.org", room)))
        assert config.publications["weekly"].rooms.editors == room

    def test_two_publications_with_one_room_for_their_editors(self, write: Write) -> None:
        other = GARDEN.partition("publications:\n")[2].replace("weekly", "monthly").replace("#garden", "#meadow")
        assert list(load(write(GARDEN + other)).publications) == ["weekly", "monthly"]

    def test_a_department_may_have_the_emoji_that_the_bot_thanks_with(self, write: Write) -> None:
        assert load(write(GARDEN.replace("🍎", "✅"))).publications


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("homeserver: https:", "homeserver: ", "1: homeserver: '//matrix.example.org' is no address"),
        ('"@news:example.org"', "news", "2: user_id: 'news' is no Matrix ID; one looks like @name:example.org"),
        ("user_id", "data_dir: 5\nuser_id", "2: data_dir: 5 is no path; put it in quotes"),
        ("user_id", "log: {level: loud}\nuser_id", "2: log.level: 'loud' is not possible; write 'debug', 'info', "),
        ("user_id", "log:\nuser_id", "2: log: is empty; give it a value or leave it out"),
        ("user_id", "health: {}\nuser_id", "2: health.listen: is missing"),
        ("user_id", "health: {listen: ':80'}\nuser_id", "2: health.listen: ':80' is no address to listen on"),
        ("user_id", "health: {listen: 'a:65536'}\nuser_id", "2: health.listen: 'a:65536' is no address to listen on"),
        ("user_id", "data_dir: {a: b}\nuser_id", "2: data_dir: this is no path; put it in quotes"),
        ("  weekly:", "  week ly:", "4: publications.week ly: 'week ly' is no key; use letters, digits, "),
        ("title: Garden News", "title: 7", "5: publications.weekly.title: 7 is no text; put it in quotes"),
        ("title: Garden News", "title: ''", "5: publications.weekly.title: must not be empty"),
        (
            "    title:",
            "    key: weekly\n    title:",
            "5: publications.weekly.key: there is no such key; a publication's",
        ),
        ('"!weekly"', '"!week ly"', "6: publications.weekly.command: '!week ly' is no command; write one word such as"),
        ('"#garden:example.org"', "garden", "7: publications.weekly.rooms.submissions: 'garden' is no room; write its"),
        ("#garden:example.org", "#garden", "7: publications.weekly.rooms.submissions: '#garden' is no room; write its"),
        ("#garden:", "!shed:", "7: publications.weekly.rooms.editors: is the submissions room too; editors need"),
        ('["@ada:example.org"]', '"@ada:example.org"', "8: publications.weekly.editors: must be a list"),
        ('["@ada:example.org"]', "[]", "8: publications.weekly.editors: must not be empty"),
        ('["@ada:example.org"]', "[ada]", "8: publications.weekly.editors.0: 'ada' is no Matrix ID; one looks like"),
        ("{timezone: Europe/Paris}", "{}", "9: publications.weekly.schedule.timezone: is missing"),
        ("Europe/Paris", "Mars/Olympus", "9: publications.weekly.schedule.timezone: 'Mars/Olympus' is no time zone;"),
        (
            "timezone:",
            "deadline: '24:00', timezone:",
            "9: publications.weekly.schedule.deadline: '24:00' is no time of",
        ),
        ("timezone:", "deadline: 1700, timezone:", "9: publications.weekly.schedule.deadline: 1700 is no time of day;"),
        ("timezone:", "weekday: Freitag, timezone:", "9: publications.weekly.schedule.weekday: 'Freitag' is not"),
    ],
)
def test_says_what_is_wrong(write: Write, right: str, wrong: str, mistake: str) -> None:
    assert right in GARDEN
    said = mistakes(write(GARDEN.replace(right, wrong)))
    assert len(said) == 1, said
    assert said[0].startswith(f"config.yaml:{mistake}")


@pytest.mark.parametrize(
    ("section", "mistake"),
    [
        ("submissions: {min_length: -1}", "submissions.min_length: must be 0 or more"),
        ("submissions: {min_length: 'a few'}", "submissions.min_length: 'a few' is no whole number"),
        ("submissions: {ack: ' '}", "submissions.ack: must not be empty"),
        ('submissions: {drop: "\\uFE0F"}', "submissions.drop: must not be empty"),
        ("submissions: {drop: ⭕}", "submissions.drop: '⭕' stands for take_up already; every reaction needs its own"),
        ("submissions: {take_up: 🍎}", "submissions.take_up: '🍎' stands for department fruit already; every reaction"),
        ("submissions: {take: 🥕}", "submissions.take: there is no such key; did you mean 'take_up'?"),
        ("post: {verbs: []}", "post.verbs: must not be empty"),
        ("post: {template: nowhere.j2}", "post.template: there is no file nowhere.j2"),
        ("post: {site_checkout: nowhere}", "post.site_checkout: there is no folder nowhere"),
        ("post: {site_checkout: config.yaml}", "post.site_checkout: there is no folder config.yaml"),
        ("post: {file: /etc/post}", "post.file: '/etc/post' leads out of the site; write a path that starts in its"),
        ("post: {file: 'a/../../{date}'}", "post.file: 'a/../../{date}' leads out of the site; write a path that"),
        ("post: {file: 'blog/{dat}'}", "post.file: there is no {dat} to put in; there are {date}, {year}, "),
        ("post: {path: '/blog/{0}'}", "post.path: there is no {0} to put in; there are {date}, {year}, "),
        ("post: {images: {folder: ../img}}", "post.images.folder: '../img' leads out of the site; write a path that"),
        ("post: {images: {place: img}}", "post.images.place: there is no such key; the keys here are folder, url"),
        ("scheduled: {}", "scheduled: there is no such key; did you mean 'schedule'?"),
    ],
)
def test_says_what_is_wrong_in_what_may_be_left_out(write: Write, section: str, mistake: str) -> None:
    said = mistakes(write(GARDEN + f"    {section}\n"))
    assert len(said) == 1, said
    assert said[0].startswith(f"config.yaml:12: publications.weekly.{mistake}")


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("departments:", "sections:", "1: departments: is missing"),
        (
            "title: Fruit",
            "title: Fruit, colour: red",
            "2: departments.0.colour: there is no such key; the keys here are",
        ),
        ("key: tools", "key: fruit", "3: departments.1.key: 'fruit' is another row's key already; every row needs its"),
        ("🛠️", "🍎", "3: departments.1.emoji: '🍎' stands for department fruit already; every reaction needs its own"),
        ("🛠️", "🍎\ufe0f", "3: departments.1.emoji: '🍎\ufe0f' stands for department fruit already; every reaction"),
        (
            "key: rake",
            "key: the rake",
            "5: projects.0.key: 'the rake' is no key; use letters, digits, '.', '_' and '-'",
        ),
        ("title: Rake", "title: 🛠", "5: projects.0.title: '🛠' stands for department tools already; every reaction"),
        (
            "title: Rake",
            "title: Rake, label: 🍎",
            "5: projects.0.label: '🍎' stands for department fruit already; every",
        ),
        ("department: tools", "department: tool", "5: projects.0.department: there is no department 'tool'; did you"),
        ("department: tools", "department: x", "5: projects.0.department: there is no department 'x'; add it to the"),
        (
            "department: tools",
            "department: tools, reporters: [ada]",
            "5: projects.0.reporters.0: 'ada' is no Matrix ID",
        ),
        ("- {key: rake", "- rake\n  - {key: rake", "5: projects.0: must be a mapping of keys"),
    ],
)
def test_names_the_file_of_the_catalogue(write: Write, right: str, wrong: str, mistake: str) -> None:
    assert right in CATALOGUE
    said = mistakes(write(GARDEN, CATALOGUE.replace(right, wrong)))
    assert any(sentence.startswith(f"catalogue.yaml:{mistake}") for sentence in said), said
    assert all(sentence.startswith("catalogue.yaml:") for sentence in said)


def test_says_everything_at_once(write: Write) -> None:
    configuration = GARDEN.replace("user_id", "userid").replace("Garden News", "''").replace("Paris", "Parys")
    assert mistakes(write(configuration, CATALOGUE.replace("key: rake", "kee: rake").replace("🛠️", "❌"))) == [
        "config.yaml:1: user_id: is missing",
        "config.yaml:5: publications.weekly.title: must not be empty",
        (
            "config.yaml:9: publications.weekly.schedule.timezone: 'Europe/Parys' is no time zone; write one such as "
            "Europe/Paris or UTC"
        ),
        "catalogue.yaml:5: projects.0.key: is missing",
        "catalogue.yaml:5: projects.0.kee: there is no such key; did you mean 'key'?",
        "config.yaml:2: userid: there is no such key; did you mean 'user_id'?",
        (
            "config.yaml:4: publications.weekly.submissions.drop: '❌' stands for department tools already; "
            "every reaction needs its own"
        ),
    ]


def test_reads_json_with_escaped_emoji(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(read_yaml(ROOT / "config.example.yaml")), encoding="ascii")
    (tmp_path / "catalogue.example.yaml").write_text(CATALOGUE.replace("🍎", "\\U0001F34E").replace("'", ""), "utf-8")
    assert load(file).publications["weekly"].catalogue.departments[0].emoji == "🍎"


def test_names_a_submissions_room_that_two_publications_would_share(write: Write) -> None:
    other = GARDEN.partition("publications:\n")[2].replace("weekly", "monthly").replace("!shed", "!barn")
    assert mistakes(write(GARDEN + other)) == [
        (
            "config.yaml:15: publications.monthly.rooms.submissions: #garden:example.org is the submissions room of "
            "weekly already; each needs its own"
        ),
    ]


@pytest.mark.parametrize("is_first", [True, False])
def test_names_an_editors_room_where_another_publication_takes_submissions(write: Write, *, is_first: bool) -> None:
    head, _, weekly = GARDEN.partition("publications:\n")
    monthly = (
        weekly.replace("weekly", "monthly")
        .replace("#garden", "#barn")
        .replace("!shed:example.org", "#garden:example.org")
    )
    (said,) = mistakes(write(f"{head}publications:\n" + (monthly + weekly if is_first else weekly + monthly)))
    assert said.endswith(
        "publications.monthly.rooms.editors: #garden:example.org is the submissions room of weekly; "
        "editors need a room of their own"
    )


def test_names_a_command_that_two_publications_would_hear(write: Write) -> None:
    other = GARDEN.partition("publications:\n")[2].replace("weekly:", "monthly:").replace("#garden", "#meadow")
    assert mistakes(write(GARDEN + other)) == [
        (
            "config.yaml:15: publications.monthly.rooms.editors: !shed:example.org and !weekly are used by weekly too; "
            "change one of them"
        )
    ]


def test_says_of_missing_rooms_only_that_they_are_missing(write: Write) -> None:
    weekly = re.sub(" +rooms: .*\n", "", GARDEN)
    other = weekly.partition("publications:\n")[2].replace("weekly:", "monthly:")
    assert mistakes(write(weekly + other)) == [
        "config.yaml:4: publications.weekly.rooms: is missing",
        "config.yaml:11: publications.monthly.rooms: is missing",
    ]


@pytest.mark.parametrize("rooms", ["[]", "5", "'#garden:example.org'"])
def test_survives_other_things_in_the_place_of_a_mapping(write: Write, rooms: str) -> None:
    configuration = re.sub("rooms: .*", f"rooms: {rooms}", GARDEN)
    assert mistakes(write(configuration)) == ["config.yaml:7: publications.weekly.rooms: must be a mapping of keys"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "config.yaml: is empty or no mapping of keys; see config.example.yaml"),
        ("- homeserver", "config.yaml: is empty or no mapping of keys; see config.example.yaml"),
        ("homeserver: [", "config.yaml:1: is no valid YAML: expected the node content"),
        ("log: {}\nuser_id: a\nlog: {}", 'config.yaml:3: is no valid YAML: found duplicate key "log"'),
        (
            "log: 2026-13-45",
            "config.yaml: has a value that is none of its kind: month must be in 1..12; put it in quotes",
        ),
        ("log: !!bool maybe", "config.yaml: has a value that is none of its kind: 'maybe'; put it in quotes"),
        ('log: !!int ""', "config.yaml: has a value that is none of its kind: string index out of range"),
        (r'log: "\UFFFFFFFF"', "config.yaml: has a value that is none of its kind: Python int too large"),
        ("log: " + "[" * 2000, "config.yaml: is nested too deeply"),
        ("log: \x07", "config.yaml: is no valid YAML: unacceptable character"),
    ],
)
def test_refuses_what_is_no_configuration(write: Write, text: str, mistake: str) -> None:
    said = mistakes(write(text))
    assert len(said) == 1
    assert said[0].startswith(mistake)


class TestFilesThatCannotBeRead:
    def test_missing(self, tmp_path: Path) -> None:
        assert mistakes(tmp_path / "config.yaml") == ["config.yaml: can't be read: No such file or directory"]

    def test_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "config.yaml").write_bytes(b"homeserver: \xff")
        assert mistakes(tmp_path / "config.yaml")[0].startswith("config.yaml: can't be read: 'utf-8' codec")

    def test_missing_catalogue_is_the_only_mistake_in_it(self, write: Write, tmp_path: Path) -> None:
        path = write(GARDEN, CATALOGUE)
        (tmp_path / "catalogue.yaml").unlink()
        assert mistakes(path) == ["catalogue.yaml: can't be read: No such file or directory"]

    def test_broken_catalogue_is_told_beside_other_mistakes(self, write: Write) -> None:
        said = mistakes(write(GARDEN.replace("!weekly", "!week ly"), "departments: ["))
        assert [sentence.partition(": ")[0] for sentence in said] == ["config.yaml:6", "catalogue.yaml:1"]


class TestCredentials:
    def test_come_from_the_environment(self) -> None:
        credentials = Credentials.from_environment({"TWIMBOT_PASSWORD": "apple", "TWIMBOT_ACCESS_TOKEN": "pear"})
        assert credentials == Credentials("apple", "pear")

    def test_come_from_files(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("apple\n", encoding="utf-8")
        environment = {"TWIMBOT_PASSWORD_FILE": str(tmp_path / "secret")}
        assert Credentials.from_environment(environment) == Credentials("apple", None)

    def test_may_be_missing(self) -> None:
        assert Credentials.from_environment({"TWIMBOT_PASSWORD": ""}) == Credentials(None, None)

    def test_name_the_file_that_cannot_be_read(self) -> None:
        with pytest.raises(
            ConfigurationError, match=r"^TWIMBOT_ACCESS_TOKEN_FILE: /nowhere/secret can't be read: No such"
        ):
            Credentials.from_environment({"TWIMBOT_ACCESS_TOKEN_FILE": "/nowhere/secret"})


class TestTheExample:
    def test_is_accepted(self) -> None:
        config = load(ROOT / "config.example.yaml")
        assert [project.label for project in config.publications["weekly"].catalogue.projects] == [
            "RG",
            "Tall Tomatoes",
        ]

    def test_shows_the_defaults(self) -> None:
        config = load(ROOT / "config.example.yaml")
        weekly = config.publications["weekly"]
        schedule = Schedule(timezone=weekly.schedule.timezone)
        assert (config.log, weekly.filing, weekly.submissions, weekly.post, weekly.schedule) == (
            Log(),
            Filing(),
            Submissions(),
            Post(),
            schedule,
        )

    @pytest.mark.parametrize("key", sorted(set(keys_of(Config))))
    def test_explains_every_key(self, key: str) -> None:
        lines = [
            line
            for name in ("config.example.yaml", "catalogue.example.yaml")
            for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        ]
        assert any(re.match(rf"[ #-]*{key}:", line) for line in lines)
