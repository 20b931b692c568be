"""A Zola site's checkout: which page answers which URL, and which links into the site lead to nothing."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest

from twimbot.errors import ConfigurationError
from twimbot.export.site import Site

CONFIG = 'base_url = "https://garden.example.org"\n'

PAGES = {
    "content/_index.md": "+++\n+++\n",
    "content/blog/_index.md": "+++\n+++\n",
    "content/blog/2026/_index.md": "+++\ntransparent = true\nrender = false\n+++\n",
    "content/blog/2026/2026-02-06-apples.md": '+++\npath = "/blog/2026/02/06/apples"\n+++\n\n## Red & green\n',
}

Checkout = Callable[..., Path]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return what writes a site: a few pages, the files that are given, and a configuration."""

    def written(files: Mapping[str, str] | None = None, config: str = CONFIG) -> Path:
        for name, text in {"config.toml": config, **PAGES, **(files or {})}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return written


class TestInternalLinks:
    @pytest.mark.parametrize(
        "url",
        [
            "https://garden.example.org/blog/2026/02/06/apples/",
            "https://garden.example.org/blog/2026/02/06/apples",
            "http://garden.example.org/blog/2026/02/06/apples/",
            "HTTPS://Garden.Example.ORG/blog/2026/02/06/apples/",
            "https://garden.example.org:443/blog/2026/02/06/apples/",
            "https://garden.example.org/blog/2026/02/06/%61pples/",
            "https://garden.example.org/blog/2026/02/06/apples/#",
        ],
    )
    def test_every_way_to_write_a_pages_url(self, checkout: Checkout, url: str) -> None:
        assert Site.read(checkout()).internal(url) == "@/blog/2026/2026-02-06-apples.md"

    @pytest.mark.parametrize(
        "url",
        [
            "https://garden.example.org/blog/2026/02/06/apples/?page=2",
            "https://garden.example.org/blog/2026/02/06/Apples/",
            "https://garden.example.org/blog/2026/",
            "https://garden.example.org:8080/blog/",
            "https://ada@garden.example.org/blog/",
            "https://www.garden.example.org/blog/",
            "https://garden.example.org.example.com/blog/",
            "ftp://garden.example.org/blog/",
            "https://[/blog/",
            "https://garden.example.org:x/blog/",
            "/blog/",
            "@/blog/_index.md",
            "blog/",
            "",
        ],
    )
    def test_what_is_no_pages_url(self, checkout: Checkout, url: str) -> None:
        assert Site.read(checkout()).internal(url) is None

    @pytest.mark.parametrize(
        ("file", "front_matter", "path"),
        [
            ("pears.md", "", "/pears/"),
            ("blog/pears.md", "", "/blog/pears/"),
            ("blog/2026-02-06-Pear_s & more.md", "", "/blog/pear-s-more/"),
            ("blog/2026-02-06_pears.md", "", "/blog/pears/"),
            ("blog/2026-02-06T10:00:00Z-pears.md", "", "/blog/pears/"),
            ("blog/2026-02-06.md", "", "/blog/2026-02-06/"),
            ("blog/2026-13-06-pears.md", "", "/blog/2026-13-06-pears/"),
            ("blog/pears.md", 'slug = "Ripe pears"', "/blog/ripe-pears/"),
            ("blog/pears.md", 'path = "fruit/pears"', "/fruit/pears/"),
            ("blog/pears.md", 'path = "/fruit/pears/"\nslug = "other"', "/fruit/pears/"),
            ("blog/pears.md", 'aliases = ["/old/pears", "older.html"]', "/old/pears"),
            ("blog/pears.md", 'aliases = ["/old/pears", "older.html"]', "/older.html"),
            ("blog/pears.md", 'aliases = ["/old/pears", "older.html"]', "/blog/pears/"),
            ("blog/pears/index.md", "", "/blog/pears/"),
            ("blog/2026-02-06-pears/index.md", "", "/blog/pears/"),
            ("Blog Posts/pears.md", "", "/Blog%20Posts/pears/"),
            ("fruit/_index.md", "", "/fruit/"),
            ("fruit/_index.md", 'aliases = ["/all-fruit/"]', "/all-fruit/"),
        ],
    )
    def test_how_a_page_gets_its_url(self, checkout: Checkout, file: str, front_matter: str, path: str) -> None:
        site = Site.read(checkout({f"content/{file}": f"+++\n{front_matter}\n+++\n"}))
        written = file.replace(" ", "%20").replace("&", "%26").replace(":", "%3A")
        assert site.internal(f"https://garden.example.org{path}") == f"@/{written}"

    def test_a_front_matter_in_yaml(self, checkout: Checkout) -> None:
        site = Site.read(checkout({"content/blog/pears.md": "---\npath: /fruit/pears\naliases: [pear]\n---\n"}))
        assert site.internal("https://garden.example.org/fruit/pears/") == "@/blog/pears.md"
        assert site.internal("https://garden.example.org/pear/") == "@/blog/pears.md"

    @pytest.mark.parametrize(
        ("file", "front_matter"),
        [
            ("blog/pears.md", "draft = true"),
            ("blog/pears.md", "render = false"),
            ("blog/2027/_index.md", "render = false"),
            ("blog/.pears.md", ""),
            ("blog/pears.txt", ""),
        ],
    )
    def test_what_has_no_page_of_its_own(self, checkout: Checkout, file: str, front_matter: str) -> None:
        site = Site.read(checkout({f"content/{file}": f"+++\n{front_matter}\n+++\n"}))
        for path in ("blog/pears/", "blog/2027/", "blog/.pears/"):
            assert site.internal(f"https://garden.example.org/{path}") is None

    def test_a_long_front_matter_is_read_whole(self, checkout: Checkout) -> None:
        text = f"+++\ndescription = '{'pear ' * 2000}'\npath = '/fruit/pears'\n+++\n"
        site = Site.read(checkout({"content/blog/pears.md": text}))
        assert site.internal("https://garden.example.org/fruit/pears/") == "@/blog/pears.md"

    def test_everything_in_a_draft_section_is_a_draft(self, checkout: Checkout) -> None:
        files = {"content/new/_index.md": "+++\ndraft = true\n+++\n", "content/new/pears.md": "+++\n+++\n"}
        assert Site.read(checkout(files)).internal("https://garden.example.org/new/pears/") is None

    def test_languages_have_folders_of_their_own(self, checkout: Checkout) -> None:
        files = {f"content/blog/{name}.md": "+++\n+++\n" for name in ("pears", "pears.fr", "pears.de", "_index.fr")}
        site = Site.read(checkout(files, f"{CONFIG}[languages.fr]\n"))
        assert site.internal("https://garden.example.org/blog/pears/") == "@/blog/pears.md"
        assert site.internal("https://garden.example.org/fr/blog/pears/") == "@/blog/pears.fr.md"
        assert site.internal("https://garden.example.org/fr/blog/") == "@/blog/_index.fr.md"
        assert site.internal("https://garden.example.org/de/blog/pears/") is None

    def test_without_languages_a_dot_is_a_letter_of_the_name(self, checkout: Checkout) -> None:
        site = Site.read(checkout({"content/blog/pears.fr.md": "+++\n+++\n"}))
        assert site.internal("https://garden.example.org/blog/pears-fr/") == "@/blog/pears.fr.md"

    @pytest.mark.parametrize(
        ("settings", "path"),
        [
            ("paths_keep_dates = true", "/blog/2026-02-06-pears/"),
            ('paths = "off"', "/blog/pears/"),
            ('paths = "safe"', "/blog/pears/"),
        ],
    )
    def test_slugs_are_made_as_the_site_wants_them(self, checkout: Checkout, settings: str, path: str) -> None:
        files = {"content/blog/2026-02-06-pears.md": "+++\n+++\n"}
        site = Site.read(checkout(files, f"{CONFIG}[slugify]\n{settings}\n"))
        assert site.internal(f"https://garden.example.org{path}") == "@/blog/2026-02-06-pears.md"

    @pytest.mark.parametrize(("strategy", "path"), [("on", "B%C3%A4ume"), ("safe", "a%20b"), ("on", "baume")])
    def test_a_slug_that_versions_of_zola_make_differently_is_not_guessed(
        self, checkout: Checkout, strategy: str, path: str
    ) -> None:
        files = {"content/blog/Bäume.md": "+++\n+++\n", "content/blog/a b.md": "+++\n+++\n"}
        site = Site.read(checkout(files, f'{CONFIG}[slugify]\npaths = "{strategy}"\n'))
        url = f"https://garden.example.org/blog/{path}/"
        assert (site.internal(url), site.is_dead(url)) == (None, False)

    def test_ignored_pages_are_none(self, checkout: Checkout) -> None:
        files = {"content/blog/pears.draft.md": "+++\n+++\n", "content/blog/README.md": "no front matter"}
        site = Site.read(checkout(files, f'{CONFIG}ignored_content = ["*.{{draft,tmp}}.md", "**/README.md"]\n'))
        assert site.internal("https://garden.example.org/blog/pears-draft/") is None

    def test_a_site_below_a_path(self, checkout: Checkout) -> None:
        site = Site.read(checkout(config='base_url = "https://example.org/~ada/garden/"\n'))
        assert site.internal("https://example.org/~ada/garden/blog/") == "@/blog/_index.md"
        assert site.internal("https://example.org/~ada/garden") == "@/_index.md"
        assert site.internal("https://example.org/~ada/gardenblog/") is None
        assert site.internal("https://example.org/blog/") is None
        assert site.is_dead("/~ada/garden/blog/nothing/")
        assert not site.is_dead("/blog/nothing/")

    @pytest.mark.parametrize(
        ("anchor", "is_there"), [("red-green", True), ("Red-green", False), ("red", False), ("%72ed-green", False)]
    )
    def test_an_anchor_is_kept_where_it_can_be_shown_to_exist(
        self, checkout: Checkout, anchor: str, *, is_there: bool
    ) -> None:
        url = f"https://garden.example.org/blog/2026/02/06/apples/#{anchor}"
        expected = f"@/blog/2026/2026-02-06-apples.md#{anchor}" if is_there else None
        assert Site.read(checkout()).internal(url) == expected


