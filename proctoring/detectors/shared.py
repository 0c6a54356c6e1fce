"""The models of a process, loaded once and shared by its rooms. What cannot be loaded switches its kinds off."""

import ctypes
import ctypes.util
import gc
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from interview.errors import ConfigurationError
from interview.incident_kind import IncidentKind
from interview.settings import Settings
from proctoring.detectors.faces import FaceFinder
from proctoring.detectors.mesh import HeadPose
from proctoring.detectors.person import PersonModel
from proctoring.detectors.phone import PhoneFinder
from proctoring.detectors.voice import VoiceModel

logger = logging.getLogger(__name__)

Model = TypeVar("Model")

_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1
"""`mallopt`'s names for them, from glibc's malloc.h."""
_LARGE, _FREE_AT_MOST = 4 * 2**20, 16 * 2**20
"""Bytes of a block that is mapped by itself, and of what may lie free."""

OF_FACES = frozenset(
    {
        IncidentKind.NO_FACE,
        IncidentKind.SECOND_FACE,
        IncidentKind.DIFFERENT_PERSON,
        IncidentKind.HEAD_AWAY,
        IncidentKind.GAZE_AWAY,
        IncidentKind.STILL_PICTURE,
    }
)
"""Kinds for which a face has to be found first."""


@dataclass
class Models:
    """What could be loaded. None of it is safe to use from two threads at once."""

    faces: FaceFinder | None = None
    pose: HeadPose | None = None
    persons: PersonModel | None = None
    phones: PhoneFinder | None = None
    voices: VoiceModel | None = None
    off: dict[IncidentKind, str] = field(default_factory=dict)
    """Kinds that cannot be found, and why."""

    def close(self) -> None:
        """Free what holds memory outside Python."""
        if self.pose is not None:
            self.pose.close()


def load(settings: Settings) -> Models:
    """Load every model that the settings name. One that is missing or altered is logged, and its kinds are off."""
    _return_large_blocks()
    models = Models()
    models.faces = _try(
        models, OF_FACES, lambda: FaceFinder(_named(settings.face_detector_model, "FACE_DETECTOR_MODEL"))
    )
    posed = frozenset({IncidentKind.HEAD_AWAY, IncidentKind.GAZE_AWAY})
    models.pose = _try(models, posed, HeadPose)
    models.persons = _try(
        models,
        frozenset({IncidentKind.DIFFERENT_PERSON}),
        lambda: PersonModel(_named(settings.person_model, "PERSON_MODEL")),
    )
    models.phones = _try(
        models, frozenset({IncidentKind.PHONE}), lambda: PhoneFinder(_named(settings.phone_model, "PHONE_MODEL"))
    )
    models.voices = _try(
        models, frozenset({IncidentKind.SECOND_VOICE}), lambda: VoiceModel(_named(settings.voice_model, "VOICE_MODEL"))
    )
    _give_back()
    return models


def _return_large_blocks() -> None:
    """Let what is 4 MiB or larger go back to the system once it is free, and so what lies free beyond 16 MiB.

    A picture is smaller and comes several times a second: to ask the system for it anew each time costs 0.01 of a core.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _FREE_AT_MOST)


def _give_back() -> None:
    """Hand memory back to the system that only building the networks took: 118 of 435 MB."""
    gc.collect()
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """Return a function of the C library; None where it has none of that name, as others than glibc."""
    library = ctypes.util.find_library("c") if sys.platform == "linux" else None
    return None if library is None else getattr(ctypes.CDLL(library), name, None)


def _named(path: Path | None, setting: str) -> Path:
    if path is None:
        raise ConfigurationError(f"{setting} is not set (`viva up` sets it)")
    return path


def _try(models: Models, kinds: frozenset[IncidentKind], build: Callable[[], Model]) -> Model | None:
    try:
        return build()
    except ConfigurationError as error:
        logger.error("off in all rooms of this process: %s: %s", ", ".join(sorted(kinds)), error.message)
        models.off |= dict.fromkeys(sorted(kinds), error.message)
        return None
