"""A publication whose submissions and editors' rooms are encrypted, and two people with encrypting clients."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from tests.encryption.friend import Friend, encrypt, encrypting
from twimbot.demo.homeserver import Homeserver


@pytest.fixture
async def plain_office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    """Found a publication whose rooms are not encrypted yet."""
    return await found_office(homeserver, newcomer, tmp_path)


@pytest.fixture
async def office(plain_office: Office) -> Office:
    """Found a publication whose submissions and editors' rooms are encrypted."""
    for room in (plain_office.submissions, plain_office.editors_room):
        await encrypt(plain_office.editor, room)
    return plain_office


@pytest.fixture
async def edna(office: Office, homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Friend]:
    """Log the editor in."""
    async with encrypting(office.editor, homeserver.url, tmp_path / "edna") as friend:
        yield friend


@pytest.fixture
async def anna(office: Office, homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Friend]:
    """Log the contributor in."""
    async with encrypting(office.anna, homeserver.url, tmp_path / "anna") as friend:
        yield friend