class TestDeadLinks:
    @pytest.mark.parametrize(
        "target",
        [
            "@/blog/nothing.md",
            "@/Blog/_index.md",
            "@/blog/2026/_index.md",
            "@/",
            "@/blog/2026/2026-02-06-apples.md#pears",
            "https://garden.example.org/blog/nothing/",
            "https://garden.example.org/blog/2026/02/06/aples/",
            "http://GARDEN.example.org/blog/nothing?a=b#c",
            "//garden.example.org/blog/nothing",
            "/blog/nothing",
            "/images/nothing.png",
            "/blog/2026/",
            "/fruit/",
        ],
    )
    def test_lead_to_nothing(self, checkout: Checkout, target: str) -> None:
        files = {"static/images/tree.png": "", "content/fruit/_index.md": "+++\nrender = false\n+++\n"}
        assert Site.read(checkout(files)).is_dead(target)

    @pytest.mark.parametrize(
        "target",
        [
            "@/blog/_index.md",
            "@/blog/2026/2026-02-06-apples.md",
            "@/blog/2026/2026-02-06-%61pples.md",
            "@/blog/2026/2026-02-06-apples.md#red-green",
            "@/blog/2026/2026-02-06-apples.md#top",
            "@/blog/_index.md#",
            "@/blog/pears/index.md#ripe",
            "https://garden.example.org/blog/2026/02/06/apples/#pears",
            "https://garden.example.org/blog/2026/02/06/apples?a=b",
            "/",
            "/blog",
            "/blog/2026/02/06/apples",
            "/images/tree.png",
            "/images/a%20tree.png",
            "/theme/style.css",
            "/blog/pears/basket.png",
            "/blog/list.csv",
            "#pears",
            "pears/",
            "mailto:ada@example.org",
            "https://example.org/blog/nothing/",
        ],
    )
    def test_what_something_answers_is_not_dead(self, checkout: Checkout, target: str) -> None:
        files = {
            "static/images/tree.png": "",
            "static/images/a tree.png": "",
            "themes/plain/static/theme/style.css": "",
            "content/blog/pears/index.md": "+++\n+++\n\n## Ripe 🍐\n",
            "content/blog/pears/basket.png": "",
            "content/blog/list.csv": "",
        }
        assert not Site.read(checkout(files, f'{CONFIG}theme = "plain"\n')).is_dead(target)

    @pytest.mark.parametrize(
        "target",
        [
            "/nothing",
            "/app/nothing",
            "https://garden.example.org/packages/x.deb",
            "/blog/atom.xml",
            "/blog/feed.xml",
            "/blog/page/2/",
            "/blog/moved",
            "/blog/moved/",
            "/blog/old/a/b",
            "/blog/by/ada/pears",
            "/.well-known/nothing",
        ],
    )
    def test_what_may_come_from_elsewhere_is_not_called_dead(self, checkout: Checkout, target: str) -> None:
        redirects = "# moved\n/blog/moved /blog 301\n/blog/old/* /blog/:splat\n/blog/by/:name/pears /blog\nbroken\n"
        files = {"static/_redirects": redirects, "static/.well-known/matrix/client": "{}"}
        assert not Site.read(checkout(files, f'{CONFIG}feed_filenames = ["feed.xml"]\n')).is_dead(target)

    @pytest.mark.parametrize(
        ("source", "path", "applies"),
        [
            ("/blog/*/a/*", "blog/x/a/y", True),
            ("/blog/*/a/*", "blog/x/b/y", False),
            ("/blog/:year*z", "blog/az", True),
            ("/blog/:year*z", "blog/z", False),
            ("/blog/*a*a", "blog/a", False),
            ("/blog/*a*a", "blog/aaa", True),
            ("/blog/*:name/end", "blog/x/y/end", True),
            ("/blog/:name", "blog/x/y", False),
        ],
    )
    def test_stars_and_names_of_redirects(self, checkout: Checkout, source: str, path: str, *, applies: bool) -> None:
        site = Site.read(checkout({"static/_redirects": f"{source} /blog 301\n"}))
        assert site.is_dead(f"/{path}") == (not applies)

    def test_many_stars_take_no_time_to_speak_of(self, checkout: Checkout) -> None:
        site = Site.read(checkout({"static/_redirects": "/blog/" + "*a" * 12 + "*b /blog 301\n"}))
        began = time.process_time()
        assert site.is_dead("/blog/" + "a" * 1500)
        assert not site.is_dead("/blog/" + "a" * 1500 + "b")
        assert time.process_time() - began < 5  # with a step for each way to cut the path it would never end

    @pytest.mark.parametrize(
        ("file", "is_there"),
        [
            ("content/blog/2026/_index.md", True),
            ("content/blog/2027/_index.md", False),
            ("content/blog", False),
            ("config.toml", True),
        ],
    )
    def test_what_the_checkout_has(self, checkout: Checkout, file: str, *, is_there: bool) -> None:
        assert Site.read(checkout()).has(PurePosixPath(file)) == is_there

    def test_files_that_are_yet_to_come_count_as_there(self, checkout: Checkout) -> None:
        site = Site.read(checkout())
        assert site.is_dead("/blog/img/tree.png")
        coming = [PurePosixPath("static/blog/img/tree.png"), PurePosixPath("content/blog/img/bush.png")]
        assert not site.with_files(coming).is_dead("/blog/img/tree.png")
        assert site.with_files(coming).is_dead("/blog/img/bush.png")


