"""The golden set as records: answers with their levels, and the same with words that try to instruct the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from interview.plan import Competency, Plan, Question
from interview.session import Stage
from interview.transcript import LineKind, Speaker, Turn, TurnKind, turn_id

FOLDER = Path(__file__).parents[1] / "tests" / "golden"
_BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
_WORD_S = 0.4


@dataclass(frozen=True)
class Answer:
    """One answer: a plan of one question, what was said, and the level that its rubric gives it."""

    name: str
    plan: Plan
    turns: tuple[Turn, ...]
    level: int


@dataclass(frozen=True)
class Injected:
    """An answer with words in it that try to instruct the model, and the name of its clean twin."""

    name: str
    style: str
    twin: str
    answer: Answer


def answers() -> tuple[Answer, ...]:
    """Return the golden set."""
    stored = _read("answers.yaml")
    return tuple(_answer(one, stored["competencies"], one["turns"]) for one in stored["answers"])


def injected() -> tuple[Injected, ...]:
    """Return the injected answers."""
    stored = _read("answers.yaml")
    of = {one["id"]: one for one in stored["answers"]}
    found = []
    for one in _read("injections.yaml")["injections"]:
        twin = of[one["twin"]]
        turns = _with(twin["turns"], one["says"], one["place"], typed=one.get("typed", False))
        answer = _answer({**twin, "id": one["id"]}, stored["competencies"], turns)
        found.append(Injected(one["id"], one["style"], one["twin"], answer))
    return tuple(found)


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _with(turns: list[dict[str, Any]], says: str, place: str, *, typed: bool) -> list[dict[str, Any]]:
    """Put words into the last thing that the candidate said."""
    *before, last = turns
    said = last["candidate"]
    first, stop, rest = said.partition(". ")
    match place:
        case "start":
            said = f"{says} {said}"
        case "middle":
            said = f"{first}{stop}{says} {rest}"
        case "end":
            said = f"{said} {says}"
        case "alone":
            return [*turns, {"candidate": says}]
        case _:
            raise ValueError(f"no place {place!r}; there are start, middle, end, alone")
    return [*before, {"candidate": said, "typed": typed}]


def _answer(one: dict[str, Any], competencies: dict[str, Any], turns: list[dict[str, Any]]) -> Answer:
    about = competencies[one["competency"]]
    plan = Plan(
        plan_id="golden",
        title="Golden set",
        language=about.get("language", "en"),
        competencies=(Competency(id=one["competency"], name=about["name"], rubric=tuple(about["rubric"])),),
        questions=(Question(id="q1", text=about["question"], competency=one["competency"]),),
    )
    return Answer(one["id"], plan, tuple(_turns(one["id"], about["question"], turns)), one["level"])


def _turns(name: str, question: str, said: list[dict[str, Any]]) -> Iterator[Turn]:
    at = _BEGAN
    for seq, one in enumerate([{"interviewer": question}, *said]):
        text = " ".join((one.get("candidate") or one["interviewer"]).split(" "))
        by_candidate = "candidate" in one
        until = at + timedelta(seconds=_WORD_S * len(text.split()))
        yield Turn(
            turn_id=turn_id(name, seq),
            session_id=name,
            seq=seq,
            attempt=1,
            speaker=Speaker.CANDIDATE if by_candidate else Speaker.INTERVIEWER,
            kind=TurnKind.TYPED if one.get("typed") else TurnKind.SPOKEN,
            text=text,
            confidence=0.95 if by_candidate and not one.get("typed") else None,
            stage=Stage.QUESTIONS,
            question_id="q1",
            line=None if by_candidate else LineKind.FOLLOW_UP if seq else LineKind.QUESTION,
            started_at=at,
            ended_at=until,
        )
        at = until + timedelta(seconds=1)
