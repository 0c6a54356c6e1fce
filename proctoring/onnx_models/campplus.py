"""CAM++, a network that tells voices apart, as ONNX built from the weights of its PyTorch checkpoint.

Architecture: Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking" (arXiv 2303.00332); layer names and sizes as in 3D-Speaker's `campplus` (Apache 2.0). Input: (1, frames, 80)
mean-normalised log mel energies; output: (1, 192).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from interview.errors import ConfigurationError
from proctoring.onnx_models import torch_weights
from proctoring.onnx_models.running import session_of

MELS = 80
MAX_FRAMES = 199
"""Context is pooled in stretches of 100 steps of two frames. Up to here there is one stretch, which is all of them."""
_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Layers and dilation of each dense block."""
_EPSILON = 1e-5


def load(checkpoint: Path, frames: int) -> onnxruntime.InferenceSession:
    """Return a session for stretches of so many frames. Raises `ConfigurationError` for another network's weights."""
    if not 20 <= frames <= MAX_FRAMES:
        raise ValueError(f"frames must lie between 20 and {MAX_FRAMES}, not {frames}")
    weights = torch_weights.read(checkpoint)
    try:
        graph = _Builder(weights).build(frames)
    except KeyError as error:
        raise ConfigurationError(f"{checkpoint} holds no CAM++: {error} is missing") from error
    return session_of(graph, checkpoint.name)


class _Builder:
    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def build(self, frames: int) -> onnx.GraphProto:
        entry = helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [1, frames, MELS])
        value = self._add("Transpose", ["input"], perm=[0, 2, 1])
        value = self._head(self._add("Unsqueeze", [value, self._numbers([1])]))
        value = self._conv("xvector.tdnn.linear", value, stride=[2], pad=2)
        value = self._relu(self._norm("xvector.tdnn.nonlinear.batchnorm", value))
        for number, (layers, dilation) in enumerate(_BLOCKS, start=1):
            for layer in range(1, layers + 1):
                more = self._dense_layer(f"xvector.block{number}.tdnnd{layer}", value, dilation)
                value = self._add("Concat", [value, more], axis=1)
            transit = f"xvector.transit{number}"
            value = self._relu(self._norm(f"{transit}.nonlinear.batchnorm", value))
            value = self._conv(f"{transit}.linear", value)
        value = self._relu(self._norm("xvector.out_nonlinear.batchnorm", value))
        value = self._conv("xvector.dense.linear", self._statistics(value, (frames + 1) // 2))
        value = self._norm("xvector.dense.nonlinear.batchnorm", value)
        value = self._add("Squeeze", [value, self._numbers([2])])
        end = helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None)
        return helper.make_graph(self._nodes, "campplus", [entry], [end], self._constants)

    def _head(self, value: str) -> str:
        """Two stages of residual blocks over the spectrogram as a picture, then channels and bands as one axis."""
        value = self._relu(self._norm("head.bn1", self._conv("head.conv1", value, pad=1)))
        for stage in (1, 2):
            for block, step in ((0, 2), (1, 1)):
                value = self._residual(f"head.layer{stage}.{block}", value, step)
        value = self._relu(self._norm("head.bn2", self._conv("head.conv2", value, stride=[2, 1], pad=1)))
        return self._add("Reshape", [value, self._numbers([1, 320, -1])])

    def _residual(self, name: str, value: str, step: int) -> str:
        main = self._conv(f"{name}.conv1", value, stride=[step, 1], pad=1)
        main = self._relu(self._norm(f"{name}.bn1", main))
        main = self._norm(f"{name}.bn2", self._conv(f"{name}.conv2", main, pad=1))
        if f"{name}.shortcut.0.weight" in self._weights:
            value = self._conv(f"{name}.shortcut.0", value, stride=[step, 1])
            value = self._norm(f"{name}.shortcut.1", value)
        return self._relu(self._add("Add", [main, value]))

    def _dense_layer(self, name: str, value: str, dilation: int) -> str:
        value = self._relu(self._norm(f"{name}.nonlinear1.batchnorm", value))
        value = self._conv(f"{name}.linear1", value)
        value = self._relu(self._norm(f"{name}.nonlinear2.batchnorm", value))
        local = self._conv(f"{name}.cam_layer.linear_local", value, pad=dilation, dilation=dilation)
        mean = self._add("ReduceMean", [value], axes=[2], keepdims=1)
        # the mean of the whole and that of the only stretch
        context = self._add("Add", [mean, mean])
        context = self._relu(self._conv(f"{name}.cam_layer.linear1", context))
        mask = self._add("Sigmoid", [self._conv(f"{name}.cam_layer.linear2", context)])
        return self._add("Mul", [local, mask])

    def _statistics(self, value: str, steps: int) -> str:
        """Mean and standard deviation (unbiased) over time, one after the other."""
        mean = self._add("ReduceMean", [value], axes=[2], keepdims=1)
        apart = self._add("Sub", [value, mean])
        squares = self._add("ReduceSum", [self._add("Mul", [apart, apart]), self._numbers([2])], keepdims=1)
        spread = self._add("Sqrt", [self._add("Div", [squares, self._constant(np.array(steps - 1.0))])])
        return self._add("Concat", [mean, spread], axis=1)

    def _conv(self, name: str, value: str, stride: Sequence[int] = (), pad: int = 0, dilation: int = 1) -> str:
        kernel = self._weights[f"{name}.weight"]
        axes = kernel.ndim - 2
        inputs = [value, self._constant(kernel)]
        if f"{name}.bias" in self._weights:
            inputs.append(self._constant(self._weights[f"{name}.bias"]))
        return self._add(
            "Conv",
            inputs,
            strides=list(stride) or [1] * axes,
            pads=[pad] * 2 * axes,
            dilations=[dilation] * axes,
        )

    def _norm(self, name: str, value: str) -> str:
        mean, variance = self._weights[f"{name}.running_mean"], self._weights[f"{name}.running_var"]
        scale = self._weights.get(f"{name}.weight", np.ones_like(mean))
        shift = self._weights.get(f"{name}.bias", np.zeros_like(mean))
        inputs = [value, *(self._constant(each) for each in (scale, shift, mean, variance))]
        return self._add("BatchNormalization", inputs, epsilon=_EPSILON)

    def _relu(self, value: str) -> str:
        return self._add("Relu", [value])

    def _add(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def _constant(self, values: NDArray[Any]) -> str:
        return self._initial(np.ascontiguousarray(values, dtype=np.float32))

    def _numbers(self, values: Sequence[int]) -> str:
        return self._initial(np.array(values, dtype=np.int64))

    def _initial(self, values: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name
