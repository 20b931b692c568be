"""What contributors write, for hypothesis: any signs in any order, and what a person might well write."""

from hypothesis import strategies as st

PIECES = (
    "# ", "### ", "a", "b c", "\n", "\n", "\n\n", "  ", "    ", "\t", "> ", "- ", "* ", "1. ", "`", "``", "```",
    "```js\n", "~~~\n", "<", ">", "<b>", "</b>", '<em lang="fr">', "</em>", "<details>\n", "</details>", "<summary>",
    "<br>", "<script>", "</script>", "<div onclick=x>", "<!--", "-->", "<?", "<![CDATA[", "<!X ", "</blockquote>",
    "<style>", "<pre>", "[", "]", "(", ")", "](", "[x](javascript:a)", "![", "[r]", "[r]: ", "[r]: /r\n", "[^1]",
    "[^1]: ", "<javascript:x>", "https://example.org/a_b_", "{{", "{%", "}}", "{", "}", "{#id .c onclick=x}", "|",
    "| a | b |\n|--|--|\n", "\\", "&lt;", "&", "&#123;", "*", "**", "_", "~~", '"', "===\n", "---\n", "\u00a0",
    "\u2028", "\x0b", "\ud800", ":", "!", "@@ZOLA_SC_PLACEHOLDER@@", "+++\n", ": d\n", "<x@example.org>", "<b",
    "www.example.org", "a@example.org", "#a:example.org", "@a:example.org", "{{ a(b='c') }}", "{{ a(b='", "{% a() %}",
    "{% end %}", "{%end%}", "{%/* end */%}", "[x]()", "[](<>)", "![y]()", "[x](#a)", "[x](#", "[!NOTE]", "[!tip]\n",
    "• ", "\u2013 ", "🎉 ", "\uff08", "。", "{{/* a() */}}", "\u200b", "\ufeff", "\u202e", "\u2067", "\u2069", "-   ", "(a)[https://example.org]",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)

WORDS = st.sampled_from(
    (
        "tea", "Tea is served.", "**bold**", "*so* on", "_really_", "`code`", "`{{ x }}`", "x_y_z", "snake_case_",
        "1 < 2", "a & b &amp; c", "C#", "#42:", "(maybe)", "it's", "“quoted”", "🫖", "茶", "~~old~~", "<kbd>T</kbd>",
        "H<sub>2</sub>O", "Vec<String>", "{{ youtube(id=1) }}", "f(x)[0]", "[ ] todo", "[draft]", "a*b*c", "5 * 4",
        "&copy;",
        "https://example.org/a_b_c?d=e&f=(g)#h.", "(https://example.org/a)", "see https://example.org,",
        "www.example.org/a", "anna@example.org", "@anna@social.example.org", "git@example.org:tea/pot.git",
        "#news:example.org", "@anna:example.org:", "matrix:r/news:example.org", "https://{server}/a",
        "\uff08https://example.org/zh\uff09", "https://example.org/v1\uff08英語\uff09", "[notes]()", "[**notes**](<>)",
        "[!NOTE]", "{% end %}", "`{% end %}`", "\n• item", "\n🎉 news",
        "[text](https://example.org/a_(b))", "[ text ](https://example.org 'titled')", "<https://example.org/a>",
        "[#news](https://matrix.to/#/#news:example.org?via=example.org)", "![a pot](/blog/img/pot.png)",
        "(text)[https://example.org/a]", "[reference][r]", "<!-- hidden -->", "\\*escaped\\*", "a  ", "b\\",
    )
)  # fmt: skip
LINE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
HEADING = st.builds("{} {}{}".format, st.sampled_from(["#", "##", "####"]), LINE, st.sampled_from(["", " ##"]))
UNDERLINED = st.builds("{}\n{}".format, PARAGRAPH, st.sampled_from(["===", "---", "----------"]))
CODE = st.builds(
    "{0}\n{1}\n{2}".format,
    st.sampled_from(["```", "~~~", "````yaml"]),
    st.sampled_from(
        ["x: {{ y }}", "# a comment\n\n    deep", "https://example.org", "-   a\n[r]: /b", "{{ a() }}", ""]
    ),
    st.sampled_from(["```", "~~~", "`````", ""]),
)
OTHER = st.sampled_from(
    (
        "___", "    indented\n    code", "| a | b |\n|---|:-:|\n| https://example.org | **c** |",
        "<details>\n<summary>More</summary>\n\nInside\n\n</details>\n", "<details>\nInside\n</details>",
        "[r]: https://example.org/r 'R'", "<!-- hidden -->",
    )
)  # fmt: skip
SIMPLE = st.one_of(PARAGRAPH, PARAGRAPH, HEADING, UNDERLINED, CODE, OTHER)


def _item(mark: str, gap: str, text: str) -> str:
    lines = text.split("\n")
    indent = " " * len(mark + gap)
    return "\n".join([f"{mark}{gap}{lines[0]}", *(f"{indent}{line}" if line else "" for line in lines[1:])])


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _texts(blocks: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    pair = st.tuples(blocks, st.sampled_from(["\n", "\n\n"]))
    return st.lists(pair, min_size=1, max_size=most).map(lambda pairs: "".join(map("".join, pairs)).strip("\n"))


def _lists(blocks: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    marks = st.sampled_from(["-", "*", "1.", "2)"])
    items = st.builds(_item, marks, st.sampled_from([" ", "  ", "   "]), _texts(blocks, 2))
    return st.lists(items, min_size=1, max_size=3).map("\n".join)


BLOCK = st.recursive(SIMPLE, lambda inner: st.one_of(_lists(inner), _texts(inner, 2).map(_quote)), max_leaves=6)
TYPICAL = _texts(BLOCK, 5)
