"""Command: what a package's model.onnx reaches on labelled photos, beside its own cue and the untouched detector."""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgfn.batches import whole_frames
from sgfn.errors import UserError, run
from sgfn.metrics import average_precisions, f1_scores, paired_difference
from sgfn.photos import Photo, read_names, read_photos, split_dev, targets
from sgfn.runtime import Frames, OnnxTagger, OnnxTaggerWithCue, Scores, open_session, read_model

Thresholds = npt.NDArray[np.float64]
"""The enter threshold of each label."""

SOURCES = ("coco", "voc")
BATCH = 4
TIMED_RUNS = 50


@dataclass(frozen=True)
class Row:
    """What one tagger reaches on one set. labels: how many the macro averages count. F1 at 0.5 and at `thresholds`."""

    source: str
    tagger: str
    photos: int
    labels: int
    mean_ap: float
    cf1_at_half: float
    of1_at_half: float
    cf1: float
    of1: float


class Labelled(NamedTuple):
    """Photos of one set with what is known of them, [photos, n]."""

    photos: list[Photo]
    positive: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]


def read_labelled(data: Path, split: str, source: str) -> Labelled:
    """The photos of `split` (`test` or `dev`) that come from `source`."""
    photos = read_photos(data)
    chosen = split_dev(photos)[1] if split == "dev" else [photo for photo in photos if photo.split == split]
    chosen = [photo for photo in chosen if photo.source == source]
    if not chosen:
        raise UserError(f"data folder {str(data)!r} holds no {source} photos of split {split!r}")
    positive, known = targets(chosen, read_names(data / "coco80.txt"), read_names(data / "voc20.txt"))
    return Labelled(chosen, positive.numpy(), known.numpy())


def frames_of(photos: list[Photo]) -> Iterator[Frames]:
    return (frames.numpy() for frames in whole_frames(photos, 416, BATCH))


class DetectorTagger:
    """YOLOX-nano as it was published: the largest objectness x class over all its boxes."""

    def __init__(self, path: Path) -> None:
        self.session = open_session(read_model(path).SerializeToString())

    def __call__(self, frames: Frames) -> Scores:
        bgr = frames[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        boxes = [self.session.run(None, {"images": frame[np.newaxis]})[0][0] for frame in bgr]
        return np.stack([(found[:, 4:5] * found[:, 5:]).max(0) for found in boxes])


def score(model: Path, weights: Path | None, photos: list[Photo], other: Path | None = None) -> dict[str, Scores]:
    """Scores [photos, n] by tagger: the model, its cue alone and, when given, the detector and another model file."""
    tagger = OnnxTaggerWithCue(model)
    detector = DetectorTagger(weights) if weights else None
    second = OnnxTagger(other) if other else None
    found: dict[str, list[Scores]] = {"trunk as tagger": [], "other model": [], "cue alone": [], "cue + SGFN": []}
    for frames in frames_of(photos):
        scores, cue = tagger(frames)
        found["cue alone"].append(cue)
        found["cue + SGFN"].append(scores)
        if detector:
            found["trunk as tagger"].append(detector(frames))
        if second:
            found["other model"].append(second(frames))
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def row(name: str, scores: Scores, labelled: Labelled, thresholds: Thresholds) -> Row:
    known = (labelled.positive, labelled.known)
    precisions = average_precisions(scores, *known)
    half = f1_scores(scores, *known, 0.5)
    return Row(
        labelled.photos[0].source,
        name,
        len(labelled.photos),
        len(precisions),
        float(precisions.mean()),
        *half,
        *f1_scores(scores, *known, thresholds),
    )


def milliseconds_a_frame(tagger: OnnxTagger, batch: int) -> float:
    """Median over 50 runs on one thread, after one to warm up."""
    frames = np.random.default_rng(0).integers(0, 256, (batch, 416, 416, 3), dtype=np.uint8)
    tagger(frames)
    seconds = []
    for _ in range(TIMED_RUNS):
        started = time.perf_counter()
        tagger(frames)
        seconds.append(time.perf_counter() - started)
    return 1000 * float(np.median(seconds)) / batch


def report(labelled: Labelled, split: str, scores: dict[str, Scores], thresholds: Thresholds) -> None:
    """Prints one set's table, and what SGFN adds with its 95 % interval."""
    rows = [row(name, found, labelled, thresholds) for name, found in scores.items()]
    print(f"{rows[0].source} {split}: {rows[0].photos} photos, {rows[0].labels} labels with at least 3 positives")
    print(f"  {'':16}    mAP  CF1@0.5  OF1@0.5  CF1@enter  OF1@enter")
    for r in rows:
        half, enter = f"{r.cf1_at_half:8.3f} {r.of1_at_half:8.3f}", f"{r.cf1:10.3f} {r.of1:10.3f}"
        print(f"  {r.tagger:16} {r.mean_ap:6.3f} {half} {enter}")
    *baselines, ours = scores
    for baseline in baselines:
        known = (labelled.positive, labelled.known)
        gain, low, high = paired_difference(scores[ours], scores[baseline], *known)
        print(f"  mAP of {ours} over {baseline}: {gain:+.3f} [{low:+.3f}, {high:+.3f}]")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sgfn.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.csv, coco/ and voc/")
    parser.add_argument("--package", type=Path, default=Path("model/sgfn-nano-coco80"))
    parser.add_argument("--weights", type=Path, help="yolox_nano_coco.onnx, to compare with the detector as tagger")
    parser.add_argument("--other", type=Path, help="another model.onnx, to compare with")
    parser.add_argument("--split", choices=["test", "dev"], default="test")
    options = parser.parse_args()

    manifest = options.package / "manifest.json"
    if not manifest.is_file():
        raise UserError(f"package {str(options.package)!r} holds no manifest.json")
    thresholds = np.array([label["enter"] for label in json.loads(manifest.read_text())["labels"]])
    model = options.package / "model.onnx"
    for source in SOURCES:
        labelled = read_labelled(options.data, options.split, source)
        scores = score(model, options.weights, labelled.photos, options.other)
        report(labelled, options.split, scores, thresholds)
    tagger = OnnxTagger(model)
    timings = ", ".join(f"batch {batch}: {milliseconds_a_frame(tagger, batch):.1f} ms a frame" for batch in (1, 4))
    print(f"one thread: {timings}")


if __name__ == "__main__":
    run(main)
