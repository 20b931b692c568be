"""How a measurement is told."""

import pytest

from tests.bench.figures import Figure, table


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
