"""Reads the weights of a PyTorch checkpoint without PyTorch, and without running anything that it contains."""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from interview.errors import ConfigurationError

_STORAGES = {"FloatStorage": np.float32, "HalfStorage": np.float16, "LongStorage": np.int64}


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a saved state dict by name. Raises `ConfigurationError` if it holds anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            loaded = _Unpickler(archive, pickled.removesuffix("/data.pkl")).load()
    except (zipfile.BadZipFile, StopIteration, KeyError, pickle.UnpicklingError) as error:
        raise ConfigurationError(f"{path} is no checkpoint of plain tensors: {error}") from error
    return {name: np.asarray(tensor) for name, tensor in loaded.items()}


class _Unpickler(pickle.Unpickler):
    """Knows tensors and ordered dicts, and refuses every other name."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{root}/data.pkl")))
        self._archive = archive
        self._root = root

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of plain tensors")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, dtype, key, _, _ = pid
        return np.frombuffer(self._archive.read(f"{self._root}/data/{key}"), dtype)


def _tensor(
    storage: NDArray[Any], offset: int, size: Sequence[int], stride: Sequence[int], *_ignored: object
) -> NDArray[Any]:
    last = offset + sum((side - 1) * step for side, step in zip(size, stride, strict=True))
    if offset < 0 or any(side < 1 or step < 0 for side, step in zip(size, stride, strict=True)) or last >= len(storage):
        raise pickle.UnpicklingError(f"a tensor of {tuple(size)} reaches over its storage of {len(storage)}")
    return as_strided(storage[offset:], tuple(size), [step * storage.itemsize for step in stride])
