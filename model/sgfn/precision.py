"""A model file in fewer bits: 8-bit convolutions where they do no harm, or 16-bit floats but for the cue."""

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from sgfn.errors import UserError
from sgfn.runtime import Frames, Prelude, feeds, read_model


class Calibration(CalibrationDataReader):
    """Batches of frames [N, H, W, 3], one after the other."""

    def __init__(self, batches: Iterable[Frames], prelude: Prelude | None = None) -> None:
        self.feeds = (feed for frames in batches for feed in feeds(frames, prelude))

    def get_next(self) -> dict[str, npt.NDArray[Any]] | None:
        return next(self.feeds, None)


def pointwise_convolutions(model: onnx.ModelProto) -> list[str]:
    """Names of the 1 x 1 convolutions outside the trunk's stem, its first stage and the detector's heads."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    found = [(node.name, node.input[1]) for node in model.graph.node if node.op_type == "Conv"]
    stages = [int(stage) for _, weight in found for stage in re.findall(r"backbone\.stage(\d+)\.", weight)]
    kept = re.compile(rf"backbone\.(stem|heads|stage{min(stages, default=0)})\.")
    return [name for name, weight in found if shapes[weight][2:] == (1, 1) and not kept.search(weight)]


def write_int8(source: Path, target: Path, batches: Iterable[Frames], prelude: Prelude | None = None) -> None:
    """Static 8-bit quantisation of `pointwise_convolutions`, weights by channel, ranges as seen on `batches`.

    Raises UserError when the file has none of these.
    """
    nodes = pointwise_convolutions(read_model(source))
    if not nodes:
        raise UserError(f"model {str(source)!r} has no 1 x 1 convolution that could be quantised")
    logging.getLogger().setLevel(logging.ERROR)  # its advice to pre-process: this file's shapes are known
    quantize_static(
        source,
        target,
        Calibration(batches, prelude),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_quantize=nodes,
    )


def write_fp16(source: Path, target: Path) -> None:
    """16-bit floats but for frames (uint8), the cue and what follows it, and the scores, which stay float32.

    A 16-bit probability near 1 has no log-odds, and a product over thousands of cells no 16-bit value.
    """
    model = read_model(source)
    reduced = convert_float_to_float16(model, keep_io_types=True, node_block_list=in_full(model.graph))
    remove_round_trips(reduced.graph)
    OnnxModel(reduced).topological_sort()  # the conversion puts its casts at the end
    onnx.checker.check_model(reduced, full_check=True)
    onnx.save(reduced, target)


def remove_round_trips(graph: onnx.GraphProto) -> None:
    """Joins nodes in full that the conversion parted by a cast to 16 bits and back; their values keep their names."""
    outputs = {value.name for value in graph.output}
    casts = {node.output[0]: node for node in graph.node if node.op_type == "Cast"}
    joined, kept = {}, {}
    for back in casts.values():
        there = casts.get(back.input[0])
        if there and to(there) == onnx.TensorProto.FLOAT16 and to(back) == onnx.TensorProto.FLOAT:
            joined[back.output[0]] = there.input[0]
            if back.output[0] in outputs:
                kept[there.input[0]] = back.output[0]
            graph.node.remove(back)
    rename(graph, joined)
    used = {name for node in graph.node for name in node.input}
    for there in [node for node in casts.values() if node in graph.node and node.output[0] not in used | outputs]:
        kept.setdefault(there.input[0], there.output[0])
        graph.node.remove(there)
    rename(graph, kept)
    del graph.value_info[:]  # says 16 bits of values that are whole again


def to(cast: onnx.NodeProto) -> int:
    return next(attribute.i for attribute in cast.attribute if attribute.name == "to")


def rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    for node in graph.node:
        for values in (node.input, node.output):
            values[:] = [names.get(value, value) for value in values]


def in_full(graph: onnx.GraphProto) -> list[str]:
    """Names of the nodes that compute the cue from the heads' last convolutions, and of all that need the cue."""
    scores = graph.output[0].name
    names: list[str] = []
    wanted = {scores, "cue"} if any("cue" in node.output for node in graph.node) else {scores}
    behind = {"cue"}
    for node in graph.node:  # in topological order
        if behind.intersection(node.input):
            behind.update(node.output)
            names.append(node.name)
    for node in reversed(graph.node):
        if wanted.intersection(node.output) and node.name not in names and node.op_type != "Conv":
            names.append(node.name)
            wanted.update(node.input)
    return names
