"""Text to speech: `synthesise` for callers in this process, `stream` for the service.

Voices: engine `hibari` has `default` and, made from it by shifting pitch and formants together, `low` and `high`;
engine `espeak` takes any espeak-ng voice with an optional variant, such as `en-us` or `en-gb+m3`. The name
`hibari-low` may also be given as the engine itself, for callers that can set only one of the two. The voice
`default-de` is that of a language, whichever engine has one (`of_language`).
"""

import functools
import threading
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from interview.errors import Invalid
from local.inference.tts.espeak import Espeak
from local.inference.tts.hibari import HibariVoice

SAMPLE_RATE = 24000
MAX_CHARACTERS = 4096
"""OpenAI's limit for one request."""
MIN_SPEED, MAX_SPEED = 0.5, 2.0
ALIASES = {"hibari-low": ("hibari", "low"), "hibari-high": ("hibari", "high")}
ENGINES = ("hibari", "espeak", *ALIASES)
_loading = threading.Lock()


class Engine(Protocol):
    """Anything that speaks."""

    def voices(self) -> tuple[str, ...]:
        """Some of the names it takes, the default first."""
        ...

    def stream(self, text: str, voice: str, speed: float) -> Iterator[np.ndarray]:
        """Float32 mono audio at 24 kHz, one piece a sentence, each as soon as it is made.

        Raises `Invalid` for a voice it does not have.
        """
        ...


@functools.cache
def _engine(name: str) -> Engine:
    return HibariVoice() if name == "hibari" else Espeak()


def engine(name: str) -> Engine:
    """The engine of that name, loaded once in this process.

    Raises `ConfigurationError` when it cannot be loaded and `Invalid` when there is none of that name.
    """
    name = ALIASES.get(name, (name, ""))[0]
    if name not in ENGINES:
        raise Invalid(f"no speech engine {name[:40]!r}; there are {', '.join(ENGINES)}", parameter="model")
    with _loading:
        return _engine(name)


def of_language(engine: str, voice: str) -> tuple[str, str]:
    """Return engine and voice for a voice that names a language, such as `default-de`; any other is returned as it is.

    Hibari speaks English alone; espeak-ng speaks about a hundred languages, under their own codes.
    """
    name, _, language = voice.partition("-")
    if name != "default" or not language:
        return engine, voice
    return (engine, "default") if language == "en" else ("espeak", language)


def to_pcm(audio: np.ndarray) -> bytes:
    """Float32 samples as 16-bit little-endian PCM, clipped."""
    return (np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def stream(text: str, name: str = "hibari", voice: str = "default", speed: float = 1.0) -> Iterator[bytes]:
    """Speak `text`: 16-bit mono PCM at 24 kHz, sentence by sentence; blocks, so call it from a thread.

    Raises `Invalid`, before the first piece, when the text is empty, too long or holds nothing that the engine can
    speak, or when the voice or speed is not offered.
    """
    if not text.strip():
        raise Invalid("input is empty", parameter="input")
    if len(text) > MAX_CHARACTERS:
        raise Invalid(f"input has {len(text)} characters; the limit is {MAX_CHARACTERS}", parameter="input")
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise Invalid(f"speed must be from {MIN_SPEED} to {MAX_SPEED}", parameter="speed")
    clean = "".join(c if c.isprintable() or c.isspace() else " " for c in text)
    if not any(c.isalnum() for c in clean):
        raise Invalid("input holds no word or number to speak", parameter="input")
    speaker = engine(name)
    if name in ALIASES and voice in {"", "default"}:
        voice = ALIASES[name][1]
    spoken = False
    for piece in speaker.stream(clean, voice or "default", speed):
        if len(piece):
            spoken = True
            yield to_pcm(piece)
    if not spoken:
        raise Invalid(f"{name} can speak nothing of this text", parameter="input")


def synthesise(text: str, engine: str = "hibari", voice: str = "default", speed: float = 1.0) -> tuple[bytes, int]:
    """Speak all of `text` in this process: (16-bit mono PCM, samples a second). Raises as `stream` does."""
    return b"".join(stream(text, engine, voice, speed)), SAMPLE_RATE
