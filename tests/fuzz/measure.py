"""Measures how long hostile texts take on their whole way: `python -m tests.fuzz.measure [PART OF A NAME]`.

Each is 64 KiB, the most that an event can hold. Printed are the seconds that the desk takes to record it, that
`show` takes to answer, and that the post and the linters take.
"""

import asyncio
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.desk.scene import ANNA, EDITOR, NOW, PUBLICATION, open_scene
from twimbot.export.post import render
from twimbot.lint.tools import tool_findings
from twimbot.publishing.gather import gather

SIZE = 60_000
"""How many characters a text has; the rest of an event is room for what is around it."""

BEGINNING = "NEWS: words enough to be an entry "
UNITS = (
    *(
        "> ",
        "- ",
        "1. ",
        "> - ",
        "[",
        "](",
        "[a](",
        "![a](",
        "[a](b)",
        "[a][b]\n",
        "[a]: b\n\n",
        "[^a]",
        "`",
        "`a",
        "``a` ",
    ),
    *(
        "*a_",
        "**a",
        "_a ",
        "*a **b ",
        "~~a",
        "*** a ",
        "|",
        "|a",
        "a|\n-|\n",
        "<b>",
        "<a ",
        "<a b='",
        "<!--",
        "<?",
        "<![CDATA[",
    ),
    *("<", "<div>\n", "</b>", "<script>", "<details><summary>a</summary>\n\n", "&", "&amp;", "&#", "&#9", "\\", "\\\n"),
    *(
        "<http://a>",
        "https://a.b ",
        "https://a.b/(",
        "http://",
        "www.",
        "www.a.b ",
        "a@b.c ",
        "a@",
        "a.",
        "@a:b.c ",
        "#a:b.c ",
    ),
    *(
        "@a",
        "#",
        "a:",
        "{",
        "{{ ",
        "{% a() %}",
        "{{}}",
        "```\n",
        "~~~ a\n",
        "# a\n",
        "a\n=\n",
        "---\n",
        "=",
        "\n",
        " ",
        "\t",
        "    a\n",
    ),
    *("$$a", "||a|", "\u200d", "\u202e", "\u0301", "\0", "word ", "a", "- [ ] a\n", "- a\n\n"),
)
BODIES: Mapping[str, str] = {
    **{repr(unit): unit * (SIZE // len(unit)) for unit in UNITS},
    "5,000 quotes": ">" * 5000 + " x",
    "10,000 lists": "- " * 10_000 + "x",
    "nested brackets": "[" * 25_000 + "a" + "]" * 25_000,
    "nested parentheses": "[a](" + "(" * 29_000 + ")" * 29_000,
    "emphasis in emphasis": "*" * 20_000 + "a" + "*" * 20_000,
    "runs of backticks": " ".join("`" * length for length in range(1, 300)),
    "stairs of lists": "\n".join("  " * depth + "- a" for depth in range(230)),
    "stairs of quotes": "\n".join(">" * depth + " a" for depth in range(300)),
    "a wide table": "|a" * 9000 + "|\n" + "|-" * 9000 + "|\n" + "|b" * 9000,
}
TAGS = (
    *(
        "<blockquote>",
        "<ul><li>",
        "<b>",
        "<p>a</p>",
        "<a href='https://a.b'>a</a>",
        "a<br>",
        "&amp;",
        "&#",
        "<a b='",
        "<!--",
        "</",
    ),
    *(
        "<table><tr><td>",
        "<tr><td>a</td></tr>",
        "<pre>",
        "<code>`</code>",
        "<h1>a</h1>",
        "<mx-reply>",
        "<ol><li>a</li></ol>",
    ),
    *(
        "<span data-mx-spoiler='a'>b</span>",
        "<span data-mx-maths='a'>b</span>",
        "<u>a",
        '"<a ',
        "<!a ",
        "<del><i>a</i></del>",
    ),
)


async def measure(body: str, html: str | None) -> list[float]:
    """Return the seconds for recording, `show`, the post and the linters."""
    with TemporaryDirectory() as folder:
        async with open_scene(Path(folder)) as scene:
            more = {"format": "org.matrix.custom.html", "formatted_body": html} if html else {}
            times = [perf_counter()]
            await scene.happen(scene.message(ANNA, body, **more))
            times.append(perf_counter())
            await scene.happen(scene.command(EDITOR, "show 1"))
            times.append(perf_counter())
            async with scene.database.snapshot() as records:
                edition = PUBLICATION.calendar.edition_of(NOW)
                contents = await gather(records, PUBLICATION, edition, "Edna")
            post = render(contents)
            times.append(perf_counter())
            tool_findings(post.text)
            times.append(perf_counter())
            assert await scene.failures() == []
    return [round(after - before, 2) for before, after in pairwise(times)]


def main() -> None:
    """Measure, and print a line for each text."""
    cases = {name: (BEGINNING + body, None) for name, body in BODIES.items()} | {
        f"HTML {tag}": ("NEWS: words", BEGINNING + "<b>" + "bold</b>" + tag * (SIZE // len(tag))) for tag in TAGS
    }
    chosen = "".join(sys.argv[1:2])
    for name, (body, html) in cases.items():
        if chosen in name:
            print(f"{name:40}", *asyncio.run(measure(body, html)), flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
