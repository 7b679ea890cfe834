from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from conftest import make_tagger

from sgfn.export import ExportedTagger, export_onnx
from sgfn.nanodet import NanodetPlus
from sgfn.runtime import OnnxTagger, OnnxTaggerWithCue, open_session
from sgfn.yolox import YoloxNano


@pytest.mark.parametrize("trunk", [YoloxNano, NanodetPlus])
def test_an_exported_tagger_scores_as_pytorch_does_for_any_number_of_frames(
    trunk: type[YoloxNano | NanodetPlus], tmp_path: Path
) -> None:
    tagger, path = make_tagger(trunk=trunk), tmp_path / "model.onnx"
    export_onnx(tagger, path, 64, 64)
    frames = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        expected, embedding, cue = ExportedTagger(tagger)(torch.from_numpy(frames))
    exported = OnnxTagger(path)
    np.testing.assert_allclose(exported(frames), expected, atol=1e-5)
    np.testing.assert_allclose(exported(frames[:1]), expected[:1], atol=1e-5)
    np.testing.assert_allclose(OnnxTaggerWithCue(path)(frames)[1], cue.sigmoid(), atol=1e-5)

    model = onnx.load(path)
    assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["frames", "scores", "embedding"]
    (exported_embedding,) = open_session(model.SerializeToString()).run(["embedding"], {"frames": frames})
    np.testing.assert_allclose(exported_embedding, embedding, atol=1e-5)
    np.testing.assert_allclose((exported_embedding**2).sum(1), 1, atol=1e-5)
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert model.graph.output[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert model.opset_import[0].version >= 17
    # Word vectors and graph attention are folded into E, G and S.
    assert not any("vectors" in tensor.name or "hidden" in tensor.name for tensor in model.graph.initializer)
    assert str(Path(__file__).parents[2]).encode() not in path.read_bytes()
