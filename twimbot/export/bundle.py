"""Writes a rendered post and its pictures as a tree that can be copied over the site's checkout, or as a zip of it."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from twimbot.errors import JobError
from twimbot.export.contents import RenderedPost

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name; every file in it carries this one, so that equal trees are equal zips."""

READABLE_FILE = 0o100644


def write_tree(post: RenderedPost, media_folder: Path, output: Path) -> Path:
    """Put the tree in place of whatever is at `output` and return the post's path in it.

    The tree is made complete beside its place and then moved there, so nothing half-written ever has its name.
    Raises JobError, with nothing changed, where a picture's file is missing or the place can't be written to.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
            fresh = Path(scratch, "new")
            for path, source in _files(post, media_folder):
                target = fresh / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(_content(source))
            _replace(output, fresh, Path(scratch, "old"))
    except OSError as error:
        raise JobError(f"{output}: the post can't be written here: {error.strerror or error}") from error
    return output / post.path


def add_tree(post: RenderedPost, media_folder: Path, output: Path) -> Path:
    """Add the tree to a folder, such as the site's checkout, and return the post's path in it.

    Each file replaces one of its name at once and whole, but an `_index.md` that is there stays, and so does
    whatever else is. Raises JobError where a picture's file is missing, the place can't be written to, or a link in
    it leads out of the folder.
    """
    kept = {path for path, _ in post.indexes if (output / path).exists()}
    try:
        for path, source in _files(post, media_folder):
            if path in kept:
                continue
            target = output / path
            _refuse_way_out(output, target.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}.new")
            fresh.unlink(missing_ok=True)  # what an export left that was killed, or a link
            with fresh.open("xb") as file:
                file.write(_content(source))
            fresh.replace(target)
    except OSError as error:
        raise JobError(f"{output}: the post can't be written here: {error.strerror or error}") from error
    return output / post.path


def zip_tree(post: RenderedPost, media_folder: Path) -> bytes:
    """Return the same tree as a zip; equal trees give equal bytes.

    Raises JobError where a picture's file is missing.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, source in sorted(_files(post, media_folder), key=lambda file: file[0]):
            member = zipfile.ZipInfo(path.as_posix(), EARLIEST)
            member.create_system = 3
            member.external_attr = READABLE_FILE << 16
            # Pictures and videos are packed as they are: packing them again takes seconds and saves nothing.
            member.compress_type = zipfile.ZIP_STORED if isinstance(source, Path) else zipfile.ZIP_DEFLATED
            archive.writestr(member, _content(source))
    return packed.getvalue()


def _files(post: RenderedPost, media_folder: Path) -> Iterator[tuple[PurePosixPath, bytes | Path]]:
    yield post.path, post.text.encode("utf-8")
    yield from ((path, text.encode("utf-8")) for path, text in post.indexes)
    for picture in post.pictures:
        yield picture.path, media_folder / PurePosixPath(picture.media.file_name or "").name


def _refuse_way_out(output: Path, folder: Path) -> None:
    """Raise JobError where a link among the folders leads elsewhere: nobody asked to write there."""
    if not folder.resolve().is_relative_to(output.resolve()):
        raise JobError(f"{folder} leads out of {output}, to {folder.resolve()}; replace the link by a folder")


def _content(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise JobError(f"{source}: this picture of the post can't be read: {error.strerror or error}") from error


def _replace(place: Path, fresh: Path, aside: Path) -> None:
    """Move the fresh tree into its place; the old one goes aside first, and back again should that fail."""
    if place.is_dir() and not place.is_symlink():
        place.replace(aside)
    try:
        fresh.replace(place)
    except OSError:
        if aside.exists():
            shutil.move(aside, place)
        raise
