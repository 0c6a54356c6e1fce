"""All detectors of one candidate's camera: what is looked at in which frame, and what is remembered between frames.

The models belong to the process and are shared; what is kept here is one person's and goes with the room. Cheap
detectors see every frame; costly ones see one now and then, and less often when the machine is busy.
"""

from datetime import datetime

from interview.incident import Observation
from interview.incident_kind import IncidentKind
from proctoring.baseline import Baseline
from proctoring.detectors.faces import NARROW_PX, WIDE_PX, Face
from proctoring.detectors.frame import Box, Frame
from proctoring.detectors.light import DARK_LUMA, Light
from proctoring.detectors.mesh import HeadPose, coarse_yaw
from proctoring.detectors.people import People
from proctoring.detectors.person import Enrolment
from proctoring.detectors.shared import Models
from proctoring.detectors.stillness import Stillness
from proctoring.evidence import blurred

_SURE = 0.6
_PHONE_EVERY_S, _PHONE_AGAIN_S, _PHONE_HINT = 2.4, 1.0, 0.2
"""The network for telephones costs most: it looks seldom, and sooner again after it has half seen one."""
_WIDE_EVERY_S, _WIDE_AGAIN_S = 1.0, 0.6
"""How often small faces are looked for where none was, and where somebody was or may be."""
_PERSON_EVERY_S, _PERSON_AGAIN_S, _SURELY_SAME = 3.0, 1.5, 0.85
"""How often a face is compared with the one that enrolled, and how often while it is not surely the same."""
_TURNED_DEG, _SURELY_OTHER = 12.0, 0.58
"""A head that is turned by more is less like its own face seen from the front (0.59 to 0.75 at 12 to 30 degrees): only
what is like nobody's own face says something then."""
_POSED = frozenset({IncidentKind.HEAD_AWAY, IncidentKind.GAZE_AWAY})
_FOLLOWED = 20
"""Faces of a frame, the surest, that are followed: a picture of a crowd must not hold up all rooms of a process."""
_MOVING = frozenset({IncidentKind.CAMERA_FROZEN, IncidentKind.STILL_PICTURE})


class Due:
    """When something was done last, and whether it is time again."""

    def __init__(self, every_s: float) -> None:
        self.every_s = every_s
        self._last: datetime | None = None

    def now(self, at: datetime, pace: float = 1.0) -> bool:
        """Tell whether it is time, and if so count this as done. A `pace` of 2 asks half as often."""
        if self._last is not None and (at - self._last).total_seconds() < self.every_s * pace - 0.02:
            return False
        self._last = at
        return True

    def soon(self) -> None:
        """Make it due at once."""
        self._last = None


