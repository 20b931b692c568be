"""The tree on disk and the zip: complete, in place of the old one, the same to the byte each time."""

import io
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.export.making import contents, entry, media
from twimbot.errors import JobError
from twimbot.export.bundle import add_tree, write_tree, zip_tree
from twimbot.export.contents import RenderedPost
from twimbot.export.post import render

POST = "content/blog/2026/02/2026-02-06-twim.md"
INDEX = "content/blog/2026/02/_index.md"
PICTURE = "static/blog/img/Pic1.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a media folder with a picture in it."""
    made = tmp_path / "media"
    made.mkdir()
    (made / "Pic1.png").write_bytes(b"picture")
    return made


@pytest.fixture
def post() -> RenderedPost:
    """Return a post with a picture."""
    return render(contents(entry(1, "News", department="clients", media=(media(1),))))


def files(tree: Path) -> list[str]:
    return sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())


def test_the_tree_has_the_post_and_its_pictures(post: RenderedPost, folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "export" / "twim" / "2026-02-06"
    assert write_tree(post, folder, tree) == tree / POST
    assert files(tree) == [POST, INDEX, PICTURE]
    assert (tree / POST).read_text(encoding="utf-8") == post.text
    assert (tree / PICTURE).read_bytes() == b"picture"


def test_exporting_again_replaces_the_tree(post: RenderedPost, folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write_tree(post, folder, tree)
    (tree / "stale.md").write_text("old")
    write_tree(post, folder, tree)
    assert files(tree) == [POST, INDEX, PICTURE]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "tree"]


def test_a_missing_file_leaves_the_old_tree_alone(post: RenderedPost, folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write_tree(post, folder, tree)
    (folder / "Pic1.png").unlink()
    with pytest.raises(JobError, match=r"Pic1\.png: this picture of the post can't be read"):
        write_tree(post, folder, tree)
    assert files(tree) == [POST, INDEX, PICTURE]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "tree"]


def test_a_place_that_cant_be_written_to_is_named(post: RenderedPost, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JobError, match="file/tree: the post can't be written here"):
        write_tree(post, folder, tmp_path / "file" / "tree")


def test_the_zip_is_the_tree_and_the_same_each_time(post: RenderedPost, folder: Path) -> None:
    packed = zip_tree(post, folder)
    assert packed == zip_tree(post, folder)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == [POST, INDEX, PICTURE]
        assert archive.read(PICTURE) == b"picture"
        assert archive.read(POST).decode("utf-8") == post.text


def test_a_tree_is_added_to_a_checkout_without_touching_what_is_there(tmp_path: Path) -> None:
    checkout = tmp_path / "site"
    (checkout / "content").mkdir(parents=True)
    (checkout / "content" / "_index.md").write_text("mine", encoding="utf-8")
    (checkout / "config.toml").write_text("mine too", encoding="utf-8")
    post = RenderedPost(
        PurePosixPath("content/blog/post.md"), "the post\n", (), ((PurePosixPath("content/_index.md"), "ours"),), ()
    )
    add_tree(post, tmp_path, checkout)
    path = add_tree(post, tmp_path, checkout)
    files = {file.relative_to(checkout).as_posix(): file.read_text() for file in checkout.rglob("*") if file.is_file()}
    assert path == checkout / "content/blog/post.md"
    assert files == {
        "config.toml": "mine too",
        "content/_index.md": "mine",
        "content/blog/post.md": "the post\n",
    }
