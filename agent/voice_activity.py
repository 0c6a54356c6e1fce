"""When the candidate's voice begins and ends: silero's model, as LiveKit's own native library runs it.

The framework's plugins hand every 32 ms of audio to another thread and copy it several times, which costs more than
the model itself. When voice begins and ends is decided as in the silero plugin: the same model, smoothing and
thresholds (docs/decisions/0012-what-a-session-costs.md). Only while a line is heard is less enough for a beginning
(docs/decisions/0011-turn-taking.md).
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import vad
from livekit.agents.vad import VADEvent, VADEventType
from livekit.local_inference import VAD, VAD_WINDOW_SAMPLES
from numpy.typing import NDArray

log = logging.getLogger(__name__)

MODEL_RATE = 16_000
WINDOW_S = VAD_WINDOW_SAMPLES / MODEL_RATE

BEGINS_ABOVE = 0.5
GOES_ON_ABOVE = 0.35
_BEFORE = 0.35
"""Share of the probability before in the smoothed one."""

SOFT_ABOVE = 0.35
"""Of a single window, not smoothed: a beginning that pauses a line."""
UNFOUNDED = 3
"""Lines that paused for a soft beginning of which no voice came, less those of which it did, before it is given up."""


class Attention:
    """Whether soft beginnings count: while a line is heard, in a place where voice mostly comes of them.

    A noisy place would have lines stutter. There, for the rest of the attempt, the interviewer listens as it does
    between lines.
    """

    def __init__(self) -> None:
        self.line_is_heard: Callable[[], bool] = lambda: False
        """Whether a line is heard that voice pauses; false while it has paused."""
        self.unfounded = 0

    def wanted(self) -> bool:
        """Tell whether a soft beginning counts now."""
        return self.unfounded < UNFOUNDED and self.line_is_heard()

    def came_of_it(self, *, voice: bool) -> None:
        """Note what came of a soft beginning."""
        if voice:
            self.unfounded = max(0, self.unfounded - 1)
        elif not self.line_is_heard():  # else it did not pause: the framework lets nothing interrupt its first seconds
            self.unfounded += 1
            given_up = ", soft beginnings count no more" if self.unfounded == UNFOUNDED else ""
            log.info("a line paused for what was no voice (%d of %d)%s", self.unfounded, UNFOUNDED, given_up)


class Voice:
    """Turns the model's probabilities, one for each 32 ms, into events. All durations are seconds."""

    def __init__(self, speech_s: float, silence_s: float, attention: Attention | None = None) -> None:
        """Voice has begun after `speech_s` of it, or softly where `attention` wants that; ended after `silence_s`."""
        self._begins_after_s = speech_s
        self._ends_after_s = silence_s
        self._attention = attention or Attention()
        self._windows = 0
        self._smoothed: float | None = None
        self._speaking = False
        self._softly = False
        """Whether voice began softly, and none has come since."""
        self._spoken_s = self._silent_s = 0.0
        self._voice_s = self._quiet_s = 0.0  # without a break, until now

    def hear(self, probability: float) -> Iterator[VADEvent]:
        """Take in the next window."""
        before = self._smoothed
        smoothed = probability if before is None else _BEFORE * before + (1 - _BEFORE) * probability
        self._smoothed = smoothed
        self._windows += 1
        if self._speaking:
            self._spoken_s += WINDOW_S
        else:
            self._silent_s += WINDOW_S
        yield self._event(VADEventType.INFERENCE_DONE, probability=smoothed)
        # what began softly has not shown yet that it is voice, and goes on only as voice begins
        goes_on = self._speaking and not self._softly and smoothed > GOES_ON_ABOVE
        if smoothed >= BEGINS_ABOVE or goes_on:
            self._voice_s, self._quiet_s = self._voice_s + WINDOW_S, 0.0
        else:
            self._voice_s, self._quiet_s = 0.0, self._quiet_s + WINDOW_S
        if self._voice_s >= self._begins_after_s:
            self._settle(voice=True)
        if not self._speaking:
            wanted, surely = self._attention.wanted(), self._voice_s >= self._begins_after_s
            if surely or (wanted and probability >= SOFT_ABOVE):
                self._speaking, self._softly = True, not surely
                self._silent_s = self._quiet_s = 0.0
                # as much as makes the framework pause the line
                self._spoken_s = max(self._voice_s, self._begins_after_s)
                yield self._event(VADEventType.START_OF_SPEECH)
                if wanted:  # without this the framework pauses the line a window later
                    yield self._event(VADEventType.INFERENCE_DONE, probability=smoothed)
        elif self._quiet_s >= self._ends_after_s:
            self._settle(voice=False)
            self._speaking, self._silent_s = False, self._quiet_s
            self._spoken_s = max(0.0, self._spoken_s - self._quiet_s)
            yield self._event(VADEventType.END_OF_SPEECH)
            self._spoken_s = 0.0

    def _settle(self, *, voice: bool) -> None:
        if self._softly:
            self._softly = False
            self._attention.came_of_it(voice=voice)

    def _event(self, kind: VADEventType, probability: float = 0.0) -> VADEvent:
        return VADEvent(
            type=kind,
            samples_index=self._windows * VAD_WINDOW_SAMPLES,
            timestamp=self._windows * WINDOW_S,
            speech_duration=self._spoken_s,
            silence_duration=self._silent_s,
            probability=probability,
            speaking=self._speaking,
            raw_accumulated_silence=self._quiet_s,
            raw_accumulated_speech=self._voice_s,
        )


