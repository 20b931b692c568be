"""The house: imports run downwards, and the pure rooms stay pure (docs/architecture.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import twimbot

ROOT = Path(twimbot.__file__).parent

FLOORS = (
    ("model", "errors"),
    ("mistakes", "media"),
    ("config",),
    ("catalogue",),
    ("intake", "export", "store"),
    ("words", "filing", "importing", "lint"),
    ("publishing",),
    ("commands", "matrix", "health", "logs", "reloading"),
    ("desk",),
    ("app",),
    ("rebuilding", "archiving", "forgetting", "logging_in"),
    ("demo",),
    ("cli",),
    ("__main__",),
)
"""The rooms from the ground up; a room may use what is below it, and nothing beside or above it."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

PURE = (
    *("model", "intake", "config.py", "words.py", "importing", "catalogue", "export", "media", "lint"),
    *(f"filing/{name}.py" for name in ("evidence", "guide", "knowledge", "outcome", "subject", "terms")),
    *("filing/topics.py", "filing/weighing.py"),
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


CITED = re.compile(r"\b(?:docs|facts)/[\w/-]+(?:\.\w+)?|\b[A-Z]{4,}\.md\b")
"""How a document is named in the code."""


def test_documents_that_the_code_names_are_there() -> None:
    """Whoever reads the code can look up what it refers to."""
    cited = {(module, name) for module in modules() for name in CITED.findall((ROOT / module).read_text("utf-8"))}
    assert len(cited) > 10
    assert [each for each in sorted(cited) if not (ROOT.parent / each[1]).exists()] == []


def test_the_page_on_the_architecture_has_every_room() -> None:
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [f"`{room}/`" if (ROOT / room).is_dir() else f"`{room}.py`" for room in FLOOR if room != "__main__"]
    assert [room for room in rooms if room not in page] == []


PROGRAMS = {"lint/tools.py", "media/video.py", "demo/homeserver.py", "demo/stage.py", "demo/processes.py"}
"""Which modules start programs: two linters, ffmpeg, and what the demonstration is made of."""

STARTERS = {"system", "popen", "Popen", "run", "call", "check_call", "check_output", "getoutput"} | {
    f"{prefix}{name}" for prefix in ("create_subprocess_", "spawn") for name in ("exec", "shell", "l", "v")
}


def calls(module: Path) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield what is called in a module: the object's name, the function's, and the call."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            yield (ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""), name, node


def is_written_here(node: ast.expr) -> bool:
    """Tell whether a text is made of literals and constants of the module alone."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(name):
            return name.isupper()
        case ast.JoinedStr(values):
            return all(is_written_here(value) for value in values)
        case ast.FormattedValue(value):
            return is_written_here(value)
        case ast.BinOp(left, ast.Add(), right):
            return is_written_here(left) and is_written_here(right)
        case _:
            return False


@pytest.mark.parametrize("module", modules(), ids=str)
def test_no_text_from_outside_is_part_of_a_command(module: Path) -> None:
    for owner, name, call in calls(module):
        assert not any(word.arg == "shell" for word in call.keywords), f"{module} uses a shell"
        assert name not in {"eval", "exec", "compile", "__import__"} or owner == "re", f"{module} runs text"
        if owner in {"subprocess", "os", "asyncio", "asyncio.subprocess"} and name in STARTERS:
            assert module.as_posix() in PROGRAMS or (owner, name) == ("asyncio", "run"), f"{module} starts a program"
            assert name != "create_subprocess_shell", f"{module} uses a shell"


FORMATS = {"mistakes.py": "sentence", "importing/hebbot.py": "INSTEAD.get", "media/recognise.py": "sentence"}
"""Where a text of a table in the same module is filled in: the name of what is."""


@pytest.mark.parametrize("module", modules(), ids=str)
def test_no_text_from_outside_is_a_format(module: Path) -> None:
    for owner, name, call in calls(module):
        if name in {"format", "format_map"} and module.parts[0] != "demo":
            expected = FORMATS.get(module.as_posix())
            assert expected is not None, f"{module} fills in a text: {ast.unparse(call)}"
            assert owner.startswith(expected), f"{module} fills in a text: {ast.unparse(call)}"
        if owner == "log" and module.parts[0] != "demo":
            first = call.args[0] if call.args else None
            assert isinstance(first, ast.Constant), f"{module} logs a text that is no constant: {ast.unparse(call)}"
            assert len(call.args) == 1, f"{module} has a % format in its log: {ast.unparse(call)}"
        if name == "from_string":
            assert module == Path("export/template.py"), f"{module} makes a template of a text"


SQL = {"execute", "executemany", "executescript", "execute_fetchall"}
OWN_SQL = {"_one", "_run", "_entry", "_read", "_erase"}
"""What modules of the store call with a statement, or a condition, in front."""

BUILT_SQL = {
    "store/captions.py": {"of_it"},
    "store/connection.py": {"statement", "script"},
    "store/database.py": {"pragma", "statements", "number"},
    "store/editions.py": {"statement"},
    "store/entries.py": {"statement", "table", "in_room"},
    "store/media.py": {"condition"},
    "store/people.py": {"statement"},
}
"""Which names stand in statements that are put together: conditions and statements that the same module writes out."""


@pytest.mark.parametrize("module", modules(), ids=str)
def test_no_text_from_outside_is_part_of_a_statement(module: Path) -> None:
    for owner, name, call in calls(module):
        if name in SQL or (module.parts[0] == "store" and owner == "self" and name in OWN_SQL):
            names = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name) and not node.id.isupper()}
            assert names <= BUILT_SQL.get(module.as_posix(), set()), f"{module}: {ast.unparse(call.args[0])}"
            assert is_written_here(call.args[0]) or names, f"{module}: {ast.unparse(call.args[0])}"
