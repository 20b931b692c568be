"""Measures speed and memory against peers, and writes the tables down (`make bench`, `make bench-quick`)."""

import asyncio
import inspect
import os
import platform
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from tests.bench.figures import Curve, Figure, table
from tests.plots import draw
from tests.soak.report import into_document

MEASUREMENTS = {
    "acknowledging": "A contributor's ✅",
    "reading": "A message built to be slow",
    "crowding": "Many at once",
    "flooding": "A flood",
    "catching_up": "After an absence",
    "exporting": "The post",
    "sizing": "The database",
    "starting": "The start",
    "remembering": "Memory",
    "serving": "Many publications in one process",
}
"""What is measured: modules that have `measure`, and what their tables are called; each has marks in the document."""

Measured = Sequence[Figure | Curve]


@click.command
@click.argument(
    "names", nargs=-1, type=click.Choice(list(MEASUREMENTS)), help="What to measure; all where none is named."
)
@click.option("--document", type=click.Path(path_type=Path), help="Put the tables into this document.")
@click.option("--quick", is_flag=True, help="Take fewer repetitions and smaller sizes: some two minutes.")
def bench(names: Sequence[str], document: Path | None, *, quick: bool) -> None:
    """Measure what is named, or all of it, and print the tables."""
    for name in names or MEASUREMENTS:
        began = time.perf_counter()
        measured = _measured(name, is_quick=quick)
        figures = [each for each in measured if isinstance(each, Figure)]
        text = "\n".join((*table(figures), "", _circumstances(time.perf_counter() - began)))
        click.echo(f"{MEASUREMENTS[name]}\n\n{text}\n")
        if document:
            into_document(text, document, name)
            for curve in measured:
                if isinstance(curve, Curve):
                    draw(curve.lines, curve.axes, document.with_name(f"{document.stem}-{name}.svg"))


def _measured(name: str, *, is_quick: bool) -> Measured:
    measure: Callable[..., Measured | Awaitable[Measured]] = import_module(f"tests.bench.{name}").measure
    found = measure(is_quick=is_quick)
    return asyncio.run(_awaited(found)) if inspect.isawaitable(found) else found


async def _awaited(found: Awaitable[Measured]) -> Measured:
    return await found


def _circumstances(seconds: float) -> str:
    """Say when and where it was measured, and how busy the machine was with other things too."""
    today: date = datetime.now(UTC).date()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{today}, {seconds:.0f} s, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, Synapse {version('matrix-synapse')}."
    )


if __name__ == "__main__":
    bench()
