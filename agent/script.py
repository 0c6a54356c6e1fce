"""How a session is conducted: its words and its waiting windows, with this candidate's adjustments. Pure."""

from agent.dialogue.context import Windows
from agent.dialogue.lines import Script
from interview.catalogue import catalogue
from interview.plan import Plan
from interview.session import ConsentItem, Session
from interview.settings import Settings

LONGER_THINKING = 2
"""How many times as long somebody is waited for who has been granted longer thinking time."""


def records(session: Session) -> bool:
    """Tell whether the room's audio is recorded."""
    return session.plan.recording.audio and session.consents(ConsentItem.RECORDING)


def script_of(session: Session) -> Script:
    """Return the words of a session."""
    plan = _adjusted(session)
    return Script(plan, catalogue(plan.language), session.candidate.name, recorded=records(session))


def windows_of(session: Session, settings: Settings) -> Windows:
    """Return how long silence lasts before something is said."""
    longer = LONGER_THINKING if session.adjustments.longer_thinking_time else 1
    return Windows(silence_s=longer * settings.silence_prompt_s, thinking_s=longer * settings.thinking_time_s)


def _adjusted(session: Session) -> Plan:
    """Give each question's time this candidate's extra time too."""
    lengthened = session.adjustments.lengthened
    questions = tuple(
        question if question.max_s is None else question.model_copy(update={"max_s": lengthened(question.max_s)})
        for question in session.plan.questions
    )
    return session.plan.model_copy(update={"questions": questions})
