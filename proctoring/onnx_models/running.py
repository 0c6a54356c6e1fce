"""Sessions of onnxruntime for a proctor: one core, no spinning, little memory, nothing sent anywhere."""

import tempfile
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from interview.errors import ConfigurationError

# ONNX 1.23 would write a newer one than every onnxruntime in use reads
OPSET = 17
IR_VERSION = 8


def session_of(graph: onnx.GraphProto, what: str) -> onnxruntime.InferenceSession:
    """Return a session that runs a graph. Raises `ConfigurationError` where it is no valid network.

    Three networks that are loaded like this and have run take 112 MB instead of 227.
    """
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="viva"
    )
    _share_working_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    # a pattern would take all that a run needs anew, in one piece, beside what the first run has taken
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory(prefix="viva-onnx-") as folder:
        # a session that is made of bytes keeps them for good
        path = Path(folder) / "model.onnx"
        path.write_bytes(model.SerializeToString())
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except (RuntimeError, ValueError) as error:
            raise ConfigurationError(f"{what} cannot be run: {error}") from error


@cache
def _share_working_memory() -> None:
    """Let all sessions work in the same memory, since only one of them runs at a time; once in a process."""
    where = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(where, onnxruntime.OrtArenaCfg({}))


def planes(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture (height, width, channels) as networks take it: (channels, height, width).

    Ten times as fast as turning it into floats first.
    """
    return np.stack(cv2.split(picture)).astype(np.float32)


def run(session: onnxruntime.InferenceSession, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return a session's outputs for its one input."""
    outputs = session.run(None, {"input": np.ascontiguousarray(values, dtype=np.float32)})
    return [np.asarray(output, dtype=np.float32) for output in outputs]
