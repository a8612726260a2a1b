"""The keys that never enter the database: files of the installation, readable by its owner alone.

    keys/kek/<id>.key     key-encryption keys; they wrap the data key of every subject
    keys/kek/current      the id of the one that wraps new subjects
    keys/kek/retired/     keys no row uses any more; an old backup may still need them, until `rapport keys forget`
    keys/index.key        blind indexes (rotation: see `rapport keys` in the handbook, it means indexing anew)
    keys/source.key       names of source records; never rotated, or every replay would be taken for news

A key file says its own id and carries a check value, so that a damaged or swapped file is refused before it is used.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rapport.kit import home

KEY_BYTES = 32


class KeyMissing(RuntimeError):
    """A key that rows were written under is not among the files of this installation."""


class KeyDamaged(RuntimeError):
    """A key file is not what was once written there."""


def folder() -> Path:
    return home.private_folder(home.find().ready().keys / "kek")


def current_id() -> str:
    """The key-encryption key for new subjects; the very first one is made here."""
    pointer = folder() / "current"
    with suppress(FileNotFoundError):
        return pointer.read_text().strip()
    first = _new_id()
    _write_once(folder() / f"{first}.key", _sheet(first, secrets.token_bytes(KEY_BYTES)))
    _write_once(pointer, first + "\n")  # two first starts at once: one pointer wins, the other key is never used
    return pointer.read_text().strip()


def add() -> str:
    """Make a new key-encryption key and let new subjects use it. Old subjects keep theirs until they are wrapped anew."""
    new = _new_id()
    _write_once(folder() / f"{new}.key", _sheet(new, secrets.token_bytes(KEY_BYTES)))
    draft = folder() / f"current.{new}"
    _write_once(draft, new + "\n")
    os.replace(draft, folder() / "current")
    _settle(folder())
    return new


def ids() -> list[str]:
    """The keys in service, oldest first."""
    return sorted(file.stem for file in folder().glob("*.key"))


def retired_ids() -> list[str]:
    return sorted(file.stem for file in (folder() / "retired").glob("*.key"))


def wrapping(kek: str) -> AESGCM:
    """The cipher of this key-encryption key. A retired one still opens, for a row that came in late from an old backup."""
    return _cipher(folder(), kek)


def retire(kek: str) -> None:
    """Take a key out of service. The caller has seen that no row uses it."""
    if kek == current_id():
        raise KeyMissing(f"{kek} wraps new subjects; make another one first")
    shelf = home.private_folder(folder() / "retired")
    (folder() / f"{kek}.key").rename(shelf / f"{kek}.key")
    _settle(folder())


def forget(kek: str) -> None:
    """Destroy a retired key for good: whatever an old backup still holds under it can never be read again."""
    (folder() / "retired" / f"{kek}.key").unlink()
    _settle(folder() / "retired")
    _cipher.cache_clear()


def index_key(use: str) -> bytes:
    """The blind-index key of one use, so that equal values of two uses never look equal."""
    return _derived(_file("index"), use)


def source_key(use: str) -> bytes:
    return _derived(_file("source"), use)


def fingerprints() -> dict[str, str]:
    """What the database keeps of the two index keys, to notice when the files are another installation's."""
    return {
        name: hmac.digest(_secret(_file(name), name), b"rapport/fingerprint", "sha256").hex()[:32]
        for name in ("index", "source")
    }


def _new_id() -> str:
    """Sortable by age: thirteen digits of a clock that no verb depends on, and six random letters."""
    return f"{time.time_ns() // 1_000_000:013d}{secrets.token_hex(3)}"


def _file(name: str) -> Path:
    file = home.find().ready().keys / f"{name}.key"
    if not file.exists():
        _write_once(file, _sheet(name, secrets.token_bytes(KEY_BYTES)))
    return file


@lru_cache(maxsize=64)
def _cipher(place: Path, kek: str) -> AESGCM:
    for file in (place / f"{kek}.key", place / "retired" / f"{kek}.key"):
        if file.exists():
            return AESGCM(_secret(file, kek))
    raise KeyMissing(f"The key-encryption key {kek} is not in {place}. Put the file back from the backup of the keys.")


@lru_cache(maxsize=64)
def _derived(file: Path, use: str) -> bytes:
    return hmac.digest(_secret(file, file.stem), b"rapport/use/" + use.encode(), "sha256")


def _sheet(name: str, secret: bytes) -> str:
    return json.dumps({"id": name, "key": base64.b64encode(secret).decode(), "check": _check(name, secret)}) + "\n"


def _check(name: str, secret: bytes) -> str:
    return hmac.digest(secret, b"rapport/key-file|" + name.encode(), hashlib.sha256).hex()[:16]


def _secret(file: Path, name: str) -> bytes:
    if file.stat().st_mode & 0o077:
        raise KeyDamaged(f"{file} can be read by others. Make it 0600 and think about who may have seen it.")
    try:
        sheet = json.loads(file.read_text())
        secret = base64.b64decode(sheet["key"], validate=True)
        good = (
            sheet["id"] == name
            and len(secret) == KEY_BYTES
            and hmac.compare_digest(sheet["check"], _check(name, secret))
        )
    except (ValueError, KeyError, TypeError) as broken:
        raise KeyDamaged(f"{file} is not a key file any more. Put it back from the backup of the keys.") from broken
    if not good:
        raise KeyDamaged(f"{file} is not the key {name}. Put it back from the backup of the keys.")
    return secret


def _write_once(file: Path, text: str) -> None:
    """Complete or absent, on disk before it is used, and never over an existing file."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    _settle(file.parent)


def _settle(place: Path) -> None:
    """A rename is durable only when its folder is on disk."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
