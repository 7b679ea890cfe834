"""Command: prelude.onnx, which makes the floats that a foreign model takes of the uint8 frames that labelcast has.

One file serves all models, as what differs between them comes in with the frames: y = (x[order] * scale - mean) / std.
"""

from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, helper

from sgfn.commands import command
from sgfn.errors import run
from sgfn.export import OPSET

IR_VERSION = 9


def make_prelude() -> ModelProto:
    """Inputs: `frames` uint8 [N, H, W, 3] RGB, `order` int64 [3] of channels, `scale` [1], `mean` and `std` [3, 1, 1].

    Outputs, of which one is to be asked for: `nchw` float32 [N, 3, H, W], `nhwc` float32 [N, H, W, 3].
    """
    nodes = [
        helper.make_node("Transpose", ["frames"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Gather", ["planes", "order"], ["ordered"], axis=1),
        helper.make_node("Cast", ["ordered"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], ["nchw"]),
        helper.make_node("Transpose", ["nchw"], ["nhwc"], perm=[0, 2, 3, 1]),
    ]
    inputs = [
        helper.make_tensor_value_info("frames", TensorProto.UINT8, ["N", "H", "W", 3]),
        helper.make_tensor_value_info("order", TensorProto.INT64, [3]),
        helper.make_tensor_value_info("scale", TensorProto.FLOAT, [1]),
        helper.make_tensor_value_info("mean", TensorProto.FLOAT, [3, 1, 1]),
        helper.make_tensor_value_info("std", TensorProto.FLOAT, [3, 1, 1]),
    ]
    outputs = [
        helper.make_tensor_value_info("nchw", TensorProto.FLOAT, ["N", 3, "H", "W"]),
        helper.make_tensor_value_info("nhwc", TensorProto.FLOAT, ["N", "H", "W", 3]),
    ]
    graph = helper.make_graph(nodes, "prelude", inputs, outputs)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="labelcast"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    parser = command("prelude", __doc__)
    parser.add_argument(
        "--out", type=Path, default=Path("model/prelude.onnx"), metavar="FILE", help="to write (default: %(default)s)"
    )
    options = parser.parse_args()
    onnx.save(make_prelude(), options.out)


if __name__ == "__main__":
    run(main)
