"""Finding texts that are almost the same among many, by the sequences of words that they share."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

LONG = 30
"""The fewest words of a text that is compared by its sequences; shorter ones are the same or are not."""

SEQUENCE = 3
ALIKE = 0.8
"""Texts are almost the same where they share so much of their sequences of SEQUENCE words."""

FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(slots=True)
class KnownTexts:
    """Texts as they were added, numbered from 0; among those that are alike the first stands for all."""

    owners: dict[str, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def add(self, words: Sequence[str]) -> int | None:
        """Add a text and return the number of the one that is almost the same, if there is one.

        The effort grows with the words alone, however many texts there are.
        """
        sequences = _sequences(words)
        known = self.owners.keys() & sequences
        shared = Counter(map(self.owners.__getitem__, known))
        alike = [number for number, count in shared.items() if count >= ALIKE * max(len(sequences), self.sizes[number])]
        self.owners.update(dict.fromkeys(sequences - known, len(self.sizes)))
        self.sizes.append(len(sequences))
        return alike[0] if alike else None


def _sequences(words: Sequence[str]) -> set[str]:
    """Return the sequences of words of a text; figures make no difference in a long one."""
    if len(words) < LONG:
        return {" ".join(words)} if words else set()
    plain = ["0" if word[0].isdecimal() and FIGURE.fullmatch(word) else word for word in words]
    return set(map(" ".join, zip(*(plain[start:] for start in range(SEQUENCE)), strict=False)))
