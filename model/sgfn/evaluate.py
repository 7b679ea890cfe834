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
import torch

from sgfn.batches import to_input, whole_frames
from sgfn.errors import UserError, run
from sgfn.metrics import average_precisions, f1_scores, paired_difference
from sgfn.photos import Photo, read_names, read_photos, split_dev, targets
from sgfn.runtime import Frames, OnnxTagger, OnnxTaggerWithCue, Scores
from sgfn.taggers import DEFAULT_TRUNK, TRUNKS

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


def frames_of(photos: list[Photo], resize: str) -> Iterator[Frames]:
    return (frames.numpy() for frames in whole_frames(photos, 416, BATCH, resize))


class DetectorTagger:
    """A trunk as it was published: the largest score over all its boxes."""

    def __init__(self, trunk: str, weights: Path) -> None:
        self.trunk = TRUNKS[trunk](weights).eval()

    def __call__(self, frames: Frames) -> Scores:
        with torch.no_grad():
            scores = self.trunk(to_input(torch.from_numpy(frames).permute(0, 3, 1, 2))).scores
        return torch.cat(scores, 2).amax(2).numpy()


def score(model: Path, photos: list[Photo], resize: str, detector: DetectorTagger | None = None) -> dict[str, Scores]:
    """Scores [photos, n] by tagger: the model file, its cue alone and, when given, the detector."""
    tagger = OnnxTaggerWithCue(model)
    found: dict[str, list[Scores]] = {"trunk as tagger": [], "cue alone": [], "cue + SGFN": []}
    for frames in frames_of(photos, resize):
        scores, cue = tagger(frames)
        found["cue alone"].append(cue)
        found["cue + SGFN"].append(scores)
        if detector:
            found["trunk as tagger"].append(detector(frames))
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def score_other(model: Path, photos: list[Photo]) -> Scores:
    """Scores [photos, n] of any model file of the same labels."""
    tagger = OnnxTagger(model)
    return np.concatenate([tagger(frames) for frames in frames_of(photos, resize_of(model))])


def resize_of(model: Path) -> str:
    """How the manifest beside a model file makes frames; letterbox when there is none."""
    manifest = model.parent / "manifest.json"
    return json.loads(manifest.read_text())["input"]["resize"] if manifest.is_file() else "letterbox"


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
    parser.add_argument("--weights", type=Path, help="the trunk's ONNX file, to compare with the detector as tagger")
    parser.add_argument(
        "--trunk", choices=sorted(TRUNKS), default=DEFAULT_TRUNK, help="the detector that --weights holds"
    )
    parser.add_argument("--other", type=Path, help="another model.onnx, to compare with")
    parser.add_argument("--split", choices=["test", "dev"], default="test")
    options = parser.parse_args()

    manifest = options.package / "manifest.json"
    if not manifest.is_file():
        raise UserError(f"package {str(options.package)!r} holds no manifest.json")
    thresholds = np.array([label["enter"] for label in json.loads(manifest.read_text())["labels"]])
    model = options.package / "model.onnx"
    torch.set_num_threads(1)
    detector = DetectorTagger(options.trunk, options.weights) if options.weights else None
    for source in SOURCES:
        labelled = read_labelled(options.data, options.split, source)
        scores = score(model, labelled.photos, resize_of(model), detector)
        if options.other:
            scores = {"other model": score_other(options.other, labelled.photos), **scores}
        report(labelled, options.split, scores, thresholds)
    tagger = OnnxTagger(model)
    timings = ", ".join(f"batch {batch}: {milliseconds_a_frame(tagger, batch):.1f} ms a frame" for batch in (1, 4))
    print(f"one thread: {timings}")


if __name__ == "__main__":
    run(main)
