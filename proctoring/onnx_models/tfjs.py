"""TensorFlow.js graph models as ONNX: the operations of plain convolutional networks, and no others.

Activations are turned from NHWC to NCHW, so a network's input is (1, 3, height, width); where a network that came to
TensorFlow from elsewhere turns them itself, that is left out. Source of the format: the
`model.json` of tfjs-converter, whose `modelTopology` is a TensorFlow GraphDef and whose weights lie in one file beside
it, here in float16.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from interview.errors import ConfigurationError
from proctoring.onnx_models.running import session_of

Weights = Mapping[str, NDArray[Any]]
_DTYPES = {"float16": np.float16, "float32": np.float32, "int32": np.int32, "bool": np.bool_}
_SAME = {"Identity": "Identity", "Relu": "Relu", "Sigmoid": "Sigmoid"}
_PAIRS = {"Add": "Add", "AddV2": "Add", "Mul": "Mul", "Sub": "Sub", "Minimum": "Min", "Maximum": "Max"}
_COLOURS = 3
_TURNS = ([0, 2, 3, 1], [0, 3, 1, 2])
"""From NCHW to NHWC and back: here everything is NCHW."""
_CONVOLUTIONS = frozenset({"Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"})


def load(topology: Path, weights: Path, outputs: Sequence[str]) -> onnxruntime.InferenceSession:
    """Return a session that computes these nodes of a tfjs graph model.

    Raises `ConfigurationError` where it needs an operation that is not known here.
    """
    described = json.loads(topology.read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in described["modelTopology"]["node"]}
    graph = _Graph(nodes, _read_weights(described["weightsManifest"], weights.read_bytes()), topology.name)
    return session_of(graph.build(outputs), topology.name)


def _read_weights(manifest: Sequence[Mapping[str, Any]], blob: bytes) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    offset = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        stored = np.dtype(_DTYPES[entry.get("quantization", {}).get("dtype", entry["dtype"])])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        values = np.frombuffer(blob, stored, count, offset).reshape(entry["shape"])
        offset += count * stored.itemsize
        found[entry["name"]] = values.astype(_DTYPES[entry["dtype"]])
    return found


class _Graph:
    """Collects ONNX nodes for what the wanted outputs need."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]], weights: Weights, title: str) -> None:
        self._tf = nodes
        self._weights = weights
        self._title = title
        self._made: dict[str, str] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []

    def build(self, outputs: Sequence[str]) -> onnx.GraphProto:
        for name in self._in_order(outputs):
            self._made[name] = self._convert(self._tf[name])
        ends = [helper.make_tensor_value_info(self._made[name], onnx.TensorProto.FLOAT, None) for name in outputs]
        return helper.make_graph(self._nodes, "tfjs", self._inputs, ends, self._constants)

    def _in_order(self, outputs: Sequence[str]) -> list[str]:
        """Nodes that compute something, each after what it is computed from (without recursion: graphs are deep)."""
        order: dict[str, None] = {}
        stack = [(name, False) for name in reversed(outputs)]
        while stack:
            name, done = stack.pop()
            if name in order or self._tf[name]["op"] == "Const":
                continue
            if done:
                order[name] = None
                continue
            stack.append((name, True))
            stack += [(source, False) for source in self._sources(self._tf[name])]
        return list(order)

    def _convert(self, node: Mapping[str, Any]) -> str:
        op, sources = node["op"], self._sources(node)
        if op == "Placeholder":
            return self._input(node)
        if op in _CONVOLUTIONS:
            return self._convolution(node, sources)
        if op in _SAME:
            return self._add(_SAME[op], [self._value(sources[0])])
        if op == "LeakyRelu":
            return self._add("LeakyRelu", [self._value(sources[0])], alpha=float(node["attr"]["alpha"]["f"]))
        if op == "Transpose":
            return self._turned(node, sources)
        if op in ("Pad", "PadV2"):
            return self._pad(sources)
        if op == "MaxPool":
            return self._pool(node, sources)
        if op == "Relu6":
            return self._add("Clip", [self._value(sources[0]), self._scalar(0), self._scalar(6)])
        if op in _PAIRS:
            return self._add(_PAIRS[op], [self._value(source) for source in sources[:2]])
        if op == "Mean":
            keep = bool(node["attr"].get("keep_dims", {}).get("b", False))
            return self._add("ReduceMean", [self._value(sources[0])], axes=[2, 3], keepdims=int(keep))
        if op == "ConcatV2":
            return self._add("Concat", [self._value(source) for source in sources[:-1]], axis=1)
        if op == "ResizeBilinear":
            return self._resize(node, sources)
        raise ConfigurationError(f"{self._title}: the operation {op} ({node['name']}) is not known here")

    def _input(self, node: Mapping[str, Any]) -> str:
        sides = [int(dim["size"]) for dim in node["attr"]["shape"]["shape"]["dim"]]
        shape = sides if sides[1] == _COLOURS else [1, sides[3], sides[1], sides[2]]
        self._inputs.append(helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, shape))
        return "input"

    def _convolution(self, node: Mapping[str, Any], sources: Sequence[str]) -> str:
        kernel = self._weights[sources[1]]
        depthwise = "Depthwise" in node["op"]
        turned = kernel.transpose(3, 2, 0, 1)
        if depthwise:
            turned = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])
        attributes = node["attr"]
        padding = _text(attributes["padding"]["s"])
        inputs = [self._value(sources[0]), self._constant(turned)]
        fused = [_text(name) for name in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
        if "BiasAdd" in fused:
            inputs.append(self._constant(self._weights[sources[2]]))
        made = self._add(
            "Conv",
            inputs,
            strides=_middle(attributes["strides"]),
            dilations=_middle(attributes["dilations"]) if "dilations" in attributes else [1, 1],
            group=kernel.shape[2] if depthwise else 1,
            auto_pad="SAME_UPPER" if padding == "SAME" else "VALID",
        )
        for name in fused:
            if name == "Relu":
                made = self._add("Relu", [made])
            elif name == "Relu6":
                made = self._add("Clip", [made, self._scalar(0), self._scalar(6)])
            elif name != "BiasAdd":
                raise ConfigurationError(f"{self._title}: a convolution with {name} is not known here")
        return made

    def _turned(self, node: Mapping[str, Any], sources: Sequence[str]) -> str:
        order = [int(axis) for axis in self._weights[sources[1]]]
        if order not in _TURNS:
            raise ConfigurationError(f"{self._title}: axes in the order {order} ({node['name']}) are not known here")
        return self._value(sources[0])

    def _pad(self, sources: Sequence[str]) -> str:
        """Pad height and width; which axes they are is told by where the padding stands, for channels have none."""
        around = self._weights[sources[1]].reshape(4, 2).astype(np.int64)
        if not around[3].any():
            around = around[[0, 3, 1, 2]]
        filling = [self._scalar(float(self._weights[source])) for source in sources[2:3]]
        return self._add("Pad", [self._value(sources[0]), self._numbers([*around[:, 0], *around[:, 1]]), *filling])

    def _pool(self, node: Mapping[str, Any], sources: Sequence[str]) -> str:
        attributes = node["attr"]
        return self._add(
            "MaxPool",
            [self._value(sources[0])],
            kernel_shape=_middle(attributes["ksize"]),
            strides=_middle(attributes["strides"]),
            auto_pad="SAME_UPPER" if _text(attributes["padding"]["s"]) == "SAME" else "VALID",
        )

    def _resize(self, node: Mapping[str, Any], sources: Sequence[str]) -> str:
        height, width = (int(side) for side in self._weights[sources[1]])
        attributes = node["attr"]
        how = "asymmetric"
        if attributes.get("half_pixel_centers", {}).get("b"):
            how = "half_pixel"
        elif attributes.get("align_corners", {}).get("b"):
            how = "align_corners"
        value = self._value(sources[0])
        batch = self._add("Slice", [self._add("Shape", [value]), *(self._numbers([n]) for n in (0, 2))])
        size = self._add("Concat", [batch, self._numbers([height, width])], axis=0)
        return self._add(
            "Resize", [value, "", "", size], mode="linear", coordinate_transformation_mode=how, nearest_mode="floor"
        )

    def _value(self, name: str) -> str:
        """The ONNX name of a TensorFlow value; a constant beside activations lies along their channels."""
        if name in self._made:
            return self._made[name]
        constant = self._weights[name]
        along_channels = constant.ndim >= 1 and constant.size == constant.shape[-1]
        return self._constant(constant.reshape(1, -1, 1, 1) if along_channels else constant)

    def _sources(self, node: Mapping[str, Any]) -> list[str]:
        return [name.split(":")[0] for name in node.get("input", []) if not name.startswith("^")]

    def _add(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def _constant(self, values: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    def _scalar(self, value: float) -> str:
        return self._constant(np.array(value))

    def _numbers(self, values: Sequence[int]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def _middle(attribute: Mapping[str, Any]) -> list[int]:
    return [int(value) for value in attribute["list"]["i"]][1:3]
