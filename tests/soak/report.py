"""The figures of a soak, as tables in Markdown and in their place in a document."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.soak.proxy import AWAY, ENDPOINTS, SEVERED
from twimbot.errors import JobError

SOAK = "soak"
"""The name of the marks between which the soak's tables stand in a document."""

KINDS = {
    "delayed": "answer delayed",
    "cut_before_the_request": "connection cut before the request",
    "cut_before_the_answer": "connection cut before the answer",
    "cut_in_the_answer": "connection cut within the answer",
    SEVERED: "connection cut with all others",
    "answered_429": "429 in place of an answer",
    "answered_500": "500 in place of an answer",
    "answered_502": "502 in place of an answer",
    "answered_503": "503 in place of an answer",
    "answered_with_a_page": "web page in place of an answer",
    AWAY: "homeserver not there",
}
"""What each kind of fault that meets a request is called; the last is what homeserver restarts come to."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run has done and found.

    `requests` counts the faults that requests met by kind and endpoint; `wrong` are the numbers of the lost, doubled,
    missing and twice answered; `memory` is in bytes.
    """

    command: str
    is_whole: bool
    began: datetime
    seconds: float
    cores: int
    kills: int
    exits: int
    restarts: int
    severings: int
    put_outs: int
    refusals: int
    requests: Mapping[tuple[str, str], int]
    submissions: int
    events: int
    entries: int
    answers: int
    memory: int | None
    wrong: tuple[int, int, int, int]


def tables(figures: Figures) -> str:
    """Return the figures in Markdown."""
    return "\n".join([*_circumstances(figures), "", *_faults(figures), "", *_endpoints(figures)])


def into_document(text: str, document: Path, name: str) -> None:
    """Put a text between the two marks of a name in a document; raises JobError where they are not there."""
    first, last = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    written = document.read_text(encoding="utf-8")
    head, begin, rest = written.partition(first)
    _, end, tail = rest.partition(last)
    if not begin or not end:
        raise JobError(f"{document} has no {first} … {last}; put them where the tables shall stand")
    document.write_text(f"{head}{first}\n\n{text}\n\n{last}{tail}", encoding="utf-8")


def _circumstances(figures: Figures) -> Iterator[str]:
    minutes, memory = figures.seconds / 60, figures.memory
    yield f"`{figures.command}`"
    yield ""
    yield (
        f"Run on {figures.began:%Y-%m-%d} on {figures.cores} cores in {minutes:.0f} minutes: {figures.events} events "
        f"of the crowd, {figures.entries} entries and {figures.answers} answers that had to be there at the end"
        + (f", and {memory / 1024 / 1024:.0f} MiB of memory at most in the bot's last life." if memory else ".")
        + ("" if figures.is_whole else " The time was up before all of it was done.")
    )


def _faults(figures: Figures) -> Iterator[str]:
    yield "| fault | injected | submissions sent | lost | doubled | answers missing | answers doubled |"
    yield "| :-- | --: | --: | --: | --: | --: | --: |"
    by_kind: Counter[str] = Counter()
    for (kind, _), number in figures.requests.items():
        by_kind[kind] += number
    rows = {
        "bot killed with SIGKILL": figures.kills,
        "homeserver killed or stopped, and started again": figures.restarts,
        "all connections cut at once": figures.severings,
        "somebody put out with all that they had said": figures.put_outs,
        "taking back refused to the bot for a while": figures.refusals,
        **{title: by_kind[kind] for kind, title in KINDS.items() if kind not in (SEVERED, AWAY)},
        "bot ended by itself, and started again": figures.exits,
    }
    for title, number in rows.items():
        yield f"| {title} | {number} | | | | | |"
    wrong = " | ".join(map(str, figures.wrong))
    yield f"| **all of them at once** | {sum(rows.values())} | {figures.submissions} | {wrong} |"


def _endpoints(figures: Figures) -> Iterator[str]:
    endpoints = (*ENDPOINTS, "other")
    yield f"| fault that met a request | {' | '.join(endpoints)} |"
    yield f"| :-- |{' --: |' * len(endpoints)}"
    for kind, title in KINDS.items():
        yield f"| {title} | {' | '.join(str(figures.requests.get((kind, each), 0)) for each in endpoints)} |"
