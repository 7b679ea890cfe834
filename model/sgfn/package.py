"""Command: the shipped folder, with model.onnx, manifest.json and golden frames; thresholds come from dev photos.

The model card, README.md, is written by hand. Every figure of the manifest is recomputed from the exported model.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sgfn.errors import run
from sgfn.evaluate import SOURCES, Row, read_labelled, row, score
from sgfn.export import export_onnx
from sgfn.golden import write_golden
from sgfn.photos import read_names, read_photos, split_dev
from sgfn.taggers import add_trunk_arguments, build_tagger, read_trained
from sgfn.thresholds import Thresholds, choose_thresholds

SIZE = 416
EVALUATE = "model/.venv/bin/python -m sgfn.evaluate --data PATH"
TRAINED_ON = (
    "{trunk} trunk (COCO train2017, 118,000 photos) fine-tuned on {coco:,} COCO and {voc:,} PASCAL VOC 2007/2012 "
    "photos and averaged with the original: {share:.0%} fine-tuned."
)


def manifest(
    folder: Path, resize: str, labels: list[str], thresholds: Thresholds, rows: list[Row], trained_on: str
) -> dict[str, Any]:
    """The manifest of the package in `folder`, whose name is the model's and which already holds model.onnx."""
    model = folder / "model.onnx"
    return {
        "schema": 1,
        "name": folder.name,
        "version": "1.0.0",
        "licence": "Apache-2.0",
        "files": {"fp32": {"path": model.name, "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}},
        "input": {
            "width": SIZE,
            "height": SIZE,
            "resize": resize,
            "align": "top-left",
            "pad": 114,
            "interpolation": "bilinear",
            "matrix": "auto",
            "range": "full",
        },
        "labels": [
            {"name": name, "enter": enter, "exit": exit}
            for name, enter, exit in zip(labels, thresholds.enter, thresholds.exit, strict=True)
        ],
        "fps": 5,
        "smoothing": {
            "halfLifeMs": 400,
            "minOnMs": 400,
            "minOffMs": 1000,
            "gapToleranceMs": 3000,
            "enter": thresholds.global_enter,
            "exit": thresholds.global_exit,
        },
        "trainedOn": trained_on,
        "metrics": [metric for reached in rows for metric in metrics(reached)],
    }


def metrics(reached: Row) -> list[dict[str, Any]]:
    figures = {
        "mAP": reached.mean_ap,
        "CF1 at 0.5": reached.cf1_at_half,
        "OF1 at 0.5": reached.of1_at_half,
        "CF1 at enter": reached.cf1,
        "OF1 at enter": reached.of1,
    }
    where = f"{reached.source}-test ({reached.labels} labels)"
    return [
        {"name": name, "value": round(value, 3), "set": where, "command": EVALUATE} for name, value in figures.items()
    ]


def dev_thresholds(data: Path, model: Path, resize: str) -> Thresholds:
    """Thresholds from the model file's scores on all dev photos."""
    sets = [read_labelled(data, "dev", source) for source in SOURCES]
    return choose_thresholds(
        np.concatenate([score(model, labelled.photos, resize)["cue + SGFN"] for labelled in sets]),
        np.concatenate([labelled.positive for labelled in sets]),
        np.concatenate([labelled.known for labelled in sets]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sgfn.package", description=__doc__)
    add_trunk_arguments(parser)
    parser.add_argument("--share", type=float, default=0.5, help="of the fine-tuned trunk in the average")
    parser.add_argument("--package", type=Path, default=Path("model/sgfn-nano-coco80"))
    parser.add_argument(
        "--held-out-model",
        type=Path,
        help="after training --with-dev: the model.onnx trained without, whose dev scores set the thresholds",
    )
    options = parser.parse_args()

    torch.set_num_threads(1)
    tagger = build_tagger(options.data, options.trunk, options.weights, options.vectors)
    tagger = read_trained(tagger, options.checkpoint, options.share)
    options.package.mkdir(parents=True, exist_ok=True)
    model = options.package / "model.onnx"
    resize = tagger.backbone.resize
    export_onnx(tagger, model, SIZE, SIZE)
    write_golden(tagger, options.package / "golden", SIZE)
    thresholds = dev_thresholds(options.data, options.held_out_model or model, resize)
    learnt, dev = split_dev(read_photos(options.data))
    if options.held_out_model:
        learnt += dev
    enter = np.array(thresholds.enter)
    rows = []
    for source in SOURCES:
        test = read_labelled(options.data, "test", source)
        rows.append(row("cue + SGFN", score(model, test.photos, resize)["cue + SGFN"], test, enter))
    counts = {source: sum(photo.source == source for photo in learnt) for source in SOURCES}
    trained_on = TRAINED_ON.format(trunk=options.trunk, share=options.share, **counts)
    labels = read_names(options.data / "coco80.txt")
    described = manifest(options.package, resize, labels, thresholds, rows, trained_on)
    (options.package / "manifest.json").write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
