"""All detectors of a room together, and what the rules make of them: one event is one incident, odd video is none."""

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from bench.clips.people import cut_out, living, read_photo
from bench.clips.puppet import Attitude, Puppet
from interview.incident import Observation
from interview.incident_kind import IncidentKind
from local import models
from local.camera import Image, Scene
from proctoring.detectors.eyes import Eyes
from proctoring.detectors.faces import WIDE_PX, Face, FaceFinder
from proctoring.detectors.frame import Box, Frame, bounded
from proctoring.detectors.people import People
from proctoring.detectors.phone import PhoneFinder
from proctoring.detectors.shared import Models
from tests.unit.proctoring.seeing import START, Seen

Draw = Callable[[float], Image]


@pytest.fixture
def seen(loaded: Models) -> Seen:
    return Seen(loaded)


@pytest.fixture(scope="module")
def portrait(photos: Path) -> Image:
    """Somebody else: a face cut out of a photo."""
    read = cv2.imread(str(photos / "sample6.jpg"))
    assert read is not None
    part = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)[250:850, 180:780]
    return np.asarray(cv2.resize(part, (96, 96), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def with_face(draw: Draw, face: Image, move_px: float) -> Draw:
    def drawn(at_s: float) -> Image:
        image = draw(at_s).copy()
        left = round(40 + move_px * (1 + math.sin(2.2 * at_s)))
        image[40 : 40 + face.shape[0], left : left + face.shape[1]] = face
        return image

    return drawn


def test_a_person_who_sits_there_is_no_incident(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 13)
    assert seen.kinds == []
    assert min(seen.figures("similarity")) > 0.8
    assert max(seen.figures("head_away_deg")) < 16


def test_a_head_that_is_turned_down_is_nobody_elses(seen: Seen, loaded: Models) -> None:
    assert loaded.faces is not None
    photo = read_photo(models.ensure(["astronaut"], progress=False)["astronaut"])
    puppet = Puppet(cut_out("astronaut", photo, loaded.faces, 1)[0].picture)
    seen.show(lambda at_s: puppet.draw(living(at_s, 0)), 14)
    seen.show(lambda at_s: puppet.draw(living(at_s, 0, Attitude(pitch=30))), 8)
    assert seen.kinds == [IncidentKind.HEAD_AWAY]
    seen.show(lambda at_s: puppet.draw(living(at_s, 0)), 4)
    assert min(seen.figures("similarity")) >= 0.75


def test_who_leaves_is_missed_and_who_comes_back_is_not(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 3)
    seen.show(scene.empty, 4)
    seen.show(scene.person, 3)
    assert seen.kinds == [IncidentKind.NO_FACE]
    assert seen.found[-1].closed


def test_a_face_that_moves_is_somebody_and_one_that_hangs_there_is_a_picture(
    loaded: Models, scene: Scene, portrait: Image
) -> None:
    visited, hung = Seen(loaded), Seen(loaded)
    visited.show(scene.person, 1)
    visited.show(with_face(scene.person, portrait, 30), 3)
    hung.show(with_face(scene.person, portrait, 0), 5)
    assert visited.kinds == [IncidentKind.SECOND_FACE]
    assert hung.kinds == []


def test_whoever_is_small_in_the_background_is_never_kept_recognisably(
    loaded: Models, scene: Scene, portrait: Image
) -> None:
    small = np.asarray(cv2.resize(portrait, (48, 48), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    draw = with_face(scene.person, small, 0)
    eyes = Eyes(frozenset({IncidentKind.SECOND_FACE}), blurs=True)

    def colours(frame: Frame) -> int:
        """Count those of the small face: a picture of it has nearly as many as pixels, squares have few."""
        return len(np.unique(frame.rgb[60:81, 46:61].reshape(-1, 3), axis=0))

    for number in range(8):
        frame = Frame(START + timedelta(seconds=number / 5), draw(number / 5))
        eyes.look(frame, loaded, 1.0)
        assert colours(frame) > 200
        assert colours(eyes.shown(frame)) < 70


def test_a_picture_on_the_wall_does_not_stand_in_for_who_left(seen: Seen, scene: Scene, portrait: Image) -> None:
    seen.show(with_face(scene.person, portrait, 0), 3)
    seen.show(with_face(scene.empty, portrait, 0), 5)
    assert seen.kinds == [IncidentKind.NO_FACE]


def test_a_covered_lens_is_covered_and_not_an_empty_chair(seen: Seen, scene: Scene) -> None:
    finger = np.full((480, 640, 3), (110, 70, 60), np.uint8)
    seen.show(scene.person, 3)
    seen.show(lambda at_s: finger + np.random.default_rng(int(at_s * 5)).integers(0, 6, finger.shape, np.uint8), 6)
    seen.show(scene.person, 3)
    assert seen.kinds == [IncidentKind.CAMERA_COVERED]


def test_darkness_is_darkness(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 3)
    seen.show(lambda at_s: (scene.person(at_s) * 0.04).astype(np.uint8), 6)
    assert seen.kinds == [IncidentKind.CAMERA_DARK]


def test_a_frozen_picture_is_frozen(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 3)
    seen.show(lambda _at_s: scene.person(3), 6)
    assert seen.kinds == [IncidentKind.CAMERA_FROZEN]


def test_a_photo_in_front_of_a_camera_is_a_still_picture(seen: Seen, scene: Scene) -> None:
    def held(at_s: float) -> Image:
        noise = np.random.default_rng(int(at_s * 5)).integers(0, 7, (480, 640, 3), dtype=np.uint8)
        return np.asarray(cv2.add(scene.person(6.0), noise), dtype=np.uint8)

    seen.show(scene.person, 3)
    seen.show(held, 9)
    assert seen.kinds == [IncidentKind.STILL_PICTURE]


def grey(height: int, width: int) -> Draw:
    return lambda _at_s: np.full((height, width, 3), 120, np.uint8)


def noise(at_s: float) -> Image:
    return np.random.default_rng(int(at_s * 10)).integers(0, 256, (480, 640, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 600), (16, 16), (47, 640), (48, 48), (1080, 1920), (2160, 3840), (5000, 60)]
)
def test_pictures_of_any_size_break_nothing(loaded: Models, size: tuple[int, int]) -> None:
    seen = Seen(loaded)
    seen.show(grey(*size), 1)
    assert set(seen.kinds) <= {IncidentKind.NO_FACE}


def test_noise_breaks_nothing(seen: Seen) -> None:
    seen.show(noise, 3)
    assert set(seen.kinds) <= {IncidentKind.NO_FACE}


def test_a_phone_that_is_turned_round_films_on(seen: Seen, scene: Scene) -> None:
    def turned(at_s: float) -> Image:
        person = scene.person(at_s)
        upright = person[:, 140:500]
        return person if int(at_s / 3) % 2 else np.ascontiguousarray(upright)

    seen.show(turned, 9)
    assert seen.kinds == []


def test_one_frame_a_second_is_enough_to_file_nothing_false(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 20, frames_per_s=1)
    assert seen.kinds == []


def test_broken_frames_among_good_ones_file_nothing(seen: Seen, scene: Scene) -> None:
    def broken(at_s: float) -> Image:
        image = scene.person(at_s).copy()
        if int(at_s * 5) % 7 == 0:
            image[240:] = noise(at_s)[240:]
        return image

    seen.show(broken, 6)
    assert seen.kinds == []


def test_a_busy_machine_looks_less_often_at_what_is_costly(loaded: Models, scene: Scene) -> None:
    quick = Seen(loaded)
    quick.show(scene.person, 6)
    slow = Seen(loaded)
    slow.pace = 3.0
    slow.show(scene.person, 6)
    assert len(slow.figures("yaw")) < len(quick.figures("yaw")) / 2
    assert len(slow.figures("luma")) == len(quick.figures("luma"))


@pytest.fixture(scope="module")
def sofa() -> Image:
    read = cv2.imread(str(models.ensure(["telephone"], progress=False)["telephone"]))
    assert read is not None
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def test_a_telephone_on_a_sofa_is_found_where_it_lies(loaded: Models, sofa: Image) -> None:
    assert loaded.phones is not None
    with_one = loaded.phones.look(Frame(START, bounded(sofa)), []).values
    assert with_one["phone"] >= 0.35
    assert with_one["phone_width"] < 0.2
    without = loaded.phones.look(Frame(START, bounded(np.ascontiguousarray(sofa[:900]))), []).values
    assert without["phone"] < 0.2


@pytest.mark.parametrize(
    ("face", "blur", "is_one"),
    [(Box(0, 350, 110, 106), 1.2, False), (Box(0, 350, 60, 106), 1.2, True), (Box(0, 350, 110, 106), 0, True)],
    ids=["in it", "by half", "surely one"],
)
def test_what_lies_in_a_face_is_no_telephone(loaded: Models, sofa: Image, face: Box, blur: float, is_one: bool) -> None:
    """Painted lips were taken for one. The real one is here at 22 to 101 px across; blurred, it is not surely one."""
    assert loaded.phones is not None
    picture = bounded(sofa)
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.uint8)
    assert loaded.phones.look(Frame(START, picture), []).values["phone"] >= 0.35
    seen = loaded.phones.look(Frame(START, picture), [face]).values["phone"]
    assert (seen >= 0.35) is is_one


def test_a_camera_that_stops_while_a_picture_is_looked_at_is_forgotten_before_the_next_one(
    loaded: Models, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = Eyes(frozenset({IncidentKind.STILL_PICTURE}))
    compare = cv2.phaseCorrelate

    def look(from_s: float, to_s: float) -> list[str]:
        told: list[str] = []
        for number in range(round(from_s * 5), round(to_s * 5)):
            frame = Frame(START + timedelta(seconds=number / 5), scene.person(number / 5))
            told += [name for one in eyes.look(frame, loaded, 1.0) for name in one.values]
        return told

    def stopping(*pictures: object) -> object:
        eyes.camera_stopped()
        return compare(*pictures)  # pyright: ignore[reportCallIssue, reportArgumentType]

    assert "still_picture" in look(0, 5)
    monkeypatch.setattr(cv2, "phaseCorrelate", stopping)
    assert "still_picture" in look(5, 5.4)
    monkeypatch.undo()
    assert "still_picture" not in look(5.4, 8)


class Phones:
    """Stands where the finder of telephones would: says how sure it is, and remembers when it was asked."""

    def __init__(self) -> None:
        self.sure = 0.0
        self.asked: list[int] = []
        """How many faces it was told of, each time."""

    def look(self, frame: Frame, faces: Sequence[Box]) -> Observation:
        self.asked.append(len(faces))
        return Observation(at=frame.at, detector="phones", version="1", values={"phone": self.sure})


def test_what_may_be_a_telephone_is_looked_at_again_sooner(scene: Scene) -> None:
    phones, eyes = Phones(), Eyes(frozenset({IncidentKind.PHONE}))
    shared = Models(phones=cast(PhoneFinder, phones))

    def looks(from_s: int, to_s: int) -> int:
        before = len(phones.asked)
        for number in range(from_s * 5, to_s * 5):
            eyes.look(Frame(START + timedelta(seconds=number / 5), scene.person(0)), shared, 1.0)
        return len(phones.asked) - before

    seldom = looks(0, 20)
    phones.sure = 0.25
    often = looks(20, 40)
    phones.sure = 0.0
    assert seldom == 9  # every 2.4 s
    assert often >= 1.8 * seldom
    assert looks(40, 60) <= seldom + 1


def test_of_a_crowd_all_are_made_unrecognisable_and_the_surest_twenty_followed(
    loaded: Models, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = cv2.resize(scene.person(1.7), (160, 120), interpolation=cv2.INTER_AREA)
    crowd = Frame(START, np.asarray(np.tile(one, (6, 6, 1)), dtype=np.uint8))
    followed: list[int] = []
    tell = People.tell

    def noting(people: People, frame: Frame, faces: Sequence[Face], width: int) -> Observation:
        followed.append(len(faces))
        return tell(people, frame, faces, width)

    monkeypatch.setattr(People, "tell", noting)
    eyes = Eyes(frozenset({IncidentKind.SECOND_FACE}), blurs=True)
    eyes.look(crowd, Models(faces=loaded.faces), 1.0)
    assert followed == [20]
    shown = eyes.shown(crowd)
    changed = np.abs(shown.rgb.astype(int) - crowd.rgb).max(axis=2).reshape(6, 120, 6, 160).max(axis=(1, 3)) > 0
    assert changed.sum() >= 30, "each tile shows a face; the candidate's own stays, and a few are not found"


def test_telephones_are_looked_for_beside_the_faces_that_are_seen(loaded: Models, scene: Scene) -> None:
    phones, eyes = Phones(), Eyes(frozenset({IncidentKind.PHONE}))
    eyes.look(Frame(START, scene.person(0)), Models(faces=loaded.faces, phones=cast(PhoneFinder, phones)), 1.0)
    assert phones.asked == [1]


class Walking:
    """Stands where the finder of faces would: the candidate, and from 2 s on somebody far behind who walks about."""

    def __init__(self, seen_narrowly: bool) -> None:
        self.seen_narrowly = seen_narrowly

    def find(self, frame: Frame, width_px: int) -> list[Face]:
        at_s = (frame.at - START).total_seconds()
        marks = np.zeros((5, 2), dtype=np.float32)
        faces = [Face(0.95, Box(220, 60, 180, 230), marks)]
        if at_s >= 2 and (width_px == WIDE_PX or self.seen_narrowly):
            # half a face's width a second: what a person does who moves about in a room
            sure = 0.9 if width_px == WIDE_PX else 0.55
            faces.append(Face(sure, Box(40 + 17 * (at_s - 2), 100, 30, 37), marks))
        return faces


@pytest.mark.parametrize("seen_narrowly", [False, True], ids=["missed from afar", "hardly seen from afar"])
def test_whoever_walks_about_far_behind_is_somebody(scene: Scene, seen_narrowly: bool) -> None:
    seen = Seen(Models(faces=cast(FaceFinder, Walking(seen_narrowly))), Eyes(frozenset({IncidentKind.SECOND_FACE})))
    seen.show(lambda _: scene.person(0), 9)
    assert seen.kinds == [IncidentKind.SECOND_FACE]
    assert seen.found[0].started_at <= START + timedelta(seconds=5)
