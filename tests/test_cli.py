"""The command line: exit codes, and one sentence for each mistake."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.test_config import GARDEN
from twimbot import cli
from twimbot.demo.homeserver import Homeserver, free_port
from twimbot.errors import (
    ConfigurationError,
    DatabaseError,
    HomeserverError,
    JobError,
    LoggedOut,
    TwimbotError,
    Unwritable,
)

COMMAND = str(Path(sys.executable).with_name("twimbot"))


def call(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call twimbot in a folder."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TWIMBOT_")}
    return subprocess.run(  # noqa: S603 - our own arguments
        [COMMAND, *arguments],
        cwd=folder,
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
    return tmp_path


def test_help_lists_every_command(tmp_path: Path) -> None:
    done = call(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("run", "login", "export", "catalogue", "backup", "check", "rebuild", "lint", "demo", "import"):
        assert f"\n  {command} " in done.stdout


def test_help_cuts_no_sentence(tmp_path: Path) -> None:
    narrow = {"COLUMNS": "60"}
    helps = [call(tmp_path, *group, "--help", environment=narrow).stdout for group in ([], ["import"])]
    commands = [" ".join(text.partition("\nCommands:\n")[2].split()) for text in helps]
    assert "back to the opening of an edition; the bot must not run." in commands[0]
    assert "what can't be carried over is said on stderr." in commands[1]
    assert not any("..." in text for text in commands)


def test_a_call_without_a_configuration_says_how_to_begin(tmp_path: Path) -> None:
    done = call(tmp_path, "run")
    assert done.returncode == 2
    assert done.stderr.startswith("twimbot: config.yaml: there is no such file; to begin, copy config.example.yaml")


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    asked = {"_TWIMBOT_COMPLETE": "bash_complete", "COMP_WORDS": "twimbot re", "COMP_CWORD": "1"}
    assert call(tmp_path, environment=asked).stdout.split() == ["plain,rebuild"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError("wrong"), 2),
        (JobError("failed"), 1),
        (HomeserverError("away"), 1),
        (LoggedOut("ended"), 3),
        (DatabaseError("damaged"), 3),
        (Unwritable("full"), 1),
    ],
)
def test_the_exit_status_says_whether_another_start_helps(
    error: TwimbotError, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == status


def test_a_rebuilding_names_a_wrong_date(garden: Path) -> None:
    done = call(garden, "rebuild", "--since", "yesterday")
    assert (done.returncode, done.stderr) == (2, "twimbot: --since: 'yesterday' is no date; write it as 2026-02-06\n")


def test_a_rebuilding_names_the_next_edition_where_none_comes_out_on_a_date(garden: Path) -> None:
    done = call(garden, "rebuild", "--since", "2026-02-07")
    sentence = "--since: no edition comes out on 2026-02-07; the next one after it is 2026-02-13"
    assert (done.returncode, done.stderr) == (2, f"twimbot: {sentence}\n")


def test_a_bot_that_has_made_no_post_and_seen_no_picture_has_loaded_nothing_for_them() -> None:
    command = [sys.executable, "-c", "import sys, twimbot.cli, twimbot.app; print(*sys.modules)"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own arguments
    assert {"jinja2", "linkify_it", "markdown_it", "nh3", "PIL", "prometheus_client"}.isdisjoint(done.stdout.split())


def test_the_version_is_said(tmp_path: Path) -> None:
    assert call(tmp_path, "--version").stdout.startswith("twimbot ")


def test_check_reads_the_template(garden: Path) -> None:
    (garden / "post.j2").write_text("{% for x in %}", encoding="utf-8")
    (garden / "config.yaml").write_text(GARDEN + "    post: {template: post.j2}\n", encoding="utf-8")
    done = call(garden, "check")
    assert done.returncode == 2
    assert "post.j2:1: the template can't be read" in done.stderr


def test_check_tells_all_that_is_wrong_with_the_templates_at_once(garden: Path) -> None:
    (garden / "image.j2").write_text('{{ figure(img="{{ uri }}") }}', encoding="utf-8")
    (garden / "video.j2").write_text("{% for x in %}", encoding="utf-8")
    templates = "{image_template: image.j2, video_template: video.j2}"
    (garden / "config.yaml").write_text(f"{GARDEN}    post: {templates}\n", encoding="utf-8")
    done = call(garden, "check")
    assert done.returncode == 2
    assert "image.j2: the template can't be filled: 'uri' is undefined" in done.stderr
    assert "video.j2:1: the template can't be read" in done.stderr


def test_check_accepts_a_good_configuration(garden: Path) -> None:
    done = call(garden, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "weekly: 1 department, 0 projects\nconfig.yaml is in order\n"


def test_check_says_what_is_missing_for_videos(garden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(garden))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    done = CliRunner().invoke(cli.cli, ["check", "--config", str(garden / "config.yaml")])
    assert done.exit_code == 0
    assert "note: videos will be refused until ffmpeg is there" in done.stderr


def test_check_says_every_mistake_at_once_and_exits_with_2(garden: Path) -> None:
    broken = GARDEN.replace("title:", "titles:").replace("Europe/Paris", "Europe/Nowhere")
    (garden / "config.yaml").write_text(broken, encoding="utf-8")
    done = call(garden, "check")
    assert done.returncode == 2
    assert "'titles'" not in done.stdout
    assert "did you mean 'title'?" in done.stderr
    assert "'Europe/Nowhere' is no time zone" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_configuration_is_one_sentence(tmp_path: Path) -> None:
    done = call(tmp_path, "check", "--config", "nothing.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("twimbot: nothing.yaml: there is no such file; ")
    assert done.stderr.count("\n") == 1


def test_the_configuration_can_be_named_by_the_environment(garden: Path) -> None:
    (garden / "config.yaml").rename(garden / "other.yaml")
    assert call(garden, "check", environment={"TWIMBOT_CONFIG": "other.yaml"}).returncode == 0


def test_an_export_without_entries_exits_with_1(garden: Path) -> None:
    done = call(garden, "export", "--edition", "2026-02-06")
    assert done.returncode == 1
    assert done.stderr == "twimbot: the edition of 2026-02-06 of weekly has no entries; name another date\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["monthly"], "there is no publication 'monthly'; the configuration has weekly"),
        (["--edition", "soon"], "--edition: 'soon' is no date; write it as 2026-02-06"),
        (
            ["--edition", "2026-02-07"],
            "--edition: no edition comes out on 2026-02-07; the next one after it is 2026-02-13",
        ),
    ],
)
def test_a_wrong_call_exits_with_2(garden: Path, arguments: list[str], sentence: str) -> None:
    done = call(garden, "export", *arguments)
    assert (done.returncode, done.stderr) == (2, f"twimbot: {sentence}\n")


def test_a_homeserver_that_is_not_there_is_one_sentence(garden: Path) -> None:
    unused = f"http://127.0.0.1:{free_port()}"
    (garden / "config.yaml").write_text(GARDEN.replace("https://matrix.example.org", unused), encoding="utf-8")
    done = call(garden, "check", "--online", environment={"TWIMBOT_PASSWORD": "x"})
    assert done.returncode == 2
    assert done.stderr.startswith(f"twimbot: {unused} can't be reached: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "call_of",
    [
        ["run"],
        ["check", "--online"],
        ["rebuild"],
        ["export"],
        ["export", "--output", "site"],
        ["import", "posts", "posts"],
    ],
)
def test_a_folder_that_holds_other_things_is_left_as_it_is(garden: Path, call_of: list[str]) -> None:
    text = GARDEN.replace("https://matrix.example.org", f"http://127.0.0.1:{free_port()}")
    (garden / "config.yaml").write_text(f"{text}data_dir: theirs\n", encoding="utf-8")
    (garden / "posts").mkdir()
    (garden / "posts" / "2026-02-06-garden-news.md").write_text('+++\ntitle = "Garden News"\n+++\n', encoding="utf-8")
    theirs = garden / "theirs"
    theirs.mkdir()
    theirs.chmod(0o755)
    (theirs / "letter.txt").touch()
    done = call(garden, *call_of, environment={"TWIMBOT_PASSWORD": "x"})
    assert (done.returncode, [file.name for file in theirs.iterdir()]) == (2, ["letter.txt"]), done.stderr
    assert done.stderr.endswith("theirs holds what is not the bot's (letter.txt); name a folder of its own\n")
    assert theirs.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("call_of", [["catalogue"], ["backup", "copy.db"], ["lint", "post.md"], ["check"]])
def test_what_needs_no_store_makes_none(garden: Path, call_of: list[str]) -> None:
    (garden / "config.yaml").write_text(f"{GARDEN}data_dir: theirs\n", encoding="utf-8")
    (garden / "post.md").touch()
    theirs = garden / "theirs"
    theirs.mkdir(mode=0o755)
    (theirs / "letter.txt").touch()
    call(garden, *call_of, environment={"TWIMBOT_CONFIG": "config.yaml"})
    assert [file.name for file in theirs.iterdir()] == ["letter.txt"]
    assert theirs.stat().st_mode & 0o777 == 0o755


def test_a_wrong_password_is_one_sentence_and_exits_with_3(garden: Path, homeserver: Homeserver) -> None:
    text = GARDEN.replace("https://matrix.example.org", homeserver.url)
    (garden / "config.yaml").write_text(text, encoding="utf-8")
    done = call(garden, "run", environment={"TWIMBOT_PASSWORD": "wrong"})
    assert done.returncode == 3
    assert "refuses the password of @news:example.org" in done.stderr
    assert "check TWIMBOT_PASSWORD" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_password_at_all_is_one_sentence(garden: Path, homeserver: Homeserver) -> None:
    text = GARDEN.replace("https://matrix.example.org", homeserver.url)
    (garden / "config.yaml").write_text(text, encoding="utf-8")
    done = call(garden, "run")
    assert done.returncode == 3
    assert "set TWIMBOT_PASSWORD or TWIMBOT_ACCESS_TOKEN" in done.stderr


def test_import_hebbot_prints_a_catalogue_and_says_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "hebbot.toml").write_text(
        """
        bot_user_id = "@news:example.org"
        ack_text = "Thanks!"
        [[sections]]
        emoji = "🍎"
        name = "fruit"
        title = "Fruit"
        order = 10
        usual_reporters = []
        """,
        encoding="utf-8",
    )
    done = call(tmp_path, "import", "hebbot", "hebbot.toml")
    assert done.returncode == 0
    assert "key: fruit" in done.stdout
    assert "ack_text" in done.stderr
