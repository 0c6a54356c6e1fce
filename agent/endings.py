"""Ends the candidate's turns: the framework's turn model, and everything else that tells, behind one detector.

The framework asks its detector once a silence and waits for the answer before it ends a turn. So this one answers
when the turn has ended, by `agent.turntaking`, and takes the question back when the candidate goes on.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice.turn import TurnDetectionEvent

from agent import turntaking
from agent.dialogue import cues
from agent.dialogue.judgements import JUDGED_SHARE
from agent.turn_model import TurnModel, TurnModelStream
from agent.turntaking import Evidence, Tuning, Verdict

log = logging.getLogger(__name__)

ASKED_AT_S = 0.29
"""How long the candidate has been silent when the framework asks: it does after 0.2 s of what silero holds to be
silence, which begins 0.09 s after the last sound (median of people's recordings)."""

MODEL = "turn-detector-v1-mini"

SOUNDS_APART_S = 1.5
"""A listening sound comes no sooner than this after the one before: nobody says "mm-hm" after every phrase. One that
is due sooner waits for it, as long as the silence lasts."""

_PAUSE_S = 0.5
"""A shorter silence inside an answer says nothing about how its speaker pauses."""

BEFORE_LINE_S = 1.0
"""So close to the next line no sound is made that had to wait: it would run into the line, which shows as much."""

_SPARE_S = 2.0


class Endings:
    """A turn detector for `AgentSession`. What the interviewer knows of the answer is told to it as it comes.

    `sound` is called when a listening sound is due, and tells how many seconds it takes: the turn does not end sooner,
    as the framework would cut the sound off. Without it none is made, and doubtful silences are just waited out.
    """

    def __init__(
        self,
        tuning: Tuning | None = None,
        *,
        language: str = "en",
        sound: Callable[[], float] | None = None,
        model: TurnModel | None = None,
    ) -> None:
        self.tuning = tuning or Tuning()
        self.sound = sound
        self._hearing = model or TurnModel()
        self._known = Evidence("", language=language)
        self._finals = ""
        self._partial = ""
        self._stream: EndingsStream | None = None
        self._sounded_at: float | None = None
        self._judged: tuple[bool, int] | None = None

    @property
    def model(self) -> str:
        """The model that listens."""
        return MODEL

    @property
    def provider(self) -> str:
        """Who made it."""
        return "livekit"

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "EndingsStream":
        """Begin to listen; called by the framework."""
        self._stream = EndingsStream(self, TurnModelStream(self._hearing))
        return self._stream

    def heard(self, text: str, *, final: bool) -> None:
        """Words were recognised, for now or finally."""
        if final:
            self._finals = f"{self._finals} {text}".strip()
            self._partial = ""
        else:
            self._partial = text
        text = f"{self._finals} {self._partial}".strip()
        self._learn(text=text, settled=final, complete=self._still_judged(text))

    def forget(self) -> None:
        """What was recognised last was nothing that anybody said to the interviewer."""
        self._partial = ""
        self._learn(text=self._finals)

    def judged(self, complete: bool, words: int) -> None:
        """The model held the first so many words of the answer to be complete, or not."""
        self._judged = complete, words
        self._learn(complete=self._still_judged(self._known.text))

    def cut_off(self, times: int) -> None:
        """The candidate went on after a reply had begun, so many times until now."""
        self._learn(cut_offs=times)

    def verdict(self) -> Verdict:
        """What the present silence means."""
        return turntaking.judge(self._known, self.tuning)

    def sound_may_tell(self) -> bool:
        """Whether it matters what the turn model says to the present silence."""
        return turntaking.sound_may_tell(self._known, self.tuning)

    def silent(self) -> None:
        """A silence has begun; what is said of it is not known yet."""
        self._learn(probability=None, settled=bool(self._finals) and not self._partial)

    def sounds(self, probability: float | None) -> None:
        """The turn model has answered."""
        self._learn(probability=probability)

    def went_on(self, after_s: float) -> None:
        """The candidate spoke on after so long a silence."""
        if after_s >= _PAUSE_S and self._finals:  # before any words it was no pause inside an answer
            self._learn(longest_pause_s=max(self._known.longest_pause_s, after_s))

    def ended(self) -> None:
        """The turn is over: the next one's words begin."""
        self._finals = self._partial = ""
        self._judged = None
        self._learn(text="", probability=None, complete=None, settled=False)

    def sound_from(self) -> float:
        """Return from which second of the loop's time on a listening sound may be made."""
        return 0.0 if self._sounded_at is None else self._sounded_at + SOUNDS_APART_S

    def make_sound(self, now: float) -> float:
        """Make a listening sound, at this second of the loop's time; returns until when it takes."""
        if self.sound is None:
            return now
        self._sounded_at = now
        return now + self.sound()

    def _still_judged(self, text: str) -> bool | None:
        if self._judged is None or self._judged[1] < JUDGED_SHARE * cues.words(text):
            return None
        return self._judged[0]

    def _learn(self, **known: Any) -> None:
        before, self._known = self._known, replace(self._known, **known)
        if self._known != before and self._stream:
            self._stream.look_again()


class EndingsStream:
    """One stream of audio. At most one silence is open, with one timer for its end and one for the sound."""

    def __init__(self, endings: Endings, inner: TurnModelStream) -> None:
        self._endings = endings
        self._inner = inner
        self._answer: asyncio.Future[TurnDetectionEvent] | None = None
        self._began = 0.0
        self._sounded = False
        self._sounds_until = 0.0
        self._timers: list[asyncio.TimerHandle] = []
        self._asking: asyncio.Future[TurnDetectionEvent] | None = None

    @property
    def model(self) -> str:
        """The model that listens."""
        return MODEL

    @property
    def provider(self) -> str:
        """Who made it."""
        return "livekit"

    @property
    def is_fallback(self) -> bool:
        """Whether another model than the chosen one listens."""
        return False

    @property
    def prediction_timeout(self) -> float:
        """How long the framework is to wait at most, in seconds."""
        return self._endings.tuning.open_s + _SPARE_S

    async def unlikely_threshold(self, language: LanguageCode | None) -> float | None:
        """Everything that this detector answers is an end."""
        return 0.5

    async def backchannel_threshold(self, language: LanguageCode | None) -> float | None:
        """It does not tell when to make listening sounds this way."""
        return None

    async def supports_language(self, language: LanguageCode | None) -> bool:
        """It ends turns in every language."""
        return True

    def predict(self) -> asyncio.Future[TurnDetectionEvent]:
        """The candidate has been silent for `ASKED_AT_S`: answer when the turn has ended."""
        self._drop()
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._began = loop.time() - ASKED_AT_S
        self._sounded = False
        self._endings.silent()
        if self._endings.sound_may_tell():
            self._asking = self._inner.predict()
            self._asking.add_done_callback(self._sounds)
        self.look_again()
        return self._answer

    def look_again(self) -> None:
        """Something more is known: set the timers of the open silence anew."""
        self._stop_timers()
        if self._answer is None or self._answer.done():
            return
        verdict, loop = self._endings.verdict(), asyncio.get_running_loop()
        self._timers = [loop.call_at(max(self._began + verdict.end_s, self._sounds_until), self._end)]
        if verdict.sound_s is not None and not self._sounded:
            due, free = self._began + verdict.sound_s, self._endings.sound_from()
            if free <= due or free < self._began + verdict.end_s - BEFORE_LINE_S:
                self._timers.append(loop.call_at(max(due, free), self._sound))

    def cancel_inference(self, *, timed_out: bool = False) -> None:
        """The candidate has gone on, or the framework does not wait any longer."""
        if self._answer is not None and not self._answer.done() and not timed_out:
            self._endings.went_on(asyncio.get_running_loop().time() - self._began)
        self._drop()

    def flush(self, reason: str | None = None) -> None:
        """The turn is over."""
        self._drop()
        self._endings.ended()
        self._inner.flush()

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Let the model hear the candidate."""
        self._inner.push_audio(frame)

    def end_input(self) -> None:
        """No more audio comes."""
        self._drop()

    async def aclose(self) -> None:
        """Stop listening."""
        self._drop()
        await self._inner.aclose()

    def _sounds(self, asked: asyncio.Future[TurnDetectionEvent]) -> None:
        if asked.cancelled():
            return
        if (error := asked.exception()) is not None:
            log.error("the turn model failed (%s): the silence is judged without it", type(error).__name__)
        elif asked is self._asking and self._answer is not None:
            self._endings.sounds(asked.result().end_of_turn_probability)

    def _end(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._stop_timers()
            self._answer.set_result(_event(1.0))

    def _sound(self) -> None:
        self._sounded = True
        self._sounds_until = self._endings.make_sound(asyncio.get_running_loop().time())
        self.look_again()

    def _drop(self) -> None:
        """Close the open silence, if there is one, as not an end."""
        self._stop_timers()
        answer, self._answer, self._asking = self._answer, None, None
        self._inner.cancel_inference()
        if answer is not None and not answer.done():
            answer.set_result(_event(0.0))

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []


def _event(probability: float) -> TurnDetectionEvent:
    return TurnDetectionEvent(
        type="eot_prediction", end_of_turn_probability=probability, last_speaking_time=time.time()
    )
