"""The file of a backup: a tar of members whose checksums stand in its last member, encrypted as a whole on request.

Encrypted is `magic | salt (16) | nonce prefix (7)` and then blocks of 1 MiB, each AES-256-GCM under a key that scrypt
makes of a passphrase. A block's nonce holds its number and whether it is the last, so that blocks can neither be moved
nor left out (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import ValidationError

from interview.errors import Conflict, Invalid
from interview.record import Moment, Record

FORMAT = 1
MANIFEST = "manifest.json"
KEYS = "keys"
_MAGIC = b"VIVABAK1"
_BLOCK_BYTES = 1 << 20
_SALT_BYTES, _PREFIX_BYTES, _TAG_BYTES, _KEY_BYTES = 16, 7, 16, 32
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1
"""OWASP's choice: 128 MiB, some tenths of a second."""


class Member(Record):
    """One member as it was written."""

    sha256: str
    size: int


class Manifest(Record):
    """What a backup holds. Counts and schema versions are by collection."""

    format: int = FORMAT
    made_at: Moment
    counts: dict[str, int]
    schema_versions: dict[str, int]
    members: dict[str, Member]


class ArchiveWriter:
    """Writes members and remembers their checksums."""

    def __init__(self, tar: tarfile.TarFile, mtime: int) -> None:
        self._tar = tar
        self._mtime = mtime
        self.members: dict[str, Member] = {}

    def add(self, name: str, content: bytes) -> None:
        """Write one member."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(content), 0o600, self._mtime
        self._tar.addfile(info, io.BytesIO(content))
        self.members[name] = Member(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


@contextmanager
def new_archive(path: Path, passphrase: str | None, mtime: int) -> Generator[ArchiveWriter]:
    """Write a new archive, readable by its owner only; it has its name once it is whole, and not before.

    Raises `Conflict` (code `file_exists`) when something has that name already, at the beginning or at the end.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    if path.exists():
        raise _exists(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            sink = _Sealer(file, passphrase) if passphrase is not None else file
            with tarfile.open(fileobj=cast(IO[bytes], sink), mode="w|", bufsize=_BLOCK_BYTES) as tar:
                yield ArchiveWriter(tar, mtime)
            if isinstance(sink, _Sealer):
                sink.finish()
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)  # unlike a rename, this never replaces
        except FileExistsError:
            raise _exists(path) from None
    finally:
        partial.unlink(missing_ok=True)


def members_of(path: Path, passphrase: str | None) -> Iterator[tuple[str, bytes]]:
    """Yield each member's name and content, in their order, one in memory at a time.

    Raises `Invalid` (codes `archive_damaged`, `passphrase_missing`, `passphrase_wrong`).
    """
    with path.open("rb") as file:
        encrypted = file.read(len(_MAGIC)) == _MAGIC
        if encrypted and passphrase is None:
            raise Invalid(f"{path} is encrypted; name the file of its passphrase", code="passphrase_missing")
        file.seek(0)
        source = _Opener(file, passphrase or "") if encrypted else file
        try:
            with tarfile.open(fileobj=cast(IO[bytes], source), mode="r|", bufsize=_BLOCK_BYTES) as tar:
                for info in tar:
                    content = tar.extractfile(info)
                    if content is None:
                        raise _damaged(f"its member {info.name} is not a file")
                    yield info.name, content.read()
        except (tarfile.TarError, EOFError) as error:
            raise _damaged(f"it is no whole tar ({type(error).__name__})") from error


def check(path: Path, passphrase: str | None) -> tuple[Manifest, str]:
    """Read an archive to its end, compare every checksum, and return its manifest and the text of its keys.

    Raises `Invalid` as `members_of` does.
    """
    found: dict[str, Member] = {}
    manifest, keys = None, ""
    for name, content in members_of(path, passphrase):
        if name == MANIFEST:
            manifest = _manifest(content)
            continue
        if name in found or manifest is not None:
            raise _damaged(f"the member {name} is out of place")
        found[name] = Member(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        if name == KEYS:
            keys = content.decode()
    if manifest is None:
        raise _damaged(f"its end, with the {MANIFEST}, is missing")
    for name in sorted(manifest.members.keys() | found.keys()):
        if manifest.members.get(name) != found.get(name):
            raise _damaged(f"the member {name} is not what was written")
    return manifest, keys


def _manifest(content: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise _damaged(f"its {MANIFEST} cannot be read: {error.error_count()} errors") from None
    if manifest.format != FORMAT:
        raise Invalid(f"the archive has the format {manifest.format}; this Viva reads {FORMAT}", code="archive_newer")
    return manifest


class _Sealer:
    """Encrypts what is written to it, block by block."""

    def __init__(self, sink: IO[bytes], passphrase: str) -> None:
        salt, prefix = os.urandom(_SALT_BYTES), os.urandom(_PREFIX_BYTES)
        self._blocks = _Blocks(passphrase, salt, prefix)
        self._sink = sink
        self._buffer = bytearray()
        sink.write(self._blocks.header)

    def write(self, data: bytes) -> int:
        self._buffer += data
        while len(self._buffer) > _BLOCK_BYTES:
            self._sink.write(self._blocks.seal(bytes(self._buffer[:_BLOCK_BYTES]), last=False))
            del self._buffer[:_BLOCK_BYTES]
        return len(data)

    def finish(self) -> None:
        self._sink.write(self._blocks.seal(bytes(self._buffer), last=True))


class _Opener:
    """Decrypts what is read from it, block by block."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        header = source.read(len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES)
        salt, prefix = header[len(_MAGIC) : -_PREFIX_BYTES], header[-_PREFIX_BYTES:]
        self._source = source
        self._blocks = _Blocks(passphrase, salt, prefix)
        self._plain = bytearray()
        self._ahead = source.read(_BLOCK_BYTES + _TAG_BYTES)
        self._first = True

    def read(self, size: int) -> bytes:
        while len(self._plain) < size and self._ahead:
            block, self._ahead = self._ahead, self._source.read(_BLOCK_BYTES + _TAG_BYTES)
            try:
                self._plain += self._blocks.open(block, last=not self._ahead)
            except InvalidTag:
                if self._first and self._ahead:
                    raise Invalid("the passphrase is not the archive's", code="passphrase_wrong") from None
                raise _damaged("a block is not what was written, or the passphrase is not its own") from None
            self._first = False
        taken = bytes(self._plain[:size])
        del self._plain[:size]
        return taken


class _Blocks:
    def __init__(self, passphrase: str, salt: bytes, prefix: bytes) -> None:
        kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
        self._cipher = AESGCM(kdf.derive(passphrase.encode()))
        self._prefix = prefix
        self._n = 0
        self.header = _MAGIC + salt + prefix

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), plain, self.header)

    def open(self, block: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last), block, self.header)

    def _nonce(self, last: bool) -> bytes:
        nonce = self._prefix + self._n.to_bytes(4, "big") + bytes([last])
        self._n += 1
        return nonce


def _exists(path: Path) -> Conflict:
    return Conflict(f"{path} exists already, and no backup is overwritten; give another name", code="file_exists")


def _damaged(what: str) -> Invalid:
    return Invalid(f"the archive is damaged: {what}; nothing was restored", code="archive_damaged")
