# pyright: reportUnknownMemberType=false
"""Recorded audio: stereo segments as Opus in Ogg, and their joining into one WAV on one timeline."""

import io
import wave
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import IO

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from interview.errors import Invalid, NotFound
from interview.recording import RecordingSegment

Samples = NDArray[np.int16]
"""Interleaved-by-row audio: shape (frames, 2), left the candidate, right the interviewer."""

JOINED_RATE = 24_000
"""Samples a second of a joined recording; speech has nothing above 12 kHz that matters here."""

_BIT_RATE = 64_000
_COMPLEXITY = "3"
"""Of Opus's encoder, 0 to 10: a third less work than 10, and the error against what was spoken is the same."""
_FRAME = 960  # 20 ms at 48 kHz, Opus's own frame
_OPUS_RATE = 48_000
_MAX_JOINED_S = 6 * 3600
_SILENCE_FRAMES = 60 * JOINED_RATE


def encode_segment(samples: Samples, sample_rate: int) -> bytes:
    """Encode stereo samples, shape (frames, 2), as Opus in Ogg at 64 kbit/s."""
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise Invalid(f"a recording segment has two channels; this array has the shape {samples.shape}")
    sink = io.BytesIO()
    with av.open(sink, mode="w", format="ogg") as container:
        options = {"compression_level": _COMPLEXITY}
        stream = container.add_stream("libopus", rate=_OPUS_RATE, layout="stereo", options=options)
        stream.bit_rate = _BIT_RATE
        for frame in _resampled(samples, sample_rate, _OPUS_RATE):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def _resampled(samples: Samples, source_rate: int, target_rate: int) -> Iterable[av.AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=target_rate, frame_size=_FRAME)
    # in pieces: a whole segment at once costs each interviewer up to 13 MB
    step = source_rate // 10
    for first in range(0, len(samples), step):
        piece = np.ascontiguousarray(samples[first : first + step]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="stereo")
        frame.sample_rate = source_rate
        frame.time_base = Fraction(1, source_rate)
        frame.pts = first
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def decode_segment(ogg: bytes, sample_rate: int = JOINED_RATE) -> Samples:
    """Decode what `encode_segment` made, resampled to `sample_rate`."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=sample_rate)
    blocks: list[Samples] = []
    with av.open(io.BytesIO(ogg), mode="r") as container:
        for frame in container.decode(audio=0):
            blocks += [_rows(piece) for piece in resampler.resample(frame)]
        blocks += [_rows(piece) for piece in resampler.resample(None)]
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.int16)


def _rows(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1, 2).astype(np.int16, copy=False)


class WavWriter:
    """Joins segments into one WAV as they come, in the order of their times, without holding more than one of them.

    Every segment stands at its wall-clock time; stretches that nothing covers are silent, and where two overlap the
    earlier is heard. Raises `NotFound` when there is no segment, `Invalid` when the times span more than six hours.
    """

    def __init__(self, sink: IO[bytes], segments: Sequence[RecordingSegment]) -> None:
        if not segments:
            raise NotFound("nothing was recorded in this session", code="no_recording")
        self._origin = segments[0].started_at
        ends = (segment.started_at + timedelta(seconds=segment.duration_s) for segment in segments)
        total_s = (max(ends) - self._origin).total_seconds()
        if total_s > _MAX_JOINED_S:
            raise Invalid(f"the segments span {total_s:.0f} s, more than the {_MAX_JOINED_S} s that are joined")
        self._frames = round(total_s * JOINED_RATE)
        self._written = 0
        self._writer = wave.open(sink, "wb")  # noqa: SIM115 - closed by `close`
        self._writer.setnchannels(2)
        self._writer.setsampwidth(2)
        self._writer.setframerate(JOINED_RATE)
        self._writer.setnframes(self._frames)  # so that the header is right at once: a sink need not go back

    def add(self, segment: RecordingSegment, ogg: bytes) -> None:
        """Write the next segment, with silence before it where nothing was recorded.

        Raises `Invalid` (code `recording_damaged`) for what is no audio; the next one can still be written.
        """
        try:
            samples = decode_segment(ogg)[: round(segment.duration_s * JOINED_RATE)]
        except FFmpegError as error:
            raise Invalid(f"the audio of {segment.file_id} cannot be decoded", code="recording_damaged") from error
        start = round((segment.started_at - self._origin).total_seconds() * JOINED_RATE)
        self._silence_until(start)
        self._write(samples[self._written - start :])

    def close(self) -> None:
        """Finish the file."""
        self._silence_until(self._frames)
        self._writer.close()

    def _silence_until(self, frame: int) -> None:
        while self._written < frame:
            self._write(np.zeros((min(frame - self._written, _SILENCE_FRAMES), 2), np.int16))

    def _write(self, samples: Samples) -> None:
        samples = samples[: self._frames - self._written]
        self._writer.writeframesraw(samples.tobytes())
        self._written += len(samples)
