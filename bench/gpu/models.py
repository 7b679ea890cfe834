"""Writes model.fp32.onnx and model.fp16.onnx of a configuration with untrained weights, or model.fp16.onnx of a given file.

python bench/gpu/models.py CONFIGURATION|MODEL.onnx FOLDER, with model/ on PYTHONPATH. Weights have 16 values a tensor, so that a folder of
them packs small: what a frame costs does not depend on them. Prints one line of JSON: the frames' size.
"""

import json
import sys
from pathlib import Path

import torch

from sgfn import rehearsal
from sgfn.configuration import read_configuration
from sgfn.precision import write_fp16

LEVELS = 16
RANGE = 3  # standard deviations


def coarsen(tensor: torch.Tensor) -> None:
    """Moves every weight to the nearest of `LEVELS` values, evenly spread."""
    step = 2 * RANGE * tensor.std() / (LEVELS - 1)
    if step > 0:
        tensor.copy_(((tensor / step - 0.5).round().clamp(-LEVELS / 2, LEVELS / 2 - 1) + 0.5) * step)


def main(source: str, folder: Path) -> None:
    if source.endswith(".onnx"):
        write_fp16(Path(source), folder / "model.fp16.onnx")
        return
    torch.manual_seed(0)
    configuration = read_configuration(source)
    tagger = rehearsal.random_tagger(configuration)
    with torch.no_grad():
        for weights in tagger.parameters():
            if weights.ndim > 1:
                coarsen(weights)
    fp32 = folder / "model.fp32.onnx"
    rehearsal.export(tagger, configuration.frames.size, fp32)
    write_fp16(fp32, folder / "model.fp16.onnx")
    print(json.dumps({"size": configuration.frames.size}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
