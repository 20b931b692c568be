"""Draws how often the bot is right at each confidence."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.plots import save

BINS = 8


def calibration_plot(points: Sequence[tuple[float, bool]], file: Path) -> None:
    """Draw pairs of a confidence and whether it was right: their share of right ones in bins of equal numbers."""
    ordered = sorted(points)
    size = max(len(ordered) // BINS, 1)
    bins = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    means = [sum(confidence for confidence, _ in each) / len(each) for each in bins]
    rights = [sum(is_right for _, is_right in each) / len(each) for each in bins]
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="what it should be")
    axes.plot(means, rights, marker="o", label=f"departments and projects, {size} in each point")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="part that is right")
    axes.legend(loc="upper left", frameon=False, fontsize="small")
    save(figure, file)
