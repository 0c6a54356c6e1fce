"""What the machine did, in short: stored beside each event, so that another version of it can be compared. Pure."""

from typing import Any

from agent.dialogue.actions import Action, Judge, Prepare, Say, ShowProgress, WatchVoice

Outline = dict[str, Any]


def outline(actions: tuple[Action, ...]) -> tuple[Outline, ...]:
    """Return what these actions do to an interview, without what only prepares or shows it."""
    return tuple(_of(action) for action in actions if not isinstance(action, Prepare | ShowProgress | WatchVoice))


def _of(action: Action) -> Outline:
    does: Outline = {"do": type(action).__name__}
    match action:
        case Say(line=line):
            return does | {"kind": line.kind.value, "question_id": line.question_id, "text": line.text}
        case Judge():
            return does | {"judge_id": action.judge_id, "words": action.words}
        case _:
            return does | action.model_dump(mode="json")
