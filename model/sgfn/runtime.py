"""Model files: reading them, and running them by ONNX Runtime on one CPU thread."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from google.protobuf.message import DecodeError

from sgfn.errors import UserError

Frames = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Prelude:
    """How floats are made of frames for a foreign model, and probabilities of what it gives; as of the manifest."""

    input: str
    output: str
    layout: str
    channels: str
    scale: float
    mean: list[float]
    std: list[float]
    activation: str

    def floats(self, frames: Frames) -> npt.NDArray[np.float32]:
        """[N, 3, H, W] or [N, H, W, 3] of frames [N, H, W, 3] in RGB."""
        ordered = frames if self.channels == "rgb" else frames[..., ::-1]
        scale, mean, std = (np.array(values, np.float32) for values in (self.scale, self.mean, self.std))
        nhwc = (ordered.astype(np.float32) * scale - mean) / std
        return np.ascontiguousarray(nhwc if self.layout == "nhwc" else nhwc.transpose(0, 3, 1, 2))

    def probabilities(self, found: Scores) -> Scores:
        return found if self.activation == "none" else np.asarray(1 / (1 + np.exp(-found)), np.float32)


class OnnxTagger:
    """A model file on one CPU thread. One with a prelude is given its frames one by one, as labelcast does."""

    def __init__(self, path: Path, prelude: Prelude | None = None) -> None:
        self.session = open_session(read_model(path).SerializeToString())
        self.prelude = prelude

    def __call__(self, frames: Frames) -> Scores:
        """Scores [N, n] of frames [N, H, W, 3]."""
        if self.prelude is None:
            return self.session.run(["scores"], {"frames": frames})[0]
        outputs = [self.prelude.output]
        found = [self.session.run(outputs, feed)[0] for feed in feeds(frames, self.prelude)]
        return self.prelude.probabilities(np.concatenate(found))


def feeds(frames: Frames, prelude: Prelude | None) -> list[dict[str, npt.NDArray[Any]]]:
    """What a model file is given of frames: all at once, or with a prelude one by one."""
    if prelude is None:
        return [{"frames": frames}]
    return [{prelude.input: prelude.floats(frame[None])} for frame in frames]


class OnnxTaggerWithCue:
    """A model file whose cue comes out beside its scores."""

    def __init__(self, path: Path) -> None:
        model = read_model(path)
        model.graph.output.append(onnx.helper.make_tensor_value_info("cue", onnx.TensorProto.FLOAT, None))
        self.session = open_session(model.SerializeToString())

    def __call__(self, frames: Frames) -> tuple[Scores, Scores]:
        """(Scores, scores of the cue alone), each [N, n], of frames [N, H, W, 3]."""
        scores, cue = self.session.run(["scores", "cue"], {"frames": frames})
        return scores, 1 / (1 + np.exp(-cue))


def has_cue(path: Path) -> bool:
    """Whether the scores of a model file are a residual on a cue."""
    return any("cue" in node.output for node in read_model(path).graph.node)


def read_model(path: Path) -> onnx.ModelProto:
    """Raises UserError when the file is missing or no ONNX model."""
    if not path.is_file():
        raise UserError(f"model {str(path)!r} does not exist")
    try:
        return onnx.load(path)
    except (OSError, DecodeError) as error:
        raise UserError(f"model {str(path)!r} cannot be read: {error}") from error


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """A session on one CPU thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
