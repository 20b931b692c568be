"""Cross-signing: the account vouches for the bot's device, as many clients give keys to no other devices.

Its two keys are kept beside the device's, as nio's accounts: nothing else there makes and stores Ed25519 keys. The
key with which people vouch for each other is not made: nobody verifies others for a bot. (Client-Server API v1.19,
"Cross-signing"; a first upload needs no password, MSC3967.)
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import structlog
from nio.api import Api
from nio.crypto import ENCRYPTION_ENABLED

from twimbot.matrix.client import Client

if ENCRYPTION_ENABLED:
    from nio.crypto import OlmAccount
    from nio.store import SqliteStore

log = structlog.get_logger(__name__)

MASTER, SELF_SIGNING = "master", "self_signing"

CROSS_SIGNING = "cross-signing/"
"""How the names begin under which these keys stand among the devices' in nio's file."""


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

    async def vouch(self, client: Client, device_id: str) -> None:
        """Have the account vouch for a device that the homeserver knows, unless it has. Raises HomeserverError."""
        answer = await client.post("keys", "query", content={"device_keys": {self.user_id: []}})
        published = _own(answer, "master_keys", self.user_id).get("keys")
        if not published:
            await client.post("keys", "device_signing", "upload", content=self._public())
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
