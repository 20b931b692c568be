"""How long to wait before asking the homeserver again."""

import random
import time
from collections.abc import Iterator

from twimbot.matrix.client import Refused

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0

LIMIT_MEMORY = 3600.0
"""How long the bot remembers, in seconds, that the homeserver has limited its rate."""


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


class Allowance:
    """What the account may send, as far as the homeserver has told; rate limits hold for all rooms together.

    A homeserver adds to the allowance in steady steps (Synapse: `rc_message`, one send in five seconds), and says how
    far the next one is when it refuses. What can wait takes every second step, so that the others gather for the rest.
    """

    def __init__(self) -> None:
        self._step = 0.0
        self._limited_at = 0.0
        self._used_at = 0.0

    def note_limit(self, seconds: float) -> None:
        """Note that the homeserver has asked to wait so long."""
        self._step = max(self._step, min(seconds, LONGEST_WAIT))
        self._limited_at = self._used_at = time.monotonic()

    def note_use(self) -> None:
        """Note that the homeserver has taken something."""
        self._used_at = time.monotonic()

    def until_spare(self) -> float:
        """Return how many seconds what can wait still has to, 0 where no limit is known."""
        now = time.monotonic()
        if now > self._limited_at + LIMIT_MEMORY:
            self._step = 0.0
        return max(0.0, self._used_at + 2 * self._step - now) if self._step else 0.0
