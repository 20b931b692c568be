"""What speaks for a place, and what the bot makes of it."""

from datetime import date

import pytest

from twimbot.config import Filing
from twimbot.filing.guide import guide, person
from twimbot.filing.knowledge import Example, Knowledge
from twimbot.filing.outcome import filed, suggestions
from twimbot.filing.subject import subject
from twimbot.filing.weighing import weigh
from twimbot.model.catalogue import Catalogue, Department, FormerTitles, Project
from twimbot.model.filing import Candidate, Guess, Reason, ReasonKind

ANNA, BEN, CLEO, DORA = "@anna:example.org", "@ben:example.org", "@cleo:example.org", "@dora:example.org"

CATALOGUE = Catalogue(
    (
        Department("clients", "📱", "Dept of Clients 📱"),
        Department("servers", "🏢", "Dept of Servers 🏢", reporters=(BEN,)),
        Department("talks", "🗣️", "Dept of Events and Talks 🗣️"),
        Department("groups", "💪", "Dept of Working Groups 💪"),
        Department("bots", "🤖", "Bots 🤖"),
    ),
    (
        Project("fernglas", "Fernglas", "Fernglas", "clients", reporters=(ANNA,)),
        Project("fernglas-x", "FgX", "Fernglas X", "clients", website="https://github.com/garden/fernglas-x"),
        Project("turm", "Turm", "Turm Server", "servers", website="https://turm.example.org", aliases=("tower",)),
        Project("paths", "paths", "Garden Paths Working Group", "groups"),
    ),
)
DAY = date(2026, 2, 6)


def best(text: str, sender: str = CLEO, knowledge: Knowledge | None = None) -> tuple[str, str | None]:
    """Return the likeliest department and, where it is likelier than not, project."""
    guess = weigh(subject(text), sender, guide(CATALOGUE), knowledge or Knowledge())
    project = guess.projects[0] if guess.projects and guess.projects[0].confidence >= 0.5 else None
    return guess.departments[0].key, project.key if project else None


@pytest.mark.parametrize(
    ("text", "sender", "place"),
    [
        ("### Fernglas\nIt is faster now.", CLEO, ("clients", "fernglas")),
        ("### Fernglas X\nIt is faster now.", CLEO, ("clients", "fernglas-x")),
        ("FERNGLAS 2 is out. Get Fernglas today.", ANNA, ("clients", "fernglas")),
        ("Turm Server 3 is out: the Turm Server rings. https://turm.example.org/3", CLEO, ("servers", "turm")),
        ("The tower has a new roof, says the tower. See https://turm.example.org", CLEO, ("servers", "turm")),
        ("A meetup with talks in Berlin: bring your friends to the workshop.", CLEO, ("talks", None)),
        ("### Roots\nA client for Android and iOS, with themes.", CLEO, ("clients", None)),
        ("### Garden Paths WG Report\nWe have met.", CLEO, ("groups", None)),
    ],
)
def test_what_a_text_says_by_itself(text: str, sender: str, place: tuple[str, str | None]) -> None:
    assert best(text, sender) == place


def test_nothing_is_filed_or_suggested_for_nothing() -> None:
    guess = filed(weigh(subject("We did things."), CLEO, guide(CATALOGUE), Knowledge()), Filing(), CATALOGUE)
    assert (guess.department, guess.project) == (None, None)
    assert suggestions(guess, Filing(), CATALOGUE) == ()


def test_whose_last_entries_stood_there_counts_and_the_latest_most() -> None:
    entry = "The weekly news, as you know them."
    there = Example("bots", None, DAY, "Before")
    elsewhere = Example("talks", None, DAY, "Before")
    assert best(entry, CLEO, Knowledge(history=(there, there, there), entries={"bots": 3}))[0] == "bots"
    mixed = Knowledge(history=(there, there, elsewhere, elsewhere), entries={"bots": 2, "talks": 2})
    assert best(entry, CLEO, mixed)[0] == "bots"


