"""The scripted model's documented rules."""

import json
from typing import Any

import pytest

from local.inference.llm import scripted

LONG = "I traced the fault to a race between two workers and fixed it with a lease that expires."


def request(name: str, *said: str, model: str = "scripted", schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "system", "content": "rules"}, *({"role": "user", "content": text} for text in said)],
        "response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": schema or {}}},
    }


def reply(body: dict[str, Any]) -> Any:
    return json.loads(scripted.answer(body))


def test_a_full_answer_is_complete():
    assert reply(request("answer_judgement", LONG)) == {"complete": True, "missing": "", "follow_up": ""}


@pytest.mark.parametrize("said", ["I fixed it.", LONG + " And then...", LONG + " That's about it, really.", ""])
def test_an_incomplete_answer_gets_one_probing_question(said: str):
    judged = reply(request("answer_judgement", said))
    assert judged["complete"] is False
    assert judged["missing"]
    assert judged["follow_up"] == scripted.FOLLOW_UP


def test_only_the_last_user_message_is_judged():
    assert reply(request("answer_judgement", "short", LONG))["complete"] is True


def test_the_question_beside_the_answer_is_not_judged():
    asked = f"Question: {LONG} What came of it?\nAlready asked: Why?\nAnswer: "
    assert reply(request("answer_judgement", asked + "I fixed it."))["complete"] is False
    assert reply(request("answer_judgement", asked + LONG))["complete"] is True


def test_content_may_come_in_parts():
    body = request("answer_judgement", "x")
    body["messages"][-1]["content"] = [{"type": "text", "text": LONG}]
    assert reply(body)["complete"] is True


def test_scores_follow_length_and_quote_word_for_word():
    transcript = f"interviewer: Tell me about a bug.\ncandidate: {LONG} It took two days.\n[t2] Candidate: We tested."
    scored = reply(request("competency_score", transcript))
    assert scored["level"] == 2
    assert scored["quotes"] == [LONG, "We tested."]


def test_an_evaluation_follows_the_same_rule_as_a_score():
    transcript = f"interviewer: Tell me about a bug.\ncandidate: {LONG} It took two days.\n[t2] Candidate: We tested."
    scored = reply(request("competency_score", transcript))
    evaluated = reply(request("answer_evaluation", transcript))
    assert evaluated == {"quotes": scored["quotes"], "feedback": scored["reason"], "level": scored["level"]}
    planted = reply(request("answer_evaluation", transcript, model="scripted-false-quote"))
    assert planted["quotes"] == [*scored["quotes"], scripted.FALSE_QUOTE]


def test_the_false_quote_is_planted_only_by_its_model():
    honest = reply(request("competency_score", f"candidate: {LONG}"))
    planted = reply(request("competency_score", f"candidate: {LONG}", model="scripted-false-quote"))
    assert scripted.FALSE_QUOTE not in honest["quotes"]
    assert planted["quotes"] == [*honest["quotes"], scripted.FALSE_QUOTE]


def test_the_same_request_always_gets_the_same_reply():
    body = request("competency_score", f"candidate: {LONG}")
    assert scripted.answer(body) == scripted.answer(body)


def test_any_other_schema_gets_its_smallest_instance():
    schema = {
        "type": "object",
        "required": ["title", "score", "tags", "kind", "owner", "maybe", "ok", "sub"],
        "properties": {
            "title": {"type": "string", "minLength": 2},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "kind": {"enum": ["a", "b"]},
            "owner": {"$ref": "#/$defs/owner"},
            "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "ok": {"type": "boolean"},
            "sub": {"type": ["string", "null"]},
            "optional": {"type": "string"},
        },
        "$defs": {"owner": {"type": "object", "required": ["id"], "properties": {"id": {"const": 7}}}},
    }
    assert reply(request("other", "hi", schema=schema)) == {
        "title": "xx",
        "score": 1,
        "tags": [""],
        "kind": "a",
        "owner": {"id": 7},
        "maybe": "",
        "ok": False,
        "sub": None,
    }


def test_a_schema_that_refers_to_itself_ends():
    schema = {"$defs": {"n": {"$ref": "#/$defs/n"}}, "$ref": "#/$defs/n"}
    assert reply(request("other", "hi", schema=schema)) is None


def test_without_a_schema_one_fixed_sentence():
    assert scripted.answer({"messages": [{"role": "user", "content": "hello"}]}) == scripted.PLAIN


def test_without_a_schema_the_next_question_of_a_list_is_asked_and_one_that_was_cut_short_again():
    asking = {
        "role": "system",
        "content": "Ask these.\n<questions>\nWhat did you build last?\nHow did it go?\n</questions>",
    }

    def after(*said: str) -> str:
        return scripted.answer({"messages": [asking, *({"role": "assistant", "content": text} for text in said)]})

    assert after() == "What did you build last?"
    assert after("What did") == "What did you build last?"
    assert after("What did you build") == "How did it go?"
    assert after("What did you build last?", "How did it go?") == scripted.GOODBYE
    assert scripted.answer({"messages": [{"role": "user", "content": "Hello"}]}) == scripted.PLAIN
