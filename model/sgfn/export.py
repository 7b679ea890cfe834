"""A tagger as one ONNX file: uint8 frames in, probabilities out, everything that does not depend on a frame folded."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from sgfn.backbones import Backbone
from sgfn.label_graph import Semantics
from sgfn.network import Tagger

# setup.sh leaves triton out, of which the exporter's imports would warn
logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)

OPSET = 18
OUTPUTS = ("scores", "embedding")


class ExportedTagger(nn.Module):
    """uint8 frames [N, H, W, 3] RGB to scores [N, n], embedding [N, C] (and the cue's logits); E, G, S as constants."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        self.tagger = tagger
        with torch.no_grad():
            semantics = tagger.semantics()
        for name, value in semantics._asdict().items():
            self.register_buffer(name, value)

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        constants = Semantics(*(self.get_buffer(name) for name in Semantics._fields))
        found = self.tagger.see(frames.permute(0, 3, 1, 2).float(), constants)
        outputs = (found.logits.sigmoid(), found.embedding)
        return outputs if found.cue is None else (*outputs, found.cue)


class ExportedTrunk(nn.Module):
    """uint8 frames [N, H, W, 3] RGB to what the backbone gives: its taps, then its scores."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        taps, scores = self.backbone(frames.permute(0, 3, 1, 2).float())
        return (*taps, *scores)


def export_onnx(tagger: Tagger, path: Path, width: int, height: int) -> None:
    """Writes `path` with input `frames` and outputs `scores` and `embedding`; the number of frames stays dynamic.

    How the trunk's makers feed it stands in the metadata `preprocessing`. The cue's logits are an inner value named
    `cue`, which `OnnxTaggerWithCue` can bring out.
    """
    names = OUTPUTS if tagger.cue is None else (*OUTPUTS, "cue")
    model = to_onnx(ExportedTagger(tagger), names, width, height)
    del model.graph.output[len(OUTPUTS) :]
    onnx.helper.set_model_props(model, {"preprocessing": json.dumps(tagger.backbone.preprocessing(), allow_nan=False)})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def to_onnx(module: nn.Module, outputs: Sequence[str] | None, width: int, height: int) -> onnx.ModelProto:
    """A module of uint8 frames as a graph of any number of them."""
    program = torch.onnx.export(
        module.eval(),
        (torch.zeros(2, height, width, 3, dtype=torch.uint8),),
        input_names=["frames"],
        output_names=outputs,
        dynamic_shapes={"frames": {0: torch.export.Dim("N")}},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    del model.graph.value_info[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]  # the exporter's own stack traces, with the paths of this machine
    return model
