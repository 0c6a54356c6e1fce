# pyright: reportUnknownMemberType=false
"""Recorded audio: stereo segments as Opus in Ogg, each by itself; `interview/joined.py` puts them on one timeline."""

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from interview.errors import Invalid

Samples = NDArray[np.int16]
"""Interleaved-by-row audio: shape (frames, 2), left the candidate, right the interviewer."""

JOINED_RATE = 24_000
"""Samples a second of a joined recording; speech has nothing above 12 kHz that matters here."""

_BIT_RATE = 64_000
_COMPLEXITY = "1"
"""Of Opus's encoder, 0 to 10: a third less work than 10, and the same error against what was spoken; 0 has more."""
_FRAME = 960  # 20 ms at 48 kHz, Opus's own frame
_OPUS_RATE = 48_000


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
    """Decode what `encode_segment` made, resampled to `sample_rate`.

    Raises `Invalid` (code `recording_damaged`) for what is no audio.
    """
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=sample_rate)
    blocks: list[Samples] = []
    try:
        with av.open(io.BytesIO(ogg), mode="r") as container:
            for frame in container.decode(audio=0):
                blocks += [_rows(piece) for piece in resampler.resample(frame)]
            blocks += [_rows(piece) for piece in resampler.resample(None)]
    except FFmpegError as error:
        raise Invalid("this segment's audio cannot be decoded", code="recording_damaged") from error
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.int16)


def _rows(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1, 2).astype(np.int16, copy=False)