class VoiceActivity(vad.VAD):
    """Voice activity detection for `AgentSession`. Its events carry no audio: nobody here asks them for it."""

    def __init__(self, *, speech_s: float, silence_s: float) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW_S))
        self._speech_s = speech_s
        self.attention = Attention()
        """To be told how to see whether a line is heard; until then no beginning is soft."""
        self.min_silence_duration = silence_s
        """What the framework asks of a detector that it is to use with a turn model."""

    @property
    def model(self) -> str:
        """The model that listens."""
        return "silero"

    @property
    def provider(self) -> str:
        """Whose build of it."""
        return "livekit-local-inference"

    def stream(self) -> "VoiceActivityStream":
        """Begin to listen; called by the framework."""
        return VoiceActivityStream(self, self._speech_s, self.min_silence_duration, self.attention)


class VoiceActivityStream(vad.VADStream):
    """One stream of audio, of any rate but always the same."""

    def __init__(self, detector: VoiceActivity, speech_s: float, silence_s: float, attention: Attention) -> None:
        self._rules = speech_s, silence_s, attention
        self._model = VAD()
        self._voice = Voice(*self._rules)
        self._resampler: rtc.AudioResampler | None = None
        self._rest: NDArray[np.int16] = np.empty(0, np.int16)
        super().__init__(detector)

    async def aclose(self) -> None:
        """Stop listening."""
        await super().aclose()
        self._model.close()

    async def _main_task(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                self._hear(frame)
            else:
                self._begin_anew()

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # how long the model takes is nobody's question

    def _hear(self, frame: rtc.AudioFrame) -> None:
        pieces = [self._rest, *self._resampled(frame)]
        samples = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
        at = 0
        while len(samples) - at >= VAD_WINDOW_SAMPLES:
            # 0.02 ms: less than it takes to ask another thread
            probability = float(self._model.predict(samples[at : at + VAD_WINDOW_SAMPLES]))
            for event in self._voice.hear(probability):
                self._event_ch.send_nowait(event)
            at += VAD_WINDOW_SAMPLES
        self._rest = samples[at:]

    def _resampled(self, frame: rtc.AudioFrame) -> list[NDArray[np.int16]]:
        if frame.sample_rate == MODEL_RATE:
            return [np.frombuffer(frame.data, np.int16)]
        if self._resampler is None:
            quick = rtc.AudioResamplerQuality.QUICK
            self._resampler = rtc.AudioResampler(frame.sample_rate, MODEL_RATE, quality=quick)
        return [np.frombuffer(piece.data, np.int16) for piece in self._resampler.push(frame)]

    def _begin_anew(self) -> None:
        self._model.reset()
        self._voice = Voice(*self._rules)
        self._resampler = None
        self._rest = np.empty(0, np.int16)
