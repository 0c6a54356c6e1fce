"""mediapipe's FaceMesh without the rest of mediapipe.

`import mediapipe` brings its drawing tools, and with them matplotlib, and its Tasks: 50 MB that a proctor never uses.
Its packages are entered here without their `__init__`, so that only the modules of the mesh are loaded.
"""

import importlib.util
import sys

_PACKAGES = ("mediapipe", "mediapipe.python.solutions")


def _enter_packages() -> None:
    """Make the packages importable from, without running them. One that somebody has imported already stays."""
    for name in _PACKAGES:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"{name} is not installed")
        sys.modules[name] = importlib.util.module_from_spec(spec)


_enter_packages()

# only now without the rest
from mediapipe.python.solutions import face_mesh_connections as connections  # noqa: E402
from mediapipe.python.solutions.face_mesh import FaceMesh  # noqa: E402

__all__ = ["FaceMesh", "connections"]
