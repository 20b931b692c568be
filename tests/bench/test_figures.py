"""How a measurement is told."""

from pathlib import Path

import pytest

from tests.bench.figures import Figure, table
from tests.plots import draw


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (
            Figure("start", "nio's", [1.0, 3.0, 2.0], [2.0], "s", 1.3),
            "| start | 2.0 s (1.0 to 3.0) | nio's | 2.0 s | 1.00 | 1.3 |",
        ),
        (
            Figure("start", "nio's", [3.0], [2.0], "s", 1.3),
            "| start | 3.0 s | nio's | 2.0 s | 1.50 | 1.3, not reached |",
        ),
        (Figure("own share", "", [0.125], [], "ms", 8), "| own share | 0.12 ms |  |  |  | 8 ms |"),
        (Figure("own share", "", [1234.5], [], "ms", 8), "| own share | 1,234 ms |  |  |  | 8 ms, not reached |"),
        (Figure("told", "", [12.0], [], "MiB"), "| told | 12.0 MiB |  |  |  |  |"),
    ],
)
def test_a_row_says_medians_spread_ratio_and_whether_the_goal_is_reached(figure: Figure, row: str) -> None:
    assert list(table([figure]))[-1] == row


def test_the_same_curve_is_the_same_file(tmp_path: Path) -> None:
    lines = {"twimbot": [(0, 75), (60, 86)], "nio, at rest": [(0, 49), (60, 49)]}
    files = [tmp_path / name for name in ("one.svg", "other.svg")]
    for file in files:
        draw(lines, ("minutes", "MiB"), file)
    one, other = (file.read_text(encoding="utf-8") for file in files)
    assert one == other
    assert all(name in one for name in (*lines, "minutes", "MiB"))
