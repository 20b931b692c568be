"""Raw events are read for what they are, and nothing in them is trusted to have its expected shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.model.calendar import LATEST
from twimbot.model.event import (
    READERS,
    Content,
    Edit,
    EncryptionStart,
    Event,
    FileKey,
    MediaItem,
    Membership,
    Message,
    PongContent,
    Reaction,
    Redaction,
    Unreadable,
    Upgrade,
    read_content,
    read_event,
)

ROOM = "!room:example.org"
MXC = "mxc://example.org/Ab-1_2"
HTML = {"format": "org.matrix.custom.html", "formatted_body": "<b>red</b>"}
BASE = ("$event", ROOM, "@ana:example.org", 1_700_000_000_000)


def raw(kind: str, content: object, **more: object) -> dict[str, Any]:
    """Return a raw event as servers send it."""
    base = {"event_id": "$event", "sender": "@ana:example.org", "origin_server_ts": 1_700_000_000_000}
    return {"type": kind, **base, "content": content, **more}


def read(kind: str, content: object, **more: object) -> Event | None:
    """Return what is read from a raw event."""
    return read_event(raw(kind, content, **more), ROOM)


def message(content: dict[str, Any]) -> Message:
    """Return the message with this content, and a text where it says nothing else."""
    event = read("m.room.message", {"msgtype": "m.text", "body": "red", **content})
    assert isinstance(event, Message)
    return event


def read_as(content: dict[str, Any]) -> Content:
    """Return what is read from a message's content."""
    found = read_content(content)
    assert found is not None
    return found


def picture(**more: object) -> dict[str, Any]:
    """Return the content of a picture without a caption."""
    return {"msgtype": "m.image", "body": "rose.png", "url": MXC, **more}


