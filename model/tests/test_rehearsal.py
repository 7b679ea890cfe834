"""A full-size network and its file, made whole from nothing."""

import json
from pathlib import Path

import onnx
import torch

from sgfn.configuration import read_configuration
from sgfn.rehearsal import export, parameters, random_tagger, train_a_step


def test_tresnet_m_at_224_trains_a_step_and_exports(tmp_path: Path) -> None:
    torch.manual_seed(0)
    configuration = read_configuration("sgfn-tresnet-m-224")
    tagger = random_tagger(configuration)
    assert round(parameters(tagger) / 1e6, 1) == 36.0
    before = tagger.backbone.network.state_dict()["body_conv1.conv.weight"].clone()
    loss, _ = train_a_step(tagger, configuration)
    assert 0 < loss < 100
    assert not torch.equal(before, tagger.backbone.network.state_dict()["body_conv1.conv.weight"])

    exported = export(tagger, 224, tmp_path / "model.onnx")
    assert exported.difference < 1e-5 and 140e6 < exported.bytes < 150e6
    model = onnx.load(tmp_path / "model.onnx")
    assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["frames", "scores", "embedding"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    fed = json.loads({p.key: p.value for p in model.metadata_props}["preprocessing"])
    assert (fed["mean"], fed["std"], fed["interpolation"], fed["resize"]) == (
        [0, 0, 0],
        [1, 1, 1],
        "bilinear",
        "squash",
    )
