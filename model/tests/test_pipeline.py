"""The commands one after the other, on a made COCO folder and a small network of timm without weights."""

import csv
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sgfn.data import read_data
from sgfn.errors import UserError
from sgfn.photos import split_dev

COLOURS = {"apple": (220, 20, 20), "broccoli": (20, 200, 20), "tv": (20, 20, 220)}
CONFIGURATION = """name = "tiny"
[trunk]
name = "mobilenetv3_small_050.lamb_in1k"
[labels]
names = "labels.txt"
[frames]
size = 64
resize = "squash"
[augmentation]
crop = 64
[batches]
photos = 8
[sgfn]
channels = 16
[recipe]
epochs = 2
head_rate = 1e-2
loss = "asl"
"""
SOURCES = "--configuration tiny.toml --data data --weights random --vectors vectors.npy"
BUILD = [*SOURCES.split(), "--checkpoint", "one.pt"]

Command = Callable[..., None]


def make_photos(data: Path, split: str, count: int) -> None:
    (data / split).mkdir(parents=True)
    (data / "annotations").mkdir(exist_ok=True)
    images, annotations = [], []
    for number in range(count):
        label = number % len(COLOURS)
        noise = np.random.default_rng(number).integers(-20, 20, (40, 50, 3))
        pixels = np.clip(noise + list(COLOURS.values())[label], 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(data / split / f"{split}-{number}.jpg")
        images.append({"id": number, "file_name": f"{split}-{number}.jpg"})
        annotations.append({"image_id": number, "category_id": label})
    categories = [{"id": number, "name": name} for number, name in enumerate(COLOURS)]
    table = {"images": images, "annotations": annotations, "categories": categories}
    (data / f"annotations/instances_{split}.json").write_text(json.dumps(table))


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    make_photos(tmp_path / "data", "train2017", 48)
    make_photos(tmp_path / "data", "val2017", 12)
    (tmp_path / "tiny.toml").write_text(CONFIGURATION)
    (tmp_path / "labels.txt").write_text("\n".join(COLOURS))
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(3, 8)))
    monkeypatch.chdir(tmp_path)

    def call(name: str, *arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        import_module(f"sgfn.{name}").main()

    return call


def test_photos_become_a_package(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command("train", *BUILD, "--dev-every", "1", "--device", "cpu")
    assert "epoch 2/2 loss" in capsys.readouterr().out
    with Path("one.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"] and all(0 < float(row["coco_dev_map"]) <= 1 for row in rows)
    command("train", *BUILD, "--dev-every", "1", "--device", "cpu")
    assert "epoch" not in capsys.readouterr().out  # nothing was left to train

    command("share", *BUILD, "--shares", "1")
    assert f"share 1.00: dev mAP coco {float(rows[-1]['coco_dev_map']):.4f} (3 labels)" in capsys.readouterr().out

    command("package", *BUILD, "--package", "tiny")
    told = capsys.readouterr().out
    manifest = json.loads(Path("tiny/manifest.json").read_text())
    stated = {key: manifest["input"][key] for key in ("width", "height", "resize", "interpolation")}
    assert stated == {"width": 64, "height": 64, "resize": "squash", "interpolation": "bicubic"}
    assert [label["name"] for label in manifest["labels"]] == list(COLOURS)
    assert (
        "mobilenetv3_small_050.lamb_in1k trunk (weights of that name in timm, licence apache" in manifest["trainedOn"]
    )

    assert manifest["licence"] == "apache-2.0"  # that of the trunk's weights, as timm records it
    commands = {metric["command"] for metric in manifest["metrics"]}
    assert commands == {"model/.venv/bin/python -m sgfn.evaluate --data PATH --package tiny"}

    assert f"wrote tiny: tiny 1.0.0, 3 labels, 1.2 MB\nsha256 {manifest['files']['fp32']['sha256']}\n" in told
    assert sorted(path.name for path in Path("tiny").iterdir()) == ["golden", "manifest.json", "model.onnx"]

    with pytest.raises(
        UserError, match=r"^'tiny' holds another model, tiny 1\.0\.0: give another folder .* or --replace"
    ):
        command("package", *BUILD, "--share", "0", "--package", "tiny")
    assert [path.name for path in Path().glob("*tiny*") if path.is_dir()] == ["tiny"]

    command("evaluate", "--data", "data", "--package", "tiny")
    mean_ap = next(metric["value"] for metric in manifest["metrics"] if metric["name"] == "mAP")
    assert f"SGFN             {mean_ap:6.3f}" in capsys.readouterr().out

    command("neighbours", "--data", "data", "--package", "tiny")
    assert "coco test: 12 photos; of the 10 nearest, the share with a label in common\n" in capsys.readouterr().out
    make_photos(Path("few"), "val2017", 10)
    with pytest.raises(UserError, match=r"^coco test: 10 photos hold a label .*, but each needs 10 others: add photos"):
        command("neighbours", "--data", "few", "--package", "tiny")

    command("quantize", *BUILD, "--package", "tiny", "--out", "reduced", "--test")
    dev, _, test = capsys.readouterr().out.partition("test: 12 coco photos\n")
    reached = {name: float(row[0]) for name, *row in map(str.split, test.splitlines()) if name in ("PyTorch", "fp32")}
    assert "dev: 24 coco photos\n" in dev
    assert reached == {name: pytest.approx(mean_ap, abs=1e-3) for name in ("PyTorch", "fp32")}
    assert Path("reduced/model.int8.onnx").stat().st_size < Path("tiny/model.onnx").stat().st_size
    with pytest.raises(UserError, match=r"^package 'tiny' has other labels than configuration 'tiny': give --config"):
        Path("labels.txt").write_text("\n".join(reversed(COLOURS)))
        command("quantize", *BUILD, "--package", "tiny", "--out", "reduced")


def test_a_package_is_of_the_photos_that_its_checkpoint_learnt(command: Command) -> None:
    command("train", *BUILD, "--epochs", "1")
    learnt_all = [*SOURCES.split(), "--checkpoint", "all.pt"]
    command("train", *learnt_all, "--epochs", "1", "--with-dev")
    with pytest.raises(UserError, match=r"^all\.pt was trained --with-dev, .* give --held-out-model, the model\.onnx"):
        command("package", *learnt_all, "--package", "tiny")
    command("publish", "--checkpoint", "all.pt", "--to", "all.safetensors")
    with pytest.raises(UserError, match=r"^all\.safetensors was trained --with-dev, .* give --held-out-model"):
        command("package", *SOURCES.split(), "--checkpoint", "all.safetensors", "--package", "tiny")
    assert not Path("tiny").exists()
    command("package", *BUILD, "--package", "held-out")
    held_out = ("--held-out-model", "held-out/model.onnx")
    command("package", *learnt_all, "--package", "tiny", *held_out)
    assert "48 photos annotated as COCO's" in json.loads(Path("tiny/manifest.json").read_text())["trainedOn"]
    with pytest.raises(UserError, match=r"^one\.pt was trained without --with-dev, .*: leave --held-out-model out$"):
        command("package", *BUILD, "--package", "tiny", *held_out)
    Path("data/train2017/train2017-0.jpg").unlink()
    table = Path("data/annotations/instances_train2017.json")
    content = json.loads(table.read_text())
    content["images"], content["annotations"] = content["images"][1:], content["annotations"][1:]
    table.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"^one\.pt was trained on other photos than --data holds: give --data and "):
        command("package", *BUILD, "--package", "tiny")


def test_wrong_pictures_are_neither_learnt_nor_told_nor_scored(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    learn, dev = split_dev(read_data(Path("data")).photos)
    Path("wrong.txt").write_text(f"{learn[0].path.name}\n{learn[1].path.name}\n{dev[0].path.name}\n")
    without = [*BUILD, "--without", "wrong.txt"]
    command("train", *without, "--epochs", "1")
    with pytest.raises(UserError, match=r"^one\.pt was trained on other photos .*: give --data and --without as in"):
        command("package", *BUILD, "--package", "tiny")
    command("package", *without, "--package", "tiny")
    trained_on = json.loads(Path("tiny/manifest.json").read_text())["trainedOn"]
    assert f"{len(learn) - 2} photos annotated as COCO's" in trained_on
    capsys.readouterr()
    command("evaluate", "--data", "data", "--package", "tiny", "--split", "dev", "--without", "wrong.txt")
    assert capsys.readouterr().out.startswith(f"coco dev: {len(dev) - 1} photos, ")


def test_photos_with_too_few_of_every_label_have_no_map_and_are_named(command: Command) -> None:
    none = r"^coco {}: none of 3 labels has 3 positives on {} photos, .*: add photos, or take those of this set"
    make_photos(Path("few"), "train2017", 9)
    make_photos(Path("few"), "val2017", 6)
    few = [*BUILD, "--data", "few", "--batch", "4", "--epochs", "1"]
    with pytest.raises(UserError, match=none.format("dev", 4)):
        command("train", *few, "--dev-every", "1")
    assert not Path("one.pt").exists()
    command("train", *few)
    told = [*BUILD, "--data", "few"]
    with pytest.raises(UserError, match=none.format("dev", 4)):
        command("share", *told)
    with pytest.raises(UserError, match=none.format("test", 6)):
        command("package", *told, "--package", "tiny")
    assert not Path("tiny").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--epochs", "3"), r"one\.pt was trained otherwise: epochs 2 there, 3 here"),
        (("--vectors", "others.npy"), r"one\.pt was trained otherwise: other vectors\. Give the same flags and data"),
        (("--vectors", "longer.npy"), r"one\.pt was trained otherwise: other vectors\. Give the same flags and data"),
        (("--batch", "4"), r"batches\.photos 8 there, 4 here"),
        (("--batch", "64"), r"photos do not fill a batch of 64: lower --batch"),
        (("--crop", "50"), r"'augmentation\.crop' must be a multiple of 32"),
        (("--device", "cuda"), r"torch sees no CUDA device: use --device cpu"),
    ],
)
def test_a_resumed_training_with_other_flags_says_what_differs(
    arguments: tuple[str, ...], message: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for name, length in {"others": 8, "longer": 9}.items():
        np.save(f"{name}.npy", np.random.default_rng(1).normal(size=(3, length)))
    command("train", *BUILD)
    with pytest.raises(UserError, match=message):
        command("train", *BUILD, *arguments)


def test_a_photo_cut_off_or_gone_stops_the_training_with_its_name(command: Command) -> None:
    photo = Path("data/train2017/train2017-7.jpg")
    photo.write_bytes(photo.read_bytes()[:-300])
    with pytest.raises(UserError, match=r"^photo 'data/train2017/train2017-7\.jpg' cannot be read: .*Replace it"):
        command("train", *BUILD, "--with-dev")
    photo.unlink()
    with pytest.raises(UserError, match=r"^1 of 48 photos are missing, the first is '.*train2017-7\.jpg'"):
        command("train", *BUILD)


def test_a_label_on_no_photo_is_named(command: Command) -> None:
    table = Path("data/annotations/instances_train2017.json")
    content = json.loads(table.read_text())
    content["annotations"] = [found for found in content["annotations"] if found["category_id"] != 2]
    table.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"holds 'tv', so it cannot be learnt: add photos"):
        command("train", *BUILD)
