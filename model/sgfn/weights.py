"""Weights out of a published detector's ONNX file, batch normalisation already folded into its convolutions."""

from pathlib import Path

import torch
from onnx import numpy_helper
from torch import Tensor, nn

from sgfn.errors import UserError
from sgfn.runtime import read_model

Convolutions = list[tuple[Tensor, Tensor]]
"""(weight, bias) of each convolution, in execution order."""


def read_convolutions(path: Path, without: str | None = None) -> Convolutions:
    """Those of the file, but for the ones whose weight's name contains `without`. Raises UserError without a
    file or such convolutions."""
    graph = read_model(path).graph
    values = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    nodes = [
        node for node in graph.node if node.op_type == "Conv" and (without is None or without not in node.input[1])
    ]
    if not nodes or any(len(node.input) < 3 or not {*node.input[1:]} <= values.keys() for node in nodes):
        raise UserError("not every convolution has weights and a bias in the file, or there is none")
    return [(values[node.input[1]], values[node.input[2]]) for node in nodes]


def load_convolutions(trunk: nn.Module, found: Convolutions) -> None:
    """Copies `found` into the convolutions of `trunk`, which declares them in execution order.

    Raises UserError when their number or a shape differs.
    """
    convolutions = [module for module in trunk.modules() if isinstance(module, nn.Conv2d)]
    if len(found) != len(convolutions):
        raise UserError(f"{len(found)} convolutions, not {len(convolutions)}")
    for index, (module, (weight, bias)) in enumerate(zip(convolutions, found, strict=True)):
        if module.weight.shape != weight.shape:
            raise UserError(f"convolution {index} has shape {tuple(weight.shape)}, not {tuple(module.weight.shape)}")
        assert module.bias is not None
        module.weight.data.copy_(weight)
        module.bias.data.copy_(bias)
