"""The `scripted` engine: a documented pure function of the request, for tests and benchmarks. It judges nobody.

The name of the request's JSON schema selects the rule:

- `answer_judgement` looks at the candidate's answer: the last user message, or what follows `Answer:` at the start of
  one of its lines. It is incomplete when it has fewer than 12 words, ends with "..." (or "…"), or contains one of
  `MARKERS`. Then `missing` says which rule it was and `follow_up` is one fixed probing question; otherwise both are
  empty.
- `competency_score` looks at all user messages. `candidate:` or `Candidate:` at the start of a line marks what the
  candidate said; without such lines every line counts. The level is 1 for under 10 words, 2 under 40, 3 under 100,
  4 under 200, else 5. Quotes are the first sentences of the two longest turns, word for word.
- `answer_evaluation` follows the rule of `competency_score`, with `feedback` in place of `reason`.
- `question_proposals` looks at what stands between `<resume>` and `</resume>` in the last user message, and between the
  same tags of `job_description`. Every line of them with at least 4 words, résumé first, is a passage (its first 12
  words) with one question about it, for the first competency that stands between `<competencies>` and its end.
- any other schema gets its smallest valid instance.
- no schema, and lines between `<questions>` and `</questions>` in a system message: the first of these questions of
  which no message of the assistant's holds the first `ASKED_WORDS` words; after the last of them `GOODBYE`. No schema
  otherwise gets `PLAIN`.

The model `scripted-false-quote` does the same and adds one quote that nobody said to every score and evaluation.
The model `scripted-one-in-five` gives about every fifth of its quotes, chosen by a checksum of its words and of the
request, in words that nobody said: `FALSE_QUOTE`, or the true ones with a word put in, left out, or a claim added.
"""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

MIN_WORDS = 12
MARKERS = ("that is about it", "that's about it", "i don't remember", "i do not remember")
FOLLOW_UP = "Could you describe one concrete step that you took yourself?"
FALSE_QUOTE = "I personally designed the entire spacecraft guidance system."
PLAIN = "This is the scripted model; it says the same to everyone."
ASKED_WORDS = 4
GOODBYE = "Thank you, that was my last question. Goodbye."
LEVELS = ((10, 1), (40, 2), (100, 3), (200, 4))
PASSAGE_WORDS, MIN_PASSAGE_WORDS, MAX_PROPOSALS = 12, 4, 20
ONE_IN_FIVE = "scripted-one-in-five"
MODELS = ("scripted", "scripted-false-quote", ONE_IN_FIVE)
_SPEAKER = re.compile(r"^\s*[\[(]?(?:[\w:.#-]{1,24}[\])]?\s+)?candidate\s*[\])]?\s*:\s*", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]+[.!?]?")
MAX_DEPTH = 12


