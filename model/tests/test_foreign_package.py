"""The commands that try a package, on one with a prelude, as `labelcast model import` makes them."""

import gzip
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from test_pipeline import COLOURS, Command, command  # noqa: F401 # a fixture

from sgfn.errors import UserError
from sgfn.evaluate import frames_of
from sgfn.packages import read_package
from sgfn.photos import Photo, letterbox
from sgfn.runtime import Frames, Scores

SIZE = 8
MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.3, 0.4]
WEIGHT = np.random.default_rng(1).normal(size=(len(COLOURS), 3)).astype(np.float32)


def make_model(path: Path, layout: str) -> None:
    """Takes one picture: the mean over it of a 1 x 1 convolution, as logits."""
    shape, axes = ([1, 3, SIZE, SIZE], [2, 3]) if layout == "nchw" else ([1, SIZE, SIZE, 3], [1, 2])
    nodes = [
        helper.make_node("ReduceMean", ["planes"], ["logits"], axes=axes, keepdims=0, name="mean"),
        helper.make_node("Conv", ["x", "weight"], ["planes"], name="conv"),
    ][::-1]
    if layout == "nhwc":
        nodes = [
            helper.make_node("MatMul", ["x", "weight"], ["planes"]),
            helper.make_node("ReduceMean", ["planes"], ["logits"], axes=axes, keepdims=0),
        ]
    weight = WEIGHT[..., None, None] if layout == "nchw" else WEIGHT.T.copy()
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, len(COLOURS)])],
        [numpy_helper.from_array(weight, "weight")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def expected_scores(frames: Frames) -> Scores:
    floats = (frames[..., ::-1] / 255 - MEAN) / STD
    return 1 / (1 + np.exp(-(floats.mean((1, 2)) @ WEIGHT.T)))


def make_package(folder: Path, layout: str = "nchw") -> Frames:
    """Its golden frames."""
    (folder / "golden").mkdir(parents=True)
    make_model(folder / "model.onnx", layout)
    manifest = {
        "files": {"fp32": {"path": "model.onnx"}},
        "input": {"width": SIZE, "height": SIZE, "resize": "letterbox", "align": "center", "interpolation": "bilinear"},
        "prelude": {
            "input": "x",
            "output": "logits",
            "layout": layout,
            "channels": "bgr",
            "scale": 1 / 255,
            "mean": MEAN,
            "std": STD,
            "activation": "sigmoid",
        },
        "labels": [{"name": name} for name in COLOURS],
        "smoothing": {"enter": 0.5},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    frames = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
    (folder / "golden/frames.u8.gz").write_bytes(gzip.compress(frames.tobytes()))
    golden = {"frames": 3, "tolerance": 1e-4, "scores": expected_scores(frames).tolist()}
    (folder / "golden/golden.json").write_text(json.dumps(golden))
    return frames


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_frames_are_made_what_the_model_takes(layout: str, tmp_path: Path) -> None:
    frames = make_package(tmp_path, layout)
    np.testing.assert_allclose(read_package(tmp_path).tagger()(frames), expected_scores(frames), atol=1e-5)


def test_a_letterboxed_photo_lies_where_the_manifest_says(tmp_path: Path) -> None:
    make_package(tmp_path)
    wide = Image.new("RGB", (16, 8))
    wide.save(tmp_path / "wide.png")
    geometry = read_package(tmp_path).geometry
    (read,) = next(frames_of([Photo(tmp_path / "wide.png", "coco", "test", frozenset(), frozenset())], geometry))
    for frame in (geometry.frame(wide), read):
        assert frame[:, 0, 0].tolist() == [114, 114, 0, 0, 0, 0, 114, 114]
    assert letterbox(wide, SIZE)[:, 0, 0].tolist() == [0, 0, 0, 0, 114, 114, 114, 114]


def test_the_commands_take_such_a_package(
    command: Command,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_package(Path("foreign"))
    command("evaluate", "--data", "data", "--package", "foreign", "--other", "foreign/model.onnx")
    told = capsys.readouterr().out
    assert "mAP of model over other model: +0.000 [+0.000, +0.000]" in told and "one thread: batch 1:" in told
    command("card", "--data", "data", "--package", "foreign")
    assert "| apple | 4 |" in capsys.readouterr().out
    command("inventions", "--data", "data", "--package", "foreign")
    assert "100 drawn frames of nothing\n  foreign: " in capsys.readouterr().out
    command("quantize", "--data", "data", "--package", "foreign", "--out", "reduced")
    told = capsys.readouterr().out
    assert "largest difference from PyTorch on the golden frames: fp32 " in told
    assert float(told.partition("frames: fp32 ")[2].partition(",")[0]) < 1e-5


def test_another_package_is_given_as_its_folder_or_as_a_file_in_it(
    command: Command,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_package(Path("foreign"))
    make_package(Path("other"))
    Path("other/model.onnx").rename("other/mine.onnx")
    manifest = Path("other/manifest.json")
    manifest.write_text(manifest.read_text().replace("model.onnx", "mine.onnx"))
    for given in ("other", "other/mine.onnx"):
        command("evaluate", "--data", "data", "--package", "foreign", "--other", given)
        assert "mAP of model over other model: +0.000 [+0.000, +0.000]" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"^model 'other/none\.onnx' does not exist$"):
        command("evaluate", "--data", "data", "--package", "foreign", "--other", "other/none.onnx")


@pytest.mark.parametrize("labels", [[*COLOURS][::-1], [*COLOURS][:2]])
def test_another_package_of_other_labels_is_not_compared_with(labels: list[str], command: Command) -> None:  # noqa: F811
    make_package(Path("foreign"))
    make_package(Path("other"))
    manifest = json.loads(Path("other/manifest.json").read_text())
    Path("other/manifest.json").write_text(json.dumps(manifest | {"labels": [{"name": name} for name in labels]}))
    for given in ("other/model.onnx", "other"):
        with pytest.raises(
            UserError, match=rf"^--other '{given}' has other labels than --package, or in another order"
        ):
            command("evaluate", "--data", "data", "--package", "foreign", "--other", given)


def test_a_package_without_a_detector_is_not_compared_with_one(command: Command) -> None:  # noqa: F811
    make_package(Path("foreign"))
    with pytest.raises(UserError, match=r"^'foreign' has no detector as trunk that --weights could be compared with"):
        command("evaluate", "--data", "data", "--package", "foreign", "--weights", "detector.onnx")
