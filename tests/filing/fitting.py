"""Fits the weights of the signs to entries whose places are known, staying near what was thought beforehand."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.filing.weeks import Case
from twimbot.filing.evidence import Sign, Signs, department_evidence, project_evidence
from twimbot.filing.guide import Guide
from twimbot.filing.weighing import Model, Weights, confidences

STIFFNESS = 1.0
"""How strongly the weights are held where they were thought to be: few entries say little about many signs."""

STEPS = 400
RATE = 0.05

THOUGHT = Model(
    project={
        Sign.IS_HEADING: 4.0,
        Sign.IN_HEADING: 1.0,
        Sign.TIMES_NAMED: 1.0,
        Sign.SHARE_OF_NAMES: 1.0,
        Sign.NAMED_FIRST: 1.0,
        Sign.ANNOUNCED: 1.0,
        Sign.IN_SENTENCE: 0.7,
        Sign.LINKS: 1.0,
        Sign.REPORTER: 1.0,
        Sign.MOVED_REPORTER: 0.7,
        Sign.ONLY_REPORTER: 1.0,
        Sign.HISTORY: 2.0,
        Sign.ONLY_HISTORY: 1.0,
        Sign.IN_HISTORY: 1.0,
        Sign.ALIKE: 1.5,
        Sign.SAME_SUBJECT: 1.0,
        Sign.TIE: 1.0,
    },
    no_project={
        Sign.NO_PROJECT: 3.0,
        Sign.OWN_HEADING: 1.5,
        Sign.UNKNOWN_HEADING: 1.0,
        Sign.HISTORY: 2.0,
        Sign.ALIKE: 1.5,
        Sign.SAME_SUBJECT: 1.0,
    },
    department={
        Sign.PROJECTS: 2.0,
        Sign.REPORTER: 1.0,
        Sign.MOVED_REPORTER: 0.7,
        Sign.HISTORY: 1.2,
        Sign.IN_HISTORY: 1.0,
        Sign.ALIKE: 1.5,
        Sign.SAME_SUBJECT: 2.0,
        Sign.TYPICAL: 1.0,
        Sign.IN_HEADING: 1.5,
        Sign.TOPIC: 1.5,
        Sign.SHARE: 0.5,
    },
)
"""What the signs were thought to weigh before anything was measured."""

Parameter = tuple[str, Sign]


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: the parts of each place's score, and which place was right.

    `given` is how likely the right one is whatever the scores, which decide about the `share` that is left.
    """

    places: tuple[Mapping[Parameter, float], ...]
    right: int
    given: float = 0.0
    share: float = 1.0


def fit(cases: Iterable[Case], guide: Guide) -> Model:
    """Return the weights that make the known places likeliest, projects first, since departments build on them."""
    listed = list(cases)
    thought = _parameters("project", THOUGHT.project) | _parameters("no_project", THOUGHT.no_project)
    fitted = _descend(list(_project_choices(listed, guide)), thought)
    model = Model(_weights("project", fitted), _weights("no_project", fitted), THOUGHT.department)
    departments = _descend(
        list(_department_choices(listed, guide, model)), _parameters("department", THOUGHT.department)
    )
    return Model(model.project, model.no_project, _weights("department", departments))


def _project_choices(cases: Sequence[Case], guide: Guide) -> Iterable[Choice]:
    for case in cases:
        signs = project_evidence(case.subject, case.sender, guide, case.knowledge).signs
        if case.project in signs:
            named = lambda place: "project" if place else "no_project"  # noqa: E731 - used once, below
            yield _choice(signs, case.project, named)


def _department_choices(cases: Sequence[Case], guide: Guide, model: Model) -> Iterable[Choice]:
    for case in cases:
        if case.department is None:
            continue
        projects = confidences(project_evidence(case.subject, case.sender, guide, case.knowledge), model.project_score)
        likely = {key: confidence for key, confidence in projects.items() if key}
        evidence = department_evidence(case.subject, case.sender, guide, case.knowledge, likely)
        choice = _choice(evidence.signs, case.department, lambda _: "department")
        given = sum(likely.get(project.key, 0) for project in guide.projects_of[case.department])
        yield replace(choice, given=given, share=1 - sum(likely.values()))


def _choice(signs: Mapping[str | None, Signs], right: str | None, kind: Callable[[str | None], str]) -> Choice:
    places = tuple({(kind(place), sign): value for sign, value in each.items()} for place, each in signs.items())
    return Choice(places, list(signs).index(right))


def _descend(choices: Sequence[Choice], thought: Mapping[Parameter, float]) -> Mapping[Parameter, float]:
    """Go down the slope of the loss (Adam, the whole of the choices at each step)."""
    weights = dict(thought)
    first, second = dict.fromkeys(weights, 0.0), dict.fromkeys(weights, 0.0)
    for step in range(1, STEPS + 1):
        for parameter, slope in _slope(choices, weights, thought).items():
            first[parameter] = 0.9 * first[parameter] + 0.1 * slope
            second[parameter] = 0.999 * second[parameter] + 0.001 * slope * slope
            move = first[parameter] / (1 - 0.9**step) / (math.sqrt(second[parameter] / (1 - 0.999**step)) + 1e-8)
            weights[parameter] -= RATE * move
    return weights


def _slope(
    choices: Sequence[Choice], weights: Mapping[Parameter, float], thought: Mapping[Parameter, float]
) -> Mapping[Parameter, float]:
    slope = {parameter: STIFFNESS * (weight - thought[parameter]) for parameter, weight in weights.items()}
    for choice in choices:
        scores = [sum(weights[parameter] * value for parameter, value in place.items()) for place in choice.places]
        greatest = max(scores)
        powers = [math.exp(score - greatest) for score in scores]
        everything = sum(powers)
        decided = choice.share * powers[choice.right] / everything
        bearing = decided / (choice.given + decided + 1e-12)
        for number, (place, power) in enumerate(zip(choice.places, powers, strict=True)):
            error = bearing * (power / everything - (number == choice.right))
            for parameter, value in place.items():
                slope[parameter] += error * value
    return slope


def _parameters(kind: str, weights: Weights) -> dict[Parameter, float]:
    return {(kind, sign): weight for sign, weight in weights.items()}


def _weights(kind: str, parameters: Mapping[Parameter, float]) -> Weights:
    return {sign: weight for (each, sign), weight in parameters.items() if each == kind}
