"""Two real homeservers that federate with each other over TLS on loopback, and with nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from twimbot.demo.homeserver import LOOPBACK, Homeserver, free_port
from twimbot.demo.person import People

RETRIES = {
    "destination_min_retry_interval": 1,
    "destination_max_retry_interval": 1,
    "destination_retry_multiplier": 1,
    "max_short_retries": 1,
    "max_short_retry_delay": 100,
}
"""How long one that could not reach another leaves it alone, in milliseconds: tests wait for that."""


@dataclass(frozen=True)
class Federation:
    """The bot's homeserver (`near`) and another one (`far`), with everybody who lives there.

    Each can be stopped and started again, to the same address. A person may enter a room of the other homeserver by
    its alias.
    """

    near: Homeserver
    far: Homeserver
    near_people: People
    far_people: People


@asynccontextmanager
async def open_federation(folder: Path) -> AsyncIterator[Federation]:
    """Run both homeservers until the block ends, with everything that they keep in a folder."""
    ports = free_port(), free_port()
    near, far = (_Federating(folder / name, port, ports) for name, port in zip(("near", "far"), ports, strict=True))
    async with near, far, People(near.url) as near_people, People(far.url) as far_people:
        yield Federation(near, far, near_people, far_people)


class _Federating(Homeserver):
    """A homeserver at a port for others; its name is that address, so that none has to be resolved."""

    def __init__(self, folder: Path, port: int, ports: tuple[int, int]) -> None:
        super().__init__(folder, server_name=f"{LOOPBACK}:{port}")
        certificate, key = _make_certificate(self.folder)
        self._federating = {
            "tls_certificate_path": str(certificate),
            "tls_private_key_path": str(key),
            "federation_verify_certificates": False,
            "federation_domain_whitelist": [f"{LOOPBACK}:{each}" for each in ports],
            "ip_range_blacklist": [],
            "federation": RETRIES,
            "rc_federation": {"sleep_limit": 100_000, "reject_limit": 100_000, "concurrent": 100},
        }
        self._listener = {
            "type": "http",
            "port": port,
            "bind_addresses": [LOOPBACK],
            "tls": True,
            "resources": [{"names": ["federation"], "compress": False}],
        }

    def _configuration(self, key: Path, logging: Path) -> dict[str, Any]:
        alone = super()._configuration(key, logging)
        return {**alone, **self._federating, "listeners": [*alone["listeners"], self._listener]}


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for loopback, and its key, into a new folder; return where they are."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, LOOPBACK)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    files = folder / "tls.crt", folder / "tls.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
