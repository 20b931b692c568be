"""All that the bot asks its database for, in one life: a week at the desk, and what the other parts ask besides."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PINGS, PUBLICATION, SUBMISSIONS, TEXT, Scene, open_scene
from twimbot.desk.descriptions import Pictures
from twimbot.filing.terms import terms
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.batch import Batch
from twimbot.model.entry import Pong
from twimbot.model.event import CAUSE, Cause, Event, MediaItem
from twimbot.model.filing import Choice
from twimbot.publishing.gather import gather
from twimbot.store.captions import Said
from twimbot.store.database import Database
from twimbot.store.entries import Decision
from twimbot.store.journal import ExportJob
from twimbot.store.media import Account, MediaEdit
from twimbot.store.records import Records
from twimbot.store.rooms import Invitation, StoredSession

EDITION, NEXT = date(2026, 2, 6), date(2026, 2, 13)

PICTURES = Pictures({"news": PUBLICATION})

FERNGLAS = ArchivedEntry(ANNA, "Anna A.", "Clients 📱", "Fernglas", None, "Fernglas 1.3 has a faster search.")

COMMANDS = (
    "list 2026-02-06",
    "list 2026-01-28",
    "list 2026-01-30",
    "show 2026-01-30/1",
    "find faster",
    "show 1",
    "file 1 servers turm",
    "drop 1",
    "restore 1",
    "move 2 2026-02-13",
    "alt 1 1 A tall tree",
    "live https://example.org/live A talk",
    "cover https://example.org/cover.png",
    "published 2026-01-30",
    "export",
    "why 1",
    "status",
    "project add leiter | Leiter | none | servers",
    "project set leiter title Ladder",
    "project remove leiter",
    "project undo leiter",
    "reload",
    "help",
)


async def live(folder: Path, hear: Callable[[str], None]) -> None:
    """Do everything once in a fresh database; `hear` is given each statement that is executed, with its values."""
    async with open_scene(folder) as scene:
        database = scene.database
        async with database.transaction() as records:
            records.connection.direct.set_trace_callback(hear)
        async with database.snapshot() as records:
            records.connection.direct.set_trace_callback(hear)
        await _publish_before(database)
        await _contribute(scene)
        await _illustrate(scene)
        await _edit(scene)
        await _propose(scene)
        await _keep_secrets(scene)
        async with database.transaction() as records:
            await _note(records)
        await _send(database)
        await _delete(scene)
        await _wander(database)
        await _read(database)
        await _forget(database)


def _reply(target: str) -> dict[str, object]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}


def _thread(root: str) -> dict[str, object]:
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}}


async def _publish_before(database: Database) -> None:
    """Read published posts."""
    async with database.transaction() as records:
        for text in (FERNGLAS.text, "Fernglas 1.3 was late."):
            entry = ArchivedEntry(*(ANNA, "Anna A.", "Clients 📱", "Fernglas", None), text)
            await records.archive.keep_post("news", ArchivedPost(date(2026, 1, 30), "Last week", (entry,)), terms)
        await records.archive.posts("news")


async def _contribute(scene: Scene) -> None:
    """Submit, go on, correct, and take back."""
    first = await scene.submitted()
    second = await scene.submitted(BEN, "Turm 2 keeps what people said in fewer bytes than ever.")
    correction = scene.edit(ANNA, first, f"NEWS: {TEXT} And a dark theme.")
    more = scene.message(ANNA, "It also has a manual now.", **_thread(first))
    answered = scene.message(BEN, "Where is it?", **_thread(first))
    corrected = scene.edit(ANNA, more["event_id"], "It also has a manual and a map now.")
    await scene.happen(correction, more, answered, corrected)
    filed, dropped = scene.reaction(ANNA, first, "Turm"), scene.reaction(EDITOR, second, "❌")
    await scene.happen(filed, dropped)
    await scene.happen(
        *(scene.redaction(ANNA, event["event_id"]) for event in (filed, correction, corrected, more)),
        scene.redaction(EDITOR, dropped["event_id"]),
    )
    chatter = scene.message(BEN, "Leiter has its first release, with twelve rungs and a hook.")
    below = scene.message(BEN, "And it folds.", **_reply(chatter["event_id"]))
    taken = scene.reaction(EDITOR, chatter["event_id"], "⭕")
    await scene.happen(chatter, below, taken)
    await scene.happen(scene.redaction(EDITOR, taken["event_id"]))
    await scene.happen(
        scene.event(ANNA, "m.room.member", {"membership": "join", "displayname": "Anna"}, state_key=ANNA),
        scene.event(BOT, "m.room.member", {"membership": "join", "displayname": "Weekly News"}, state_key=BOT),
        scene.message(ANNA, "NEWS: Hm."),
        scene.picture(ANNA, "Later"),
    )


async def _illustrate(scene: Scene) -> None:
    """Send pictures, fetch them, and say what they show."""
    entry = (await scene.entries())[0]
    caption = {"body": "A tree", "filename": "a.png"}
    kept = scene.picture(ANNA, "Kept", **_reply(entry.event_id))
    refused = scene.picture(ANNA, "Refused", **_reply(entry.event_id))
    titled = scene.picture(ANNA, "Titled", **caption, **_reply(entry.event_id))
    await scene.happen(kept, refused, titled)
    async with scene.database.transaction() as records:
        (_, one), (_, two), (_, three) = await records.media.wanted()
        await records.media.keep(one, "png")
        await records.media.miss(two, 1)
        await records.media.fail(two, "it is no picture")
        await records.media.keep(three, "png")
        await records.media.want_again("Titled.png")
        await records.media.origin(one.id)
        await PICTURES.hear_kept(records, one)
        for media in (one, two):
            account = await PICTURES.admit(records, "news", media, scene.now)
            await records.media.count_bytes(account or Account(1, "news", ANNA), 500 * 1024 * 1024)
    await scene.happen(
        scene.edit(ANNA, titled["event_id"], "A bush", kind="m.image"),
        scene.message(ANNA, "A tree in bloom", **_thread(kept["event_id"])),
        scene.reaction(EDITOR, kept["event_id"], "❌"),
    )


async def _edit(scene: Scene) -> None:
    """Give each command that asks the database for something of its own."""
    for command in COMMANDS:
        await scene.happen(scene.command(EDITOR, command))


async def _propose(scene: Scene) -> None:
    """Propose projects, decide about one, and take another back."""
    accepted = scene.message(ANNA, "!news project propose zaun | Zaun | none | servers", SUBMISSIONS)
    withdrawn = scene.message(ANNA, "!news project propose tor | Tor | none | servers", SUBMISSIONS)
    await scene.happen(accepted, withdrawn, scene.command(EDITOR, "project accept zaun"))
    await scene.happen(scene.redaction(ANNA, withdrawn["event_id"]))
    scene.serve(PUBLICATION)
    async with scene.database.transaction() as records:
        await records.catalogue.settle(PUBLICATION)
        await records.catalogue.former_titles("news")
        await records.catalogue.settle(await records.catalogue.present(PUBLICATION))
        for job in await records.catalogue.reloads_waiting():
            await records.catalogue.end_reload(job.event_id)
        for export in await records.journal.exports_waiting():
            await records.journal.end_export(export.event_id)


async def _keep_secrets(scene: Scene) -> None:
    """Hear what can't be read yet, and what can't be handled."""
    hidden = scene.event(ANNA, "m.room.encrypted", {"session_id": "s", "ciphertext": "x"})
    await scene.happen(scene.event(EDITOR, "m.room.encryption", {}, state_key=""), hidden)
    await scene.happen(scene.command(EDITOR, "list"))
    async with scene.database.snapshot() as records:
        for kept in await records.undecrypted.waiting():
            await records.undecrypted.waits(kept.event_id)
    await scene.desk.record(Batch((), decrypted=((SUBMISSIONS, hidden["event_id"]),), read_back=(SUBMISSIONS,)), {})
    async with scene.database.transaction() as records:
        await records.journal.note_failure(Event("$failed", SUBMISSIONS, "@anna:example.org", 0), "a traceback", 0)
        await records.journal.failures()


async def _send(database: Database) -> None:
    """Send what waits, as the outbox does."""
    async with database.transaction() as records:
        outbox = records.outbox
        await outbox.last()
        await outbox.count_waiting()
        await records.entries.count()
        for room_id in await outbox.rooms_waiting():
            number = 0
            while (row := await outbox.next_in(room_id)) and number < 3:
                number += 1
                await outbox.mark_sent(row.seq, f"$sent-{row.seq}")
                await outbox.mark_made_before(row.seq)
        await outbox.cancel_outdated()


async def _delete(scene: Scene) -> None:
    """Hear what the bot itself said, and delete all that people said."""
    entries = await scene.entries()
    reaction = scene.reaction(BOT, entries[0].event_id, "✅")
    message = scene.message(BOT, "Hm.", **{CAUSE: {"event_id": "$cause", "purpose": "too short 0"}})
    choice = scene.message(EDITOR, "1", EDITORS, **_reply("$sent-1"))
    await scene.happen(reaction, message, choice, scene.redaction(BOT, reaction["event_id"]))
    for event_id in list(scene.told):
        await scene.happen(scene.redaction(ANNA, event_id))
    for entry in entries:
        await scene.happen(*(scene.redaction(ANNA, media.event_id) for media in entry.media))
        await scene.happen(scene.redaction(ANNA, entry.event_id))
    await scene.happen(scene.put_out(EDITOR, ANNA))


async def _wander(database: Database) -> None:
    """Log in, be invited, lose rooms, and follow them."""
    async with database.transaction() as records:
        rooms = records.rooms
        await rooms.keep_session(StoredSession(BOT, "DEVICE", "token", None))
        await rooms.session()
        await rooms.position()
        await rooms.position_time()
        await rooms.bot_names()
        await rooms.invite(Invitation("!new:example.org", EDITOR))
        for room_id in await rooms.inviting():
            for invitation in await rooms.invitations(room_id):
                await rooms.end_invitation(invitation)
        await rooms.name_room(SUBMISSIONS, "#news:example.org")
        await rooms.public_name("news", "submissions")
        await rooms.lose(SUBMISSIONS, "out", 0)
        await rooms.regain(SUBMISSIONS, "out")
        await rooms.leave_unread(SUBMISSIONS, 0)
        await rooms.read_back(SUBMISSIONS)
        await rooms.keep_predecessor(SUBMISSIONS, "!before:example.org")
        await rooms.keep_successor(SUBMISSIONS, "!after:example.org", "example.org")
        for room in await rooms.wanted():
            await rooms.joined(room.room_id)
        await rooms.last_successor("news", "submissions", SUBMISSIONS)
        await rooms.is_encrypted(SUBMISSIONS)
        await rooms.keep_only([("news", "editors")])


async def _read(database: Database) -> None:
    """Read what an export and a rebuilt database need."""
    async with database.snapshot() as records:
        await gather(records, PUBLICATION, EDITION, "Edna")
        await records.journal.last_author("news", EDITION)
        await records.media.file_names()
        await records.journal.pongs("news", 0, 1)
        await records.undecrypted.by_sender("news", 0)
        await records.editions.with_entries("news")
        await records.editions.due("news", PUBLICATION.calendar, PUBLICATION.calendar.opening(EDITION))


async def _forget(database: Database) -> None:
    """Forget somebody, and keep that."""
    async with database.transaction() as records:
        for published in (await records.people.traces(ANNA, ["Anna A."])).published:
            await records.archive.forget_published(published.row)
        await records.people.blank(ANNA, ["Anna A."])
        await records.people.note(ANNA, 0)
        await records.people.take_over(await records.people.forgotten())
        await records.people.leave(SUBMISSIONS, BEN, 0)
        await records.people.let_go(1)


async def _note(records: Records) -> None:
    """Note what the week above gave no occasion for."""
    await records.entries.place("$entry", "news", NEXT, 1)
    await records.entries.address(1)
    await records.entries.name_sender(1, "Cat")
    await records.rooms.is_member_known(SUBMISSIONS, ANNA)
    await records.entries.latest_of(SUBMISSIONS, ANNA, 0, EDITION)
    await records.guesses.of_entry(1)
    await records.choices.offer(Cause("$command", "answer 0"), 1, [Choice("servers")])
    await records.choices.forget(Cause("$command", "answer 0"))
    await records.catalogue.proposal("$proposal")
    picture = MediaItem("mxc://example.org/Bush", "m.image", "bush.png")
    await records.media.follow(1, "$picture", MediaEdit("$edit", 0, is_history=False), [picture])
    await records.captions.follow(1, Said("$edit", ANNA, 0), "A bush")
    await records.media.release("$picture")
    await records.media.withdraw_edit("$edit", SUBMISSIONS)
    await records.entries.said_by(SUBMISSIONS, ANNA, None)
    await records.outbox.is_known("$picture", "describe")
    await records.captions.answered("$picture")
    await records.captions.answer("$answer", SUBMISSIONS)
    await records.captions.describe(1, Said("$said", ANNA, 0), "A tree", answer=None, is_by_editor=False)
    await records.outbox.withhold(EDITORS, "$old", "answer 0")
    await records.outbox.recognise_message(EDITORS, Cause("$export", "answer 0"), "$answer")
    await records.outbox.answered_by("$answer", EDITORS)
    await records.choices.offered_by("$answer", EDITORS)
    await records.journal.ask_for_export(ExportJob("$export", "news", EDITION, EDITORS, "Edna"), 0)
    await records.journal.end_export("$export")
    await records.exports.keep("news", EDITION, await records.entries.of_edition("news", EDITION))
    await records.exports.of_edition("news", EDITION)
    await records.entries.judged_by(1)
    await records.entries.all_texts(1)
    await records.editions.is_out("news", EDITION)
    await records.media.is_edit_known("$edit")
    await records.entries.rewrite(1, None, Decision("$rewritten", EDITOR, 0), "Another text")
    await records.entries.rewritten_by(1)
    await records.entries.keeps_held("$edit")
    await records.entries.release("$edit")
    await records.journal.begin("$rewritten", EDITORS, 0)
    await records.entries.withdraw_revision("$rewritten", EDITORS)
    await records.journal.note_pong(Event("$pong", PINGS, "@ping:example.org", 0), Pong("example.org", 1.0))
    await records.journal.erase_pong("$pong", PINGS)
