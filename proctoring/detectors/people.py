"""Who of the faces in a picture is there: the candidate, somebody else, or a picture on the wall. Pure.

A face counts as a picture when it is not the candidate's and has stood still, in place and in content, since it was
first seen. Nothing is said about a new face until it could have moved.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from proctoring.detectors.faces import WIDE_PX, Face, FaceFinder
from proctoring.detectors.frame import Box, Frame

_SAME_OVERLAP = 0.3
_PATCH = (12, 12)
_JUDGE_AFTER_S = 0.5
_PATCHES = 12
_FORGET_S = 8.0
_AT_MOST = 12
_MOVED = 3.0
"""Median change of a face's patch in grey levels that noise does not make; a hung picture has about 1."""
_WANDERED = 0.35
"""Shares of its width by which a face has to go from where it was first seen; a detector's own jitter is 0.1."""
_TRUSTED = 0.6
_PLACED_NARROWLY, _MEASURED_NARROWLY = 50 / 640, 70 / 640
"""Shares of the frame's width from which a look in low resolution places a face, and is as sure of it: one of 30 px
jumps about there, and one of 50 px has a score of 0.35 to 0.75 that is 0.85 to 0.9 in a wide look."""
_SURE_NARROWLY = 0.8
"""A score that no look in low resolution gives by chance."""
_CANDIDATE_SHARE = 0.5
"""A face smaller than this part of the candidate's own does not become the candidate."""


@dataclass
class _Track:
    box: Box
    first: Box
    first_at: datetime
    seen_at: datetime
    placed: bool
    """Whether `first` is from a look that places so small a face."""
    patches: deque[tuple[datetime, NDArray[np.float32]]] = field(default_factory=lambda: deque(maxlen=_PATCHES))
    alive: bool = False

    def judged(self, at: datetime) -> bool:
        """Tell whether it has been there long enough to be called a picture."""
        return (at - self.first_at).total_seconds() >= _JUDGE_AFTER_S


class People:
    """The faces of one candidate's camera, followed from frame to frame."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._candidate: _Track | None = None
        self._usual_width = 0.0
        self.candidate: Face | None = None
        """The candidate's face in the frame that was told last."""

        self._new_since_asked = False

    def forget(self) -> None:
        """Begin anew: the camera was away."""
        self.__init__()

    def is_someone_new(self) -> bool:
        """Tell, once, whether the candidate's face is another one than before, by its place: it was gone, or jumped."""
        new, self._new_since_asked = self._new_since_asked, False
        return new

    def tell(self, frame: Frame, faces: Sequence[Face], width_px: int) -> Observation:
        """Say which faces a frame shows; `width_px` is the width in which it was looked at.

        The observation has `best`, the score of the candidate's face, and `second`, that of the surest other face
        that is no picture; both are 0 without one. `second` is left out where a look in low resolution found none or
        a small one (its score says little) or where the face is too new to be told from a picture. Widths are shares
        of the frame's.
        """
        wide = width_px >= WIDE_PX
        self._follow(frame, faces, wide)
        mine = self._mine(faces, frame.at)
        self.candidate = mine
        width = frame.rgb.shape[1]
        values = {"best": _rounded(mine), "best_width": _width(mine, width)}
        others = [face for face in faces if face is not mine]
        second = next((face for face in others if self._lives(face)), None)
        if second is not None and (wide or _is_measured_narrowly(second, width)):
            values |= {"second": _rounded(second), "second_width": _width(second, width)}
        elif wide and not any(self._is_new(face, frame.at) for face in others):
            values |= {"second": 0.0, "second_width": 0.0}
        return Observation(at=frame.at, detector=FaceFinder.name, version=FaceFinder.version, values=values)

    def _follow(self, frame: Frame, faces: Sequence[Face], wide: bool) -> None:
        grey = np.asarray(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        for face in faces:
            placed = wide or face.box.width >= _PLACED_NARROWLY * frame.rgb.shape[1]
            track = self._track_of(face)
            if track is None:
                if len(self._tracks) >= _AT_MOST or face.score < _TRUSTED:
                    continue
                track = _Track(face.box, face.box, frame.at, frame.at, placed)
                self._tracks.append(track)
            track.box, track.seen_at = face.box, frame.at
            if placed and not track.placed:
                track.first, track.placed = face.box, True
            if placed and not track.alive:
                track.alive = self._moves(track, grey, frame.at)
        self._tracks = [one for one in self._tracks if (frame.at - one.seen_at).total_seconds() < _FORGET_S]

    def _moves(self, track: _Track, grey: NDArray[np.uint8], at: datetime) -> bool:
        patch = _patch(grey, track.first)
        if patch is None:
            return True
        changes = [float(np.median(np.abs(patch - then - np.median(patch - then)))) for _, then in track.patches]
        track.patches.append((at, patch))
        (x, y), (first_x, first_y) = track.box.centre, track.first.centre
        wandered = np.hypot(x - first_x, y - first_y) / track.first.width
        # twice, so that one who walks past in front of a picture does not bring it to life
        return wandered >= _WANDERED or sum(change >= _MOVED for change in changes) >= 2

    def _mine(self, faces: Sequence[Face], at: datetime) -> Face | None:
        """Find the candidate: the face that follows on theirs, or else the widest that is no picture."""
        if self._candidate is not None:
            going_on = [face for face in faces if self._track_of(face) is self._candidate]
            if going_on:
                return self._remember(max(going_on, key=lambda face: face.score), at)
        free = [face for face in faces if self._candidate is None or self._lives(face) or self._is_new(face, at)]
        free = [face for face in free if face.box.width >= _CANDIDATE_SHARE * self._usual_width]
        if not free:
            return None
        return self._remember(max(free, key=lambda face: face.box.width), at)

    def _remember(self, face: Face, at: datetime) -> Face:
        track = self._track_of(face)
        if track is not None:
            self._new_since_asked = self._new_since_asked or track is not self._candidate
            self._candidate = track
            track.seen_at = at
            # slowly, and never from one that is only beginning to be followed
            self._usual_width = max(face.box.width, 0.98 * self._usual_width)
        return face

    def _track_of(self, face: Face) -> _Track | None:
        near = max(self._tracks, key=lambda track: track.box.overlap(face.box), default=None)
        return near if near is not None and near.box.overlap(face.box) >= _SAME_OVERLAP else None

    def _lives(self, face: Face) -> bool:
        track = self._track_of(face)
        return track is not None and track.alive

    def _is_new(self, face: Face, at: datetime) -> bool:
        track = self._track_of(face)
        return face.score >= _TRUSTED and (track is None or not track.judged(at))


def _is_measured_narrowly(face: Face, of_px: int) -> bool:
    share = face.box.width / of_px
    return share >= _MEASURED_NARROWLY or (share >= _PLACED_NARROWLY and face.score >= _SURE_NARROWLY)


def _patch(grey: NDArray[np.uint8], box: Box) -> NDArray[np.float32] | None:
    height, width = grey.shape
    left, top = max(0, int(box.x)), max(0, int(box.y))
    right, bottom = min(width, round(box.x + box.width)), min(height, round(box.y + box.height))
    if right - left < 4 or bottom - top < 4:
        return None
    small = cv2.resize(grey[top:bottom, left:right], _PATCH, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)


def _rounded(face: Face | None) -> float:
    return 0.0 if face is None else round(face.score, 3)


def _width(face: Face | None, of_px: int) -> float:
    return 0.0 if face is None else round(face.box.width / of_px, 3)
