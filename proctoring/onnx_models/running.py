"""Sessions of onnxruntime for a proctor: one core, no spinning, nothing sent anywhere."""

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from interview.errors import ConfigurationError

# ONNX 1.23 would write a newer one than every onnxruntime in use reads
OPSET = 17
IR_VERSION = 8


def session_of(graph: onnx.GraphProto, what: str) -> onnxruntime.InferenceSession:
    """Return a session that runs a graph. Raises `ConfigurationError` where it is no valid network."""
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="viva"
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as error:
        raise ConfigurationError(f"{what} cannot be run: {error}") from error


def run(session: onnxruntime.InferenceSession, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return a session's outputs for its one input."""
    outputs = session.run(None, {"input": np.ascontiguousarray(values, dtype=np.float32)})
    return [np.asarray(output, dtype=np.float32) for output in outputs]