def test_a_past_entry_that_is_alike_counts() -> None:
    alike = ((Example("talks", None, DAY, "The fair"), 9.0),)
    assert (
        best("Come to the fair of fruit.", CLEO, Knowledge(alike=alike, entries={"talks": 1, "bots": 1}))[0] == "talks"
    )


CALLED, BEGAN = {"name": ("seed", "box")}, {"opening": ("our", "seed", "box", "is", "new")}


@pytest.mark.parametrize(
    ("text", "past", "place"),
    [
        ("### Seed Box\nThe lid is better.", CALLED, "bots"),
        ("### Seed Box\nThe lid is better.", BEGAN, "bots"),
        ("### Seed Box: a new lid\nIt is better.", CALLED, "bots"),
        ("It is us again: the seed box has a better lid.", CALLED, "bots"),
        ("It is us again: the seed box has a better lid.", BEGAN, "talks"),
        ("It is us again: the box of seed has a better lid.", CALLED, "talks"),
    ],
)
def test_what_no_catalogue_knows_stands_where_it_stood(text: str, past: dict[str, tuple[str, ...]], place: str) -> None:
    before = Example("bots", None, DAY, "Seed Box", **past)
    other = Example("talks", None, DAY, "Other")
    learned = Knowledge(alike=((other, 9.0), (before, 5.0)), entries={"bots": 1, "talks": 1})
    assert best(text, CLEO, learned)[0] == place


def test_what_is_announced_is_rather_the_subject_than_what_is_named_besides() -> None:
    def likely(text: str) -> float:
        guess = weigh(subject(text), CLEO, guide(CATALOGUE), Knowledge())
        return next(each.confidence for each in guess.projects if each.key == "fernglas")

    assert likely("Fernglas is here, with Turm Server.") > likely("Here is news: Fernglas, with Turm Server.")
    assert likely("Here is Fernglas 0.4, with Turm Server.") > likely("Here is Fernglas, now with Turm Server.")


def test_words_that_a_department_has_more_often_than_others_count() -> None:
    uses = {"pear": {"bots": 6}, "plum": {"bots": 5, "talks": 1}}
    learned = Knowledge(uses=uses, entries={"bots": 10, "talks": 10, "clients": 10})
    assert best("A pear and a plum, as ever.", CLEO, learned)[0] == "bots"


def test_who_has_moved_is_known_by_the_name() -> None:
    guess = weigh(subject("We did a thing this week."), "@anna:elsewhere.example.org", guide(CATALOGUE), Knowledge())
    assert guess.projects[0].key == "fernglas"
    assert ReasonKind.REPORTER in {reason.kind for reason in guess.projects[0].reasons}


@pytest.mark.parametrize(
    ("user_id", "named"),
    [
        ("@anna:example.org", "anna"),
        ("@anna-maria:example.org", "anna"),
        ("@_discord_1:example.org", "@_discord_1:example.org"),
        ("@telegram_1:example.org", "@telegram_1:example.org"),
        ("@_slack_T0A_U1B:example.org", "@_slack_T0A_U1B:example.org"),
        ("@ben:example.org", "@ben:example.org"),
        ("@:example.org", "@:example.org"),
    ],
)
def test_whom_a_bridge_names_by_a_number_is_nobody_by_the_bridges_name(user_id: str, named: str) -> None:
    assert person(user_id) == named


def test_a_department_is_as_likely_as_its_projects_at_least() -> None:
    guess = weigh(subject("### Turm Server\nFor Android and iOS clients."), CLEO, guide(CATALOGUE), Knowledge())
    likely = {each.key: each.confidence for each in guess.departments}
    assert likely["servers"] >= guess.projects[0].confidence
    assert sum(likely.values()) <= 1.000001


