"""YuNet, a network that finds faces, for pictures of any size; and what its outputs mean.

Wu, Peng and Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector" (Machine Intelligence Research 20), in the file
that OpenCV's zoo publishes. OpenCV's own `FaceDetectorYN` finds the same with it in twice the time. (The file is of
opset 11; what it uses means the same in the one that our sessions are made for.)
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from proctoring.onnx_models.running import planes, run, session_of

SCORE = 14
"""Column of a face's score; before it stand x, y, width and height of its box, and x and y of its five marks."""
_STRIDES = (8, 16, 32)
"""Pixels of a cell, in each of the three sizes in which faces are looked for."""


def load(model: Path) -> onnxruntime.InferenceSession:
    """Return a session for pictures whose sides are multiples of 32, of the file that the zoo publishes."""
    graph = onnx.load(model).graph
    _free_the_size(graph)
    return session_of(graph, model.name)


def _free_the_size(graph: onnx.GraphProto) -> None:
    """Let the input be of any size: the network is convolutional, and the file says 640 by 640 throughout."""
    for value in graph.input:
        for dim, name in zip(value.type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
            dim.dim_param = name
    del graph.value_info[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")


def find(
    session: onnxruntime.InferenceSession, bgr: NDArray[np.uint8], *, score_floor: float, overlap: float
) -> NDArray[np.float32]:
    """Return the faces of a picture (height, width, 3), one a row (see `SCORE`), the surest first.

    Of faces whose boxes share more than `overlap` (intersection over union) the surest is kept.
    """
    height, width = bgr.shape[:2]
    down, across = -height % _STRIDES[-1], -width % _STRIDES[-1]
    padded = cv2.copyMakeBorder(bgr, 0, down, 0, across, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    heads = run(session, planes(np.asarray(padded, dtype=np.uint8))[None])
    rows = np.concatenate(list(_likely(heads, padded.shape[1], score_floor)))
    kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, SCORE].tolist(), score_floor, overlap)
    return rows[np.asarray(kept, dtype=np.intp).ravel()]


def _likely(heads: Sequence[NDArray[np.float32]], width: int, score_floor: float) -> Iterator[NDArray[np.float32]]:
    """Rows of the cells of each size that reach the floor. `heads` are classes, objects, boxes and marks of each."""
    sizes = len(_STRIDES)
    for number, stride in enumerate(_STRIDES):
        classes, objects, boxes, marks = (heads[number + kind * sizes][0] for kind in range(4))
        scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
        (cells,) = np.nonzero(scores >= score_floor)
        at = np.stack([cells % (width // stride), cells // (width // stride)], axis=1)
        sides = np.exp(boxes[cells, 2:])
        corners = at + boxes[cells, :2] - sides / 2
        points = (marks[cells].reshape(-1, 5, 2) + at[:, None]).reshape(-1, 10)
        measured = np.concatenate([corners, sides, points], axis=1) * stride
        yield np.concatenate([measured, scores[cells, None]], axis=1).astype(np.float32)
