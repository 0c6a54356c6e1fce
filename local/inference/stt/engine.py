"""Whisper on the CPU: one utterance in, its words with times out.

Whisper pads everything to 30 s, and for a short utterance that is most of the work. Here the encoder is given the
utterance, 4 s of silence, and 10 s in all at least: the word error of the full window at less than half its cost
(tiny.en, 2 cores: 0.18 instead of 0.51 CPU seconds for 1 to 3 s of speech, 0.35 instead of 0.75 for 10 s). With
less silence than that the decoder repeats phrases. A repeating or hopeless result is decoded once more over the
full window.
"""

import logging
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import merge_punctuations

from interview.errors import ConfigurationError
from local.inference.stats import Stats
from local.inference.stt.protocol import Word

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16000
FRAMES_PER_S = 100
FULL_WINDOW_FRAMES = 3000
TRAILING_SILENCE_S = 4.0
MIN_WINDOW_S = 10.0
MAX_TOKENS_PER_S, SPARE_TOKENS = 8, 12
LOOP_COMPRESSION = 2.4
"""Text that compresses better than this repeats itself (the threshold of OpenAI's own decoder)."""
HOPELESS_LOGPROB = -1.0
NO_SPEECH = 0.6
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True)
class Heard:
    """What was heard: words with times in seconds from the beginning of the audio; none when it was no speech."""

    words: tuple[Word, ...]


@dataclass(frozen=True)
class _Attempt:
    tokens: list[int]
    text: str
    logprob: float
    no_speech: float
    encoded: Any
    frames: int

    @property
    def looping(self) -> bool:
        data = self.text.encode()
        return len(data) / max(1, len(zlib.compress(data))) > LOOP_COMPRESSION

    @property
    def doubtful(self) -> bool:
        return self.looping or self.logprob < HOPELESS_LOGPROB or repeats(self.text)


def repeats(text: str) -> bool:
    """True when a text begins again before its end ("a b c d a b"), or says its last four or more words twice."""
    words = ["".join(filter(str.isalnum, word)) for word in text.lower().split()]
    count = len(words)
    begins_again = any(
        words[period:] == words[: count - period] for period in range(1, count) if count - period >= min(2, period)
    )
    return begins_again or any(words[-n:] == words[-2 * n : -n] for n in range(4, count // 2 + 1))


class Whisper:
    """A loaded Whisper model. `decode` blocks and releases the interpreter lock; call it from one thread at a time."""

    def __init__(self, folder: Path, threads: int, stats: Stats) -> None:
        """Load from `folder`; raises `ConfigurationError` when it holds no usable model."""
        if not (folder / "model.bin").is_file():
            raise ConfigurationError(f"{folder} holds no Whisper model (no model.bin); check VIVA_STT_MODEL")
        try:
            self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise ConfigurationError(f"the Whisper model in {folder} cannot be loaded: {error}") from error
        self._stats = stats
        multilingual = self._model.model.is_multilingual
        self.name = f"whisper:{folder.name}"
        self.languages = frozenset(self._model.supported_languages if multilingual else ["en"])
        self._tokenizers: dict[str, Tokenizer] = {}

    def decode(self, audio: np.ndarray, language: str = "en") -> Heard:
        """Transcribe up to 28 s of float32 mono at 16 kHz."""
        audio = audio[: 28 * SAMPLE_RATE]
        seconds = len(audio) / SAMPLE_RATE
        tokenizer = self._tokenizer(language)
        window_s = max(MIN_WINDOW_S, seconds + TRAILING_SILENCE_S)
        attempt = self._attempt(audio, tokenizer, min(FULL_WINDOW_FRAMES, int(window_s * FRAMES_PER_S)))
        if attempt.doubtful:
            self._stats.count("stt_decoded_again")
            again = self._attempt(audio, tokenizer, FULL_WINDOW_FRAMES)
            attempt = again if again.logprob >= attempt.logprob or attempt.looping or repeats(attempt.text) else attempt
        if attempt.looping or (attempt.doubtful and attempt.no_speech > NO_SPEECH):
            self._stats.count("stt_dropped_as_no_speech")
            return Heard(())
        return Heard(self._words(attempt, tokenizer, seconds))

    def _tokenizer(self, language: str) -> Tokenizer:
        code = language.split("-")[0].lower()
        if code not in self._tokenizers:
            multilingual = self._model.model.is_multilingual
            self._tokenizers[code] = Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=code)
        return self._tokenizers[code]

    def _attempt(self, audio: np.ndarray, tokenizer: Tokenizer, frames: int) -> _Attempt:
        samples = frames * SAMPLE_RATE // FRAMES_PER_S
        features = self._model.feature_extractor(np.pad(audio, (0, max(0, samples - len(audio)))), padding=0)
        features = features[:, :frames]
        encoded = self._model.encode(features)
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True)
        limit = SPARE_TOKENS + int(len(audio) / SAMPLE_RATE * MAX_TOKENS_PER_S)
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=min(len(prompt) + limit, 448),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        text = tokenizer.decode(tokens).strip()
        return _Attempt(tokens, text, logprob, result.no_speech_prob, encoded, features.shape[1])

    def _words(self, attempt: _Attempt, tokenizer: Tokenizer, seconds: float) -> tuple[Word, ...]:
        if not attempt.text:
            return ()
        # Its annotations are wrong: it takes and returns one list for each text.
        aligned: list[dict] = self._model.find_alignment(  # pyright: ignore[reportAssignmentType]
            tokenizer,
            [attempt.tokens],  # pyright: ignore[reportArgumentType]
            attempt.encoded,
            attempt.frames,
        )[0]
        merge_punctuations(aligned, PREPENDED, APPENDED)
        spoken = [item for item in aligned if item["word"].strip()]
        words = []
        for item in spoken:
            start = min(float(item["start"]), seconds)
            end = min(max(float(item["end"]), start), seconds)
            words.append(Word(item["word"].strip(), start, end, float(item["probability"])))
        return tuple(words)
