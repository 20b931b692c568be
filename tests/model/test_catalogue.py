"""Finding departments and projects by what people write and react with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.model.catalogue import Catalogue, Department, Project, folded, plain_key

CLIENTS = Department("clients", "📱", "Dept of Clients 📱", aliases=("apps",))
BUILT = Department("built-on", "🏗️", "Dept of Built on Matrix 🏗️")
STATUS = Department("status", "⚠", "Dept of Status", aliases=("clients",))
FERN = Project("fern", "FERN", "Fern Viewer", "clients", aliases=("Fernglas",))
MOSS = Project("moss", "Moss Web", "Moss", "built-on", aliases=("fern viewer",))
CATALOGUE = Catalogue((CLIENTS, BUILT, STATUS), (FERN, MOSS))


@pytest.mark.parametrize(
    ("reaction", "found"),
    [
        ("📱", CLIENTS),
        ("📱\ufe0f", CLIENTS),
        ("🏗️", BUILT),
        ("🏗", BUILT),
        ("⚠\ufe0f", STATUS),
        ("⚠\ufe0e", STATUS),
        ("📱 ?", CLIENTS),
        (" FERN ", FERN),
        ("fern", FERN),
        ("FERN ?", FERN),
        ("moss web", MOSS),
        ("Fern Viewer", FERN),
        ("clients", CLIENTS),
        ("?", None),
        ("", None),
        ("👍", None),
        ("👍🏽", None),
    ],
)
def test_a_reaction_stands_for_a_department_by_emoji_or_either_by_name(
    reaction: str, found: Department | Project | None
) -> None:
    assert CATALOGUE.by_reaction(reaction) == found


def test_a_department_comes_before_a_project_whose_label_is_the_same() -> None:
    catalogue = Catalogue((CLIENTS,), (Project("a", "📱\ufe0f", "A", "clients"),))
    assert catalogue.by_reaction("📱") == CLIENTS


def test_skin_tones_stay_different() -> None:
    assert plain_key("👍🏽") != plain_key("👍")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Clients", CLIENTS),
        ("dept of clients 📱", CLIENTS),
        ("APPS", CLIENTS),
        ("🏗", BUILT),
        ("built-on", BUILT),
        ("fern", None),
        ("", None),
    ],
)
def test_a_department_is_found_by_key_emoji_title_and_alias(name: str, found: Department | None) -> None:
    """A key comes before an alias that another department has."""
    assert CATALOGUE.department_named(name) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("fern", FERN),
        ("FERNGLAS", FERN),
        ("Fern Viewer", FERN),
        ("moss web", MOSS),
        ("Moss", MOSS),
        ("clients", None),
    ],
)
def test_a_project_is_found_by_key_label_title_and_alias(name: str, found: Project | None) -> None:
    """A title comes before an alias that another project has."""
    assert CATALOGUE.project_named(name) == found


def test_keys_are_looked_up_as_they_are_written() -> None:
    assert CATALOGUE.department("clients") == CLIENTS
    assert CATALOGUE.department("Clients") is None
    assert CATALOGUE.department(None) is None
    assert CATALOGUE.project("moss") == MOSS
    assert CATALOGUE.project("apps") is None
    assert CATALOGUE.project(None) is None


def test_an_empty_catalogue_knows_nothing() -> None:
    assert Catalogue().by_reaction("📱") is None
    assert Catalogue().department_named("clients") is None
    assert Catalogue().project_named("fern") is None


@given(st.text())
def test_a_suggestion_is_compared_like_what_it_suggests(key: str) -> None:
    bare = plain_key(key)
    if bare and not bare.endswith("?"):
        assert plain_key(f"{bare} ?") == plain_key(f"{bare}\ufe0f ?") == bare
    assert folded(folded(bare)) == folded(bare) or bare.endswith("?")
