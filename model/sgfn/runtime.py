"""Model files: reading them, and running them by ONNX Runtime on one CPU thread."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from google.protobuf.message import DecodeError

from sgfn.errors import UserError

Frames = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]


class OnnxTagger:
    """A model file on one CPU thread."""

    def __init__(self, path: Path) -> None:
        self.session = open_session(read_model(path).SerializeToString())

    def __call__(self, frames: Frames) -> Scores:
        """Scores [N, n] of frames [N, H, W, 3]."""
        return self.session.run(["scores"], {"frames": frames})[0]


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
