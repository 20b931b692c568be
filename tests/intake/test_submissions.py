"""From a message to the text of an entry, as people and their clients write to the bot."""

from typing import Any

import pytest

from tests.intake.messages import BOT, MENTIONED, PILL, submitted, text_message, text_of

QUOTED = (
    '<mx-reply><blockquote><a href="https://matrix.to/#/!r/$e">In reply to</a> somebody<br>{}</blockquote></mx-reply>'
)
REPLY = {"m.relates_to": {"m.in_reply_to": {"event_id": "$earlier"}}}
THREAD = {
    "m.relates_to": {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$latest"},
    }
}
PROFILE = {"com.beeper.per_message_profile": {"id": "p", "displayname": "Garden Club", "has_fallback": True}}


def picture(body: str, **more: object) -> dict[str, Any]:
    """Return the content of a picture."""
    return {"msgtype": "m.image", "body": body, "url": "mxc://example.org/abc", **more}


def case(name: str, content: dict[str, Any], expected: str | None) -> Any:  # noqa: ANN401 - pytest's own type is private
    """Name a case: what is sent, and the text taken up; None where it is no submission."""
    return pytest.param(content, expected, id=name)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        case("name and colon", text_message("Weekly: roses bloom"), "roses bloom"),
        case("name and comma, in lower case", text_message("weekly, roses bloom"), "roses bloom"),
        case("former name", text_message("Old [News] Bot: roses bloom"), "roses bloom"),
        case("name without a colon", text_message("Weekly was a fine read"), None),
        case("French colon", text_message("Weekly : des roses"), "des roses"),
        case("French colon, no-break", text_message("Weekly\xa0: des roses"), "des roses"),
        case("French colon, narrow and no-break", text_message("Weekly\u202f: des roses"), "des roses"),
        case("French colon before a line", text_message("Weekly :\ndes roses"), "des roses"),
        case("French colon in bold", text_message("**Weekly :** des roses"), "des roses"),
        case("French colon behind an at sign", text_message("@Weekly : des roses"), "des roses"),
        case("French colon behind a Matrix ID", text_message("@weekly:example.org\xa0: des roses"), "des roses"),
        case(
            "French colon behind a Markdown link",
            text_message("[W](https://matrix.to/#/@weekly:example.org) : des roses"),
            "des roses",
        ),
        case("French colon behind a pill", text_message("Weekly\u202f: roses", f"{PILL}\u202f: roses"), "roses"),
        case(
            "French colon behind a pill, in HTML alone",
            text_message("Weekly : red roses", f"{PILL} : <b>red</b> roses"),
            "**red** roses",
        ),
        case("two pills with a French colon", text_message("Weekly : Weekly x", f"{PILL} : {PILL} x"), "x"),
        case("smiley behind the name", text_message("Weekly :) is a fine read"), None),
        case("smiley of a letter behind the name", text_message("Weekly :D what a read"), None),
        case("short code behind the name", text_message("Weekly :tada: what a read"), None),
        case("full-width colon", text_message("Weekly\uff1a薔薇が咲いた"), "薔薇が咲いた"),
        case("full-width colon with spaces", text_message("weekly \uff1a 薔薇が咲いた"), "薔薇が咲いた"),
        case("full-width comma", text_message("Weekly\uff0c玫瑰开了"), "玫瑰开了"),
        case("ideographic comma", text_message("Weekly\u3001薔薇が咲いた"), "薔薇が咲いた"),
        case("Arabic comma", text_message("Weekly\u060c أزهر الورد"), "أزهر الورد"),
        case("full-width colon behind a pill", text_message("Weekly\uff1a咲いた", f"{PILL}\uff1a咲いた"), "咲いた"),
        case(
            "two pills with full-width commas",
            text_message("Weekly\uff0cWeekly\uff0cx", f"{PILL}\uff0c{PILL}\uff0cx"),
            "x",
        ),
        case("full-width colon behind an at sign", text_message("@Weekly\uff1a咲いた"), "咲いた"),
        case("name in a text without spaces", text_message("Weeklyは薔薇だ"), None),
        case("longer word", text_message("Weeklyish: no"), None),
        case("at sign and name", text_message("@Weekly roses bloom"), "roses bloom"),
        case("at sign and localpart", text_message("@weekly: roses bloom"), "roses bloom"),
        case("at sign and somebody's longer name", text_message("@Weekly-fan roses"), None),
        case("the same localpart on another server", text_message("@weekly:other.example roses"), None),
        case("brackets around a name with spaces", text_message("@[Old [News] Bot] roses bloom"), "roses bloom"),
        case("a number behind a shared name", text_message("@Weekly#77 roses bloom"), "roses bloom"),
        case("Matrix ID", text_message("@weekly:example.org roses bloom"), "roses bloom"),
        case("Matrix ID of a longer server name", text_message("@weekly:example.organic roses bloom"), None),
        case(
            "Markdown link with a name that holds brackets",
            text_message("[Old [News] Bot](https://matrix.to/#/@weekly:example.org) roses bloom"),
            "roses bloom",
        ),
        case(
            "link to another user",
            text_message("[Weekly](https://matrix.to/#/@weekly:other.example) roses bloom"),
            None,
        ),
        case("twice in two ways", text_message("Weekly: @weekly:example.org, roses bloom"), "roses bloom"),
        case("marks before and around the name", text_message("\u2060\u200e\u2068Weekly\u2069: roses"), "roses"),
        case("name and colon in bold", text_message("**Weekly:** roses bloom"), "roses bloom"),
        case("colon behind a bold name", text_message("__Weekly__: roses bloom"), "roses bloom"),
        case("name and comma in italics", text_message("*weekly,* *roses* bloom"), "*roses* bloom"),
        case("name and colon in both, on its own line", text_message("***Weekly:***\n\nroses"), "roses"),
        case("bold Matrix ID", text_message("**@weekly:example.org** roses bloom"), "roses bloom"),
        case("bold Markdown link", text_message("_[W](https://matrix.to/#/@weekly:example.org)_: roses"), "roses"),
        case("bold pill", text_message("**Weekly** roses", f"<b>{PILL}</b> roses"), "roses"),
        case("bold that goes on behind the name", text_message("**Weekly: roses** bloom"), "**roses** bloom"),
        case("two bold mentions", text_message("**Weekly:** **@weekly:** **roses**"), "**roses**"),
        case("bold name without a colon", text_message("**Weekly** was a fine read"), None),
        case("bold that never ends", text_message("**Weekly: roses"), None),
        case("bullet before the name", text_message("* Weekly: roses bloom"), None),
        case("short code behind the mention", text_message("@Weekly :tada: roses"), ":tada: roses"),
        case("only a mention", text_message("Weekly:", f"{PILL}:"), None),
        case("only marks behind the mention", text_message("Weekly: \u2060"), None),
        case("pill behind a bare name", text_message("Weekly roses", f"{PILL} roses"), "roses"),
        case(
            "pill with a name of long ago",
            text_message("Gazette roses", PILL.replace("Weekly<", "Gazette<") + " roses"),
            "roses",
        ),
        case(
            "pill with an escaped name",
            text_message("A &amp; B roses", PILL.replace("Weekly<", "A &amp; B<") + " roses"),
            "roses",
        ),
        case("two pills", text_message("Weekly Weekly is slow", f"{PILL} {PILL} is slow"), "is slow"),
        case(
            "one pill, then the name as a word",
            text_message("Weekly Weekly is slow", f"{PILL} Weekly is slow"),
            "Weekly is slow",
        ),
        case(
            "percent-encoded pill",
            text_message("Weekly roses", '<a href="https://matrix.to/#/%40weekly%3Aexample.org">Weekly</a> roses'),
            "roses",
        ),
        case(
            "matrix: link",
            text_message("Weekly roses", '<a href="matrix:u/weekly:example.org?action=chat">Weekly</a> roses'),
            "roses",
        ),
        case(
            "a server's own permalink",
            text_message(
                "Weekly roses", '<a href="https://chat.example.org/#/user/@weekly:example.org">Weekly</a> roses'
            ),
            "roses",
        ),
        case(
            "pill in the middle",
            text_message("Ask Weekly about roses", f"Ask {PILL} about roses"),
            "Ask Weekly about roses",
        ),
        case(
            "Markdown link in the middle",
            text_message("Ask [Weekly](https://matrix.to/#/@weekly:example.org) now", f"Ask {PILL} now"),
            "Ask Weekly now",
        ),
        case("mentioned without a word", text_message("roses bloom", **{"m.mentions": MENTIONED}), "roses bloom"),
        case("mentioned by a completed bare name", text_message("Weekly roses", **{"m.mentions": MENTIONED}), "roses"),
        case("mentioned as the sender answered", text_message("thanks", **{"m.mentions": MENTIONED}, **REPLY), None),
        case("called in a reply", text_message("Weekly: roses bloom", **REPLY), "roses bloom"),
        case(
            "called in the quotation of a reply",
            text_message("> <@bo:example.org> Weekly: roses\n\nnice", QUOTED.format(PILL) + "nice", **REPLY),
            None,
        ),
        case(
            "called in a reply with a quotation",
            text_message(
                "> <@bo:example.org> when?\n> hm\n\nWeekly: now", f"{QUOTED.format('when?')}{PILL}: now", **REPLY
            ),
            "now",
        ),
        case(
            "called in a thread with a quotation",
            text_message("> <@bo:example.org> when?\n\nWeekly: now", f"{QUOTED.format('when?')}{PILL}: now", **THREAD),
            "now",
        ),
        case("a quotation by hand in a reply", text_message("> Weekly: roses\n\nnice", **REPLY), None),
        case(
            "profile before the mention",
            text_message(
                "Garden Club: Weekly roses",
                f"<strong data-mx-profile-fallback>Garden Club: </strong>{PILL} roses",
                **PROFILE,
            ),
            "roses",
        ),
        case("notice", {**text_message("Weekly: v1 tagged", f"{PILL}: v1 tagged"), "msgtype": "m.notice"}, None),
        case("emote", {**text_message("pokes Weekly", f"pokes {PILL}"), "msgtype": "m.emote"}, None),
        case("file named like the bot", picture("Weekly: shot.png"), None),
        case("file of somebody who mentions the bot", picture("shot.png", **{"m.mentions": MENTIONED}), None),
        case("caption", picture("Weekly: our roses", filename="shot.png"), "our roses"),
        case(
            "gallery with a caption",
            {"msgtype": "m.gallery", "body": "@Weekly our roses", "itemtypes": []},
            "our roses",
        ),
        case("carriage returns", text_message("Weekly: a\r\n\r\n- b\r\n"), "a\n\n- b"),
        case(
            "no-break spaces of French",
            text_message("Weekly: «\xa0Bonjour\xa0tout le monde\xa0!\xa0» Alors\xa0?\xa0Oui\xa0: a\xa0"),
            "«\xa0Bonjour tout le monde\xa0!\xa0» Alors\xa0? Oui\xa0: a",
        ),
        case(
            "other no-break spaces in text and code",
            text_message("Weekly:\xa0a\xa0b `c\xa0d`\n```\ne\xa0f\n```"),
            "a b `c\xa0d`\n```\ne\xa0f\n```",
        ),
        case(
            "a mention in code stays",
            text_message("Weekly: type `[Weekly](https://matrix.to/#/@weekly:example.org)`"),
            "type `[Weekly](https://matrix.to/#/@weekly:example.org)`",
        ),
        case(
            "toolbar formatting that only the HTML has",
            text_message("Weekly roses\nare red", f"{PILL} <h2>roses</h2>are <strong>red</strong>"),
            "## roses\n\nare **red**",
        ),
        case(
            "tag in the body",
            text_message(f'<a data-mention-type="user" {PILL[3:]} __red__ roses', f"{PILL} <strong>red</strong> roses"),
            "**red** roses",
        ),
        case(
            "tag in a body without HTML",
            text_message('<a data-mention-type="user" href="https://matrix.to/#/@weekly:example.org">Weekly</a> roses'),
            "roses",
        ),
        case(
            "name in bold that only the HTML has",
            text_message("Weekly: red roses", "Weekly: <b>red</b> roses"),
            "**red** roses",
        ),
        case(
            "edit",
            {
                **text_message("* Weekly: red", f"* {PILL}: red"),
                "m.new_content": text_message("Weekly: red", f"{PILL}: red"),
                "m.relates_to": {"rel_type": "m.replace", "event_id": "$first"},
            },
            "red",
        ),
    ],
)
def test_a_message_is_taken_up_with_this_text(content: dict[str, Any], expected: str | None) -> None:
    assert submitted(content) == expected


