"""Catalogues as YAML: any one comes back the same, and a file keeps its comments."""

from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twimbot.catalogue.changes import Change, changed
from twimbot.catalogue.writing import written
from twimbot.config import CataloguePart, ProjectPart, parse_yaml, read_yaml

TITLE = "The catalogue."

FILE = """\
# Ours.
departments:
  # First things first.
  - {key: roots, emoji: "🥕", title: Roots, order: 10}
  - key: fruit   # sweet
    emoji: "🍎"
    title: 'Fruit'

# What grows.
projects:
  # Red, and stays so.
  - key: beetroot
    title: Beetroot
    department: roots
    aliases: [red, "beta"]
  # Green.
  - {key: granny-smith, title: Granny Smith, department: fruit}
"""

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
lists = st.lists(texts, max_size=2)
reporters = st.lists(st.sampled_from(["@ada:example.org", "@cleo:example.org:8448"]), max_size=2)
departments = st.fixed_dictionaries(
    {"key": keys, "emoji": st.sampled_from(["🍎", "🛠️", ":)"]), "title": texts},
    optional={"order": st.floats(-1e6, 1e6), "reporters": reporters, "aliases": lists},
)
projects = st.fixed_dictionaries(
    {"key": keys, "title": texts, "department": keys},
    optional={
        "label": texts,
        "website": st.sampled_from(["https://example.org/a?b=c#d", "@/a/index.md", ""]),
        "description": st.text(st.characters(exclude_categories=["Cs"])),
        "reporters": reporters,
        "aliases": lists,
    },
)
catalogues = st.fixed_dictionaries(
    {
        "departments": st.lists(departments, min_size=1, max_size=3, unique_by=lambda row: row["key"]),
        "projects": st.lists(projects, max_size=3, unique_by=lambda row: row["key"]),
    }
)


def part_of(text: str) -> CataloguePart:
    return CataloguePart.model_validate(parse_yaml(text))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@settings(deadline=None, max_examples=60)
@given(raw=catalogues)
def test_any_catalogue_comes_back_the_same(raw: dict[str, Any]) -> None:
    part = CataloguePart.model_validate(raw)
    assert part_of(written(part, TITLE)).model_dump() == _without_empty(part).model_dump()


@settings(deadline=None, max_examples=60)
@given(before=catalogues, after=catalogues)
def test_any_catalogue_comes_back_the_same_in_the_file_of_another(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, Any], after: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("file") / "catalogue.yaml"
    path.write_text(written(CataloguePart.model_validate(before), TITLE), encoding="utf-8")
    part = CataloguePart.model_validate(after)
    assert part_of(written(part, TITLE, path)).read() == part.read()


def _without_empty(part: CataloguePart) -> CataloguePart:
    """Return a catalogue without texts that are empty: they mean the same as none."""
    bare = {"website": None, "description": None}
    projects = tuple(
        row.model_copy(update={name: value for name, value in bare.items() if getattr(row, name) == ""})
        for row in part.projects
    )
    return part.model_copy(update={"projects": projects})


def test_a_file_that_nothing_has_changed_stays_as_it_is(file: Path) -> None:
    assert written(part_of(FILE), TITLE, file) == FILE


def test_only_what_has_changed_is_written_anew(file: Path) -> None:
    part = part_of(FILE)
    beetroot, granny = part.projects
    more = ProjectPart(key="leek", title="Leek", department="roots", reporters=("@ada:example.org",))
    beetroot = beetroot.model_copy(update={"title": "Beet", "label": "B", "aliases": ("red",)})
    text = written(part.model_copy(update={"projects": (beetroot, granny, more)}), TITLE, file)
    assert text == FILE.replace("title: Beetroot", "title: Beet").replace(
        '    aliases: [red, "beta"]\n', "    aliases: [red]\n    label: B\n"
    ) + ("  - key: leek\n    title: Leek\n    department: roots\n    reporters: ['@ada:example.org']\n")


def test_a_row_that_is_gone_leaves_the_others(file: Path) -> None:
    part = part_of(FILE)
    text = written(part.model_copy(update={"projects": part.projects[1:]}), TITLE, file)
    assert part_of(text).projects == part.projects[1:]
    assert "# What grows." in text


def test_a_catalogue_in_json_is_written_as_yaml(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text('{"departments": [{"key": "roots", "emoji": "\\ud83e\\udd55", "title": "Roots", "order": 1}]}')
    text = written(CataloguePart.model_validate(read_yaml(path)), TITLE, path)
    expected = "departments:\n  - key: roots\n    emoji: 🥕\n    title: Roots\n    order: 1\nprojects: []\n"
    assert text == f"# {TITLE}\n{expected}"


PARTED = """\
departments:
  - key: roots
    emoji: "🥕"
    title: Roots # deep

# What grows.
projects:
  # Red.
  - key: beetroot
    title: Beetroot
    department: roots

  # Long.
  - key: leek
    title: Leek
    department: roots
    reporters:
      - "@ada:example.org" # often
      - "@ben:example.org"

  # Orange.
  - key: carrot
    title: Carrot
    department: roots
# The end.
"""


def rewritten(tmp_path: Path, *changes: Change) -> str:
    """Return the file with the parted comments after changes."""
    path = tmp_path / "catalogue.yaml"
    path.write_text(PARTED, encoding="utf-8")
    return written(reduce(changed, changes, part_of(PARTED)), TITLE, path)


def test_what_is_added_to_a_row_stands_above_the_comment_on_the_next(tmp_path: Path) -> None:
    text = rewritten(
        tmp_path,
        Change("$1", "departments", "roots", "aliases", None, "tubers"),
        Change("$2", "projects", "leek", "aliases", None, "porree"),
    )
    assert text == PARTED.replace("Roots # deep\n", "Roots # deep\n    aliases: [tubers]\n").replace(
        '      - "@ben:example.org"\n', '      - "@ben:example.org"\n    aliases: [porree]\n'
    )


def test_a_list_at_the_end_of_a_row_is_changed_without_the_comment_on_the_next(tmp_path: Path) -> None:
    ada, ben = "@ada:example.org", "@ben:example.org"
    one = Change("$1", "projects", "leek", "reporters", ben, None)
    assert f"    reporters: ['{ada}']\n\n  # Orange.\n  - key: carrot" in rewritten(tmp_path, one)
    none = rewritten(tmp_path, one, Change("$2", "projects", "leek", "reporters", ada, None))
    assert "    department: roots\n\n  # Orange.\n  - key: carrot" in none


def test_a_row_that_is_new_stands_above_what_is_said_of_the_end(tmp_path: Path) -> None:
    plum = ProjectPart(key="plum", title="Plum", department="roots")
    text = rewritten(tmp_path, Change("$1", "projects", "plum", None, None, plum))
    assert text == PARTED.replace("# The end.", "  - key: plum\n    title: Plum\n    department: roots\n# The end.")


def test_the_comment_on_the_row_behind_one_that_is_gone_stays(tmp_path: Path) -> None:
    part = part_of(PARTED)
    for gone in part.projects:
        text = rewritten(tmp_path, Change("$1", "projects", gone.key, None, gone, None))
        assert all(comment in text for comment in ("# What grows.", "# Red.", "# Orange.", "# The end."))
