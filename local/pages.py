"""`python -m local.pages`: the browser pages, built from `web/` once for each state of their sources, into the cache.

    web/src, web/*.html ─▶ vite ─▶ ~/.cache/viva/pages/DIGEST ─▶ WEB_ASSETS_DIR ─▶ control_api/pages

With `--check` nothing is built: types and lint are looked at, with what is installed.
"""

import hashlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from interview.errors import MachineError, VivaError
from local import node
from local.caches import cache_dir, only_one

log = logging.getLogger(__name__)

_KEPT = 4
"""Older builds than these are thrown away."""


def ensure() -> Path:
    """Return the folder of the built pages, building them where they are not. Raises `MachineError`."""
    found = built()
    if found is not None:
        return found
    target = _target()
    with only_one(target.with_name(f".{target.name}.lock")):
        if not target.is_dir():
            print("Building the pages (the first time, their packages are fetched: about a minute)", file=sys.stderr)
            node.install()
            _build(target)
            _throw_away_old(target)
    return target


def ensure_or_none() -> Path | None:
    """The same, but where they cannot be built, say so and go on without: the API does not need them."""
    try:
        return ensure()
    except MachineError as error:
        log.warning("the pages are not built, and the API runs without them: %s", error.message)
        return None


def built() -> Path | None:
    """Return the folder of the pages as they are in `web/`, or None where they have not been built."""
    return _target() if _target().is_dir() else None


def check() -> list[str]:
    """Return what types and lint say against the pages; an empty list is good."""
    node.install()
    wrong = []
    for script, *arguments in (("typescript/bin/tsc", "--noEmit"), ("eslint/bin/eslint.js", ".")):
        try:
            node.run(script, *arguments)
        except MachineError as error:
            wrong.append(error.message)
    return wrong


def _build(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as work:
        made = Path(work, "pages")
        node.run("vite/bin/vite.js", "build", "--logLevel", "warn", more={"VIVA_PAGES_DIR": str(made)})
        made.replace(target)


def _throw_away_old(newest: Path) -> None:
    builds = [path for path in newest.parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for old in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _target() -> Path:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(node.WEB)}\0".encode() + path.read_bytes() + b"\0")
    return cache_dir() / "pages" / digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    """Everything that a build depends on, in order."""
    yield from sorted(path for path in node.WEB.iterdir() if path.is_file() and path.name != "openapi.json")
    for folder in ("public", "src"):
        yield from sorted(path for path in (node.WEB / folder).rglob("*") if path.is_file())


def main() -> int:
    """Build the pages and print where they are, or with `--check` say what is wrong with them."""
    try:
        if sys.argv[1:] != ["--check"]:
            print(ensure())
            return 0
        wrong = check()
    except VivaError as error:
        wrong = [error.message]
    for line in wrong:
        print(f"pages: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