class Eyes:
    """What is known of one candidate's picture. Used by the thread of the detectors alone, but for `camera_stopped`."""

    def __init__(self, kinds: frozenset[IncidentKind], *, blurs: bool = False) -> None:
        """`kinds` are those that are looked for: what serves none of them is not run. See `shown` for `blurs`."""
        self._kinds = kinds
        self._blurs = blurs
        self._boxes: list[Box] = []
        """Where faces are or may be."""
        self._sure: list[Box] = []
        """Where in this frame a face can be seen."""
        self._small: list[Box] = []
        self._light = Light()
        self._stillness = Stillness()
        self._people = People()
        self.baseline = Baseline()
        self._enrolment = Enrolment()
        self._wide = Due(_WIDE_AGAIN_S)
        self._pose = Due(0.35)
        self._person = Due(_PERSON_AGAIN_S)
        self._phone = Due(_PHONE_EVERY_S)
        self._turned_deg = 0.0
        self._stopped = False

    def look(self, frame: Frame, models: Models, pace: float) -> list[Observation]:
        """Look at a frame; `pace` is 1, or more on a busy machine. Returns nothing for a frame too small to measure."""
        if self._stopped:
            self._forget()
        self._boxes, self._sure = [], []
        if not frame.usable:
            return []
        light = self._light.look(frame)
        found = [light]
        if light.values["luma"] < DARK_LUMA:
            return found
        face = self._faces(frame, models, pace, found)
        if face is not None:
            self._light.face_seen(frame)
        if self._kinds & _MOVING:
            found += self._stillness.look(frame, face.box if face else None)
        if face is not None and face.score >= _SURE:
            self._of_a_face(frame, face, models, pace, found)
        if models.phones is not None and IncidentKind.PHONE in self._kinds and self._phone.now(frame.at, pace):
            seen = models.phones.look(frame, self._sure)
            self._phone.every_s = _PHONE_AGAIN_S if seen.values["phone"] >= _PHONE_HINT else _PHONE_EVERY_S
            found.append(seen)
        return found

    def shown(self, frame: Frame) -> Frame:
        """Return the frame that was looked at last as it may be kept: where bystanders are blurred, without them."""
        boxes = [(box.x, box.y, box.width, box.height) for box in self._boxes]
        return blurred(frame, boxes) if self._blurs else frame

    def camera_stopped(self) -> None:
        """Forget, before the next picture, what holds only while they follow on one another; baseline, enrolment stay.

        Any thread may say so, also while a picture is being looked at.
        """
        self._stopped = True

    def _forget(self) -> None:
        self._stopped = False
        self._stillness.forget()
        self._people.forget()
        self._small = []
        self._turned_deg = 0.0
        self._person.soon()

    def _faces(self, frame: Frame, models: Models, pace: float, found: list[Observation]) -> Face | None:
        if models.faces is None:
            return None
        width = WIDE_PX if self._wide.now(frame.at, pace) else NARROW_PX
        faces = models.faces.find(frame, width)
        self._remember([face.box for face in faces], width)
        self._sure = [face.box for face in faces if face.score >= _SURE]
        followed = faces[:_FOLLOWED]
        found.append(self._people.tell(frame, followed, width))
        if width == WIDE_PX:
            alone = all(face is self._people.candidate for face in followed)
            # whoever walks about is followed by their place in one look and the next; and who is to be made
            # unrecognisable has to be found before a picture is kept
            self._wide.every_s = _WIDE_EVERY_S if alone and not self._blurs else _WIDE_AGAIN_S
        return self._people.candidate

    def _remember(self, boxes: list[Box], width: int) -> None:
        """Keep where faces are; a narrow look misses small ones, which are still where the last wide look saw them."""
        if width == WIDE_PX:
            self._small = sorted(boxes, key=lambda box: -box.width * box.height)[1:]
        self._boxes = boxes + [small for small in self._small if not any(small.overlap(box) for box in boxes)]

    def _of_a_face(self, frame: Frame, face: Face, models: Models, pace: float, found: list[Observation]) -> None:
        if models.pose is not None and self._kinds & _POSED:
            if not self._pose.now(frame.at, pace):
                return  # how the head is held has to be known in the frame in which faces are compared
            found += self._posed(frame, face, models.pose)
        if models.persons is None or IncidentKind.DIFFERENT_PERSON not in self._kinds:
            return
        if self._people.is_someone_new():
            self._person.soon()
        if self._person.now(frame.at, pace):
            compared = self._enrolment.tell(frame, face, models.persons)
            if compared is not None and self._says_who(compared.values["similarity"]):
                same = compared.values["similarity"] >= _SURELY_SAME
                self._person.every_s = _PERSON_EVERY_S if same else _PERSON_AGAIN_S
                found.append(compared)

    def _posed(self, frame: Frame, face: Face, model: HeadPose) -> list[Observation]:
        """Tell how the head is held, and keep by how much it is turned now: what is told follows a moment later."""
        pose = model.look(frame, face, self._boxes)
        posed = self.baseline.tell(frame.at, pose) if pose else self.baseline.turned(frame.at, coarse_yaw(face))
        if posed is None:
            return []
        self._turned_deg = self.baseline.turned_by(pose) if pose else posed.values["head_away_deg"]
        return [posed]

    def _says_who(self, similarity: float) -> bool:
        """Tell whether a similarity says anything of how the head is held now."""
        return self._turned_deg <= _TURNED_DEG or similarity < _SURELY_OTHER or similarity >= _SURELY_SAME
