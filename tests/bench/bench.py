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

from tests.bench.figures import Figure, table
from tests.soak.report import into_document

MEASUREMENTS = {
    "acknowledging": "A contributor's ✅",
    "crowding": "Many at once",
    "catching_up": "After an absence",
    "exporting": "The post",
    "sizing": "The database",
    "starting": "The start",
    "remembering": "Memory",
    "serving": "Many publications in one process",
}
"""What is measured: modules that have `measure`, and what their tables are called; each has marks in the document."""

Measure = Callable[..., list[Figure] | Awaitable[list[Figure]]]


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
        text = "\n".join((*table(_measured(name, is_quick=quick)), "", _circumstances(time.perf_counter() - began)))
        click.echo(f"{MEASUREMENTS[name]}\n\n{text}\n")
        if document:
            into_document(text, document, name)


def _measured(name: str, *, is_quick: bool) -> list[Figure]:
    measure: Measure = import_module(f"tests.bench.{name}").measure
    figures = measure(is_quick=is_quick)
    return asyncio.run(_awaited(figures)) if inspect.isawaitable(figures) else figures


async def _awaited(figures: Awaitable[list[Figure]]) -> list[Figure]:
    return await figures


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
