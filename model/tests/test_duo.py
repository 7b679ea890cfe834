"""Two packages as one."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from test_pipeline import COLOURS, Command, command  # noqa: F401 # a fixture

from sgfn.duo import Weights, fit_weights, join
from sgfn.errors import UserError
from sgfn.runtime import Frames, OnnxTagger, has_cue, open_session

SIZE = 8


def frames(count: int) -> Frames:
    return np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def make_model(weight: np.ndarray, residual: float, last: str = "Sigmoid") -> onnx.ModelProto:
    """The mean colour of [0, 1] by `weight` [3, n] is its cue, to which `residual` is added."""
    labels = weight.shape[1]
    nodes = [
        helper.make_node("Cast", ["frames"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "weight"], ["cue"]),
        helper.make_node("Add", ["cue", "residual"], ["sum"]),
        helper.make_node(last, ["sum"], ["scores"]),
        helper.make_node("Identity", ["mean"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["N", SIZE, SIZE, 3])],
        [
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", labels]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 3]),
        ],
        [
            numpy_helper.from_array((weight / 255).astype(np.float32), "weight"),
            numpy_helper.from_array(np.array(residual, np.float32), "residual"),
            numpy_helper.from_array(np.array([1, 2]), "axes"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def test_log_odds_are_the_weighed_sum_of_the_first_and_the_cue_of_the_second(tmp_path: Path) -> None:
    first, second = np.random.default_rng(1).normal(size=(2, 3, 4))
    weights = Weights(0.6, 0.4, -0.1)
    joined = join(make_model(first, 0.5), make_model(second, 9.0), weights)
    scores, embedding = open_session(joined.SerializeToString()).run(None, {"frames": frames(5)})
    means = frames(5).mean((1, 2)) / 255
    odds = 0.6 * (means @ first + 0.5) + 0.4 * (means @ second) - 0.1
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-odds)), rtol=1e-5)
    np.testing.assert_allclose(embedding, 255 * means, rtol=1e-5)
    onnx.save(joined, tmp_path / "duo.onnx")
    assert not has_cue(tmp_path / "duo.onnx")  # its scores are no residual on the first's cue


def test_weights_are_those_that_the_labels_were_drawn_by() -> None:
    draw = np.random.default_rng(2)
    first, second = draw.normal(0, 2, (2, 4000, 5))
    positive = draw.random((4000, 5)) < 1 / (1 + np.exp(-(0.7 * first + 0.3 * second - 1)))
    known = draw.random((4000, 5)) < 0.8
    fitted = fit_weights(first, second, np.where(known, positive, ~positive), known)
    np.testing.assert_allclose(fitted, (0.7, 0.3, -1), atol=0.06)


def test_models_that_do_not_fit_are_refused() -> None:
    three, four = make_model(np.ones((3, 3)), 0), make_model(np.ones((3, 4)), 0)
    with pytest.raises(UserError, match=r"^the models are of another number of labels, 3 and 4"):
        join(three, four, Weights(1, 1, 0))
    with pytest.raises(UserError, match=r"^a model whose scores are no sigmoid"):
        join(make_model(np.ones((3, 3)), 0, "Tanh"), three, Weights(1, 1, 0))


def test_the_command_joins_packages_and_says_what_they_reach(
    command: Command,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest = {
        "files": {"fp32": {"path": "model.onnx"}},
        "input": {"width": SIZE, "resize": "squash", "interpolation": "bilinear"},
        "labels": [{"name": name} for name in COLOURS],
        "smoothing": {"enter": 0.5},
    }
    for name, colours in {"one": (4, -4, 0), "two": (0, 4, 4)}.items():
        Path(name).mkdir()
        onnx.save(make_model(np.diag(colours), 0), f"{name}/model.onnx")
        Path(name, "manifest.json").write_text(json.dumps(manifest))
    Path("wrong.txt").write_text("train2017-0.jpg\n")
    both = ["--data", "data", "--packages", "one", "two", "--to", "duo.onnx", "--resize", "letterbox", "--test"]
    command("duo", *both, "--without", "wrong.txt")
    told = capsys.readouterr().out
    assert "wrote duo.onnx, 0.0 MB, photos by letterbox\nlog-odds " in told
    assert "coco dev: mAP 1.000 beside " in told and "coco test: mAP 1.000 beside " in told
    assert OnnxTagger(Path("duo.onnx"))(frames(2)).shape == (2, 3)
