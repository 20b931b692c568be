"""What every test may ask for: one real homeserver for the whole run, and fresh people and rooms on it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.desk.scene import Scene, open_scene
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import People, Person

Newcomer = Callable[[str], Awaitable[Person]]
"""Registers a person of this display name, under a Matrix ID that nobody else in the run has."""

numbers = count(1)

for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
    del os.environ[name]  # no proxy of this machine leads to the servers of the tests


def unique(word: str) -> str:
    """Return a localpart made from a word that is used nowhere else in this run."""
    return f"{word.lower().replace(' ', '-')}-{next(numbers)}"


# How long it takes is measured elsewhere, not tested. Each run plays the same cases, so that none is red by chance;
# `pytest --hypothesis-profile search` looks for others.
settings.register_profile("twimbot", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("twimbot")


@pytest.fixture(scope="session")
async def homeserver(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Homeserver]:
    """One real Synapse for the whole run; tests keep apart by using their own people and rooms."""
    async with Homeserver(tmp_path_factory.mktemp("homeserver")) as running:
        yield running


@pytest.fixture(scope="session")
async def people(homeserver: Homeserver) -> AsyncIterator[People]:
    """Everybody on the homeserver."""
    async with People(homeserver.url) as everybody:
        yield everybody


@pytest.fixture
def newcomer(people: People) -> Newcomer:
    """Return what registers somebody new each time it is awaited with a display name."""

    async def register(display_name: str) -> Person:
        return await people.register(unique(display_name), display_name)

    return register


@pytest.fixture
async def ada(newcomer: Newcomer) -> Person:
    """Register somebody of that name, new for each test."""
    return await newcomer("Ada Example")


@pytest.fixture
async def room(ada: Person) -> str:
    """Make a fresh public room, in which Ada has all power."""
    return await ada.create_room(unique("a room"))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Open a desk with its rooms on a fresh SQLite file; no homeserver is asked."""
    async with open_scene(tmp_path) as opened:
        yield opened
