"""Catalogues made from hebbot configurations."""

import json
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from twimbot.config import CataloguePart, read_yaml
from twimbot.errors import ConfigurationError
from twimbot.importing.hebbot import HebbotImport, catalogue_from_hebbot

FACTS = Path(__file__).parents[3] / "shared" / "facts"

GARDEN = """\
bot_user_id = '@weekly:example.org'
bot_password = 'carrots'
reporting_room_id = '!garden:example.org'
notice_emoji = '🌱'
restrict_notice = true
verbs = ["says", "grows"]
ack_text = "Thanks {{user}}!"
weather = 'sunny'

[[sections]]
emoji = '🥕'
name = 'roots'
title = 'Roots'
order = 10
usual_reporters = ['@ada:example.org', 'ben']

[[sections]]
emoji = '🍎'
name = 'fruit'
title = 'Fruit'
usual_reporters = []

[[projects]]
emoji = 'Beetroot'
name = 'beetroot'
title = 'Beetroot'
description = 'Red, and stays so.'
website = ''
default_section = 'roots'
usual_reporters = []

[[projects]]
emoji = 'GS'
name = 'granny-smith'
title = 'Granny Smith'
description = ''
website = 'https://example.org/apples'
default_section = 'fruit'
usual_reporters = ['@cleo:example.org', '@cleo:example.org']
"""

GARDEN_CATALOGUE = """\
# Departments and projects, made from garden.toml.
departments:
  - key: roots
    emoji: 🥕
    title: Roots
    order: 10
    reporters: ['@ada:example.org']
  - key: fruit
    emoji: 🍎
    title: Fruit
projects:
  - key: beetroot
    title: Beetroot
    description: Red, and stays so.
    department: roots
  - key: granny-smith
    label: GS
    title: Granny Smith
    website: https://example.org/apples
    department: fruit
    reporters: ['@cleo:example.org']
"""


def imported(text: str) -> HebbotImport:
    """Import a text under the name garden.toml."""
    return catalogue_from_hebbot(text, "garden.toml")


def read(made: HebbotImport, folder: Path) -> CataloguePart:
    """Read the catalogue as the configuration does."""
    file = folder / "catalogue.yaml"
    file.write_text(made.catalogue_yaml, encoding="utf-8")
    return CataloguePart.model_validate(read_yaml(file))


def section(name: str, **given: object) -> str:
    """Write one more section."""
    return "\n[[sections]]\n" + tomli_w.dumps({"name": name, "title": name.title(), "emoji": name, **given})


def project(name: str, **given: object) -> str:
    """Write one more project."""
    row = {"name": name, "title": name.title(), "default_section": "roots", **given}
    return "\n[[projects]]\n" + tomli_w.dumps(row)


def test_writes_sections_and_projects_without_what_is_empty() -> None:
    assert imported(GARDEN).catalogue_yaml == GARDEN_CATALOGUE


def test_says_where_every_setting_goes() -> None:
    notes = imported(GARDEN).notes
    assert notes == (
        'garden.toml:1: bot_user_id: write user_id: "@weekly:example.org"',
        "garden.toml:2: bot_password: is read from TWIMBOT_PASSWORD, or from the file that TWIMBOT_PASSWORD_FILE names",
        'garden.toml:3: reporting_room_id: write rooms.submissions: "!garden:example.org"',
        'garden.toml:4: notice_emoji: write submissions.take_up: "🌱"',
        "garden.toml:5: restrict_notice: has no counterpart; in twimbot only editors ever take up what others wrote",
        'garden.toml:6: verbs: write post.verbs: ["says", "grows"]',
        "garden.toml:7: ack_text: twimbot reacts with submissions.ack instead of answering with a text",
        "garden.toml:8: weather: twimbot knows no such setting; it is left out",
        'garden.toml:10: the reporter "ben" is left out, being no Matrix ID',
    )


