"""Anchors of a page: known where every version of Zola makes the same of a heading."""

import pytest

from twimbot.export.anchors import Anchors, anchors


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("# Red & green", {"red-green"}),
        ("Tea, *hot* `now`\n===", {"tea-hot-now"}),
        ("> #### Don't [stop](/x) ![me](/y)", {"don-t-stop-me"}),
        ("# A <em>b</em>", {"a-b"}),
        ("# A\n## A\n# A\n# B", {"a", "a-1", "a-2", "b"}),
        ("# A\n# A {#a-1}\n# A", {"a", "a-1", "a-2"}),
        ("# Tea {#hot .big}", {"hot"}),
        ("# Tea {.big}", {"tea"}),
        (r"# Tea \{#hot}", {"tea-hot"}),
        ("```\n# No\n```", set()),
        ('text <a id="x"></a> <b name=y>', {"x", "y"}),
        ("<div\n  class='a' id='z'>\n</div>", {"z"}),
        ('<a id="tea"></a>\n\n# Tea', {"tea"}),
        ("# ", set()),
    ],
)
def test_what_can_be_linked_to(markdown: str, found: set[str]) -> None:
    assert anchors(markdown, "on").known == found


@pytest.mark.parametrize("markdown", ["# Tea 🍵", "# Bäume", "# :tea:", "# {{ tea() }}", "{% tea() %}\n# X", "# !?"])
def test_headings_that_zola_alone_can_name_leave_a_doubt(markdown: str) -> None:
    assert not anchors(markdown, "on").is_complete


def test_plain_headings_leave_none() -> None:
    assert anchors("# Tea\n\ntext", "on") == Anchors(frozenset({"tea"}), is_complete=True)


@pytest.mark.parametrize("strategy", ["safe", "off"])
def test_where_the_site_makes_no_slugs_only_written_anchors_are_known(strategy: str) -> None:
    assert anchors("# Tea\n# Pot {#pot}", strategy) == Anchors(frozenset({"pot"}), is_complete=False)
