"""Measures how well entries file themselves, on real weeks that are replayed in the order of time (`make filing`).

Each week is filed with what was published before it, twice: with the weights that twimbot has, and with weights
that were fitted on the other weeks alone, as it would be for a week that nobody has seen.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tests.filing.fitting import fit
from tests.filing.weeks import Case, replay
from twimbot.config import Filing
from twimbot.filing.guide import Guide
from twimbot.filing.outcome import filed
from twimbot.filing.weighing import MODEL, Model, weigh
from twimbot.model.filing import Guess

SHARED = Path(__file__).parents[2].parent / "shared"
BANDS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95)
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def measure(
    corpus: Annotated[Path, typer.Option(help="The folder of weeks.")] = SHARED / "corpus",
    catalogue: Annotated[Path, typer.Option(help="The catalogue.")] = SHARED / "facts" / "twim-catalogue.json",
    *,
    prints_weights: Annotated[bool, typer.Option("--fit", help="Print weights fitted on all weeks.")] = False,
    prints_misses: Annotated[bool, typer.Option("--misses", help="Print what is missed.")] = False,
) -> None:
    """Print the tables."""
    guide, cases = asyncio.run(replay(corpus, catalogue))
    if prints_weights:
        print_model(fit(cases, guide))
        return
    weeks = sorted({case.week for case in cases})
    unseen = {week: fit([case for case in cases if case.week != week], guide) for week in weeks}
    guesses = [judged(case, guide, unseen[case.week]) for case in cases]
    print("## Weights fitted on the other weeks\n")
    print_tables(guesses)
    print("\n## Weights as they are\n")
    print_tables([judged(case, guide, MODEL) for case in cases])
    if prints_misses:
        for case, guess in guesses:
            print_miss(case, guess)


def judged(case: Case, guide: Guide, model: Model) -> tuple[Case, Guess]:
    """Return a case with what the bot does about it."""
    guess = weigh(case.subject, case.sender, guide, case.knowledge, model)
    return case, filed(guess, Filing(), guide.catalogue)


Judged = Sequence[tuple[Case, Guess]]


def counts(judged: Iterable[tuple[Case, Guess]]) -> Counter[str]:
    """Count what matters to an editor."""
    found: Counter[str] = Counter()
    for case, guess in judged:
        found["entries"] += 1
        found["known departments"] += case.department is not None
        found["right department"] += case.department is not None and guess.department == case.department
        found["wrong department"] += guess.department is not None and guess.department != case.department
        found["suggested"] += (
            guess.department is None
            and case.department is not None
            and case.department in {each.key for each in guess.departments if each.confidence >= Filing().suggest_from}
        )
        found["known projects"] += case.project is not None
        found["right project"] += case.project is not None and guess.project == case.project
        found["wrong project"] += guess.project is not None and guess.project != case.project
    return found


def print_tables(judged: Judged) -> None:
    """Print what was filed by week, how that depends on the threshold, and how far confidences mean what they say."""
    columns = ("known departments", "right department", "suggested", "wrong department")
    columns += ("known projects", "right project", "wrong project")
    print(f"| week | entries | {' | '.join(columns)} |\n|---|" + "---:|" * (len(columns) + 1))
    for week in sorted({case.week for case, _ in judged}):
        print_row(week, counts((case, guess) for case, guess in judged if case.week == week), columns)
    print_row("all", counts(judged), columns)
    print("\n| filed from | right department | wrong | right project | wrong |\n|---:|---:|---:|---:|---:|")
    for threshold in THRESHOLDS:
        print_threshold(judged, threshold)
    print("\n| confidence | departments | mean confidence | right | projects | mean confidence | right |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for low, high in zip(BANDS, (*BANDS[1:], 1.01), strict=True):
        departments = band(judged, low, high, lambda case, guess: (guess.departments, case.department))
        projects = band(judged, low, high, lambda case, guess: (guess.projects, case.project))
        print(f"| {low:.2f} to {min(high, 1):.2f} | {departments} | {projects} |")


def print_row(week: str, found: Mapping[str, int], columns: Iterable[str]) -> None:
    print(f"| {week} | {found['entries']} | " + " | ".join(str(found[column]) for column in columns) + " |")


def print_threshold(judged: Judged, threshold: float) -> None:
    departments = Counter(
        best.key == case.department
        for case, guess in judged
        for best in guess.departments[:1]
        if best.confidence >= threshold
    )
    projects = Counter(
        best.key == case.project for case, guess in judged for best in guess.projects[:1] if best.confidence >= threshold
    )
    known = sum(case.department is not None for case, _ in judged)
    of_projects = sum(case.project is not None for case, _ in judged)
    print(
        f"| {threshold} | {departments[True] / known:.1%} | {departments[False] / known:.1%}"
        f" | {projects[True] / of_projects:.1%} | {projects[False] / known:.1%} |"
    )


def band(judged: Judged, low: float, high: float, of: Callable[[Case, Guess], tuple]) -> str:
    """Return how many best candidates have a confidence in a band, its mean, and which part of them is right."""
    found = [
        (candidates[0].confidence, candidates[0].key == right)
        for candidates, right in (of(case, guess) for case, guess in judged)
        if candidates and low <= candidates[0].confidence < high
    ]
    if not found:
        return "0 | | "
    mean = sum(confidence for confidence, _ in found) / len(found)
    return f"{len(found)} | {mean:.2f} | {sum(is_right for _, is_right in found) / len(found):.2f}"


def print_miss(case: Case, guess: Guess) -> None:
    if guess.department == case.department and guess.project == case.project:
        return
    departments = ", ".join(f"{each.key} {each.confidence:.2f}" for each in guess.departments)
    projects = ", ".join(f"{each.key} {each.confidence:.2f}" for each in guess.projects)
    print(f"{case.week} {case.sender}: {case.department}, {case.project}; filed {guess.department}, {guess.project}")
    print(f"    {departments}; {projects}; {' '.join(case.text[:80].split())}")


def print_model(model: Model) -> None:
    for name, weights in (("project", model.project), ("no_project", model.no_project), ("department", model.department)):
        print(f"    {name}={{")
        for sign, weight in weights.items():
            print(f"        Sign.{sign.name}: {weight:.2f},")
        print("    },")


if __name__ == "__main__":
    typer.run(measure)