@pytest.mark.parametrize("kind", ["m.text", "m.notice", "m.emote"])
def test_a_message_that_does_not_mention_the_bot_still_has_a_text(kind: str) -> None:
    """An editor may take up any message."""
    assert text_of({"msgtype": kind, "body": " Weekly reads are fine\n"}) == "Weekly reads are fine"


def test_a_bot_without_names_is_still_called_by_its_matrix_id() -> None:
    nameless = type(BOT)(BOT.user_id)
    assert submitted(text_message("@weekly:example.org: roses"), nameless) == "roses"
    assert submitted(text_message("Gazette: roses"), nameless) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("garden-news: roses bloom", "roses bloom"),
        ("Garden-News, roses bloom", "roses bloom"),
        ("garden-news : des roses", "des roses"),
        ("garden-news\uff1a咲いた", "咲いた"),
        ("garden-news:example.org: roses bloom", "roses bloom"),
        ("garden-news was a fine read", None),
        ("my-garden-news: roses", None),
        ("garden-news:other.example is a bot", None),
        ("garden-news:other.example: roses", None),
        ("garden-news:example.organic: roses", None),
    ],
)
def test_a_bot_is_called_by_its_localpart_as_by_a_name(body: str, expected: str | None) -> None:
    assert submitted(text_message(body), type(BOT)("@garden-news:example.org", ("Weekly",))) == expected


def test_signs_of_regular_expressions_in_a_name_mean_nothing() -> None:
    odd = type(BOT)("@odd:example.org", ("W.*(e+)|$ *",))
    assert submitted(text_message("W.*(e+)|$ *: roses"), odd) == "roses"
    assert submitted(text_message("Weekly: roses"), odd) is None