def test_reasons_name_what_was_seen() -> None:
    learned = Knowledge(history=(Example("clients", "fernglas", DAY, "Before"),), entries={"clients": 1})
    guess = weigh(subject("### Fernglas\nAgain."), ANNA, guide(CATALOGUE), learned)
    reasons = {reason.kind: reason.detail for reason in guess.projects[0].reasons}
    assert ReasonKind.HEADING in reasons
    assert reasons[ReasonKind.HISTORY] == "1 of 1"


@pytest.mark.parametrize(
    ("text", "sender", "reason"),
    [
        ("The Turm Server rings.", CLEO, Reason(ReasonKind.NAME, "")),
        ("Our new server stands there.", CLEO, Reason(ReasonKind.NAME, "server")),
        ("We have met.", "@tower:elsewhere.example.org", Reason(ReasonKind.REPORTER, "tower")),
        ("We have met.", DORA, Reason(ReasonKind.REPORTER, "")),
        ("We have met.", "@dora:elsewhere.example.org", Reason(ReasonKind.REPORTER, "dora")),
    ],
)
def test_what_only_seems_so_is_told_by_what_it_rests_on(text: str, sender: str, reason: Reason) -> None:
    turm = Project("turm", "Turm", "Turm Server", "servers", "https://tower.example.org", reporters=(DORA,))
    catalogue = Catalogue(CATALOGUE.departments, (turm,))
    guess = weigh(subject(text), sender, guide(catalogue), Knowledge())
    assert reason in guess.projects[0].reasons


WHY = (Reason(ReasonKind.NAME, ""),)


def guess_of(*, departments: dict[str, float], projects: dict[str, float]) -> Guess:
    return Guess(
        tuple(Candidate(key, confidence, WHY) for key, confidence in departments.items()),
        tuple(Candidate(key, confidence, WHY) for key, confidence in projects.items()),
    )


@pytest.mark.parametrize(
    ("departments", "projects", "place", "offered"),
    [
        ({"clients": 0.9}, {"fernglas": 0.8}, ("clients", "fernglas"), ()),
        ({"clients": 0.9}, {"fernglas": 0.3}, ("clients", None), ("Fernglas",)),
        ({"clients": 0.5, "servers": 0.2}, {"fernglas": 0.3}, (None, None), ("Fernglas", "📱", "🏢")),
        ({"clients": 0.5, "servers": 0.2}, {"fernglas": 0.2}, (None, None), ("📱", "Fernglas", "🏢")),
        ({"clients": 0.3, "servers": 0.3, "talks": 0.2, "bots": 0.2}, {}, (None, None), ("📱", "🏢", "🗣️")),
        ({"clients": 0.1}, {}, (None, None), ()),
        ({"talks": 0.6}, {"fernglas": 0.6}, ("talks", "fernglas"), ()),
    ],
)
def test_what_is_filed_and_what_is_offered(
    departments: dict[str, float],
    projects: dict[str, float],
    place: tuple[str | None, str | None],
    offered: tuple[str, ...],
) -> None:
    guess = filed(guess_of(departments=departments, projects=projects), Filing(), CATALOGUE)
    assert (guess.department, guess.project) == place
    assert suggestions(guess, Filing(), CATALOGUE) == offered


def test_with_a_threshold_of_one_nothing_is_filed_however_sure_it_is() -> None:
    guess = filed(guess_of(departments={"clients": 1.0}, projects={"fernglas": 1.0}), Filing(file_from=1), CATALOGUE)
    assert (guess.department, guess.project) == (None, None)


def test_what_a_project_or_department_was_called_before_still_means_it() -> None:
    former = FormerTitles(
        (("Dept of Apps 📱", "clients"), ("Gone", "gone")), (("Spyglass", "fernglas"), ("Old", "gone"))
    )
    known = guide(CATALOGUE, former)
    assert known.department_titled("Apps") == "clients"
    assert known.department_titled("Gone") is None
    assert known.project_titled("Spyglass") == "fernglas"
    guess = weigh(subject("### Spyglass\nIt is faster now."), CLEO, known, Knowledge())
    assert guess.projects[0].key == "fernglas"