class TestMessage:
    def test_a_text_has_its_body_html_and_mentions(self) -> None:
        found = message({**HTML, "m.mentions": {"user_ids": ["@bo:example.org"]}})
        assert found == Message(*BASE, Content("m.text", "red", "<b>red</b>", ("@bo:example.org",)))

    def test_html_of_another_format_is_none(self) -> None:
        assert message({**HTML, "format": "x"}).content.formatted_body is None
        assert message({"formatted_body": "<b>red</b>"}).content.formatted_body is None

    def test_ids_that_are_too_long_to_be_any_are_none(self) -> None:
        """Nobody has checked them: a sender may write anything there."""
        long = "$" + "x" * 255
        relation = {"rel_type": "m.thread", "event_id": long}
        assert message({"m.relates_to": relation}).thread is None
        assert message({"m.relates_to": {"m.in_reply_to": {"event_id": long}}}).replies_to is None
        assert read("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": long, "key": "a"}}) is None
        assert read("m.room.redaction", {"redacts": long}) is None

    def test_a_message_without_a_kind_is_none(self) -> None:
        """So is one whose content was redacted."""
        assert read("m.room.message", {"body": "red"}) is None
        assert read("m.room.message", {}) is None

    def test_a_genuine_reply_answers_a_message(self) -> None:
        found = message({"m.relates_to": {"m.in_reply_to": {"event_id": "$a"}}})
        assert (found.replies_to, found.thread) == ("$a", None)

    @pytest.mark.parametrize(
        ("falling_back", "replies_to"), [(True, None), (False, "$b"), ("true", "$b"), (None, "$b")]
    )
    def test_in_a_thread_only_what_is_no_fallback_is_a_reply(
        self, falling_back: object, replies_to: str | None
    ) -> None:
        relation = {"rel_type": "m.thread", "event_id": "$a", "m.in_reply_to": {"event_id": "$b"}}
        found = message({"m.relates_to": {**relation, "is_falling_back": falling_back}})
        assert (found.replies_to, found.thread) == (replies_to, "$a")

    @pytest.mark.parametrize("mark", ["is_falling_back", "io.element.show_reply"])
    def test_a_thread_goes_by_its_name_before_it_was_in_the_specification_too(self, mark: str) -> None:
        relation = {"rel_type": "io.element.thread", "event_id": "$a", "m.in_reply_to": {"event_id": "$b"}}
        found = message({"m.relates_to": {**relation, mark: True}})
        assert (found.replies_to, found.thread, found.falls_back_to) == (None, "$a", "$b")
        assert message({"m.relates_to": {**relation, mark: False}}).replies_to == "$b"
        assert message({"m.relates_to": {"rel_type": ["io.element.thread"], "event_id": "$a"}}).thread is None

    def test_a_sticker_is_a_message_without_a_text(self) -> None:
        content = {"body": "a waving rose", "url": MXC, "m.mentions": {"user_ids": ["@bo:example.org"]}}
        found = read("m.sticker", content)
        assert found == Message(*BASE, Content("m.sticker", "", None, ("@bo:example.org",)))
        assert read("m.sticker", {"body": "a waving rose", "file": {"url": MXC}}) is not None
        assert read("m.sticker", {}) is None

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("m.poll.start", {"m.poll": {"question": {"m.text": [{"body": "Which rose?"}]}, "answers": []}}),
            (
                "org.matrix.msc3381.poll.start",
                {"org.matrix.msc3381.poll.start": {"question": {"org.matrix.msc1767.text": "Which rose?"}}},
            ),
            (
                "org.matrix.msc3381.poll.start",
                {"org.matrix.msc3381.poll.start": {"question": {"msgtype": "m.text", "body": "Which rose?"}}},
            ),
        ],
    )
    def test_a_poll_is_a_message_that_says_its_question(self, kind: str, content: dict[str, Any]) -> None:
        assert read(kind, content) == Message(*BASE, Content("m.poll", "Which rose?"))
        assert read(kind, {"m.poll": {"question": {"m.text": 5}}}) == Message(*BASE, Content("m.poll", ""))
        assert read(kind, {"m.poll": []}) is None
        assert read(kind, {}) is None

    @pytest.mark.parametrize("key", ["m.per_message_profile", "com.beeper.per_message_profile"])
    def test_a_profile_counts_where_its_name_is_in_the_text(self, key: str) -> None:
        profile = {"displayname": "Garden Club", "has_fallback": True}
        assert message({key: profile}).content.profile_name == "Garden Club"
        assert message({key: {**profile, "has_fallback": "yes"}}).content.profile_name is None

    def test_the_latest_edit_may_come_with_the_message(self) -> None:
        new = {"msgtype": "m.text", "body": "white"}
        edit = raw(
            "m.room.message",
            {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": "$event"}},
            event_id="$edit",
        )
        found = read("m.room.message", new, unsigned={"m.relations": {"m.replace": edit}})
        assert isinstance(found, Message)
        assert found.replacement == Edit("$edit", *BASE[1:], "$event", Content("m.text", "white"))

    @pytest.mark.parametrize("replacement", [None, "$edit", {"event_id": "$edit"}, raw("m.room.message", picture())])
    def test_what_is_no_edit_does_not_come_with_the_message(self, replacement: object) -> None:
        found = read("m.room.message", picture(), unsigned={"m.relations": {"m.replace": replacement}})
        assert isinstance(found, Message)
        assert found.replacement is None

    def test_thousands_of_events_in_each_other_are_one_message(self) -> None:
        nested = raw("m.room.message", picture())
        for _ in range(5000):
            nested = raw("m.room.message", picture(), unsigned={"m.relations": {"m.replace": nested}})
        assert isinstance(read_event(nested, ROOM), Message)


class TestMedia:
    def test_without_a_caption_there_is_no_text(self) -> None:
        expected = Content("m.image", "", None, media=(MediaItem(MXC, "m.image", "rose.png"),))
        assert read_as({**picture(), **HTML}) == expected
        assert read_as({**picture(filename="rose.png"), **HTML}) == expected

    @pytest.mark.parametrize("kind", ["m.image", "m.video", "m.audio"])
    def test_a_body_beside_another_file_name_is_a_caption(self, kind: str) -> None:
        found = read_as({**picture(msgtype=kind, body="A rose", filename="rose.png"), **HTML})
        assert found == Content(kind, "A rose", "<b>red</b>", media=(MediaItem(MXC, kind, "rose.png", "A rose"),))

    @pytest.mark.parametrize(
        ("name", "mimetype", "kind"),
        [
            ("rose", "image/png", "m.image"),
            ("rose.bin", "Image/WebP; q=1", "m.image"),
            ("rose.png", "video/mp4", "m.video"),
            ("rose.png", "application/pdf", "m.file"),
            ("rose.png", None, "m.image"),
            ("Rose.JPG", "", "m.image"),
            ("rose.mov", "application/octet-stream", "m.video"),
            ("rose.pdf", None, "m.file"),
            ("png", None, "m.file"),
            ("rose", 5, "m.file"),
        ],
    )
    def test_a_file_is_a_picture_or_video_where_its_type_or_name_says_so(
        self, name: str, mimetype: object, kind: str
    ) -> None:
        file = picture(msgtype="m.file", body=name, info={"mimetype": mimetype})
        assert read_as(file) == Content("m.file", "", media=(MediaItem(MXC, kind, name),))
        gallery = {"msgtype": "m.gallery", "body": "Roses", "itemtypes": [{**file, "itemtype": "m.file"}]}
        assert read_as(gallery).media == (MediaItem(MXC, kind, name),)

    def test_an_encrypted_file_is_found_by_its_address(self) -> None:
        file = {"url": MXC, "key": {"k": "AAAA"}, "iv": "BBBB", "hashes": {"sha256": "CCCC"}}
        item = MediaItem(MXC, "m.image", "rose.png", key=FileKey("AAAA", "BBBB", "CCCC"))
        content = {"msgtype": "m.image", "body": "rose.png", "file": file, "info": {"mimetype": "image/png"}}
        assert read_as(content).media == (item,)
        assert read_as({**content, "url": None}).media == (item,)

    @pytest.mark.parametrize("broken", [None, 5, [], {"k": 5}])
    def test_an_encrypted_file_without_its_key_has_an_empty_one(self, broken: object) -> None:
        file = {"url": MXC, "key": broken, "iv": broken, "hashes": broken}
        content = {"msgtype": "m.image", "body": "rose.png", "file": file}
        assert read_as(content).media == (MediaItem(MXC, "m.image", "rose.png", key=FileKey("", "", "")),)

    @pytest.mark.parametrize(
        "url",
        [None, 5, "", "https://example.org/a", "mxc://example.org", "mxc://example.org/a/b", "mxc://example.org/../a"],
    )
    def test_an_address_that_is_no_media_address_is_no_file(self, url: object) -> None:
        assert read_as(picture(url=url)) == Content("m.image", "")

    @pytest.mark.parametrize("kind", ["m.gallery", "dm.filament.gallery"])
    def test_a_gallery_has_a_caption_and_the_files_that_can_be_read(self, kind: str) -> None:
        items = [{"itemtype": "m.image", "body": "a.png", "url": MXC}, {"itemtype": "m.odd", "url": MXC}, 5, None]
        found = read_as({"msgtype": kind, "body": "Roses", "itemtypes": items})
        assert found == Content(kind, "Roses", media=(MediaItem(MXC, "m.image", "a.png"),))
        assert read_as({"msgtype": kind, "body": "Roses", "itemtypes": "m.image"}).media == ()


class TestEdit:
    def test_an_edit_has_the_new_content_only(self) -> None:
        content = {
            "msgtype": "m.text",
            "body": "* white",
            "m.new_content": {"msgtype": "m.text", "body": "white"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
        }
        assert read("m.room.message", content) == Edit(*BASE, "$a", Content("m.text", "white"))

    @pytest.mark.parametrize(
        "odd",
        [
            {"m.new_content": None},
            {"m.new_content": {"body": "white"}},
            {"m.relates_to": {"rel_type": "m.replace"}},
            {"m.relates_to": {"rel_type": "m.replace", "event_id": 5}},
        ],
    )
    def test_an_edit_without_target_or_content_is_none(self, odd: dict[str, Any]) -> None:
        content = {
            "msgtype": "m.text",
            "m.new_content": {"msgtype": "m.text", "body": "white"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
        }
        assert read("m.room.message", {**content, **odd}) is None


class TestReaction:
    def test_a_reaction_has_target_and_key(self) -> None:
        relation = {"rel_type": "m.annotation", "event_id": "$a", "key": "📱"}
        assert read("m.reaction", {"m.relates_to": relation}) == Reaction(*BASE, "$a", "📱")

    @pytest.mark.parametrize("odd", [{"rel_type": "m.thread"}, {"event_id": None}, {"key": ["📱"]}])
    def test_a_reaction_of_another_shape_is_none(self, odd: dict[str, Any]) -> None:
        relation = {"rel_type": "m.annotation", "event_id": "$a", "key": "📱", **odd}
        assert read("m.reaction", {"m.relates_to": relation}) is None


class TestRedaction:
    @pytest.mark.parametrize(
        ("content", "more"),
        [
            ({"redacts": "$a", "reason": None}, {}),
            ({}, {"redacts": "$a"}),
            ({"redacts": "$a"}, {"redacts": "$a"}),
            ({"redacts": 5}, {"redacts": "$a"}),
        ],
    )
    def test_both_forms_are_read(self, content: dict[str, Any], more: dict[str, Any]) -> None:
        assert read("m.room.redaction", content, **more) == Redaction(*BASE, "$a")

    def test_forms_that_disagree_are_none(self) -> None:
        """The server has checked one of them, and only the room's version says which."""
        assert read("m.room.redaction", {"redacts": "$a"}, redacts="$b") is None

    def test_a_redaction_of_nothing_is_none(self) -> None:
        assert read("m.room.redaction", {}) is None
        assert read("m.room.redaction", {"redacts": ["$a"]}, redacts="") is None


class TestState:
    def test_a_membership_has_a_name_where_there_is_one(self) -> None:
        content = {"membership": "join", "displayname": "Bo"}
        found = read("m.room.member", content, state_key="@bo:example.org")
        assert found == Membership(*BASE, "@bo:example.org", "join", "Bo")
        nameless = read("m.room.member", {**content, "displayname": None}, state_key="@bo:example.org")
        assert nameless == Membership(*BASE, "@bo:example.org", "join", None)

    def test_a_membership_of_nobody_is_none(self) -> None:
        assert read("m.room.member", {"membership": "join"}) is None
        assert read("m.room.member", {}, state_key="@bo:example.org") is None

    @pytest.mark.parametrize("replacement", ["!new:example.org", "!HashOfTheCreateEvent"])
    def test_an_upgrade_names_the_new_room(self, replacement: str) -> None:
        found = read("m.room.tombstone", {"replacement_room": replacement}, state_key="")
        assert found == Upgrade(*BASE, replacement)

    def test_a_tombstone_that_is_no_state_or_leads_nowhere_is_none(self) -> None:
        assert read("m.room.tombstone", {"replacement_room": "!new"}) is None
        assert read("m.room.tombstone", {"replacement_room": "!new"}, state_key="x") is None
        assert read("m.room.tombstone", {"replacement_room": ""}, state_key="") is None

    def test_an_encrypted_event_is_known_by_its_session(self) -> None:
        event = raw("m.room.encrypted", {"ciphertext": "x", "session_id": "s"})
        assert read_event(event, ROOM) == Unreadable(*BASE, "s")

    @pytest.mark.parametrize("session_id", [None, "", 5, ["s"], "s" * 256])
    def test_an_encrypted_event_of_no_session_or_without_content_is_none(self, session_id: object) -> None:
        assert read("m.room.encrypted", {"ciphertext": "x", "session_id": session_id}) is None
        assert read("m.room.encrypted", {}) is None

    def test_encryption_starts_with_a_state_event(self) -> None:
        algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
        assert read("m.room.encryption", algorithm, state_key="") == EncryptionStart(*BASE)
        assert read("m.room.encryption", algorithm) is None
        assert read("m.room.encryption", algorithm, state_key="x") is None


class TestPong:
    def test_a_ping_bots_answer_has_its_time_and_server(self) -> None:
        found = message({"msgtype": "m.notice", "pong": {"ms": 12, "from": "example.org", "ping": "$a"}})
        assert found.pong == PongContent("example.org", 12.0)

    @pytest.mark.parametrize("took", [True, "12", None, -1, float("nan"), float("inf"), 10**400])
    def test_a_time_that_is_none_is_no_pong(self, took: object) -> None:
        assert message({"msgtype": "m.notice", "pong": {"ms": took, "from": "example.org"}}).pong is None

    @pytest.mark.parametrize("server", ["", "a b", "a..b", "-a.org", "a.org\n", "x" * 60_000, "a:123456"])
    def test_what_names_no_server_is_no_pong(self, server: str) -> None:
        assert message({"msgtype": "m.notice", "pong": {"ms": 12, "from": server}}).pong is None

    @pytest.mark.parametrize("server", ["example.org:8448", "[2001:db8::1]", "192.0.2.1", ".".join(["a" * 50] * 5)])
    def test_a_server_s_name_is_read_as_the_specification_has_it(self, server: str) -> None:
        assert message({"msgtype": "m.notice", "pong": {"ms": 12, "from": server}}).pong == PongContent(server, 12.0)

    def test_only_a_notice_that_names_a_server_is_a_pong(self) -> None:
        assert message({"pong": {"ms": 12, "from": "example.org"}}).pong is None
        assert message({"msgtype": "m.notice", "pong": {"ms": 12}}).pong is None


class TestHostileShapes:
    @pytest.mark.parametrize("event", [None, [], "m.room.message", 5, {}])
    def test_what_is_no_event_is_none(self, event: object) -> None:
        assert read_event(event, ROOM) is None

    @pytest.mark.parametrize("kind", [None, 5, ["m.room.message"], {"a": 1}, "m.sticker"])
    def test_an_event_of_no_known_type_is_none(self, kind: object) -> None:
        assert read_event({**raw("m.reaction", {}), "type": kind}, ROOM) is None

    @pytest.mark.parametrize("lacking", ["event_id", "sender"])
    @pytest.mark.parametrize("value", [None, "", 5, ["$a"]])
    def test_an_event_without_id_or_sender_is_none(self, lacking: str, value: object) -> None:
        assert read_event({**raw("m.room.message", picture()), lacking: value}, ROOM) is None

    @pytest.mark.parametrize("content", [None, [], "red", 5])
    @pytest.mark.parametrize("kind", list(READERS))
    def test_a_content_that_is_no_object_is_an_empty_one(self, kind: str, content: object) -> None:
        assert read(kind, content) is None

    @pytest.mark.parametrize(
        ("claimed", "expected"),
        [(5, 5), ("5", 0), (True, 0), (None, 0), (1.5, 0), (-5, 0), (10**30, LATEST)],
    )
    def test_a_moment_that_is_no_integer_or_outside_of_time_is_an_end_of_it(
        self, claimed: object, expected: int
    ) -> None:
        found = read("m.room.message", picture(), origin_server_ts=claimed)
        assert found is not None
        assert found.sent_at == expected

    def test_half_of_a_character_becomes_a_question_mark(self) -> None:
        """JSON can hold lone surrogates, but no database and no file can."""
        found = message({"body": "a\ud83d", "m.mentions": {"user_ids": ["@\udc00:b"]}})
        assert (found.content.body, found.content.mentions) == ("a?", ("@?:b",))

    @pytest.mark.parametrize("user_ids", [None, "@a:b", 5, {"@a:b": 1}, [], [5, None, ["@a:b"], ""]])
    def test_mentions_that_are_no_list_of_ids_are_none(self, user_ids: object) -> None:
        assert message({"m.mentions": {"user_ids": user_ids}}).content.mentions == ()

    @pytest.mark.parametrize("body", [None, 5, ["red"], {"a": "red"}])
    def test_a_body_that_is_no_text_is_empty(self, body: object) -> None:
        assert message({"body": body, "formatted_body": body, "format": body}).content == Content("m.text", "")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from((MXC, "$a", "m.replace")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = (
    *("msgtype", "body", "format", "formatted_body", "url", "file", "info", "filename", "itemtypes", "pong"),
    *("m.mentions", "m.new_content", "m.relates_to", "redacts", "membership", "displayname", "replacement_room"),
    *("m.per_message_profile", "unsigned", "state_key", "origin_server_ts", "content", "event_id", "sender", "key"),
)


@given(
    st.sampled_from(sorted(filter(None, READERS))),
    st.dictionaries(st.sampled_from(FIELDS), VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3),
)
def test_no_event_is_too_odd_to_be_read(kind: str, content: dict[str, Any], more: dict[str, Any]) -> None:
    found = read_event({**raw(kind, content), **more}, ROOM)
    assert found is None or (found.room_id == ROOM and 0 <= found.sent_at <= LATEST)
