"""What a message says: the Markdown that goes into an entry (docs/matrix-clients.md, sections 1 and 2)."""

import re
from functools import lru_cache

from twimbot.intake.fallbacks import MOST_REMEMBERED, Words, own_words
from twimbot.intake.formatted import is_within_bounds
from twimbot.intake.loss import loss
from twimbot.intake.markdown import to_markdown
from twimbot.intake.mention import LINK_SIGNS, MARKS, Bot, completed_names, unlinked, without_mentions
from twimbot.intake.spans import outside_code
from twimbot.model.event import Content

FIXED_SPACE = re.compile(r"(?<!«)\xa0(?![!?;:»])")
"""A space that a composer fixed for its own purposes; French has one within quotation marks, and before others."""

TIDIED = ("\xa0", *LINK_SIGNS)
"""Without any of these nothing has to be changed in a text."""

VISIBLE = re.compile(rf"[^\s{MARKS}]")


@lru_cache(maxsize=MOST_REMEMBERED)
def submission_text(content: Content, bot: Bot, *, is_reply: bool) -> str:
    """Return a message's text as Markdown without the mentions of the bot that open it; empty where nothing is left.

    A link to the bot elsewhere becomes its own text. `is_reply`: it is a genuine reply, or the edit of one. The message
    need not be addressed to the bot. Kept for a while, as more than one who asks wants to know it.
    """
    words = own_words(content, is_reply=is_reply)
    completed = completed_names(words, content, bot, is_reply=is_reply)
    text = without_mentions(_markdown(words), bot, completed)
    if any(sign in text for sign in TIDIED):
        text = outside_code(text, lambda part: FIXED_SPACE.sub(" ", unlinked(part, bot)))
    text = text.strip()
    return text if VISIBLE.search(text) else ""


def _markdown(words: Words) -> str:
    """Return the body as it was typed, or the HTML turned into Markdown where the body has lost something.

    HTML that is nested too deeply or too broadly is left alone: the body then has to do.
    """
    if words.html is not None and is_within_bounds(words.html) and loss(words.body, words.html) is not None:
        return to_markdown(words.html)
    return words.body
