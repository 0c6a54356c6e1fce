"""The on-device turn model, run for all interviews of a worker by one process of it.

A run leaves 19 MB behind in whatever process it happens in, so each interview would have these for itself. Where that
process does not answer, an interview runs the model by itself: that is logged and counted.
"""

import asyncio
import logging
import struct
import time
from collections.abc import Awaitable, Callable

import numpy as np
from livekit import rtc
from livekit.agents.inference_runner import _InferenceRunner
from livekit.agents.voice.turn import TurnDetectionEvent
from livekit.local_inference import EOT, EOT_MAX_SAMPLES
from numpy.typing import NDArray

log = logging.getLogger(__name__)

METHOD = "viva_turn_model"
ANSWERS_WITHIN_S = 0.8
"""A run takes 0.05 s, and as many can wait for one another as there are interviews."""

_PROBABILITY = struct.Struct("<f")

Ask = Callable[[str, bytes], Awaitable[bytes | None]]
"""Asks the worker's process: `JobContext.inference_executor.do_inference`."""


class Runner(_InferenceRunner):
    """What the worker's process does when it is asked. Audio as 16-bit samples at 16 kHz."""

    INFERENCE_METHOD = METHOD

    def initialize(self) -> None:
        """Take up the model, which was loaded before this process was forked."""
        self._model = EOT()

    def run(self, data: bytes) -> bytes:
        """Return the probability of an end as a float."""
        return _PROBABILITY.pack(self._model.predict(np.frombuffer(data, np.int16)))


def share() -> None:
    """Have workers of this process begin one that runs the model; called before they are built."""
    if METHOD not in _InferenceRunner.registered_runners:
        _InferenceRunner.register_runner(Runner)


class TurnModel:
    """Tells how likely it is that somebody has finished. `alone` counts runs in the interview's own process."""

    def __init__(self, ask: Ask | None = None) -> None:
        self._ask = ask
        self._own: EOT | None = None
        self.alone = 0

    async def probability(self, samples: NDArray[np.int16]) -> float:
        """Return the probability that speech which ends like this has ended."""
        if self._ask is not None:
            try:
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    answer = await self._ask(METHOD, samples.tobytes())
                return float(_PROBABILITY.unpack(answer or b"")[0])
            except (RuntimeError, OSError, TimeoutError, struct.error) as error:
                log.warning("the worker's turn model did not answer (%s)", type(error).__name__)
        self.alone += 1
        return await asyncio.to_thread(self._run_alone, samples)

    def _run_alone(self, samples: NDArray[np.int16]) -> float:
        self._own = self._own or EOT()
        return float(self._own.predict(samples))


class TurnModelStream:
    """One stream of audio at 16 kHz, of which the model hears the last 1.2 s when it is asked."""

    def __init__(self, model: TurnModel) -> None:
        self._model = model
        self._heard: list[NDArray[np.int16]] = []
        self._samples = 0
        self._asking: asyncio.Task[TurnDetectionEvent] | None = None

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Keep a frame for as long as it may be asked about."""
        samples = np.frombuffer(frame.data, np.int16)
        self._heard.append(samples)
        self._samples += len(samples)
        while self._heard and self._samples - len(self._heard[0]) >= EOT_MAX_SAMPLES:
            self._samples -= len(self._heard.pop(0))

    def predict(self) -> asyncio.Task[TurnDetectionEvent]:
        """Ask the model about what was heard until now; what was asked before is not waited for any more."""
        self.cancel_inference()
        heard = np.concatenate(self._heard)[-EOT_MAX_SAMPLES:] if self._heard else np.zeros(0, np.int16)
        self._asking = asyncio.create_task(self._predict(heard), name="turn-model")
        return self._asking

    def cancel_inference(self) -> None:
        """Do not wait for an answer any more."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def flush(self) -> None:
        """Forget what was heard: the turn is over."""
        self.cancel_inference()
        self._heard = []
        self._samples = 0

    async def aclose(self) -> None:
        """Stop listening."""
        asking = self._asking
        self.flush()
        if asking is not None:
            await asyncio.gather(asking, return_exceptions=True)

    async def _predict(self, heard: NDArray[np.int16]) -> TurnDetectionEvent:
        probability = await self._model.probability(heard)
        return TurnDetectionEvent(
            type="eot_prediction", end_of_turn_probability=probability, last_speaking_time=time.time()
        )
