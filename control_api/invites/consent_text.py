"""What a candidate is told and asked before an interview. A change of words is a new version."""

from interview.plan import Plan
from interview.record import Record
from interview.session import ConsentItem

TEXT_VERSION = "2026-11-en-1"

INTRODUCTION = (
    "This interview is led by an automated interviewer. It asks, listens and writes down what you say. People read it "
    "and decide; the software passes or fails nobody, and infers no emotion from your face or voice. You may type "
    "instead of talking, ask for a question to be repeated, and stop at any time."
)

_INTERVIEW = (
    "I agree to be interviewed by an automated interviewer. My answers are written down, stored encrypted, and "
    "evaluated with software for the people who invited me."
)
_RECORDING = "I agree that the sound of this conversation is recorded and stored encrypted."
_CAMERA = (
    "I agree that my camera is watched by software during the interview. Where it sees no face or a second face for "
    "some time, it keeps a few still pictures, encrypted, for a person to look at. Nothing follows automatically."
)


class ConsentQuestion(Record):
    """One thing that is asked. Without a required one there is no interview; the others may be refused."""

    item: ConsentItem
    text: str
    required: bool


def questions_for(plan: Plan) -> tuple[ConsentQuestion, ...]:
    """Return what has to be asked for this plan: nothing about what it does not do."""
    asked = [ConsentQuestion(item=ConsentItem.INTERVIEW, text=_INTERVIEW, required=True)]
    if plan.recording.audio:
        asked.append(ConsentQuestion(item=ConsentItem.RECORDING, text=_RECORDING, required=False))
    if plan.proctoring.enabled:
        asked.append(ConsentQuestion(item=ConsentItem.CAMERA, text=_CAMERA, required=False))
    return tuple(asked)