class TestCheckoutsThatAreOdd:
    @pytest.mark.parametrize(
        ("config", "sentence"),
        [
            ("base_url = ", "{}/config.toml: is no valid TOML: Invalid value (at end of document)"),
            ("title = 'x'", "{}/config.toml: has no base_url that is a web address such as https://example.org"),
            ("base_url = 5", "{}/config.toml: has no base_url that is a web address such as https://example.org"),
            ("base_url = '/'", "{}/config.toml: has no base_url that is a web address such as https://example.org"),
        ],
    )
    def test_a_configuration_that_can_not_be_used(self, checkout: Checkout, config: str, sentence: str) -> None:
        root = checkout(config=config)
        with pytest.raises(ConfigurationError) as caught:
            Site.read(root)
        assert str(caught.value) == sentence.format(root)

    def test_no_checkout_at_all(self, tmp_path: Path) -> None:
        sentence = "is no checkout of a Zola site; one has zola.toml or config.toml, and a folder content"
        with pytest.raises(ConfigurationError) as caught:
            Site.read(tmp_path / "nowhere")
        assert str(caught.value) == f"{tmp_path / 'nowhere'}: {sentence}"

    def test_a_configuration_without_content(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="is no checkout of a Zola site"):
            Site.read(tmp_path)

    def test_newer_zolas_name_of_the_configuration_comes_first(self, checkout: Checkout) -> None:
        site = Site.read(checkout({"zola.toml": 'base_url = "https://new.example.org"'}))
        assert site.internal("https://new.example.org/blog/") == "@/blog/_index.md"

    def test_pages_that_can_not_be_read_do_not_stop_it(self, checkout: Checkout) -> None:
        root = checkout({"content/blog/broken.md": "+++\npath = \n+++\n", "content/blog/none.md": "text"})
        (root / "content/blog/bytes.md").write_bytes(b"+++\npath = '\xff'\n+++\n")
        (root / "content/blog/lost.md").symlink_to(root / "nowhere")
        (root / "content/blog/folder.md").mkdir()
        (root / "content/blog/again").symlink_to(root / "content")
        site = Site.read(root)
        assert site.internal("https://garden.example.org/blog/2026/02/06/apples/")
        assert not site.is_dead("@/blog/broken.md")
        assert not site.is_dead("/blog/broken/")

    def test_what_a_symlink_leads_to_is_part_of_the_site(self, checkout: Checkout, tmp_path: Path) -> None:
        root = checkout({"elsewhere/pears.md": "+++\n+++\n"})
        (root / "content/blog/linked").symlink_to(tmp_path / "elsewhere")
        site = Site.read(root)
        assert site.internal("https://garden.example.org/blog/linked/pears/") == "@/blog/linked/pears.md"

    def test_a_value_of_the_wrong_kind_counts_as_left_out(self, checkout: Checkout) -> None:
        site = Site.read(checkout({"content/blog/pears.md": "+++\npath = 5\nslug = []\naliases = [1]\n+++\n"}))
        assert site.internal("https://garden.example.org/blog/pears/") == "@/blog/pears.md"
