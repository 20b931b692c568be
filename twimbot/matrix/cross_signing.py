"""Cross-signing: the account vouches for the bot's device, as many clients give keys to no other devices.

Its two keys are kept beside the device's, as nio's accounts: nothing else there makes and stores Ed25519 keys. The
key with which people vouch for each other is not made: nobody verifies others for a bot. (Client-Server API v1.19,
"Cross-signing"; MSC3967 has a first upload need no password, but not all homeservers follow it.)
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import structlog
from nio.api import Api
from nio.crypto import ENCRYPTION_ENABLED

from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, Unconfirmed
from twimbot.matrix.login import PASSWORD, password_proof

if ENCRYPTION_ENABLED:
    from nio.crypto import OlmAccount
    from nio.store import SqliteStore

log = structlog.get_logger(__name__)

MASTER, SELF_SIGNING = "master", "self_signing"

CROSS_SIGNING = "cross-signing/"
"""How the names begin under which these keys stand among the devices' in nio's file."""


NOTHING_MORE = "m.login.dummy"
"""The stage of a confirmation that asks for nothing; the other one that can be gone through is the password's."""

MOST_STAGES = 4
"""How many stages of a confirmation are gone through before it is given up."""


AGAIN = "the homeserver asks again and again for what it was given; verify the bot's device in another client"


class NeedsOwner(HomeserverError):
    """Keys are taken only once the account's owner confirms that, in a way that is not open here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account's cross-signing keys."""

    user_id: str
    master: Any
    self_signing: Any

    @classmethod
    def open(cls, path: Path, user_id: str) -> Self:
        """Open the keys in a file of nio's, or make them. Raises peewee's errors."""
        return cls(user_id, *(_account(path, user_id, usage) for usage in (MASTER, SELF_SIGNING)))

    async def vouch(self, client: Client, device_id: str, password: str | None) -> None:
        """Have the account vouch for a device that the homeserver knows, unless it has.

        The password is used where the homeserver asks for it. Raises HomeserverError.
        """
        answer = await client.post("keys", "query", content={"device_keys": {self.user_id: []}})
        published = _own(answer, "master_keys", self.user_id).get("keys")
        if not published:
            await self.publish(client, password)
        elif _name(self.master) not in published:
            log.warning("cross-signing keys are not the bot's; verify its device where they are", device_id=device_id)
            return
        device = _mapping(_own(answer, "device_keys", self.user_id).get(device_id))
        if _name(self.self_signing) in _own(device, "signatures", self.user_id):
            return
        bare = {key: value for key, value in device.items() if key not in ("signatures", "unsigned")}
        signed = {self.user_id: {device_id: self._signed(bare, self.self_signing)}}
        await client.post("keys", "signatures", "upload", content=signed)
        log.info("device cross-signed", device_id=device_id)

    async def publish(self, client: Client, password: str | None) -> None:
        """Upload the keys, and confirm that as their owner. Raises NeedsOwner, or another HomeserverError."""
        content = self._public()
        for _ in range(MOST_STAGES):
            try:
                await client.post("keys", "device_signing", "upload", content=content)
            except Unconfirmed as error:
                if error.code:
                    raise
                content = {**content, "auth": self._proof(error, password)}
            else:
                return
        raise NeedsOwner(AGAIN)

    def _proof(self, asked: Unconfirmed, password: str | None) -> Mapping[str, Any]:
        """Return what goes through the next stage of a confirmation."""
        possible = {NOTHING_MORE, *asked.done, *([PASSWORD] if password else ())}
        ways = [[stage for stage in flow if stage not in asked.done] for flow in asked.flows if possible >= set(flow)]
        stage = next((way[0] for way in ways if way), None)
        session = {"session": asked.session} if asked.session else {}
        if stage is None:
            raise NeedsOwner(_what_to_do(asked.flows, possible))
        if stage == NOTHING_MORE:
            return {"type": stage, **session}
        return {**password_proof(self.user_id, password or ""), **session}

    def _public(self) -> Mapping[str, Any]:
        """Return what everybody may know: the master key, and the other one as signed by it."""
        self_signing = self._signed(self._key(SELF_SIGNING, self.self_signing), self.master)
        return {"master_key": self._key(MASTER, self.master), "self_signing_key": self_signing}

    def _key(self, usage: str, account: Any) -> Mapping[str, Any]:  # noqa: ANN401 - nio has no types
        public = account.identity_keys["ed25519"]
        return {"user_id": self.user_id, "usage": [usage], "keys": {_name(account): public}}

    def _signed(self, content: Mapping[str, Any], by: Any) -> Mapping[str, Any]:  # noqa: ANN401 - nio has no types
        signature = by.sign(Api.to_canonical_json(content))
        return {**content, "signatures": {self.user_id: {_name(by): signature}}}


def _what_to_do(flows: Sequence[Sequence[str]], possible: Collection[str]) -> str:
    if any(set(flow) <= set(possible) for flow in flows):
        return AGAIN
    if any(set(flow) <= {PASSWORD, NOTHING_MORE} for flow in flows):
        return "the homeserver asks for the password; run 'twimbot login', or start the bot once with TWIMBOT_PASSWORD"
    stages = sorted({stage for flow in flows for stage in flow})
    return f"the homeserver asks for {' or '.join(stages) or 'its owner'}; verify the bot's device in another client"


def _account(path: Path, user_id: str, usage: str) -> Any:  # noqa: ANN401 - nio has no types
    store = SqliteStore(user_id, f"{CROSS_SIGNING}{usage}", str(path.parent), "", path.name)
    with closing(store.database):
        account = store.load_account()
        if account is None:
            account = OlmAccount()
            store.save_account(account)
        return account


def _name(account: Any) -> str:  # noqa: ANN401 - nio has no types
    return f"ed25519:{account.identity_keys['ed25519']}"


def _own(answer: Mapping[str, Any], part: str, user_id: str) -> Mapping[str, Any]:
    return _mapping(_mapping(answer.get(part)).get(user_id))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
