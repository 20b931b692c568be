"""The house: imports run downwards, and the pure rooms stay pure (DESIGN)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import twimbot

ROOT = Path(twimbot.__file__).parent

FLOORS = (
    ("model", "errors"),
    ("mistakes", "media"),
    ("config",),
    ("intake", "export", "importing", "store"),
    ("words", "filing", "lint"),
    ("publishing",),
    ("commands", "matrix", "health", "logs"),
    ("desk",),
    ("app",),
    ("rebuilding",),
    ("demo",),
    ("cli",),
    ("__main__",),
)
"""The rooms from the ground up; a room may use what is below it, and nothing beside or above it."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

PURE = (
    *("model", "intake", "filing/rules.py", "config.py", "words.py", "importing"),
    *("export", "media", "lint"),
)
IMPURE_LIBRARIES = {"nio", "aiosqlite", "structlog", "aiohttp"}
ONLY_IN = {"nio": ("matrix",), "aiosqlite": ("store",), "sqlite3": ("store",)}


def modules() -> list[Path]:
    return sorted(file.relative_to(ROOT) for file in ROOT.rglob("*.py"))


def room_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", [m for m in modules() if m != Path("__init__.py")], ids=str)
def test_imports_run_downwards(module: Path) -> None:
    here = room_of(module)
    for name in imports(module):
        parts = name.split(".")
        if parts[0] != "twimbot" or len(parts) == 1 or parts[1] == here:
            continue
        assert FLOOR[parts[1]] < FLOOR[here], f"{module} imports {name}, which is not below it"


@pytest.mark.parametrize("module", modules(), ids=str)
def test_libraries_stay_in_their_rooms(module: Path) -> None:
    libraries = {name.split(".")[0] for name in imports(module)}
    for library, rooms in ONLY_IN.items():
        assert library not in libraries or room_of(module) in rooms, f"{module} imports {library}"


@pytest.mark.parametrize("place", PURE)
def test_pure_rooms_know_no_io(place: str) -> None:
    inside = [module for module in modules() if module.as_posix() == place or module.parts[0] == place]
    assert inside, f"{place} is gone; name what took its place"
    for module in inside:
        found = {name.split(".")[0] for name in imports(module)} & IMPURE_LIBRARIES
        assert not found, f"{module} imports {found}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [m for m in modules() if not ast.get_docstring(ast.parse((ROOT / m).read_text(encoding="utf-8")))]
    assert silent == []
