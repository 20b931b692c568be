"""Links into the site itself: written in Zola's way, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.making import contents, entry
from twimbot.export.internal import with_internal_links
from twimbot.export.post import render
from twimbot.export.reader import Span
from twimbot.export.site import Site
from twimbot.export.syntax import read

HOME = "https://garden.example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site with a section and three pages, one of them with an anchor and one with an odd name."""
    root = tmp_path_factory.mktemp("site")
    (root / "content/blog").mkdir(parents=True)
    (root / "config.toml").write_text(f'base_url = "{HOME}"\n', encoding="utf-8")
    (root / "content/blog/_index.md").write_text("+++\n+++\n", encoding="utf-8")
    (root / "content/blog/2026-02-06-pears.md").write_text("+++\n+++\n\n## Ripe\n", encoding="utf-8")
    (root / "content/blog/my_best_pears.md").write_text("+++\n+++\n", encoding="utf-8")
    (root / "content/blog/a (b).md").write_text("+++\n+++\n", encoding="utf-8")
    return Site.read(root)


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        (f"[pears]({HOME}/blog/pears/)", "[pears](@/blog/2026-02-06-pears.md)"),
        (f'[*pears*]( <{HOME}/blog/pears/>  "Pears" )', '[*pears*]( @/blog/2026-02-06-pears.md  "Pears" )'),
        (f"[ripe]({HOME}/blog/pears/#ripe)", "[ripe](@/blog/2026-02-06-pears.md#ripe)"),
        (f"[x]({HOME}/blog/a-b)", "[x](@/blog/a%20%28b%29.md)"),
        (f"<{HOME}/blog/pears/>", f"[{HOME}/blog/pears/](@/blog/2026-02-06-pears.md)"),
        (f"<{HOME}/blog/my-best-pears/>", f"[{HOME}/blog/my-best-pears/](@/blog/my_best_pears.md)"),
        (f"<{HOME}/blog/%70ears/>", f"[{HOME}/blog/%70ears/](@/blog/2026-02-06-pears.md)"),
        (f"- a\n  - [x]({HOME}/blog/)\n", "- a\n  - [x](@/blog/_index.md)\n"),
        (f"> # [x]({HOME}/blog/) <{HOME}/blog/>", f"> # [x](@/blog/_index.md) [{HOME}/blog/](@/blog/_index.md)"),
        (f"| a |\n|---|\n| [x]({HOME}/blog/) |", "| a |\n|---|\n| [x](@/blog/_index.md) |"),
        (f"[![a](/b.png)]({HOME}/blog/)", "[![a](/b.png)](@/blog/_index.md)"),
        (f"[x](\n{HOME}/blog/)", "[x](\n@/blog/_index.md)"),
    ],
)
def test_links_to_pages_name_their_files(site: Site, written: str, stands: str) -> None:
    assert with_internal_links(written, site) == stands


@pytest.mark.parametrize(
    "written",
    [
        "[pears](https://example.org/blog/pears/)",
        "<https://example.org/blog/pears/>",
        f"[x]({HOME}/blog/plums/)",
        f"[x]({HOME}/blog/pears/#raw)",
        f"[x]({HOME}/blog/pears/?a=b)",
        f"![x]({HOME}/blog/)",
        f"`[x]({HOME}/blog/)` and `<{HOME}/blog/>`",
        f"    <{HOME}/blog/>",
        f"see {HOME}/blog/",
        f'<a href="{HOME}/blog/">x</a>',
        f"[x][y]\n\n[y]: {HOME}/blog/",
        f"[<{HOME}/blog/>](x)",
        "[x](@/blog/_index.md)",
        "[x](/blog/)",
        "[x]()",
        "<ada@example.org>",
    ],
)
def test_everything_else_stays_to_the_byte(site: Site, written: str) -> None:
    assert with_internal_links(written, site) == written


def test_what_can_not_be_trusted_stays_as_it_is(site: Site) -> None:
    written = f"{'> ' * 70}[x]({HOME}/blog/)"
    assert with_internal_links(written, site) == written


PIECES = st.sampled_from(
    [
        *(f"[x]({HOME}/blog/)", f"<{HOME}/blog/pears/>", f"<{HOME}/blog/plums/>", f"![y]({HOME}/blog/)", "<b>", "`"),
        *("[", "](", ")", "*", "_", "\\", "\n", "\n\n", "- ", "> ", "# ", "| a |\n|---|\n", "text ", " ", "\t", "é"),
    ]
)


def links(source: str) -> list[Span]:
    """Return the links and pictures of a source."""
    return [span for inline in read(source).inlines for span in inline.spans if span.href]


def expected(span: Span, site: Site) -> str:
    """Return where a link must lead: as it did, or in Zola's way where it can be written so."""
    can_be = span.kind == "link" or (span.kind == "autolink" and span.outer < 0)
    return (can_be and site.internal(span.href)) or span.href


@given(st.lists(PIECES, max_size=12).map("".join))
def test_links_lead_where_they_led(site: Site, written: str) -> None:
    stands = with_internal_links(written, site)
    assert sorted(span.href for span in links(stands)) == sorted(expected(span, site) for span in links(written))
    assert with_internal_links(stands, site) == stands


def test_a_link_to_a_file_that_the_site_may_not_have_is_told() -> None:
    post = render(contents(entry(1, "See [pears](@/blog/none.md).", department="clients")))
    assert "> See [pears](@/blog/none.md).\n" in post.text
    note = "the link “[pears](@/blog/none.md)” may name no page of the site, and Zola would stop there"
    assert post.notes == (f"Entry 1: {note}: set post.site_checkout, or look it up.",)
