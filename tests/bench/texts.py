"""Invented entries as long and as varied as those that people write: links, lists, code, headings, pictures."""

from collections.abc import Callable
from itertools import accumulate
from random import Random

SYLLABLES = ("a", "do", "fen", "gra", "hil", "jo", "kar", "lum", "mi", "nor", "pel", "qua", "ru", "sto", "tev", "wu")

WORDS = 8_000
"""How many words there are; few of them make up most of a text, as in every language."""

LENGTHS = (46, 69, 91, 106, 135, 157, 186, 237, 316)
"""How many words an entry has: the nine deciles of twelve published weeks."""

Sentence = Callable[[int], str]
"""Makes a sentence of so many words."""


def texts(random: Random, number: int) -> list[str]:
    """Return the texts of so many entries, in Markdown."""
    words = _words(random)
    weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))  # Zipf's law

    def sentence(length: int) -> str:
        chosen = random.choices(words, cum_weights=weights, k=length)
        return f"{' '.join(chosen).capitalize()}."

    return [_text(random, sentence, random.choice(LENGTHS)) for _ in range(number)]


def _words(random: Random) -> list[str]:
    """Return the words, the shortest first: those are the most frequent ones."""
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(random.choices(SYLLABLES, k=random.randint(1, 4)))] = None
    return sorted(words, key=len)


def _text(random: Random, sentence: Sentence, length: int) -> str:
    blocks = [_paragraph(random, sentence)]
    while sum(len(block.split()) for block in blocks) < length:
        (make,) = random.choices((_paragraph, _list, _section, _code), weights=(8, 3, 1, 1))
        blocks.append(make(random, sentence))
    return "\n\n".join(blocks)


def _paragraph(random: Random, sentence: Sentence) -> str:
    site = f"https://{sentence(1).lower()}example.org/{random.randint(1, 9999)}"
    more = random.choice(("", "", "", f" See {site}/notes, too."))
    return (
        f"{sentence(random.randint(8, 20))} **{sentence(2)}** {sentence(random.randint(4, 12))}"
        f" [{sentence(3)}]({site}) {sentence(random.randint(4, 12))}{more}"
    )


def _list(random: Random, sentence: Sentence) -> str:
    items = (f"- {sentence(random.randint(4, 10))} `{sentence(1)}` #{n}" for n in range(random.randint(3, 7)))
    return "\n".join((sentence(6), "", *items))


def _section(random: Random, sentence: Sentence) -> str:
    return f"## {sentence(3)}\n\n{_paragraph(random, sentence)}\n\n![{sentence(4)}](https://example.org/a.png)"


def _code(random: Random, sentence: Sentence) -> str:
    return f"```toml\n[{sentence(1)[:-1]}]\nlisten = {random.randint(1000, 9999)}\n```"
