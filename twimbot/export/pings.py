"""The servers with the lowest ping, from what the ping room's bots answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from twimbot.model.entry import Pong
from twimbot.model.event import SERVER_NAME

FASTEST = 10.0
SLOWEST = 10 * 60 * 1000.0
"""Pongs outside these bounds, in milliseconds, are broken clocks and queues that were stuck, no pings."""

RANKS = 10


@dataclass(frozen=True, slots=True)
class PingRow:
    """A line of the table; `milliseconds` is the server's median as it is printed."""

    rank: int
    hostname: str
    milliseconds: str


def ping_rows(pongs: Iterable[Pong]) -> tuple[PingRow, ...]:
    """Return the ten servers with the lowest medians, the lowest first, equal ones by hostname.

    Anyone can send a pong that names anything as its server: what is no server name is left out.
    """
    times: dict[str, list[float]] = defaultdict(list)
    for pong in pongs:
        if FASTEST <= pong.milliseconds <= SLOWEST and SERVER_NAME.fullmatch(pong.server):
            times[pong.server.lower()].append(pong.milliseconds)
    ranked = sorted((median(values), hostname) for hostname, values in times.items())
    return tuple(
        PingRow(rank, hostname, f"{milliseconds:g}")
        for rank, (milliseconds, hostname) in enumerate(ranked[:RANKS], start=1)
    )
