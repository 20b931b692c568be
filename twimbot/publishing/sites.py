"""The checkouts of the sites that posts go into, each read again only once something in it has changed."""

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from twimbot.publishing import press

if TYPE_CHECKING:
    from twimbot.export.site import Site

MOST_SITES = 8
"""How many checkouts are remembered; each takes some hundred bytes a page."""


async def read_site(checkout: Path) -> "Site":
    """Return a site as its checkout is now; raises ConfigurationError where the folder is none."""
    return await asyncio.to_thread(lambda: _read(checkout, _state(checkout)))


@lru_cache(maxsize=MOST_SITES)
def _read(checkout: Path, _state: tuple[int, int]) -> "Site":
    return press.site(checkout)


def _state(checkout: Path) -> tuple[int, int]:
    """Return how many files there are, and when the latest was changed: looking is much quicker than reading."""
    times = [
        file.lstat().st_mtime_ns
        for place in ("config.toml", "zola.toml", "content", "static")
        for file in (checkout / place, *(checkout / place).rglob("*"))
        if file.exists()
    ]
    return len(times), max(times, default=0)
