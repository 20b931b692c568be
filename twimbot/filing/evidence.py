"""What speaks for each project and department, as numbers per sign; what a sign weighs is said elsewhere."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from twimbot.filing.guide import Guide, person, ties
from twimbot.filing.knowledge import Example, Knowledge
from twimbot.filing.subject import Subject
from twimbot.filing.terms import tokens
from twimbot.model.catalogue import Department, Project

FADING = 0.85
"""How much less each earlier entry of a contributor says than the one after it."""

COMMON_SHARE = 0.3
"""Terms in more than this share of all past entries are typical of none."""

LEAST_USES = 2
"""Terms of fewer past entries say nothing about departments yet."""

SHORTEST_NAME = 4
"""Of how many letters what a past entry was about must be, for its name to tell anything."""

MOST_WORDS_BEFORE = 60
"""Within how many words a text without a heading must name what it is about."""

VERSION = re.compile(r"v?\d+")

MOST_TERMS = 3
"""How many terms are told as a reason."""

DOUBT = 0.3
"""How likely some project must be, for those in question to be a hint."""

UNTELLING = frozenset({"matrix", "element", "the", "and", "for", "sdk", "bot", "group", "working"})
"""Words of projects' titles that don't tell which project it is."""


class Sign(StrEnum):
    """What may speak for a place, or for standing under no project."""

    IS_HEADING = "is_heading"
    IN_HEADING = "in_heading"
    TIMES_NAMED = "times_named"
    SHARE_OF_NAMES = "share_of_names"
    NAMED_FIRST = "named_first"
    ANNOUNCED = "announced"
    IN_SENTENCE = "in_sentence"
    LINKS = "links"
    REPORTER = "reporter"
    MOVED_REPORTER = "moved_reporter"
    ONLY_REPORTER = "only_reporter"
    HISTORY = "history"
    ONLY_HISTORY = "only_history"
    IN_HISTORY = "in_history"
    ALIKE = "alike"
    SAME_SUBJECT = "same_subject"
    TIE = "tie"
    NO_PROJECT = "no_project"
    OWN_HEADING = "own_heading"
    UNKNOWN_HEADING = "unknown_heading"
    PROJECTS = "projects"
    TYPICAL = "typical"
    TOPIC = "topic"
    SHARE = "share"


Place = str | None
"""A project's or department's key; None: no project at all."""

Signs = Mapping[Sign, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The signs for each place, without those that are 0, and what was seen, where there is more to say than that."""

    signs: Mapping[Place, Signs]
    details: Mapping[tuple[Place, Sign], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Mentions:
    """Which projects a text names, and where: its heading, all of its heading, its body's first, and as news.

    What the body begins with, or gives a version of, is announced.
    """

    times: Mapping[str, int]
    in_heading: frozenset[str]
    whole: frozenset[str]
    first: str | None
    announced: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Past:
    """What past entries say: by place, as parts of 1, and the words for it."""

    history: Mapping[Place, float]
    alike: Mapping[Place, float]
    same: Mapping[Place, float]
    details: Mapping[tuple[Place, Sign], str]


def project_evidence(subject: Subject, sender: str, guide: Guide, knowledge: Knowledge) -> Evidence:
    """Return what speaks for each project for which anything does, and for none of them."""
    mentions = _mentions(subject, guide)
    most = max(mentions.times.values(), default=0)
    links = guide.linked(subject.addresses)
    past = _past(subject, knowledge, lambda each: each.project)
    moved, _ = guide.moved_reporters(sender)
    tied, is_alone = ties(sender), not subject.heading
    details = dict(past.details)

    def signs(project: Project) -> Signs:
        key, reports = project.key, sender in project.reporters
        times = mentions.times.get(key, 0)
        in_sentence = subject.sentence & (frozenset(tokens(project.title)) - UNTELLING)
        if not times:
            details[key, Sign.IN_SENTENCE] = ", ".join(sorted(in_sentence))
        if not reports:
            details[key, Sign.MOVED_REPORTER] = details[key, Sign.ONLY_REPORTER] = person(sender)
            details[key, Sign.TIE] = ", ".join(sorted(tied & guide.ties[key]))
        return _present(
            {
                Sign.IS_HEADING: key in mentions.whole,
                Sign.IN_HEADING: key in mentions.in_heading - mentions.whole,
                Sign.TIMES_NAMED: math.log1p(times),
                Sign.SHARE_OF_NAMES: times / (most + 1),
                Sign.NAMED_FIRST: key == mentions.first,
                Sign.ANNOUNCED: key in mentions.announced,
                Sign.IN_SENTENCE: bool(in_sentence),
                Sign.LINKS: math.log1p(links[key]),
                Sign.REPORTER: reports,
                Sign.MOVED_REPORTER: not reports and key in moved,
                Sign.ONLY_REPORTER: is_alone and (reports or key in moved),
                Sign.HISTORY: past.history.get(key, 0),
                Sign.ONLY_HISTORY: is_alone * past.history.get(key, 0),
                Sign.IN_HISTORY: key in past.history,
                Sign.ALIKE: past.alike.get(key, 0),
                Sign.SAME_SUBJECT: past.same.get(key, 0),
                Sign.TIE: bool(tied & guide.ties[key]),
            }
        )

    found: dict[Place, Signs] = {each.key: given for each in guide.catalogue.projects if (given := signs(each))}
    found[None] = _present(
        {
            Sign.NO_PROJECT: 1,
            Sign.OWN_HEADING: not is_alone,
            Sign.UNKNOWN_HEADING: not is_alone and not mentions.in_heading,
            Sign.HISTORY: past.history.get(None, 0),
            Sign.ALIKE: past.alike.get(None, 0),
            Sign.SAME_SUBJECT: past.same.get(None, 0),
        }
    )
    return Evidence(found, details)


def department_evidence(
    subject: Subject, sender: str, guide: Guide, knowledge: Knowledge, likely: Mapping[str, float]
) -> Evidence:
    """Return what speaks for each department, should the entry stand under no project.

    `likely` says how likely each project is, by its key: those in question hint at their departments even so.
    """
    in_question = sum(likely.values()) + DOUBT
    past = _past(subject, knowledge, lambda each: each.department)
    typical = _typical(subject, knowledge)
    strengths = {key: sum(strength for strength, _ in found) for key, found in typical.items()}
    most_typical = max(strengths.values(), default=0)
    everything = sum(knowledge.entries.values()) + 0.5 * len(guide.catalogue.departments)
    _, moved = guide.moved_reporters(sender)
    details = dict(past.details)

    def signs(department: Department) -> Signs:
        key, reports = department.key, sender in department.reporters
        topic = guide.topic_terms[key]
        inside = sorted(topic & subject.stems.keys(), key=lambda term: (-subject.stems[term], term))
        spoken = sum(math.log1p(subject.stems[term]) for term in inside)
        spoken = 0.3 * spoken + len(topic & subject.opening) + 2 * len(topic & subject.title_stems)
        projects = [(likely.get(each.key, 0), each.title) for each in guide.projects_of[key]]
        details[key, Sign.MOVED_REPORTER] = person(sender)
        details[key, Sign.PROJECTS] = max(projects, default=(0, ""))[1]
        details[key, Sign.TOPIC] = ", ".join(map(subject.word, inside[:MOST_TERMS]))
        most = sorted(typical.get(key, []))[: -MOST_TERMS - 1 : -1]
        details[key, Sign.TYPICAL] = ", ".join(subject.word(term) for _, term in most)
        return _present(
            {
                Sign.PROJECTS: sum(confidence for confidence, _ in projects) / in_question,
                Sign.REPORTER: reports,
                Sign.MOVED_REPORTER: not reports and key in moved,
                Sign.HISTORY: past.history.get(key, 0),
                Sign.IN_HISTORY: key in past.history,
                Sign.ALIKE: past.alike.get(key, 0),
                Sign.SAME_SUBJECT: past.same.get(key, 0),
                Sign.TYPICAL: strengths.get(key, 0) / (most_typical + 3),
                Sign.IN_HEADING: bool(guide.title_terms[key] & subject.title_stems),
                Sign.TOPIC: math.log1p(spoken),
                Sign.SHARE: math.log((knowledge.entries.get(key, 0) + 0.5) / everything),
            }
        )

    return Evidence({each.key: signs(each) for each in guide.catalogue.departments}, details)


def _mentions(subject: Subject, guide: Guide) -> _Mentions:
    times: Counter[str] = Counter()
    whole: set[str] = set()
    for places, keys in guide.named(subject.heading):
        times.update(keys)
        if len(places) == len(subject.heading):
            whole.update(keys)
    in_heading = frozenset(times)
    in_body = list(guide.named(subject.body))
    for _, keys in in_body:
        times.update(keys)
    return _Mentions(
        times=times,
        in_heading=in_heading,
        whole=frozenset(whole),
        first=in_body[0][1][0] if in_body else None,
        announced=frozenset(
            key for places, keys in in_body if places.start <= 1 or _is_version(subject, places.stop) for key in keys
        ),
    )


def _is_version(subject: Subject, place: int) -> bool:
    return any(VERSION.fullmatch(word) for word in subject.body[place : place + 1])


def _past(subject: Subject, knowledge: Knowledge, place: Callable[[Example], Place]) -> _Past:
    """Sum up past entries by where they stood, and say which they are."""
    history = [(place(example), FADING**age) for age, example in enumerate(knowledge.history)]
    alike = [(place(example), likeness) for example, likeness in knowledge.alike]
    known = dict.fromkeys((*knowledge.history, *(example for example, _ in knowledge.alike)))
    same = [example for example in known if _is_same(subject, example)]
    details: dict[tuple[Place, Sign], str] = {}
    for example, _ in knowledge.alike:
        details.setdefault((place(example), Sign.ALIKE), _quoted(example))
    for example in same:
        details.setdefault((place(example), Sign.SAME_SUBJECT), _quoted(example))
    for key, number in Counter(key for key, _ in history).items():
        details[key, Sign.HISTORY] = details[key, Sign.IN_HISTORY] = f"{number} of {len(history)}"
    return _Past(_shares(history, 0.5), _shares(alike, 0), _shares([(place(each), 1) for each in same], 0.5), details)


def _is_same(subject: Subject, example: Example) -> bool:
    """Whether a text is about what a past one was about, also where no catalogue knows it."""
    called = subject.heading or subject.body[:MOST_WORDS_BEFORE]
    return _holds(example.opening, subject.heading) or _holds(called, example.name)


def _holds(words: Sequence[str], name: Sequence[str]) -> bool:
    starts = range(len(words) - len(name) + 1)
    return len("".join(name)) >= SHORTEST_NAME and any(words[at : at + len(name)] == name for at in starts)


def _quoted(example: Example) -> str:
    return f"“{example.title}” ({example.edition})" if example.title else f"an entry of {example.edition}"


def _shares(amounts: Iterable[tuple[Place, float]], doubt: float) -> Mapping[Place, float]:
    """Return each place's part of all amounts and of `doubt`, which few examples leave."""
    sums: defaultdict[Place, float] = defaultdict(float)
    for place, amount in amounts:
        sums[place] += amount
    everything = sum(sums.values()) + doubt
    return {place: amount / everything for place, amount in sums.items()}


def _typical(subject: Subject, knowledge: Knowledge) -> Mapping[str, list[tuple[float, str]]]:
    """Return, by department, how much more often than elsewhere each term of a text is used there."""
    everything = sum(knowledge.entries.values())
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for term, uses in knowledge.uses.items():
        users = sum(uses.values())
        if not LEAST_USES <= users <= COMMON_SHARE * everything:
            continue
        weight = 2 if term in subject.title_stems or term in subject.opening else 1
        for key, number in uses.items():
            share = (knowledge.entries[key] + 0.5) / (everything + 0.5 * len(knowledge.entries))
            strength = math.log((number + 2 * share) / (users + 2) / share)
            if strength > 0:
                found[key].append((weight * strength, term))
    return found


def _present(signs: Signs) -> Signs:
    return {sign: float(value) for sign, value in signs.items() if value}
