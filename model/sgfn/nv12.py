"""Command: a model that takes NV12 in place of RGB, to measure whether half the bytes a frame are worth a conversion.

What it is given is BT.601 in limited range, as most video is stored; the model behind the conversion is untouched.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, TensorProto, compose, helper, numpy_helper

from sgfn.commands import command
from sgfn.errors import run
from sgfn.export import OPSET
from sgfn.runtime import read_model

# R, G, B of Y - 16, Cb - 128, Cr - 128
BT601 = np.array([[1.164384, 0.0, 1.596027], [1.164384, -0.391762, -0.812968], [1.164384, 2.017232, 0.0]], np.float32)
OFFSETS = np.array([16, 128, 128], np.float32)
HALF = 0.5  # the cast to uint8 cuts off what follows the point


def make_conversion(height: int, width: int, ir_version: int) -> ModelProto:
    """Input `nv12` uint8 [N, H x 3/2, W]: all of Y, then Cb and Cr in turn. Output `rgb` uint8 [N, H, W, 3]."""
    constants: dict[str, npt.NDArray[Any]] = {
        "zero": np.array([0], np.int64),
        "axis": np.array([1], np.int64),
        "height": np.array([height], np.int64),
        "end": np.array([height + height // 2], np.int64),
        "chroma_shape": np.array([-1, height // 2, width // 2, 2], np.int64),
        "scales": np.array([1, 1, 2, 2], np.float32),
        "matrix": BT601.reshape(3, 3, 1, 1),
        "bias": (HALF - BT601 @ OFFSETS).astype(np.float32),
        "black": np.array(0, np.float32),
        "white": np.array(255, np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["nv12", "zero", "height", "axis"], ["luma"]),
        helper.make_node("Unsqueeze", ["luma", "axis"], ["luma_plane"]),
        helper.make_node("Cast", ["luma_plane"], ["y"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["nv12", "height", "end", "axis"], ["chroma"]),
        helper.make_node("Reshape", ["chroma", "chroma_shape"], ["chroma_pairs"]),
        helper.make_node("Transpose", ["chroma_pairs"], ["chroma_planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["chroma_planes"], ["small"], to=TensorProto.FLOAT),
        helper.make_node("Resize", ["small", "", "scales"], ["cb_cr"], mode="linear"),
        helper.make_node("Concat", ["y", "cb_cr"], ["y_cb_cr"], axis=1),
        helper.make_node("Conv", ["y_cb_cr", "matrix", "bias"], ["wide"]),
        helper.make_node("Clip", ["wide", "black", "white"], ["full"]),
        helper.make_node("Cast", ["full"], ["planes"], to=TensorProto.UINT8),
        helper.make_node("Transpose", ["planes"], ["rgb"], perm=[0, 2, 3, 1]),
    ]
    inputs = [helper.make_tensor_value_info("nv12", TensorProto.UINT8, ["N", height + height // 2, width])]
    outputs = [helper.make_tensor_value_info("rgb", TensorProto.UINT8, ["N", height, width, 3])]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "nv12", inputs, outputs, initializers)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=ir_version, producer_name="labelcast"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def with_nv12(model: ModelProto) -> ModelProto:
    """The model with the conversion in front: its input `frames` is gone, `nv12` has come in its place."""
    _, height, width, _ = (one.dim_value for one in model.graph.input[0].type.tensor_type.shape.dim)
    conversion = make_conversion(height, width, model.ir_version)
    return compose.merge_models(conversion, model, io_map=[("rgb", "frames")])


def main() -> None:
    parser = command("nv12", __doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="FILE", help="whose input is RGB frames")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="to write")
    options = parser.parse_args()
    onnx.save(with_nv12(read_model(options.model)), options.out)


if __name__ == "__main__":
    run(main)
