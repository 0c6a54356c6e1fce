"""The `espeak` engine: espeak-ng's library through ctypes. Robotic, tiny, and it needs no model."""

import ctypes
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from interview.errors import ConfigurationError, Invalid, ProviderReplied

AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
POSITION_CHARACTER = 1
PARAMETER_RATE = 1
NORMAL_WORDS_PER_MINUTE = 165
OUTPUT_RATE = 24000
LONGEST_DATA_PATH = 150
"""espeak-ng copies the path into a fixed buffer of 160 bytes."""
DEFAULT_VOICE = "en-us"
FILES = {"en-gb": "en", "en-uk": "en"}
"""Voices that espeak-ng keeps under another name."""
_VOICE = re.compile(r"[A-Za-z0-9-]{1,20}(\+[A-Za-z0-9 ]{1,20})?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Int16 mono samples of any rate as float32 at 24 kHz."""
    if not len(samples):
        return np.empty(0, np.float32)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=OUTPUT_RATE)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    parts = [out.to_ndarray()[0] for out in [*resampler.resample(frame), *resampler.resample(None)]]
    return np.concatenate(parts).astype(np.float32) / 32768.0


class Espeak:
    """espeak-ng holds its voice in global state: one instance a process, one sentence at a time."""

    def __init__(self) -> None:
        """Raises `ConfigurationError` when the library or its data cannot be used."""
        try:
            import espeakng_loader

            data = Path(espeakng_loader.get_data_path())
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except (ImportError, OSError, RuntimeError) as error:
            raise ConfigurationError(f"espeak-ng cannot be loaded: {error}") from error
        if len(str(data).encode()) > LONGEST_DATA_PATH:
            raise ConfigurationError(f"espeak-ng cannot use a data path as long as {data}")
        self._rate = library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 500, str(data).encode(), 0)
        if self._rate <= 0:
            raise ConfigurationError(f"espeak-ng does not accept its data in {data}")
        self._library = library
        self._lock = threading.Lock()
        self._pieces: list[np.ndarray] = []
        # Kept on the instance: the library calls it for as long as it lives.
        self._callback = _Callback(self._collect)
        library.espeak_SetSynthCallback(self._callback)

    def voices(self) -> tuple[str, ...]:
        """Some voices; any espeak-ng language with any of its variants will do."""
        return (DEFAULT_VOICE, "en-us+m3", "en-us+f3", "en-gb", "en-gb+m7")

    def stream(self, text: str, voice: str, speed: float) -> Iterator[np.ndarray]:
        """One piece a sentence."""
        voice = DEFAULT_VOICE if voice == "default" else voice
        for sentence in _SENTENCE_END.split(text):
            if sentence.strip():
                yield self._speak(sentence, voice, speed)

    def _speak(self, sentence: str, voice: str, speed: float) -> np.ndarray:
        if not _VOICE.fullmatch(voice):
            raise Invalid(f"{voice[:40]!r} is no espeak voice; say en-us or en-gb+m3", parameter="voice")
        data = sentence.replace("\0", " ").encode() + b"\0"
        language, _, variant = voice.partition("+")
        file = "+".join([FILES.get(language.lower(), language), *([variant] if variant else [])])
        with self._lock:
            if self._library.espeak_SetVoiceByName(file.encode()) != 0:
                raise Invalid(f"espeak has no voice {voice!r}", parameter="voice")
            self._library.espeak_SetParameter(PARAMETER_RATE, round(NORMAL_WORDS_PER_MINUTE * speed), 0)
            self._pieces = []
            failed = self._library.espeak_Synth(
                data, ctypes.c_size_t(len(data)), 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None
            )
            samples = np.concatenate([np.empty(0, np.int16), *self._pieces])
        if failed:
            raise ProviderReplied(f"espeak-ng failed with status {failed}")
        return resample(samples, self._rate)

    def _collect(self, wave: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if wave and count > 0:
            self._pieces.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
        return 0
