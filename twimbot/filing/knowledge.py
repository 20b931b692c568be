"""What the archive tells about an entry to be filed, with today's keys: data that the weighing takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Example:
    """A past entry: where it stood, by keys of the present catalogue (None: under none that it knows).

    `title` is what it may be quoted by, empty where that may still be deleted. `name` are the words of what it was
    about, as its post or its own heading has it; `opening` those that it began with.
    """

    department: str | None
    project: str | None
    edition: date
    title: str
    name: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was learned, as far as it bears on one entry.

    `history` are its sender's past entries, the latest first; `alike` the entries most like it, each with its
    likeness (greater is more). `uses` tells for terms of the entry how many past entries of each department have
    them, `entries` how many entries each department has.
    """

    history: tuple[Example, ...] = ()
    alike: tuple[tuple[Example, float], ...] = ()
    uses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
