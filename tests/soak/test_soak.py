"""The soak in its short form, and that its judgement can fail: a store that has lost something is not called whole."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.soak.comparing import compare
from tests.soak.report import SOAK, Figures, into_document, tables
from tests.soak.soak import Outcome, Plan, Soak, stored
from twimbot.config import load
from twimbot.errors import JobError

SHORT = Plan(submissions=60, kills=4, restarts=1, cuts=3, put_outs=2, refusals=1, seed=7, minutes=5, longest_life=5)


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("soak")
    return folder, await Soak(SHORT, folder, print).run()


async def test_nothing_is_lost_and_nothing_doubled(run: tuple[Path, Outcome]) -> None:
    _, outcome = run
    figures = outcome.figures
    assert outcome.differences.all == ()
    assert (figures.kills, figures.restarts, figures.severings, figures.put_outs, figures.refusals) == (4, 1, 3, 2, 1)
    assert figures.is_whole
    assert figures.submissions == 60
    assert figures.entries > 40
    assert figures.requests


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entry SET is_deleted = 1 WHERE id = (SELECT max(id) FROM entry_now)",
        "UPDATE revision SET text = 'else' WHERE entry_id = (SELECT max(id) FROM entry_now)",
        "INSERT INTO failed_event VALUES ('$a', '!a', 'x', 1, '@a:b')",
    ],
)
async def test_what_the_store_has_lost_is_noticed(run: tuple[Path, Outcome], tmp_path: Path, damage: str) -> None:
    folder, outcome = run
    shutil.copytree(folder / "data", tmp_path / "data")
    shutil.copy(folder / "config.yaml", tmp_path)
    with sqlite3.connect(tmp_path / "data" / "twimbot.db") as connection:
        connection.execute(damage)
    connection.close()
    entries, failures = await stored(load(tmp_path / "config.yaml"))
    differences = compare(outcome.reading, replace(outcome.found, entries=entries, failures=failures))
    assert len(differences.all) == len(differences.lost) == 1


async def test_an_answer_that_the_room_has_lost_is_noticed(run: tuple[Path, Outcome]) -> None:
    _, outcome = run
    lost = min(outcome.reading.answers)
    answers = [answer for answer in outcome.found.answers if answer != lost]
    differences = compare(outcome.reading, replace(outcome.found, answers=answers))
    assert differences.missing == (f"{lost[0]} has no {lost[1]}",)


FIGURES = Figures(
    command="python -m tests.soak.soak --seed 1",
    is_whole=False,
    began=datetime(2026, 2, 6, tzinfo=UTC),
    seconds=90,
    cores=2,
    kills=3,
    exits=0,
    restarts=2,
    severings=1,
    put_outs=4,
    refusals=1,
    requests={("delayed", "sync"): 4, ("delayed", "send"): 5, ("homeserver_away", "sync"): 100},
    submissions=60,
    events=200,
    entries=55,
    answers=70,
    memory=50 * 1024 * 1024,
    wrong=(0, 1, 2, 3),
)


def test_the_tables_say_what_was_done_and_found() -> None:
    lines = tables(FIGURES).splitlines()
    assert "| **all of them at once** | 20 | 60 | 0 | 1 | 2 | 3 |" in lines
    assert "| answer delayed | 9 | | | | | |" in lines
    assert "| answer delayed | 4 | 0 | 5 | 0 | 0 | 0 | 0 | 0 | 0 |" in lines
    assert "50 MiB" in lines[2]
    assert lines[2].endswith("The time was up before all of it was done.")


def test_the_tables_take_the_place_of_the_last_ones(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    begin, end = "<!-- soak: begin -->", "<!-- soak: end -->"
    document.write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    into_document("new", document, SOAK)
    into_document("newer", document, SOAK)
    assert document.read_text(encoding="utf-8") == f"before\n{begin}\n\nnewer\n\n{end}\nafter\n"


def test_the_page_on_reliability_has_a_place_for_them(tmp_path: Path) -> None:
    page = Path(shutil.copy(Path(__file__).parents[2] / "docs" / "reliability.md", tmp_path))
    into_document("the figures", page, SOAK)
    assert "the figures" in page.read_text(encoding="utf-8")


def test_a_page_without_a_place_for_them_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(JobError, match=r"page\.md has no <!-- soak: begin -->"):
        into_document("new", document, SOAK)
