"""The names that processes agree on: rooms, identities and message topics."""

import re

INTERVIEWER_AGENT = "interviewer"
PROCTOR_AGENT = "proctor"

TOPIC_CONTROL = "viva.control"
"""API → agents: read your session again. The message carries no truth of its own."""
TOPIC_PROGRESS = "viva.progress"
"""Interviewer → page: a JSON object `{stage, question_id, question, answered, total, time_left_s, state}`."""

_OBSERVER = "observer-"
_ROOM = re.compile(r"interview-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def room_name(session_id: str) -> str:
    """Name the room of a session."""
    return f"interview-{session_id}"


def session_of_room(room: str) -> str | None:
    """Return the session id in a room's name, or None if the room is not one of ours."""
    match = _ROOM.fullmatch(room)
    return match.group(1) if match else None


def candidate_identity(session_id: str) -> str:
    """Name the candidate as a room participant."""
    return f"candidate-{session_id}"


def interviewer_identity(attempt: int) -> str:
    """Name the interviewer of an attempt; a replacement has a new name, because the server evicts a repeated one."""
    return f"interviewer-{attempt}"


def proctor_identity(attempt: int) -> str:
    """Name the hidden proctor of an attempt."""
    return f"proctor-{attempt}"


def observer_identity(user_id: str) -> str:
    """Name a person who watches a room live, hidden."""
    return f"{_OBSERVER}{user_id}"


def is_observer(identity: str) -> bool:
    """Tell whether that participant watches unseen."""
    return identity.startswith(_OBSERVER)
