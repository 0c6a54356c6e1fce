"""What happens in front of the camera: each event draws over, or instead of, the living person."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from bench.clips.people import Person, living
from bench.clips.phones import LONG_SIDE
from bench.clips.puppet import Attitude, Puppet
from interview.incident_kind import IncidentKind
from local.camera import HEIGHT, WIDTH, Image

Look = Callable[[float], Image]
"""Draws a moment, given the time since the clip began in seconds."""

_FADE_S = 0.4
_NOISES = 8


@dataclass(frozen=True)
class Event:
    """Something that happens from `start_s` to `end_s`. `kind` is None for what is clean and only looks like it."""

    kind: IncidentKind | None
    start_s: float
    end_s: float
    what: str
    draw: Callable[[Look, float], Image] = field(repr=False)
    """Draws a moment of it from what the person would look like."""


@dataclass
class Clip:
    """A person, and what happens; `clean_look` is how the whole clip is seen (dim, blurred, and so on)."""

    name: str
    person: Person
    length_s: float
    events: tuple[Event, ...]
    finish: Callable[[Image, float], Image] = field(default=lambda image, _at_s: image)
    held_out: bool = False
    seed: int = 0

    def draw(self, at_s: float) -> Image:
        """Draw the moment."""
        now = next((event for event in self.events if event.start_s <= at_s < event.end_s), None)
        image = now.draw(self.person.draw, at_s) if now else self.person.draw(at_s)
        return grainy(self.finish(image, at_s), at_s, self.seed, now)

    @property
    def clean_s(self) -> float:
        """Seconds in which nothing happens that should be filed."""
        return self.length_s - sum(event.end_s - event.start_s for event in self.events if event.kind)


def grainy(image: Image, at_s: float, seed: int, event: Event | None) -> Image:
    """Add a sensor's noise; a frozen picture has none of its own."""
    if event is not None and event.kind is IncidentKind.CAMERA_FROZEN:
        at_s = event.start_s
    return np.asarray(cv2.add(image, _noise(round(at_s * 15) + seed)), dtype=np.uint8)


def _noise(number: int) -> Image:
    if not _TILES:
        random = np.random.default_rng(5)
        _TILES.extend(random.integers(0, 8, (HEIGHT, WIDTH, 3), dtype=np.uint8) for _ in range(_NOISES))
    tile = _TILES[number % _NOISES]
    return np.roll(tile, (number * 37) % WIDTH, axis=1)


_TILES: list[Image] = []


def empty_room(person: Image) -> Image:
    """Take the person out of a picture: each line goes on from its left rim to its right one."""
    rim = 26
    left = cv2.blur(person[:, :rim].mean(axis=1, keepdims=True), (1, 31))
    right = cv2.blur(person[:, -rim:].mean(axis=1, keepdims=True), (1, 31))
    across = np.linspace(0, 1, WIDTH)[None, :, None]
    left, right = (side.reshape(HEIGHT, 1, 3) for side in (left, right))
    # below, shoulders reach the rims: there the wall above goes on
    wall = left * (1 - across) + right * across
    wall[int(HEIGHT * 0.6) :] = wall[int(HEIGHT * 0.6)]
    texture = np.random.default_rng(3).normal(0, 9, (HEIGHT, WIDTH, 1)).astype(np.float32)
    shelf = 10 * (np.sin(np.linspace(0, 40, HEIGHT)) > 0.9)[:, None, None]
    return np.clip(wall + cv2.GaussianBlur(texture, (0, 0), 2)[..., None] - shelf, 0, 255).astype(np.uint8)


def nobody(person: Person, start_s: float, length_s: float) -> Event:
    """The person leaves: their picture slides out, and the wall behind it stays."""
    room = empty_room(person.draw(start_s))

    def draw(look: Look, at_s: float) -> Image:
        gone = min(1.0, (at_s - start_s) / 0.5, (start_s + length_s - at_s) / 0.5)
        shift = round(WIDTH * max(0.0, gone))
        image = room.copy()
        if shift < WIDTH:
            image[:, shift:] = look(at_s)[:, : WIDTH - shift]
        return image

    return Event(IncidentKind.NO_FACE, start_s, start_s + length_s, "nobody", draw)


