"""The parts of the benchmark: the settings, the engines and the conversations of each, in the order of running."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.voice import material
from bench.voice.material import Conversation
from local.environment import Engines

Judge = Literal["scripted", "qwen"]

QUICK = {"ENDPOINTING_MAX_S": "0.65", "LISTENING_SOUND_S": "0"}
"""The quick policy of decision 11: no listening sound, and the next line after whoever pauses."""


@dataclass(frozen=True)
class Part:
    """So many interviews with one house. `conversation` makes the one of a number, counted from 0.

    `beside` holds each conversation with the plain pipeline too, in the same house.
    """

    name: str
    interviews: int
    conversation: Callable[[Path, int], Conversation]
    engines: Engines
    settings: dict[str, str] = field(default_factory=dict)
    beside: bool = False


def parts(judge: Judge) -> list[Part]:
    """Return all parts. `judge` is the model that judges answers in `follow_ups`."""
    hosted = Engines(stt="none", llm="scripted", delay_profile="hosted")
    judging = Engines(stt="none", llm=judge, delay_profile="hosted")
    curve = {
        "curve_1.0": {"ENDPOINTING_MAX_S": "1.0", "LISTENING_SOUND_S": "0"},
        "curve_1.6_sound": {"ENDPOINTING_MAX_S": "1.6"},
    }
    return [
        Part("hosted", 8, material.pausing, hosted, beside=True),
        Part("quick", 2, material.pausing, hosted, QUICK),
        Part("floor", 4, material.floor, hosted),
        Part("follow_ups", 4, lambda _, number: material.follow_ups(number), judging),
        Part("local", 3, material.pausing, Engines()),
        *(Part(name, 2, material.pausing, hosted, settings) for name, settings in curve.items()),
    ]
