"""What proof-reading finds."""

from typing import NamedTuple


class Finding(NamedTuple):
    """A line of a post, from 1, and the sentence that is to be said about it."""

    line: int
    sentence: str