@pytest.mark.parametrize(
    ("added", "note"),
    [
        (section("Root cellar"), 'the name "Root cellar" can\'t be a key; the key is Root-cellar now'),
        (section("…"), 'the name "…" can\'t be a key; the key is section now'),
        (section("roots", emoji="🪴"), 'the name "roots" stands twice; the key is roots-2 now'),
        (section("carrots", emoji="🥕\ufe0f"), "🥕\ufe0f of department carrots is that of department roots too"),
        (section("sprouts", emoji="🌱"), "🌱 of department sprouts is that of submissions.take_up too"),
        (section("weeds", emoji="❌"), "❌ of department weeds is that of submissions.drop too"),
        (section("plain", emoji=""), "department plain has no emoji"),
        (section("herbs", colour="green"), "twimbot knows no colour; it is left out"),
        (
            project("parsnip", emoji="beetroot"),
            "beetroot of project parsnip is taken already; its label is Parsnip now",
        ),
        (project("carrot", emoji="🥕"), "🥕 of project carrot is taken already; its label is Carrot now"),
        (project("radish", title="gs", emoji="GS"), "GS of project radish is taken already; its label is radish now"),
        (project("moss", default_section="stones"), 'project moss is of section "stones", which is missing'),
        (project("moss", default_section=""), 'project moss is of section "", which is missing'),
    ],
)
def test_says_what_it_changes_and_what_a_person_has_to_decide(added: str, note: str, tmp_path: Path) -> None:
    made = imported(GARDEN + added)
    line = GARDEN.count("\n") + 2
    assert any(said.startswith(f"garden.toml:{line}: {note}") for said in made.notes), made.notes
    assert read(made, tmp_path).departments


def test_asks_for_a_website_that_is_an_address() -> None:
    (note,) = imported(GARDEN + project("moss", website="moss.example")).notes[len(imported(GARDEN).notes) :]
    assert note.endswith(': "moss.example" of project moss is no address; write one such as https://example.org')


def test_files_projects_of_a_double_section_under_the_first(tmp_path: Path) -> None:
    catalogue = read(imported(GARDEN + section("roots", emoji="🪴")), tmp_path)
    assert [row.department for row in catalogue.projects] == ["roots", "fruit"]


def test_leaves_no_two_projects_with_one_label(tmp_path: Path) -> None:
    more = (
        project("fig", title="GS", emoji="GS") + project("figs", title="fig", emoji="fig") + project("gs", title="FIG")
    )
    catalogue = read(imported(GARDEN + more), tmp_path).read()
    assert [row.label for row in catalogue.projects] == ["Beetroot", "GS", "fig", "figs", "gs 2"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a = 1\nb = [1,\nc", r"garden.toml:3: is no valid TOML: "),
        ("a = 1\nb = ", r"garden.toml:2: is no valid TOML: "),
        ("title = 'another program'", r"garden.toml: is no hebbot configuration; one has \[\[sections\]\]"),
        ("sections = 3", r"garden.toml: sections: input should be a valid tuple"),
        (
            "[[sections]]\nname='a'\ntitle='A'\nemoji='🥕'\n[[sections]]\nname='b'\ntitle='B'",
            r"garden.toml:5: sections.1.emoji: is missing",
        ),
        (GARDEN + project("x", title=7), r"garden.toml:\d+: projects.2.title: input should be a valid string"),
    ],
)
def test_refuses_what_it_cannot_read(text: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{mistake}"):
        imported(text)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(title=words, description=words, label=words)
def test_keeps_every_text_but_for_line_breaks(
    tmp_path_factory: pytest.TempPathFactory, title: str, description: str, label: str
) -> None:
    made = imported(GARDEN + project("any", title=title, description=description, emoji=label))
    row = read(made, tmp_path_factory.mktemp("any")).projects[-1]
    assert (row.title, row.description) == (" ".join(title.split()), " ".join(description.split()))


@pytest.mark.skipif(not FACTS.is_dir(), reason="the configuration in use is not beside this checkout")
def test_reads_the_configuration_that_is_in_use(tmp_path: Path) -> None:
    text = (FACTS / "twim-config.toml").read_text(encoding="utf-8")
    catalogue = read(imported(text), tmp_path)
    assert (len(catalogue.departments), len(catalogue.projects)) == (33, 132)
    expected = json.loads((FACTS / "twim-catalogue.json").read_text(encoding="utf-8"))
    assert catalogue.read() == CataloguePart.model_validate(expected).read()
