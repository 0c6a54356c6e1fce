"""The candidate's version of a report: made of the recruiter's, by leaving out. Pure.

What stays is what was understood of the answers, in words and in the candidate's own: reasons, quotes, what each
question was answered with. What goes is what is about others or only half true without a person beside it: incidents,
costs, the model's confidence and its errors, and levels unless the recruiter shows them.
"""

from collections.abc import Mapping
from typing import Any, cast

HOW_IT_CAME_ABOUT = (
    "Software compared your answers with the words of a rubric and proposed what you read here. People decide; they "
    "may see it differently, and you may object."
)
_COMPETENCY = ("id", "name", "reason", "not_scorable", "answer_words", "quotes")
_LEVELS = ("level", "level_words")
_QUESTION = ("question_id", "text", "asked", "answered", "answer_s", "answer_words")
_SESSION = ("plan_title", "job_role", "language", "started_at", "ended_at", "duration_s")
_QUOTE = ("seq", "start", "end", "text", "at_s")
_TURN = ("seq", "speaker", "kind", "text", "question_id", "start_s", "end_s")


def candidate_version(content: Mapping[str, Any], *, with_levels: bool) -> dict[str, Any]:
    """Return of a report's content what its candidate reads; what an older version lacks is left out."""
    fields = _COMPETENCY + (_LEVELS if with_levels else ())
    return {
        "session": _only(_dict(content.get("session")), _SESSION),
        "how_it_came_about": HOW_IT_CAME_ABOUT,
        "models": sorted(set(_dict(_dict(content.get("versions")).get("models")).values())),
        "competencies": [
            {**_only(one, fields), "quotes": [_only(quote, _QUOTE) for quote in _dicts(one.get("quotes"))]}
            for one in _dicts(content.get("competencies"))
        ],
        "questions": [_question(one, with_levels=with_levels) for one in _dicts(content.get("questions"))],
        "transcript": [_only(turn, _TURN) for turn in _dicts(content.get("transcript"))],
    }


def _question(one: Mapping[str, Any], *, with_levels: bool) -> dict[str, Any]:
    shown = _only(one, _QUESTION)
    evaluation = _dict(one.get("evaluation"))
    if evaluation.get("feedback"):
        shown["feedback"] = evaluation["feedback"]
    if with_levels and evaluation.get("level"):
        shown["level"] = evaluation["level"]
    return shown


def _only(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _dict(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [_dict(one) for one in cast(list[Any], value)] if isinstance(value, list | tuple) else []
