"""Suggestions: which reactions the bot offers for a text and its sender."""

import pytest

from twimbot.filing.rules import suggestions
from twimbot.model.catalogue import Catalogue, Department, Project

ANNA, BEN = "@anna:example.org", "@ben:example.org"

CATALOGUE = Catalogue(
    (
        Department("clients", "📱", "Clients 📱"),
        Department("servers", "🏢", "Servers 🏢", reporters=(BEN,)),
        Department("bots", "🤖", "Bots 🤖"),
    ),
    (
        Project("fernglas", "Fernglas", "Fernglas", "clients", reporters=(ANNA,)),
        Project("fernglas-x", "FgX", "Fernglas X", "clients"),
        Project("turm", "Turm", "Turm Server", "servers", aliases=("tower",)),
        Project("c3", "C3", "[C] + {3}", "bots"),
    ),
)


@pytest.mark.parametrize(
    ("text", "sender", "offered"),
    [
        ("Turm Server 3 is out.", "@x:example.org", ("Turm", "🏢")),
        ("We gave the tower a new roof.", "@x:example.org", ("Turm", "🏢")),
        ("News.\n\nBut also: Turm got faster.", "@x:example.org", ("Turm", "🏢")),
        ("The returmination of things", "@x:example.org", ()),
        ("We did nothing at all.", ANNA, ("Fernglas", "📱")),
        ("We did nothing at all.", BEN, ("🏢",)),
        ("Fernglas X has a new button.", "@x:example.org", ("Fernglas", "FgX", "📱")),
        ("[C] + {3} speaks now", "@x:example.org", ("C3", "🤖")),
        ("TURM SERVER SHOUTS", "@x:example.org", ("Turm", "🏢")),
        ("", "@x:example.org", ()),
    ],
)
def test_what_is_offered(text: str, sender: str, offered: tuple[str, ...]) -> None:
    assert suggestions(text, sender, CATALOGUE) == offered


def test_never_more_than_three_are_offered() -> None:
    projects = tuple(Project(f"p{n}", f"Pot {n}", f"Pot {n}", "clients") for n in range(9))
    catalogue = Catalogue(CATALOGUE.departments, projects)
    text = ", ".join(project.title for project in projects)
    assert len(suggestions(text, ANNA, catalogue)) == 3
