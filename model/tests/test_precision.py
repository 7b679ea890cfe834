"""A model file in int8 and fp16, and what is said of it."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from conftest import make_tagger
from PIL import Image

from sgfn import quantize
from sgfn.configuration import read_configuration
from sgfn.data import read_data
from sgfn.errors import UserError
from sgfn.evaluate import Labelled
from sgfn.export import export_onnx
from sgfn.golden import write_golden
from sgfn.nanodet import NanodetPlus
from sgfn.photos import LABEL_LISTS, Photo, label_names
from sgfn.precision import pointwise_convolutions, write_fp16, write_int8
from sgfn.quantize import Timed, measure, parity, verdict
from sgfn.runtime import OnnxTagger, OnnxTaggerWithCue, read_model
from sgfn.taggers import RANDOM, build_tagger
from sgfn.yolox import YoloxNano

FRAMES = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
TRUNKS = [YoloxNano, NanodetPlus]


def exported(trunk: type[YoloxNano | NanodetPlus], folder: Path) -> Path:
    export_onnx(make_tagger(trunk=trunk), folder / "model.onnx", 64, 64)
    return folder / "model.onnx"


@pytest.mark.parametrize(("trunk", "first"), [(YoloxNano, "stage1"), (NanodetPlus, "stage2")])
def test_only_pointwise_convolutions_outside_stem_first_stage_and_heads_become_8_bit(
    trunk: type[YoloxNano | NanodetPlus], first: str, tmp_path: Path
) -> None:
    source, target = exported(trunk, tmp_path), tmp_path / "int8.onnx"
    before = read_model(source)
    weights = {node.name: node.input[1] for node in before.graph.node if node.op_type == "Conv"}
    shapes = {tensor.name: tuple(tensor.dims) for tensor in before.graph.initializer}
    chosen = [weights[name] for name in pointwise_convolutions(before)]
    assert chosen and {shapes[weight][2:] for weight in chosen} == {(1, 1)}
    assert not any(part in weight for weight in chosen for part in (".stem.", f".{first}.", ".heads."))
    assert any("sgfn.projections" in weight for weight in chosen)

    write_int8(source, target, [FRAMES])
    after = read_model(target)
    kept = {tensor.name for tensor in after.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT}
    assert kept >= set(weights.values()) - set(chosen) and not kept & set(chosen)
    np.testing.assert_allclose(OnnxTagger(target)(FRAMES), OnnxTagger(source)(FRAMES), atol=0.1)


@pytest.mark.parametrize("trunk", TRUNKS)
def test_fp16_keeps_frames_cue_and_scores_as_they_are(trunk: type[YoloxNano | NanodetPlus], tmp_path: Path) -> None:
    source, target = exported(trunk, tmp_path), tmp_path / "fp16.onnx"
    write_fp16(source, target)
    graph = read_model(target).graph
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert graph.output[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert target.stat().st_size < 0.6 * source.stat().st_size
    scores, cue = OnnxTaggerWithCue(target)(FRAMES)  # refuses a cue that is not float32
    expected, expected_cue = OnnxTaggerWithCue(source)(FRAMES)
    np.testing.assert_allclose(scores, expected, atol=0.02)
    np.testing.assert_allclose(cue, expected_cue, atol=0.02)


def test_a_file_without_pointwise_convolutions_is_refused(tmp_path: Path) -> None:
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", [value], [result])
    onnx.save(onnx.helper.make_model(graph), tmp_path / "model.onnx")
    with pytest.raises(UserError, match="no 1 x 1 convolution"):
        write_int8(tmp_path / "model.onnx", tmp_path / "int8.onnx", [])


def test_every_file_is_timed_for_every_batch(tmp_path: Path) -> None:
    tagger = OnnxTagger(exported(YoloxNano, tmp_path))
    timed = measure({"fp32": tagger, "int8": tagger}, 64, runs=2)
    assert {name: len(found) for name, found in timed.milliseconds.items()} == {"fp32": 2, "int8": 2}
    assert all(ms > 0 for found in timed.milliseconds.values() for ms in found)


def known(positive: np.ndarray) -> Labelled:
    photo = Photo(Path("1.jpg"), "coco", "train", frozenset(), frozenset())
    return Labelled([photo] * len(positive), positive, np.ones_like(positive))


def test_the_table_gives_map_differences_size_and_speed(tmp_path: Path) -> None:
    (tmp_path / "int8").write_bytes(bytes(1_500_000))
    positive = np.array([[True], [True], [True], [False]])
    fp32, int8 = np.array([[0.9], [0.8], [0.7], [0.1]]), np.array([[0.9], [0.8], [0.7], [0.3]])
    timed = Timed({"fp32": [20.0, 10.0], "int8": [10.0, 20.0]})
    table = parity({"fp32": [fp32], "int8": [int8]}, [known(positive)], timed, {"int8": tmp_path / "int8"})
    assert table.split("\n")[-1].split() == [
        "int8",
        "1.0000",
        "2.0e-01",
        "5.0e-02",
        "1.50",
        "10.0",
        "(2.00)",
        "20.0",
        "(0.50)",
    ]


@pytest.mark.parametrize(
    ("fp32", "int8", "ships"), [(20.0, 16.0, True), (20.0, 16.1, False)], ids=["at the bar", "too slow"]
)
def test_int8_is_shipped_when_it_is_fast_enough(fp32: float, int8: float, ships: bool) -> None:
    positive = np.array([[True], [True], [True], [False]])
    scores = {name: [np.array([[0.9], [0.8], [0.7], [0.1]])] for name in ("fp32", "int8")}
    said = verdict(scores, [known(positive)], Timed({"fp32": [fp32], "int8": [int8]}))
    assert said.startswith("int8 is to be shipped" if ships else "int8 is not to be shipped")


def test_int8_that_loses_too_much_is_not_shipped() -> None:
    positive = np.array([[True], [True], [True], [False]])
    scores = {"fp32": [np.array([[0.9], [0.8], [0.7], [0.1]])], "int8": [np.array([[0.9], [0.8], [0.1], [0.7]])]}
    said = verdict(scores, [known(positive)], Timed({"fp32": [20.0], "int8": [10.0]}))
    assert said.startswith("int8 is not to be shipped: 2.00 x")
    assert "mAP lower by 8.33 points" in said


CONFIGURATION = """name = "tiny"
[trunk]
name = "yolox-nano"
share = 1
[frames]
size = 64
[sgfn]
channels = 16
"""


def draw_photos(folder: Path, count: int) -> None:
    rows = ["file,set,split,labels,difficult"]
    for index in range(count):
        source = "coco" if index % 2 else "voc"
        (folder / source).mkdir(exist_ok=True)
        pixels = np.random.default_rng(index).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / source / f"{index}.png")
        rows.append(f"{index}.png,{source.upper()},train,person,")
    (folder / "labels.csv").write_text("\n".join(rows))
    for name in ("coco80.txt", "voc20.txt"):
        (folder / name).write_text((LABEL_LISTS / name).read_text())


def test_the_trunks_share_is_the_configurations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    draw_photos(tmp_path, 16)
    Path("tiny.toml").write_text(CONFIGURATION)
    np.save("vectors.npy", np.random.default_rng(0).normal(size=(80, 12)))
    tagger = build_tagger(read_configuration("tiny.toml"), read_data(tmp_path), RANDOM, Path("vectors.npy")).eval()
    torch.nn.init.normal_(tagger.sgfn.class_weight)
    torch.save({"average": {f"module.{name}": value for name, value in tagger.state_dict().items()}}, "one.pt")
    package = tmp_path / "package"
    package.mkdir()
    export_onnx(tagger, package / "model.onnx", 64, 64)
    write_golden(tagger, package / "golden", 64)
    manifest = {
        "files": {"fp32": {"path": "model.onnx"}},
        "input": {"width": 64, "height": 64, "resize": "letterbox", "interpolation": "bilinear"},
        "labels": [{"name": name} for name in label_names("coco80")],
        "smoothing": {"enter": 0.5},
    }
    (package / "manifest.json").write_text(json.dumps(manifest))
    command = "quantize --data . --package package --out out --configuration tiny.toml --weights random"
    monkeypatch.setattr(sys, "argv", [*command.split(), "--vectors", "vectors.npy", "--checkpoint", "one.pt"])
    quantize.main()
    (row,) = (line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("PyTorch"))
    assert float(row[3]) < 1e-4  # largest difference from the package, which holds the fine-tuned trunk alone
