"""What goes wrong on either side and must be told: a microphone that gives nothing, an engine that is away. Pure."""

from agent.dialogue.events import Microphone
from agent.dialogue.state import DialogueState
from interview.engines import EngineKind

_ENGINE_NOTICES = {EngineKind.STT: "cannot_hear", EngineKind.TTS: "cannot_speak"}
"""Entries of the catalogue. Without a model there are no follow-ups, which nobody has to be told in the room."""

_MICROPHONE_NOTICES = {
    Microphone.MUTED: "microphone_muted",
    Microphone.SILENT: "microphone_silent",
    Microphone.MISSING: "microphone_missing",
}
_HEARS_AGAIN = "hear_again"


def is_deaf(state: DialogueState) -> bool:
    """Tell whether silence says nothing about the candidate: they may be speaking, and nobody could know."""
    return EngineKind.STT in state.down or state.microphone is not Microphone.OK


def notice_due(state: DialogueState) -> tuple[str, tuple[str, ...]] | None:
    """Return what has to be said about a trouble of ours, and everything that is then told; each is told once."""
    for engine, key in _ENGINE_NOTICES.items():
        if engine in state.down and key not in state.told:
            return key, (*state.told, key)
    cannot_hear = _ENGINE_NOTICES[EngineKind.STT]
    if EngineKind.STT not in state.down and cannot_hear in state.told and _HEARS_AGAIN not in state.told:
        return _HEARS_AGAIN, (*state.told, _HEARS_AGAIN)
    return None


def microphone_notice_due(state: DialogueState) -> tuple[str, tuple[str, ...]] | None:
    """Return what has to be said about the candidate's microphone, as `notice_due` does."""
    key = _MICROPHONE_NOTICES.get(state.microphone)
    if key is None or key in state.told:
        return None
    return key, (*state.told, key)
