"""How long to wait before asking the homeserver again."""

import random
from collections.abc import Iterator

from twimbot.matrix.client import Refused

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0


def waits(first: float = FIRST_WAIT, longest: float = LONGEST_WAIT) -> Iterator[float]:
    """Yield growing waits in seconds, each a little off, so that many bots do not come back at once."""
    wait = first
    while True:
        yield wait * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        wait = min(wait * 2, longest)


def wait_for(error: Exception, wait: float) -> float:
    """Return how long to wait after an error, in seconds: what the homeserver asks for, else `wait`."""
    asked = error.retry_after if isinstance(error, Refused) else None
    return wait if asked is None else max(asked, 0.05)
