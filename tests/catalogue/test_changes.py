"""Changes on top of a file: a circle that loses nothing and overrides nothing."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.scene import EDITOR, PUBLICATION, Scene
from twimbot.catalogue.changes import Change, changed, differences, is_possible, left_open, merged
from twimbot.catalogue.writing import written
from twimbot.config import CataloguePart, ProjectPart, Publication, check_catalogue, parse_yaml
from twimbot.errors import ConfigurationError
from twimbot.store.entries import Decision

TURM = {"key": "turm", "title": "Turm", "department": "servers", "website": "https://turm.example.org"}
NEW = ProjectPart(key="neu", title="Neu", department="clients")


def with_file(*projects: dict[str, Any]) -> Publication:
    """Return the publication with a file that has these projects."""
    departments = PUBLICATION.catalogue_part.model_dump(mode="json")["departments"]
    return PUBLICATION.with_catalogue(
        CataloguePart.model_validate({"departments": departments, "projects": [*projects]})
    )


def said(field: str | None, former: Any, value: Any, key: str = "turm") -> Change:  # noqa: ANN401 - as the case has it
    return Change(f"${field}-{former}-{value}", "projects", key, field, former, value)


def titles(publication: Publication) -> list[str]:
    return [project.title for project in publication.catalogue.projects]


@pytest.mark.parametrize(
    ("file", "title", "pending"),
    [("Turm", "Tower", 1), ("Tower", "Tower", 0), ("Torre", "Torre", 0)],
    ids=["says what it said", "says it too", "says something else"],
)
def test_a_change_counts_while_the_file_says_what_it_said(file: str, title: str, pending: int) -> None:
    made = merged(with_file({**TURM, "title": file}), (said("title", "Turm", "Tower"),))
    assert titles(made.publication) == [title]
    assert len(made.pending) == pending


@pytest.mark.parametrize(
    ("file", "titles_now"),
    [("Turm", ["Torre"]), ("Tower", ["Torre"]), ("Torre", ["Torre"]), ("Tour", ["Tour"])],
)
def test_the_file_may_have_been_written_between_two_changes(file: str, titles_now: list[str]) -> None:
    changes = (said("title", "Turm", "Tower"), said("title", "Tower", "Torre"))
    assert titles(merged(with_file({**TURM, "title": file}), changes).publication) == titles_now


@pytest.mark.parametrize(
    ("rows", "changes", "now"),
    [
        ([TURM], [said(None, None, NEW, "neu")], ["Turm", "Neu"]),
        ([TURM, {**TURM, "key": "neu", "title": "N"}], [said(None, None, NEW, "neu")], ["Turm", "N"]),
        ([TURM], [said(None, ProjectPart.model_validate(TURM), None)], []),
        ([{**TURM, "title": "Tower"}], [said(None, ProjectPart.model_validate(TURM), None)], ["Tower"]),
        ([], [said(None, ProjectPart.model_validate(TURM), None)], []),
        ([], [said("title", "Turm", "Tower")], []),
        ([], [said("description", None, "High")], []),
        ([{**TURM, "key": "other", "title": "Neu"}], [said(None, None, NEW, "neu")], ["Neu"]),
        ([TURM], [said(None, None, NEW, "neu"), said("title", "Neu", "Neuer", "neu")], ["Turm", "Neuer"]),
    ],
)
def test_projects_come_and_go(rows: list[dict[str, Any]], changes: list[Change], now: list[str]) -> None:
    assert titles(merged(with_file(*rows), tuple(changes)).publication) == now


@pytest.mark.parametrize(
    ("file", "former", "value", "now"),
    [
        (["a"], None, "b", ("a", "b")),
        (["b"], None, "b", ("b",)),
        (["a", "b"], "a", None, ("b",)),
        (["b"], "a", None, ("b",)),
        (["c"], None, "b", ("c", "b")),
    ],
)
def test_of_several_values_each_stands_for_itself(
    file: list[str], former: str | None, value: str | None, now: tuple[str, ...]
) -> None:
    made = merged(with_file({**TURM, "aliases": file}), (said("aliases", former, value),))
    assert made.publication.catalogue.projects[0].aliases == now


async def test_what_the_file_has_taken_over_may_be_changed_back_in_it(scene: Scene) -> None:
    change = said("title", "Turm", "Tower")
    async with scene.database.transaction() as records:
        await records.catalogue.note("news", change, Decision(change.event_id, EDITOR, 0))
        for title in ("Tower", "Turm"):
            await records.catalogue.settle(with_file({**TURM, "title": title}))
            assert titles(await records.catalogue.present(with_file({**TURM, "title": title}))) == [title]


texts = st.sampled_from(["A", "B", "C", "Turm", "D d"])
deeds = st.lists(
    st.tuples(
        st.sampled_from(["fernglas", "turm", "neu"]),
        st.sampled_from(["title", "label", "description", "website", "aliases", "reporters", None]),
        texts,
    ),
    max_size=8,
)


def carried_out(
    publication: Publication, deeds: Iterable[tuple[str, str | None, str]]
) -> tuple[CataloguePart, tuple[Change, ...]]:
    """Make changes as the commands do, each of what stands there at that time."""
    changes, part = list[Change](), publication.catalogue_part
    for number, (key, field, text) in enumerate(deeds):
        row = next((row for row in part.projects if row.key == key), None)
        value: str | None = f"@{text[0].lower()}:example.org" if field == "reporters" else text
        value = f"https://{text[0]}.example.org" if field == "website" else value
        if row is None or field is None:
            whole = row is None and ProjectPart(key=key, title=text, department="clients")
            change = Change(f"${number}", "projects", key, None, row, whole or None)
        elif field in ("aliases", "reporters"):
            former = value if value in getattr(row, field) else None
            change = Change(f"${number}", "projects", key, field, former, None if former else value)
        else:
            change = Change(f"${number}", "projects", key, field, getattr(row, field), value)
        if change.former == change.value:
            continue
        assert is_possible(part, change)
        after = changed(part, change)
        try:
            check_catalogue(after, publication.submissions)
        except ConfigurationError:
            continue
        changes.append(change)
        part = after
    return part, tuple(changes)


@settings(deadline=None, max_examples=30)
@given(first=deeds, second=deeds)
def test_written_out_and_read_again_it_is_the_same_and_nothing_is_pending(
    first: list[tuple[str, str | None, str]], second: list[tuple[str, str | None, str]]
) -> None:
    """The file is written between the changes and read after all of them, as somebody does who keeps it in git."""
    midway, before = carried_out(PUBLICATION, first)
    present, every = carried_out(PUBLICATION, [*first, *second])
    assert (
        merged(PUBLICATION, every).publication.catalogue.projects
        == PUBLICATION.with_catalogue(present).catalogue.projects
    )
    file = PUBLICATION.with_catalogue(CataloguePart.model_validate(parse_yaml(written(midway, "Title."))))
    assert file.catalogue_part == midway
    assert left_open(file, PUBLICATION.catalogue_part, before) == ()
    later = left_open(file, PUBLICATION.catalogue_part, every)
    made = merged(file, later)
    assert (made.publication.catalogue, made.pending) == (present.read(), later)


def test_differences_are_named() -> None:
    before = with_file(TURM, {**TURM, "key": "alt", "title": "Alt"}).catalogue_part
    after = with_file({**TURM, "title": "Tower", "aliases": ["t"]}, {**TURM, "key": "neu", "title": "N"}).catalogue_part
    assert differences(before, after) == [
        "project neu is new",
        "project alt is gone",
        "project turm has another title, aliases",
    ]
    assert differences(before, before) == []
    swapped = before.model_copy(update={"projects": before.projects[::-1]})
    assert differences(before, swapped) == ["the projects are in another order"]
