"""The order of a post: departments, in them projects, in those entries, and how an entry stands there."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from twimbot.export.characters import escaped_name, matrix_to, one_line, operator_text, quoted
from twimbot.export.contents import EditionContents
from twimbot.export.context import Group, Said, Section
from twimbot.export.internal import with_internal_links, with_own_places, without_broken_links
from twimbot.export.markdown import SHOWN, Mended, Place, Ready, as_plain_text, mend
from twimbot.export.pictures import Gallery
from twimbot.export.site import Site
from twimbot.export.syntax import read
from twimbot.model.catalogue import Department, Project
from twimbot.model.entry import Entry, Media

UNDER_A_DEPARTMENT = 3
UNDER_A_PROJECT = 4


@dataclass(frozen=True, slots=True)
class _Mended:
    entry: Entry
    project: Project | None
    mended: Mended


@dataclass(frozen=True, slots=True)
class Layout:
    """The sections of a post, and each entry as it stands in them, mended, in the order of the edition."""

    sections: tuple[Section, ...]
    mended: tuple[tuple[Entry, Mended], ...]


def lay_out(contents: EditionContents, entries: Iterable[Entry], gallery: Gallery) -> Layout:
    """Return the sections for entries that stand in the order of the edition."""
    return _laid_out(contents, [_mend(contents, entry, gallery) for entry in entries])


def with_own_anchors(contents: EditionContents, layout: Layout, anchors: Collection[str]) -> Layout:
    """Return a layout whose links to places of the page lead to one of its anchors; the others are text, and told."""
    return _laid_out(
        contents,
        [
            _Mended(entry, contents.catalogue.project(entry.project), _with_own_anchors(mended, anchors))
            for entry, mended in layout.mended
        ],
    )


def with_plain_text(contents: EditionContents, layout: Layout, numbers: Collection[int]) -> Layout:
    """Return a layout in which these entries stand as plain text, since among the others they are read otherwise."""
    reason = "it would be read otherwise in the post than by itself, or change how other entries are read"
    return _laid_out(
        contents,
        [
            _Mended(
                entry,
                contents.catalogue.project(entry.project),
                as_plain_text(mended, reason) if entry.number in numbers else mended,
            )
            for entry, mended in layout.mended
        ],
    )


def _with_own_anchors(mended: Mended, anchors: Collection[str]) -> Mended:
    text, lost = with_own_places(mended.text, anchors)
    if text == mended.text:
        return mended
    why = "leads to a place that the page does not have, so it stands as text."
    notes = (f"the link “{one_line(link)[:SHOWN]}” {why}" for link in lost)
    document = read(text)
    targets = tuple(document.targets())
    return replace(mended, text=text, document=document, targets=targets, notes=(*mended.notes, *notes))


def _laid_out(contents: EditionContents, mended: list[_Mended]) -> Layout:
    sections = list(_sections(contents, mended))
    lead = next((index for index, section in enumerate(sections) if not section.is_todo), 0)
    return Layout(
        tuple(replace(section, is_lead=index == lead) for index, section in enumerate(sections)),
        tuple((each.entry, each.mended) for each in mended),
    )


def department_of(contents: EditionContents, entry: Entry) -> Department | None:
    """Return the department that an entry is filed under, or None where it isn't or the catalogue has it no more."""
    return contents.catalogue.department(entry.department)


def _mend(contents: EditionContents, entry: Entry, gallery: Gallery) -> _Mended:
    project = contents.catalogue.project(entry.project)
    place = Place(
        names=(project.title, project.label, project.key, *project.aliases) if project else (),
        level=UNDER_A_PROJECT if project else UNDER_A_DEPARTMENT,
        may_have_title=project is None,
    )
    mended = _with_sound_links(mend(tuple(_blocks(entry, gallery)), place), contents.site)
    return _Mended(entry, project, _into_site(mended, contents.site) if contents.site else mended)


def _with_sound_links(mended: Mended, site: Site | None) -> Mended:
    """Return an entry without links by which Zola would build no site, and notes about these."""
    text, broken = without_broken_links(mended.text, site)
    if not broken:
        return mended
    document = read(text)
    why = (
        "names no page of the site, so it stands as text."
        if site
        else "may name no page of the site, and Zola would stop there: set post.site_checkout, or look it up."
    )
    notes = (f"the link “{one_line(link)[:SHOWN]}” {why}" for link in broken)
    return replace(
        mended, text=text, document=document, targets=tuple(document.targets()), notes=(*mended.notes, *notes)
    )


def _into_site(mended: Mended, site: Site) -> Mended:
    """Return an entry whose links to the site's own pages are Zola's; as it was where any other link would change."""
    text = with_internal_links(mended.text, site)
    if text == mended.text:
        return mended
    document = read(text)
    before, after = mended.targets, document.targets()
    is_same = len(before) == len(after) and all(
        new in {target, site.internal(target)} for target, new in zip(before, after, strict=True)
    )
    if not is_same:
        return mended
    return replace(mended, text=text, targets=tuple(after), document=document)


def _blocks(entry: Entry, gallery: Gallery) -> Iterator[str | Ready]:
    """Return what an entry says and shows, in the order sent."""
    yield entry.text
    for part in entry.parts:
        if not isinstance(part, Media):
            yield part.text
        elif shown := gallery.markdown(part):
            yield Ready(shown)


def _sections(contents: EditionContents, mended: list[_Mended]) -> Iterator[Section]:
    unfiled = [each for each in mended if department_of(contents, each.entry) is None]
    if unfiled:
        yield Section(None, tuple(_groups(contents, unfiled)), is_todo=True)
    for department in contents.catalogue.departments:
        filed = [each for each in mended if each.entry.department == department.key]
        if filed:
            title = operator_text(one_line(department.title))
            yield Section(title, tuple(_groups(contents, filed)), is_todo=False)


def _groups(contents: EditionContents, mended: list[_Mended]) -> Iterator[Group]:
    """Return the entries under no heading, then those with a title of their own, then the catalogue's projects."""
    own = [each for each in mended if each.project is None]
    plain = [each for each in own if each.mended.title is None]
    if plain:
        yield Group(None, None, None, _said(contents, plain))
    for title in dict.fromkeys(each.mended.title for each in own if each.mended.title is not None):
        titled = [each for each in own if each.mended.title == title]
        website = next((each.mended.website for each in titled if each.mended.website), None)
        yield Group(title, website, None, _said(contents, titled))
    for project in contents.catalogue.projects:
        filed = [each for each in mended if each.project is project]
        if filed:
            title, website = operator_text(one_line(project.title)), one_line(project.website or "") or None
            description = operator_text((project.description or "").strip()) or None
            yield Group(title, website, description, _said(contents, filed))


def _said(contents: EditionContents, mended: Iterable[_Mended]) -> tuple[Said, ...]:
    return tuple(
        Said(
            number=each.entry.number,
            name=escaped_name(each.entry.name) or escaped_name(each.entry.sender),
            url=matrix_to(each.entry.sender),
            verb=verb(contents, each.entry, is_repeated=position > 0),
            quote=quoted(each.mended.text),
        )
        for _, run in groupby(mended, key=lambda each: each.entry.sender)
        for position, each in enumerate(run)
    )


def verb(contents: EditionContents, entry: Entry, *, is_repeated: bool) -> str:
    """Return the verb that stands behind the name of an entry's author; it depends on nothing but the event."""
    verbs = contents.settings.verbs
    digest = hashlib.sha256(entry.event_id.encode("utf-8", "replace")).digest()
    return "also says" if is_repeated else verbs[int.from_bytes(digest[:8], "big") % len(verbs)]
