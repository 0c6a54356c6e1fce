"""What proctoring can file: the names of the kinds of incidents."""

from enum import StrEnum


class IncidentKind(StrEnum):
    """What proctoring can file (SPEC 3)."""

    NO_FACE = "no_face"
    SECOND_FACE = "second_face"
    DIFFERENT_PERSON = "different_person"
    HEAD_AWAY = "head_away"
    GAZE_AWAY = "gaze_away"
    CAMERA_OFF = "camera_off"
    CAMERA_COVERED = "camera_covered"
    CAMERA_DARK = "camera_dark"
    CAMERA_FROZEN = "camera_frozen"
    STILL_PICTURE = "still_picture"
    PHONE = "phone"
    SECOND_VOICE = "second_voice"
    TAB_HIDDEN = "tab_hidden"
    WINDOW_BLUR = "window_blur"
    FULLSCREEN_LEFT = "fullscreen_left"
    PASTE = "paste"
    SECOND_SCREEN = "second_screen"
    SECOND_SEAT = "second_seat"
