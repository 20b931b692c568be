"""How likely each place is the right one: the evidence weighed, as parts of 1, with its reasons.

A conditional logit model: a place's score is the sum of its signs times their weights, and the confidences are the
scores' softmax. The weights were fitted on published weeks (`make filing` does it again, and measures them on weeks
that they were not fitted on); docs/filing.md has the figures.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twimbot.filing.evidence import Evidence, Place, Sign, Signs, department_evidence, project_evidence
from twimbot.filing.guide import Guide
from twimbot.filing.knowledge import Knowledge
from twimbot.filing.subject import Subject
from twimbot.model.filing import Candidate, Guess, Reason, ReasonKind

Weights = Mapping[Sign, float]


@dataclass(frozen=True, slots=True)
class Model:
    """What the signs weigh: for a project, for standing under none, and for a department."""

    project: Weights
    no_project: Weights
    department: Weights

    def project_score(self, place: Place, signs: Signs) -> float:
        """Return the score of a project, or of none."""
        return _score(signs, self.project if place else self.no_project)

    def department_score(self, _place: Place, signs: Signs) -> float:
        """Return the score of a department."""
        return _score(signs, self.department)


MODEL = Model(
    project={
        Sign.IS_HEADING: 4.29,
        Sign.IN_HEADING: 0.38,
        Sign.TIMES_NAMED: 0.78,
        Sign.SHARE_OF_NAMES: 0.88,
        Sign.NAMED_FIRST: 1.35,
        Sign.ANNOUNCED: 1.26,
        Sign.IN_SENTENCE: 0.58,
        Sign.LINKS: 1.14,
        Sign.REPORTER: 0.77,
        Sign.MOVED_REPORTER: 0.68,
        Sign.ONLY_REPORTER: 0.99,
        Sign.HISTORY: 2.61,
        Sign.ONLY_HISTORY: 1.03,
        Sign.IN_HISTORY: 1.54,
        Sign.ALIKE: 2.15,
        Sign.SAME_SUBJECT: 1.46,
        Sign.TIE: 0.70,
    },
    no_project={
        Sign.NO_PROJECT: 3.19,
        Sign.OWN_HEADING: 1.99,
        Sign.UNKNOWN_HEADING: 0.53,
        Sign.HISTORY: 3.02,
        Sign.ALIKE: 2.38,
        Sign.SAME_SUBJECT: 1.05,
    },
    department={
        Sign.PROJECTS: 2.66,
        Sign.REPORTER: 0.49,
        Sign.MOVED_REPORTER: 0.74,
        Sign.HISTORY: 1.33,
        Sign.IN_HISTORY: 1.71,
        Sign.ALIKE: 1.36,
        Sign.SAME_SUBJECT: 2.55,
        Sign.TYPICAL: 0.27,
        Sign.IN_HEADING: 1.24,
        Sign.TOPIC: 3.02,
        Sign.SHARE: 0.64,
    },
)

MOST_CANDIDATES = 3
"""How many departments and projects are kept, and offered."""

MOST_REASONS = 3

LEAST_CONTRIBUTION = 0.3
"""What adds less than this to a score is no reason."""

KINDS: Mapping[Sign, ReasonKind] = {
    Sign.IS_HEADING: ReasonKind.HEADING,
    Sign.IN_HEADING: ReasonKind.HEADING,
    Sign.TIMES_NAMED: ReasonKind.NAME,
    Sign.SHARE_OF_NAMES: ReasonKind.NAME,
    Sign.NAMED_FIRST: ReasonKind.NAME,
    Sign.ANNOUNCED: ReasonKind.NAME,
    Sign.IN_SENTENCE: ReasonKind.NAME,
    Sign.LINKS: ReasonKind.LINK,
    Sign.REPORTER: ReasonKind.REPORTER,
    Sign.MOVED_REPORTER: ReasonKind.REPORTER,
    Sign.ONLY_REPORTER: ReasonKind.REPORTER,
    Sign.TIE: ReasonKind.REPORTER,
    Sign.HISTORY: ReasonKind.HISTORY,
    Sign.ONLY_HISTORY: ReasonKind.HISTORY,
    Sign.IN_HISTORY: ReasonKind.HISTORY,
    Sign.ALIKE: ReasonKind.ALIKE,
    Sign.SAME_SUBJECT: ReasonKind.ALIKE,
    Sign.PROJECTS: ReasonKind.PROJECT,
    Sign.TYPICAL: ReasonKind.TERMS,
    Sign.TOPIC: ReasonKind.TERMS,
}


def weigh(subject: Subject, sender: str, guide: Guide, knowledge: Knowledge, model: Model = MODEL) -> Guess:
    """Return the likeliest departments and projects of an entry, the best first, with their reasons; none is filed."""
    evidence = project_evidence(subject, sender, guide, knowledge)
    projects = confidences(evidence, model.project_score)
    likely = {key: confidence for key, confidence in projects.items() if key is not None}
    alone = department_evidence(subject, sender, guide, knowledge, likely)
    departments = whole(confidences(alone, model.department_score), likely, guide)
    return Guess(_best(alone, departments, model.department), _best(evidence, projects, model.project))


def whole(alone: Mapping[Place, float], likely: Mapping[str, float], guide: Guide) -> dict[Place, float]:
    """Return how likely each department is, with its projects and without: a project implies its department."""
    none = 1 - sum(likely.values())
    return {
        key: sum(likely.get(project.key, 0) for project in guide.projects_of[key]) + none * alone[key]
        for key in guide.projects_of
    }


def confidences(evidence: Evidence, score: Callable[[Place, Signs], float]) -> dict[Place, float]:
    """Return how likely each place is, all together 1: the softmax of the scores."""
    scores = {place: score(place, signs) for place, signs in evidence.signs.items()}
    greatest = max(scores.values(), default=0)
    powers = {place: math.exp(each - greatest) for place, each in scores.items()}
    everything = sum(powers.values())
    return {place: power / everything for place, power in powers.items()}


def _score(signs: Signs, weights: Weights) -> float:
    return sum(weights[sign] * value for sign, value in signs.items())


def _best(evidence: Evidence, likely: Mapping[Place, float], weights: Weights) -> tuple[Candidate, ...]:
    """Return the best places with their reasons; that of no project is none."""
    best = sorted(((-confidence, place) for place, confidence in likely.items() if place))[:MOST_CANDIDATES]
    return tuple(Candidate(place, -negative, _reasons(evidence, place, weights)) for negative, place in best)


def _reasons(evidence: Evidence, place: str, weights: Weights) -> tuple[Reason, ...]:
    """Return what adds most to a place's score, one reason of each kind."""
    found: dict[ReasonKind, tuple[float, str]] = {}
    parts = sorted(((weights[sign] * value, sign) for sign, value in evidence.signs[place].items()), reverse=True)
    for amount, sign in parts:
        if sign in KINDS:
            total, detail = found.get(KINDS[sign], (0.0, ""))
            found[KINDS[sign]] = total + amount, detail or evidence.details.get((place, sign), "")
    telling = sorted(((-amount, kind) for kind, (amount, _) in found.items() if amount >= LEAST_CONTRIBUTION))
    return tuple(Reason(kind, found[kind][1]) for _, kind in telling[:MOST_REASONS])