def second_face(other: Person, width_px: int, start_s: float, length_s: float, side: int, moving: bool = True) -> Event:
    """Somebody else's head comes in behind, `width_px` wide, and moves about; not moving, it is a picture."""
    face_px = 0.27 * WIDTH

    def draw(look: Look, at_s: float) -> Image:
        image = look(at_s).copy()
        at = at_s if moving else 0.0
        scale = width_px / face_px
        head = cv2.resize(other.draw(at + 3)[30:390, 190:450], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = head.shape[:2]
        middle_x = WIDTH * (0.5 + side * 0.36) + (width_px * 0.7 * math.sin(0.9 * at) if moving else 0)
        middle_y = HEIGHT * 0.28 + (width_px * 0.15 * math.sin(1.7 * at) if moving else 0)
        left, top = round(middle_x - width / 2), round(middle_y - height / 2)
        left, top = min(max(0, left), WIDTH - width), min(max(0, top), HEIGHT - height)
        mask = np.zeros((height, width, 1), dtype=np.float32)
        if moving:
            cv2.ellipse(mask, (width // 2, height // 2), (width // 2 - 1, height // 2 - 1), 0, 0, 360, 1, -1)
            mask = cv2.GaussianBlur(mask, (0, 0), max(0.6, width_px / 25))[..., None]
        else:
            mask[2:-2, 2:-2] = 1
        place = image[top : top + height, left : left + width]
        image[top : top + height, left : left + width] = (mask * head + (1 - mask) * place).astype(np.uint8)
        return image

    kind = IncidentKind.SECOND_FACE if moving else None
    return Event(
        kind, start_s, start_s + length_s, f"second face {width_px} px" if moving else "picture on the wall", draw
    )


def somebody_else(other: Person, start_s: float, length_s: float) -> Event:
    """Another person sits there instead."""
    return Event(
        IncidentKind.DIFFERENT_PERSON,
        start_s,
        start_s + length_s,
        f"{other.name} instead",
        lambda _look, at_s: other.draw(at_s),
    )


def turned(
    person: Person, kind: IncidentKind | None, start_s: float, length_s: float, attitude: Attitude, what: str
) -> Event:
    """Head or eyes turn to an attitude and stay there, living on."""
    made: list[Puppet] = []

    def draw(look: Look, at_s: float) -> Image:
        if not made:
            made.append(person.puppet(start_s))
        share = max(0.0, min(1.0, (at_s - start_s) / _FADE_S, (start_s + length_s - at_s) / _FADE_S))
        partly = Attitude(*(value * share for value in vars(attitude).values()))
        seen = made[0].draw(living(at_s, 1, partly))
        # from the footage to its frozen moment and back without a jump
        mixed = min(1.0, (at_s - start_s) / 0.2, (start_s + length_s - at_s) / 0.2)
        if mixed >= 1:
            return seen
        return np.asarray(cv2.addWeighted(seen, mixed, look(at_s), 1 - mixed, 0), dtype=np.uint8)

    return Event(kind, start_s, start_s + length_s, what, draw)


def covered(start_s: float, length_s: float, colour: tuple[int, int, int]) -> Event:
    """A hand or a tape over the lens: one unfocused colour with a little light from one side."""
    light = np.linspace(1.15, 0.75, WIDTH)[None, :, None] * np.linspace(0.9, 1.05, HEIGHT)[:, None, None]
    flat = np.clip(np.array(colour, dtype=np.float64) * light, 0, 255).astype(np.uint8)

    def draw(look: Look, at_s: float) -> Image:
        share = max(0.0, min(1.0, (at_s - start_s) / _FADE_S, (start_s + length_s - at_s) / _FADE_S))
        wobble = np.asarray(cv2.convertScaleAbs(flat, alpha=1 + 0.02 * math.sin(3 * at_s)), dtype=np.uint8)
        if share >= 1:
            return wobble
        return np.asarray(
            cv2.addWeighted(wobble, share, cv2.GaussianBlur(look(at_s), (0, 0), 1 + 25 * share), 1 - share, 0),
            dtype=np.uint8,
        )

    return Event(IncidentKind.CAMERA_COVERED, start_s, start_s + length_s, "covered", draw)


def darkened(start_s: float, length_s: float, to: float) -> Event:
    """The light goes out, in half a second."""

    def draw(look: Look, at_s: float) -> Image:
        share = max(0.0, min(1.0, (at_s - start_s) / _FADE_S, (start_s + length_s - at_s) / _FADE_S))
        return np.asarray(cv2.convertScaleAbs(look(at_s), alpha=1 - share * (1 - to)), dtype=np.uint8)

    return Event(IncidentKind.CAMERA_DARK, start_s, start_s + length_s, "dark", draw)


def frozen(start_s: float, length_s: float) -> Event:
    """The same frame again and again."""
    return Event(IncidentKind.CAMERA_FROZEN, start_s, start_s + length_s, "frozen", lambda look, _at_s: look(start_s))


def still(picture_of: Person, start_s: float, length_s: float) -> Event:
    """One picture of a person instead of the camera's, with a sensor's noise of its own."""
    picture = picture_of.draw(start_s + 0.4)
    return Event(IncidentKind.STILL_PICTURE, start_s, start_s + length_s, "still picture", lambda _look, _at_s: picture)


def phone(picture: Image, size_px: int, start_s: float, length_s: float, side: int) -> Event:
    """A telephone is held into the picture, and moves as a hand does. `picture` is RGBA.

    `size_px` is that of its longer side.
    """

    def draw(look: Look, at_s: float) -> Image:
        image = look(at_s).copy()
        share = max(0.0, min(1.0, (at_s - start_s) / _FADE_S, (start_s + length_s - at_s) / _FADE_S))
        turn = math.radians(side * 12 + 5 * math.sin(0.8 * at_s))
        zoom = size_px / LONG_SIDE
        x = WIDTH * (0.5 + side * 0.27) + 12 * math.sin(0.7 * at_s)
        y = HEIGHT * (0.62 + 0.8 * (1 - share)) + 8 * math.sin(1.1 * at_s)
        cos, sin = zoom * math.cos(turn), zoom * math.sin(turn)
        height, width = picture.shape[:2]
        matrix = np.array(
            [[cos, -sin, x - cos * width / 2 + sin * height / 2], [sin, cos, y - sin * width / 2 - cos * height / 2]]
        )
        laid = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
        mask = laid[..., 3:].astype(np.float32) / 255
        return (mask * laid[..., :3] + (1 - mask) * image).astype(np.uint8)

    return Event(IncidentKind.PHONE, start_s, start_s + length_s, f"phone {size_px} px", draw)


def hand_on_chin(start_s: float, length_s: float) -> Event:
    """A clean gesture: a hand before the chin."""

    def draw(look: Look, at_s: float) -> Image:
        image = look(at_s).copy()
        y = round(HEIGHT * 0.74 + 6 * math.sin(at_s))
        for finger in range(4):
            place = (WIDTH // 2 - 45 + 26 * finger, y + (finger % 2) * 4)
            cv2.ellipse(image, place, (15, 55), 8 * (finger - 1.5), 0, 360, (196, 150, 128), -1, cv2.LINE_AA)
            cv2.ellipse(image, place, (15, 55), 8 * (finger - 1.5), 0, 360, (150, 105, 90), 1, cv2.LINE_AA)
        cv2.ellipse(image, (WIDTH // 2, y + 90), (70, 70), 0, 0, 360, (190, 146, 124), -1, cv2.LINE_AA)
        return image

    return Event(None, start_s, start_s + length_s, "hand on chin", draw)


def leaning(start_s: float, length_s: float) -> Event:
    """A clean movement: they lean towards the camera and to the side."""

    def draw(look: Look, at_s: float) -> Image:
        share = math.sin(math.pi * (at_s - start_s) / length_s)
        zoom = 1 + 0.3 * share
        shift = 70 * share
        matrix = np.array([[zoom, 0, WIDTH / 2 * (1 - zoom) + shift], [0, zoom, HEIGHT / 2 * (1 - zoom)]])
        seen = cv2.warpAffine(look(at_s), matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, dtype=np.uint8)

    return Event(None, start_s, start_s + length_s, "leaning", draw)
