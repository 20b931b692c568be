"""Which texts are read as Markdown: neither endless ones nor those that nest without end."""

import re

LONGEST = 100_000
MOST_LINES = 4_000
"""Of a message with more characters or lines than these nothing is read; no Matrix event is as long."""

NESTING = re.compile(r"^(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])[ \t]+)){50}", re.MULTILINE)


def unreadable(text: str) -> str | None:
    """Return why nothing of a message's Markdown is read, and it stands in the post as plain text; None: it is read.

    Only what is seen at a glance: that there are too many marks or addresses shows when the post is made.
    """
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        return "it is too long"
    return "its quotes and lists nest too deep" if NESTING.search(text) else None
