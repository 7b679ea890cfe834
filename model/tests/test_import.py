"""`labelcast model import` of networks that timm exports, against onnxruntime on the untouched file."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from conftest import MODEL
from PIL import Image
from timm.utils.onnx import onnx_export

from sgfn.golden import read_golden
from sgfn.runtime import Frames, Scores, open_session, read_model

MAIN = MODEL.parent / "dist" / "src" / "cli" / "main.js"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def export_mobilenet(path: Path) -> None:
    """20 labels at 224, any number of pictures, by timm's own export."""
    torch.manual_seed(0)
    network = timm.create_model("mobilenetv3_small_050", num_classes=20)
    onnx_export(network, str(path), input_size=(3, 224, 224), batch_size=1)


def export_resnet(path: Path) -> None:
    """1,000 labels at 176, one picture, weights in a file of their own."""
    torch.manual_seed(0)
    network = timm.create_model("resnet10t", num_classes=1000).eval()
    torch.onnx.export(network, (torch.zeros(1, 3, 176, 176),), path, dynamo=True, external_data=True, verbose=False)


def labelcast(*arguments: object) -> str:
    return subprocess.run(["node", str(MAIN), *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def independent_scores(path: Path, frames: Frames) -> Scores:
    pixels = ((frames / 255 - MEAN) / STD).astype(np.float32).transpose(0, 3, 1, 2)
    session = open_session(read_model(path).SerializeToString())
    name = session.get_inputs()[0].name
    logits = np.concatenate([session.run(None, {name: picture[None]})[0] for picture in pixels])
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


@pytest.mark.skipif(not MAIN.is_file() or shutil.which("node") is None, reason="needs the built command: npm run build")
@pytest.mark.parametrize(("export", "labels", "size"), [(export_mobilenet, 20, 224), (export_resnet, 1000, 176)])
def test_a_network_of_timm_tags_as_onnxruntime_scores_it(export, labels: int, size: int, tmp_path: Path) -> None:
    model, names, package = tmp_path / "network.onnx", tmp_path / "labels.txt", tmp_path / "package"
    export(model)
    names.write_text("".join(f"tag {n}\n" for n in range(labels)))
    told = labelcast(
        "model", "import", model, "--labels", names, "--normalise", "imagenet", "--enter", 0.3, "-o", package
    )
    assert "activation  sigmoid" in told and told.count("\nok ") == 5
    assert (package / "model.onnx").read_bytes() == model.read_bytes()

    frames, golden, _ = read_golden(package / "golden", size)
    scores = independent_scores(model, frames)
    np.testing.assert_allclose(golden, scores, atol=1e-5)

    picture, clip = tmp_path / "picture.png", tmp_path / "clip.mkv"
    Image.fromarray(frames[0]).save(picture)
    still = ["-loop", "1", "-framerate", "5", "-i", picture, "-t", "2", "-c:v", "ffv1", "-pix_fmt", "gbrp", clip]
    subprocess.run(["ffmpeg", "-v", "error", *map(str, still)], check=True)
    events = [json.loads(line) for line in labelcast("tag", clip, "--model", package, "--json").splitlines()]
    means = {
        event["data"]["label"]: event["data"]["score"]["mean"]
        for event in events
        if event["type"] == "io.labelcast.label.ended.v1"
    }
    tagged = [means[f"tag {n}"] for n in range(labels)]
    np.testing.assert_allclose(tagged, scores[0], atol=5.1e-4)  # events have three decimals
