"""Deepgram's streaming messages as this service speaks them: pure shapes, no I/O.

Shapes follow https://developers.deepgram.com/reference/speech-to-text/listen-streaming and what
`livekit.plugins.deepgram` parses. All times are seconds of stream time: audio received, not wall clock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from interview.errors import Invalid

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 8000, 48000
MAX_ENDPOINTING_MS = 5000
_NOT_OF_A_WORD = re.compile(r"[^\w'’-]+")


@dataclass(frozen=True)
class ListenOptions:
    """What a client asked for in the query of `/v1/listen`."""

    model: str = "whisper"
    language: str = "en"
    sample_rate: int = 16000
    interim_results: bool = False
    punctuate: bool = False
    vad_events: bool = False
    endpointing_ms: int | None = 10
    """Silence that ends an utterance; None means the client sends Finalize itself and wants no `speech_final`."""


@dataclass(frozen=True)
class Word:
    """One spoken word: as written with punctuation, its times in seconds, and how sure the model is (0 to 1)."""

    text: str
    start_s: float
    end_s: float
    confidence: float

    def shifted(self, by_s: float) -> "Word":
        """The same word `by_s` seconds later."""
        return replace(self, start_s=self.start_s + by_s, end_s=self.end_s + by_s)

    @property
    def bare(self) -> str:
        """Lower case, without punctuation: Deepgram's `word`."""
        return _NOT_OF_A_WORD.sub("", self.text).lower().strip("-'’") or self.text.lower()


def fit(words: tuple[Word, ...], first_s: float, last_s: float) -> tuple[Word, ...]:
    """Keep word times in order and between `first_s` and `last_s`: the model's own run into the silence around."""
    fitted = []
    at = first_s
    for word in words:
        start = min(max(word.start_s, at), last_s)
        at = min(max(word.end_s, start), last_s)
        fitted.append(replace(word, start_s=start, end_s=at))
    return tuple(fitted)


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false").lower()
    if value not in {"true", "false"}:
        raise Invalid(f"{name} must be true or false, not {value[:40]!r}", parameter=name)
    return value == "true"


def _number(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and low <= int(text) <= high):
        raise Invalid(f"{name} must be a whole number from {low} to {high}, not {text[:40]!r}", parameter=name)
    return int(text)


def parse_query(query: Mapping[str, str], languages: frozenset[str]) -> ListenOptions:
    """Read the query of `/v1/listen`; what the engine does not need (keywords, tags, redact …) is accepted unread.

    `languages` are the primary subtags that the loaded model hears. Raises `Invalid` naming the parameter.
    """
    encoding = query.get("encoding", "")
    if encoding != "linear16":
        raise Invalid(f"encoding must be linear16, not {encoding[:40]!r}", parameter="encoding")
    if _number(query, "channels", 1, 1, 64) != 1:
        raise Invalid("channels must be 1: send one mono stream for each speaker", parameter="channels")
    language = query.get("language", "en")
    if language.split("-")[0].lower() not in languages:
        raise Invalid(
            f"language {language[:40]!r} is not heard by the loaded model ({', '.join(sorted(languages)[:8])}); "
            "VIVA_STT_MODEL names another one",
            parameter="language",
        )
    endpointing: int | None = 10
    if query.get("endpointing", "").lower() == "false":
        endpointing = None
    elif query.get("endpointing", "").lower() not in {"", "true"}:
        endpointing = _number(query, "endpointing", 10, 0, MAX_ENDPOINTING_MS)
    return ListenOptions(
        model=query.get("model", "whisper")[:80],
        language=language,
        sample_rate=_number(query, "sample_rate", 16000, MIN_SAMPLE_RATE, MAX_SAMPLE_RATE),
        interim_results=_flag(query, "interim_results"),
        punctuate=_flag(query, "punctuate") or _flag(query, "smart_format"),
        vad_events=_flag(query, "vad_events"),
        endpointing_ms=endpointing,
    )


def results(
    words: tuple[Word, ...],
    *,
    start_s: float,
    end_s: float,
    is_final: bool,
    speech_final: bool,
    request_id: str,
    model: str,
    punctuate: bool,
    from_finalize: bool = False,
) -> dict[str, Any]:
    """A `Results` message for the audio from `start_s` to `end_s`."""
    confidence = sum(word.confidence for word in words) / len(words) if words else 0.0
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "duration": round(end_s - start_s, 3),
        "start": round(start_s, 3),
        "is_final": is_final,
        "speech_final": speech_final,
        "from_finalize": from_finalize,
        "channel": {
            "alternatives": [
                {
                    "transcript": " ".join(word.text if punctuate else word.bare for word in words),
                    "confidence": round(confidence, 4),
                    "words": [
                        {
                            "word": word.bare,
                            "punctuated_word": word.text,
                            "start": round(word.start_s, 3),
                            "end": round(word.end_s, 3),
                            "confidence": round(word.confidence, 4),
                        }
                        for word in words
                    ],
                }
            ]
        },
        "metadata": {"request_id": request_id, "model_info": {"name": model}, "model_uuid": model},
    }


def speech_started(at_s: float) -> dict[str, Any]:
    """A `SpeechStarted` message."""
    return {"type": "SpeechStarted", "channel": [0, 1], "timestamp": round(at_s, 3)}


def metadata(*, request_id: str, model: str, duration_s: float, created: str) -> dict[str, Any]:
    """The `Metadata` message that ends a stream; `created` is an ISO 8601 time in UTC."""
    return {
        "type": "Metadata",
        "transaction_key": "deprecated",
        "request_id": request_id,
        "created": created,
        "duration": round(duration_s, 3),
        "channels": 1,
        "models": [model],
    }