def text_of(message: Mapping[str, Any]) -> str:
    """The text of one chat message, whether its content is a string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))


def answer(request: Mapping[str, Any]) -> str:
    """What the scripted model replies to an OpenAI chat request: JSON text, or a plain sentence."""
    said = [text_of(m) for m in request.get("messages", []) if m.get("role") == "user"]
    wanted = request.get("response_format") or {}
    if wanted.get("type") != "json_schema":
        return "{}" if wanted.get("type") == "json_object" else talk(request.get("messages", []))
    name = wanted.get("json_schema", {}).get("name", "")
    if name == "answer_judgement":
        return json.dumps(judge(said[-1] if said else ""))
    if name in {"competency_score", "answer_evaluation"}:
        scored = score(said, false_quote=request.get("model") == "scripted-false-quote")
        if request.get("model") == ONE_IN_FIVE:
            scored["quotes"] = [_perhaps_invented(quote, "".join(said)) for quote in scored["quotes"]]
        if name == "answer_evaluation":
            scored["feedback"] = scored.pop("reason")
        return json.dumps(scored)
    if name == "question_proposals":
        return json.dumps(propose(said[-1] if said else ""))
    schema = wanted.get("json_schema", {}).get("schema", {})
    return json.dumps(smallest(schema, schema))


def talk(messages: Sequence[Mapping[str, Any]]) -> str:
    """Apply the rule of no schema: ask the next question of a list, if the system message has one."""
    system = "\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    questions = [line.strip() for line in _between(system, "questions").splitlines() if line.strip()]
    if not questions:
        return PLAIN
    said = "\n".join(text_of(m) for m in messages if m.get("role") == "assistant")
    return next((one for one in questions if " ".join(one.split()[:ASKED_WORDS]) not in said), GOODBYE)


def judge(candidate_answer: str) -> dict[str, Any]:
    """Apply the rule of `answer_judgement` to one answer."""
    text = ("\n" + candidate_answer).rpartition("\nAnswer:")[2].strip()
    lowered = text.lower()
    missing = ""
    if len(text.split()) < MIN_WORDS:
        missing = "the answer is very short"
    elif text.endswith(("...", "…")):
        missing = "the answer breaks off"
    elif any(marker in lowered for marker in MARKERS):
        missing = "the answer stops before its result"
    return {"complete": not missing, "missing": missing, "follow_up": FOLLOW_UP if missing else ""}


def score(said: Sequence[str], *, false_quote: bool = False) -> dict[str, Any]:
    """Apply the rule of `competency_score` to the user messages."""
    lines = [line for text in said for line in text.splitlines() if line.strip()]
    marked = [_SPEAKER.sub("", line).strip() for line in lines if _SPEAKER.match(line)]
    turns = marked or [line.strip() for line in lines]
    words = sum(len(turn.split()) for turn in turns)
    level = next((level for limit, level in LEVELS if words < limit), 5)
    longest = sorted(turns, key=lambda turn: -len(turn.split()))[:2]
    quotes = [sentence.group().strip() for turn in longest if (sentence := _SENTENCE.match(turn))]
    return {
        "level": level,
        "reason": f"The candidate said {words} words in {len(turns)} turn{'s' if len(turns) != 1 else ''}.",
        "quotes": [quote for quote in quotes if quote] + ([FALSE_QUOTE] if false_quote else []),
    }


def _perhaps_invented(quote: str, request: str) -> str:
    """Return about one quote of five in words that nobody said, the others as they are."""
    dice = zlib.crc32(f"{quote}\n{request}".encode())
    if dice % 5:
        return quote
    words = quote.split()
    inventions = (
        FALSE_QUOTE,
        " ".join([*words[:-1], "never", words[-1]]),
        " ".join([*words[: len(words) // 2], *words[len(words) // 2 + 1 :], "alone"]),
        " ".join([*words[:3], "which saved 40 per cent"]),
        f"{FALSE_QUOTE} {quote}",
    )
    return inventions[dice // 5 % len(inventions)]


def propose(material: str) -> dict[str, Any]:
    """Apply the rule of `question_proposals` to the material."""
    competency = _between(material, "competencies").strip().partition(":")[0]
    questions: list[dict[str, str]] = []
    for source in ("resume", "job_description"):
        for line in _between(material, source).splitlines():
            words = line.split()[:PASSAGE_WORDS]
            if len(words) >= MIN_PASSAGE_WORDS:
                passage = " ".join(words)
                question = f"What was your own part in this: {passage.rstrip('.?!')}?"
                questions.append({"source": source, "passage": passage, "competency": competency, "question": question})
    return {"questions": questions[:MAX_PROPOSALS]}


def _between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>\n")[2].partition(f"\n</{tag}>")[0]


def smallest(schema: Any, root: Any, depth: int = 0) -> Any:
    """A small valid instance of a JSON schema (draft 2020-12's common part: no patterns, no conditionals)."""
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return None
    for key in ("$ref", "const", "enum", "anyOf", "oneOf", "allOf"):
        if key in schema:
            return _chosen(key, schema[key], root, depth)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = "null" if "null" in kind else kind[0]
    if kind == "object":
        properties = schema.get("properties", {})
        names = [name for name in schema.get("required", []) if name in properties]
        return {name: smallest(properties[name], root, depth + 1) for name in names}
    if kind == "array":
        return [smallest(schema.get("items", {}), root, depth + 1) for _ in range(schema.get("minItems", 0))]
    if kind in {"integer", "number"}:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return min(low, schema["maximum"]) if "maximum" in schema else low
    return {"boolean": False, "null": None}.get(kind, "x" * schema.get("minLength", 0))


def _chosen(key: str, value: Any, root: Any, depth: int) -> Any:
    if key == "$ref":
        target = root
        for part in str(value).lstrip("#/").split("/"):
            target = target.get(part, {}) if isinstance(target, Mapping) else {}
        return smallest(target, root, depth + 1)
    if key == "const":
        return value
    if key == "allOf":
        merged: dict[str, Any] = {}
        for part in value:
            merged = {**merged, **part, "properties": {**merged.get("properties", {}), **part.get("properties", {})}}
        return smallest(merged, root, depth + 1)
    return value[0] if key == "enum" else smallest(value[0], root, depth + 1)
