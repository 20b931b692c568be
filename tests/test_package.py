"""What is installed is whole: the wheel holds the migrations, the template and the typing mark."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_everything_that_the_program_reads(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "twimbot").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert data <= names
    assert "twimbot/migrations/0001_initial.sql" in names
    assert any(name.endswith(".j2") for name in names)


def test_the_image_is_given_everything_that_its_file_copies() -> None:
    """What .dockerignore leaves out can't be copied."""
    given = {line.removeprefix("!").strip("/") for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()}
    copies = [line.split()[1:-1] for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if _is_copy(line)]
    assert copies
    assert {source for sources in copies for source in sources} <= given


def _is_copy(line: str) -> bool:
    return line.startswith("COPY ") and "--from" not in line
