"""Measures how well entries file themselves, on real weeks that are replayed in the order of time (`make filing`).

Each week is filed with what was published before it, and with weights that were fitted on the other weeks alone, as
it is for a week that nobody has seen.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from tests.filing.fitting import fit
from tests.filing.plot import calibration_plot
from tests.filing.weeks import Case, replay
from tests.soak.report import into_document
from twimbot.config import Filing
from twimbot.filing.guide import Guide
from twimbot.filing.outcome import filed
from twimbot.filing.weighing import Model, weigh
from twimbot.model.filing import Candidate, Guess

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95)
THRESHOLDS = (0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95)
COLUMNS = (
    *("known departments", "right department", "suggested", "wrong department"),
    *("known projects", "right project", "suggested project", "wrong project"),
)

Judged = Sequence[tuple[Case, Guess]]
Told = Callable[[Case, Guess], tuple[Sequence[Candidate], str | None]]


@click.command
@click.option("--corpus", type=click.Path(path_type=Path), default=SHARED / "corpus", help="The folder of weeks.")
@click.option(
    "--catalogue",
    type=click.Path(path_type=Path),
    default=SHARED / "facts" / "twim-catalogue.json",
    help="The catalogue.",
)
@click.option("--document", type=click.Path(path_type=Path), help="Put the tables and the plot into this document.")
@click.option("--fit", "fits", is_flag=True, help="Print the weights fitted on all weeks instead.")
@click.option("--misses", is_flag=True, help="Print what was missed, too.")
def measure(corpus: Path, catalogue: Path, document: Path | None, *, fits: bool, misses: bool) -> None:
    """Print the tables."""
    if not corpus.is_dir():
        raise click.BadParameter(f"{corpus}: the collection of real weeks is not here")
    guide, cases = asyncio.run(replay(sorted(corpus.glob("20*")), catalogue))
    if fits:
        click.echo("\n".join(drawn(fit(cases, guide))))
        return
    weeks = sorted({case.week for case in cases})
    unseen = {week: fit([case for case in cases if case.week != week], guide) for week in weeks}
    judged = [judge(case, guide, unseen[case.week]) for case in cases]
    text = "\n".join(tables(judged))
    click.echo(text)
    if misses:
        click.echo("\n".join(line for case, guess in judged for line in missed(case, guess)))
    if document:
        into_document(text, document, "filing")
        points = [point for told in (by_department, by_project) for point in confident(judged, told)]
        calibration_plot(points, document.with_suffix(".svg"))


def judge(case: Case, guide: Guide, model: Model) -> tuple[Case, Guess]:
    """Return a case with what the bot does about it."""
    guess = weigh(case.subject, case.sender, guide, case.knowledge, model)
    return case, filed(guess, Filing(), guide.catalogue)


def by_department(case: Case, guess: Guess) -> tuple[Sequence[Candidate], str | None]:
    """Return the departments in question and the right one."""
    return guess.departments, case.department


def by_project(case: Case, guess: Guess) -> tuple[Sequence[Candidate], str | None]:
    """Return the projects in question and the right one."""
    return guess.projects, case.project


def tables(judged: Judged) -> Iterator[str]:
    """Yield what was filed by week, how that depends on the threshold, and whether confidences mean what they say."""
    yield f"| week | entries | {' | '.join(COLUMNS)} |"
    yield "| :-- |" + " --: |" * (len(COLUMNS) + 1)
    for week in sorted({case.week for case, _ in judged}):
        yield row(week, [(case, guess) for case, guess in judged if case.week == week])
    yield row("**all**", judged)
    half = sorted({case.week for case, _ in judged})[-6:]
    yield row(f"**since {half[0]}**", [(case, guess) for case, guess in judged if case.week >= half[0]])
    yield ""
    yield "| filed from | right department | wrong department | right project | wrong project |"
    yield "| --: | --: | --: | --: | --: |"
    for threshold in THRESHOLDS:
        yield f"| {threshold} | {share(judged, threshold, by_department)} | {share(judged, threshold, by_project)} |"
    yield ""
    yield "| confidence | departments | mean | right | projects | mean | right |"
    yield "| :-- | --: | --: | --: | --: | --: | --: |"
    for low, high in zip(BANDS, (*BANDS[1:], 1.01), strict=True):
        found = f"{band(judged, low, high, by_department)} | {band(judged, low, high, by_project)}"
        yield f"| {low:.2f} to {min(high, 1):.2f} | {found} |"


def row(name: str, judged: Judged) -> str:
    """Draw what matters to an editor."""
    found: Counter[str] = Counter()
    for case, guess in judged:
        for kind, place, candidates, right in (
            ("department", guess.department, guess.departments, case.department),
            ("project", guess.project, guess.projects, case.project),
        ):
            offered = {each.key for each in candidates if each.confidence >= Filing().suggest_from}
            found[f"known {kind}s"] += right is not None
            found[f"right {kind}"] += right is not None and place == right
            found[f"wrong {kind}"] += place is not None and place != right
            found["suggested" if kind == "department" else "suggested project"] += place is None and right in offered
    return f"| {name} | {len(judged)} | " + " | ".join(str(found[column]) for column in COLUMNS) + " |"


def confident(judged: Judged, told: Told) -> list[tuple[float, bool]]:
    """Return how sure the bot is of its best candidates, and whether they are right."""
    found = (told(case, guess) for case, guess in judged)
    return [(candidates[0].confidence, candidates[0].key == right) for candidates, right in found if candidates]


def share(judged: Judged, threshold: float, told: Told) -> str:
    """Return which part of the known ones would be right, and of all entries wrong, if they were filed from here on."""
    known = sum(told(case, guess)[1] is not None for case, guess in judged)
    sure = Counter(is_right for confidence, is_right in confident(judged, told) if confidence >= threshold)
    return f"{sure[True] / known:.1%} | {sure[False] / len(judged):.1%}"


def band(judged: Judged, low: float, high: float, told: Told) -> str:
    """Return how many best candidates have a confidence in a band, its mean, and which part of them is right."""
    found = [point for point in confident(judged, told) if low <= point[0] < high]
    if not found:
        return "0 | |"
    mean = sum(confidence for confidence, _ in found) / len(found)
    return f"{len(found)} | {mean:.2f} | {sum(is_right for _, is_right in found) / len(found):.2f}"


def missed(case: Case, guess: Guess) -> Iterator[str]:
    """Yield what was thought of an entry that was not filed rightly, with the reasons."""
    if (guess.department, guess.project) == (case.department, case.project):
        return
    yield f"{case.week} {case.sender}: {case.department}, {case.project}; filed {guess.department}, {guess.project}"
    yield f"    {' '.join(case.text[:100].split())}"
    for candidate in (*guess.departments, *guess.projects):
        reasons = "; ".join(f"{reason.kind} {reason.detail}" for reason in candidate.reasons)
        yield f"    {candidate.key} {candidate.confidence:.2f}: {reasons}"


def drawn(model: Model) -> Iterator[str]:
    """Yield the weights as they stand in the code."""
    named: Iterable[tuple[str, Mapping[str, float]]] = (
        ("project", {sign.name: weight for sign, weight in model.project.items()}),
        ("no_project", {sign.name: weight for sign, weight in model.no_project.items()}),
        ("department", {sign.name: weight for sign, weight in model.department.items()}),
    )
    for name, weights in named:
        yield f"    {name}={{"
        yield from (f"        Sign.{sign}: {weight:.2f}," for sign, weight in weights.items())
        yield "    },"


if __name__ == "__main__":
    measure()
