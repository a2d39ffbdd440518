"""Writes KeePass databases: KDBX 3.1 by hand from the format's description, KDBX 4 (with protected values) by pykeepass."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.passwords import exports

_AES = bytes.fromhex("31c1f2e6bf714350be5805216afc5aff")
ROUNDS = 60


def _field(number: int, data: bytes) -> bytes:
    return struct.pack("<BH", number, len(data)) + data


def write_kdbx3(path: Path, entries: tuple[exports.Entry, ...], *, rounds: int = ROUNDS) -> None:
    """Outer header, AES-KDF, AES-256-CBC over start bytes and hashed blocks of gzipped XML."""
    master_seed, transform_seed, iv, start = (
        bytes(range(32)),
        bytes(range(32, 64)),
        bytes(range(16)),
        bytes(range(64, 96)),
    )
    header = bytes.fromhex("03d9a29a67fb4bb501000300")
    header += _field(2, _AES) + _field(3, struct.pack("<I", 1)) + _field(4, master_seed) + _field(5, transform_seed)
    header += _field(6, struct.pack("<Q", rounds)) + _field(7, iv) + _field(8, bytes(32)) + _field(9, start)
    header += _field(10, struct.pack("<I", 2)) + _field(0, b"\r\n\r\n")
    composite = hashlib.sha256(hashlib.sha256(exports.MASTER.encode()).digest()).digest()
    ecb = Cipher(algorithms.AES(transform_seed), modes.ECB()).encryptor()
    for _ in range(min(rounds, ROUNDS)):
        composite = ecb.update(composite)
    key = hashlib.sha256(master_seed + hashlib.sha256(composite).digest()).digest()
    xml = gzip.compress(exports.keepass_xml(entries))
    blocks = struct.pack("<I", 0) + hashlib.sha256(xml).digest() + struct.pack("<I", len(xml)) + xml
    plain = start + blocks + struct.pack("<I", 1) + bytes(32) + struct.pack("<I", 0)
    pad = 16 - len(plain) % 16
    cbc = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    path.write_bytes(header + cbc.update(plain + bytes([pad]) * pad) + cbc.finalize())


def write_kdbx4(path: Path, entries: tuple[exports.Entry, ...], *, memory: int = 1 << 16) -> None:
    """As pykeepass writes it, with Argon2 made cheap."""
    import pykeepass

    database: Any = pykeepass.create_database(str(path), password=exports.MASTER)
    parameters = database.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
    parameters["M"].value, parameters["I"].value = memory, 1
    for number, e in enumerate(entries):
        entry = database.add_entry(
            database.root_group,
            f"entry {number}",
            e.user,
            e.password.strip(),
            url=e.url,
            notes=e.note,
            otp=e.totp or None,
        )
        entry.save_history()
        entry.title = e.title  # add_entry looks the title up, and fails at quotes in it
        entry.set_custom_property("PIN", exports.CANARY, protect=True)
    database.save()
