"""A measurement as it is told: what, against what, both with their spread, the ratio, and what it should be at most."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, of ours and of a peer, in one unit; more is worse.

    `goal` is what the ratio of the medians should be at most; without a peer (`theirs` is empty) it is a limit in the
    unit itself. None: it is told, and nothing is expected of it.
    """

    what: str
    against: str
    ours: Sequence[float]
    theirs: Sequence[float]
    unit: str
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the peer's median ours is; None without a peer."""
        return median(self.ours) / median(self.theirs) if self.theirs else None

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached, or there is none."""
        reached = median(self.ours) if self.ratio is None else self.ratio
        return self.goal is None or reached <= self.goal


@dataclass(frozen=True, slots=True)
class Curve:
    """A course that says more than its medians: lines by what they are called, and what the axes show."""

    lines: Mapping[str, Sequence[tuple[float, float]]]
    axes: tuple[str, str]


HEAD = (
    "| what | measured | against | measured | ratio | goal |",
    "| :-- | --: | :-- | --: | --: | --: |",
)


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield a table in Markdown: medians, with the smallest and the greatest of several."""
    yield from HEAD
    for figure in figures:
        theirs = _spread(figure.theirs, figure.unit) if figure.theirs else ""
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        yield (
            f"| {figure.what} | {_spread(figure.ours, figure.unit)} | {figure.against} | {theirs} "
            f"| {ratio} | {_goal(figure)} |"
        )


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    limit = f"{figure.goal:g}" if figure.theirs else f"{figure.goal:g} {figure.unit}"
    return limit if figure.is_reached else f"{limit}, not reached"


def _spread(values: Sequence[float], unit: str) -> str:
    """Return the median of what was measured, and between what it lay."""
    middle = f"{_rounded(median(values))} {unit}"
    return middle if len(values) == 1 else f"{middle} ({_rounded(min(values))} to {_rounded(max(values))})"


def _rounded(value: float) -> str:
    """Return a number with three digits that mean something."""
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
