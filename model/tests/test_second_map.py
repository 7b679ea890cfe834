"""The manifest's mAP again, by nothing of this package: csv, Pillow, ONNX Runtime and scikit-learn."""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from conftest import Reached
from PIL import Image
from sklearn.metrics import average_precision_score

from sgfn.metrics import average_precisions

VOC_TO_COCO = dict(
    pair.split("/")
    for pair in (
        "aeroplane/airplane",
        "motorbike/motorcycle",
        "diningtable/dining table",
        "pottedplant/potted plant",
        "sofa/couch",
        "tvmonitor/tv",
    )
)


def names_in(cell: str) -> set[str]:
    return {VOC_TO_COCO.get(name, name) for name in cell.split(";")}


def frame_of(path: Path, described: dict[str, object]) -> np.ndarray:
    width, height = described["width"], described["height"]
    photo = Image.open(path).convert("RGB")
    if described["resize"] == "squash":
        return np.asarray(photo.resize((width, height), Image.Resampling.BILINEAR))
    longest = max(photo.size)
    frame = Image.new("RGB", (width, height), (described["pad"],) * 3)
    scaled = [max(1, round(side * width / longest)) for side in photo.size]
    frame.paste(photo.resize(scaled, Image.Resampling.BILINEAR), (0, 0))
    return np.asarray(frame)


def second_mean_ap(package: Path, data: Path, source: str) -> float:
    manifest = json.loads((package / "manifest.json").read_text())
    labels = [label["name"] for label in manifest["labels"]]
    with (data / "labels.csv").open(newline="") as file:
        photos = [
            row for row in csv.DictReader(file) if row["split"] == "test" and row["set"].lower().startswith(source)
        ]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(package / manifest["files"]["fp32"]["path"], options)
    scores = np.concatenate(
        [
            session.run(None, {"frames": frame_of(data / source / row["file"], manifest["input"])[None]})[0]
            for row in photos
        ]
    )
    annotated = labels if source == "coco" else names_in(";".join((data / "voc20.txt").read_text().split("\n")))
    precisions = []
    for column, label in enumerate(labels):
        known = [index for index, row in enumerate(photos) if label not in names_in(row["difficult"])]
        positive = [label in names_in(photos[index]["labels"]) for index in known]
        if label in annotated and sum(positive) >= 3:
            precisions.append(average_precision_score(positive, scores[known, column]))
    return float(np.mean(precisions))


@pytest.mark.parametrize("source", ["coco", "voc"])
def test_a_second_implementation_finds_the_manifests_map(
    source: str, package: Path, shared: Path, reached: dict[str, Reached]
) -> None:
    second = second_mean_ap(package, shared / "data", source)
    first = average_precisions(reached[source].scores, reached[source].test.positive, reached[source].test.known).mean()
    assert second == pytest.approx(first, abs=1e-4)
    stated = next(
        metric["value"]
        for metric in json.loads((package / "manifest.json").read_text())["metrics"]
        if metric["name"] == "mAP" and metric["set"].startswith(source)
    )
    assert second == pytest.approx(stated, abs=1e-4)  # the manifest gives five decimals
