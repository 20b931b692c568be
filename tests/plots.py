"""Plots as SVG: the same figures give the same file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

mpl.rcParams["svg.hashsalt"] = "twimbot"
mpl.rcParams["svg.fonttype"] = "none"

Points = Sequence[tuple[float, float]]


def draw(lines: Mapping[str, Points], axes: tuple[str, str], file: Path) -> None:
    """Draw lines, by what they are called, over axes that begin at nothing."""
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    plot = figure.subplots()
    for name, points in lines.items():
        plot.plot(*zip(*points, strict=True), label=name)
    plot.set(xlim=(0, None), ylim=(0, None), xlabel=axes[0], ylabel=axes[1])
    plot.legend(loc="lower right", frameon=False, fontsize="small")
    save(figure, file)


def save(figure: Figure, file: Path) -> None:
    """Write a figure."""
    figure.savefig(file, metadata={"Date": None})
