"""Which judgement of an answer counts, and what is known of the answers so far. Pure."""

from agent.dialogue import cues
from agent.dialogue.state import DialogueState, Judgement

JUDGED_SHARE = 0.6
"""A judgement of an earlier part counts if it had read at least this share of the whole answer."""


def usable(state: DialogueState) -> Judgement | None:
    """Return the latest judgement if it had read enough of the answer."""
    judgement = state.judgement
    if judgement and judgement.words >= JUDGED_SHARE * cues.words(state.answer):
        return judgement
    return None


def so_far(state: DialogueState) -> tuple[bool | None, ...]:
    """Return of each question that was asked whether its first answer was judged complete, the present one included."""
    if len(state.judged) >= len(state.asked):
        return state.judged
    judgement = usable(state) if state.answer else None
    return (*state.judged, judgement.complete if judgement else None)
