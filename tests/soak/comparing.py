"""What is in the store, in the room and in the exported post, against what the room's history says must be there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.soak.plain_reading import Reading, Standing
from twimbot.model.entry import Entry, MediaState

UNFILED = "TODO: not filed yet"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found when all was over: the entries of the store, the bot's answers in the room, and the post.

    `failures` are the events that the desk could not record; `titles` those of the departments by key.
    """

    entries: Sequence[Entry]
    failures: Sequence[str]
    answers: Sequence[tuple[str, str]]
    post: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Differences:
    """Sentences, each about one difference.

    `lost`: an entry, or any part of one, is not there or not as it must be; `doubled`: one is there twice, or is
    there and must not be; `missing` and `answered_twice` are the same of answers.
    """

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    missing: tuple[str, ...]
    answered_twice: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every difference."""
        return (*self.lost, *self.doubled, *self.missing, *self.answered_twice)


def compare(reading: Reading, found: Found) -> Differences:
    """Return how what was found differs from what must be."""
    stored = {entry.event_id: entry for entry in found.entries}
    lost = {event_id: "is not in the store" for event_id in reading.entries if event_id not in stored}
    for event_id, standing in reading.entries.items():
        if event_id in stored and (seen := _as_standing(stored[event_id])) != standing:
            lost[event_id] = f"must be {standing}, is {seen}"
    doubled = {entry.event_id: "is in the store" for entry in found.entries if entry.event_id not in reading.entries}
    times = Counter(entry.event_id for entry in found.entries)
    doubled |= {event_id: f"is in the store {number} times" for event_id, number in times.items() if number > 1}
    for event_id, said, is_lost in _in_post(reading, found):
        (lost if is_lost else doubled).setdefault(event_id, said)
    return Differences(
        tuple(f"{event_id} {said}" for event_id, said in lost.items())
        + tuple(f"{event_id} could not be recorded" for event_id in found.failures),
        tuple(f"{event_id} {said}, and must not be" for event_id, said in doubled.items()),
        *_answers(reading, Counter(found.answers)),
    )


def _as_standing(entry: Entry) -> Standing:
    """Return an entry of the store as the plain reading has them; a picture counts once it is kept."""
    return Standing(
        entry.event_id,
        entry.sender,
        entry.text,
        entry.department,
        entry.project,
        entry.is_dropped,
        tuple((passage.event_id, passage.text) for passage in entry.passages),
        tuple((media.event_id, media.alt) for media in entry.media if media.state is MediaState.KEPT),
    )


def _in_post(reading: Reading, found: Found) -> Iterator[tuple[str, str, bool]]:
    """Yield what is wrong in the post with each entry: its ID, a sentence, and whether that means a loss."""
    places: dict[str, list[str]] = {}
    section = ""
    for line in found.post.splitlines():
        section = line.removeprefix("## ") if line.startswith("## ") else section
        if line.startswith("> "):
            places.setdefault(line.removeprefix("> "), []).append(section)
    quoted = {line: len(sections) for line, sections in places.items()}
    for entry in reading.entries.values():
        for text in (entry.text, *(passage for _, passage in entry.passages)):
            sections = places.pop(text, [])
            title = found.titles.get(entry.department or "", UNFILED)
            if entry.is_dropped and sections:
                yield entry.event_id, "is in the post though dropped", False
            elif not entry.is_dropped and title not in sections:
                yield entry.event_id, f"is not in the post under {title}: {sections}", True
            elif len(sections) > 1:
                yield entry.event_id, f"is in the post {quoted[text]} times", False
    for line in places:
        if not line.startswith("!["):
            yield line, "is in the post", False


def _answers(reading: Reading, given: Counter[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the answers that are missing, and those that are given twice or without a reason."""
    missing = sorted(reading.answers - set(given))
    twice = sorted(answer for answer, number in given.items() if number > 1)
    baseless = sorted(each for each in given if not reading.allows(*each))
    return (
        tuple(f"{target} has no {what}" for target, what in missing),
        tuple(f"{target} has {what} {given[target, what]} times" for target, what in twice)
        + tuple(f"{target} has {what}, and must not" for target, what in baseless),
    )
