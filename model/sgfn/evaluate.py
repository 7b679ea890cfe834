"""Command: what a package's model.onnx reaches on labelled photos, beside its own cue and the untouched detector."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from sgfn.batches import to_input, whole_frames
from sgfn.commands import command
from sgfn.cue import classes_of, log_odds
from sgfn.data import Data
from sgfn.errors import UserError, run
from sgfn.metrics import average_precisions, f1_scores, paired_difference, require_counted
from sgfn.packages import Package, read_package
from sgfn.photos import Geometry, Photo, as_coco, split_dev
from sgfn.runtime import Frames, OnnxTagger, OnnxTaggerWithCue, Scores, has_cue
from sgfn.taggers import DEFAULT_TRUNK, TRUNKS, add_without_argument, chosen_data, load_trunk

Thresholds = npt.NDArray[np.float64]
"""The enter threshold of each label."""

SOURCES = ("coco", "voc")
BATCH = 4
TIMED_RUNS = 50
CUE = "cue alone"


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


def read_all_labelled(data: Data, split: str, names: list[str]) -> list[Labelled]:
    """The photos of `split` (`test` or `dev`) with what is known of `names`, spelt as COCO or VOC does, by source.

    Raises UserError without any, and for a name that nobody annotated.
    """
    photos = split_dev(data.photos)[1] if split == "dev" else [photo for photo in data.photos if photo.split == split]
    found = []
    for source in SOURCES:
        chosen = [photo for photo in photos if photo.source == source]
        if chosen:
            positive, known = data.targets(chosen, [as_coco(name) for name in names])
            found.append(Labelled(chosen, positive.numpy(), known.numpy()))
    if not found:
        raise UserError(f"the data folder holds no photos of split {split!r}")
    return found


def read_counted(data: Data, split: str, names: list[str]) -> list[Labelled]:
    """As `read_all_labelled`, for mAP: raises UserError also for a set in which no label has three positives."""
    sets = read_all_labelled(data, split, names)
    for labelled in sets:
        require_counted(*labelled[1:], f"{labelled.photos[0].source} {split}")
    return sets


def frames_of(photos: list[Photo], geometry: Geometry) -> Iterator[Frames]:
    return (part.numpy() for part in whole_frames(photos, geometry, BATCH))


class DetectorTagger:
    """A trunk as it was published: of each label the largest score over all its boxes, 0 where it has no such class."""

    def __init__(self, trunk: str, weights: Path, labels: list[str]) -> None:
        self.trunk = load_trunk(trunk, weights).eval()
        self.classes = classes_of(labels, self.trunk.classes)

    def __call__(self, frames: Frames) -> Scores:
        with torch.no_grad():
            scores = self.trunk(to_input(torch.from_numpy(frames).permute(0, 3, 1, 2))).scores
        found = torch.cat(scores, 2).amax(2).numpy()
        return found if self.classes is None else np.pad(found, [(0, 0), (0, 1)])[:, self.classes]


def score(package: Package, photos: list[Photo], detector: DetectorTagger | None = None) -> dict[str, Scores]:
    """Scores [photos, n] by tagger: the detector, if given; its cue alone, if it has one; last the model file's own."""
    if package.prelude:
        return {"model": score_alone(package.tagger(), photos, package.geometry)}
    if not has_cue(package.model):
        return {"SGFN": score_alone(package.tagger(), photos, package.geometry)}
    tagger = OnnxTaggerWithCue(package.model)
    found: dict[str, list[Scores]] = {"trunk as tagger": [], CUE: [], "cue + SGFN": []}
    for frames in frames_of(photos, package.geometry):
        scores, cue = tagger(frames)
        found[CUE].append(cue)
        found["cue + SGFN"].append(scores)
        if detector:
            found["trunk as tagger"].append(detector(frames))
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def score_alone(tagger: OnnxTagger, photos: list[Photo], geometry: Geometry) -> Scores:
    """Scores [photos, n] of any model file."""
    return np.concatenate([tagger(frames) for frames in frames_of(photos, geometry)])


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


def milliseconds_a_frame(tagger: OnnxTagger, batch: int, size: int) -> float:
    """Median over 50 runs on one thread, after one to warm up."""
    frames = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), dtype=np.uint8)
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
    if CUE in scores:
        with_sgfn, cue = (log_odds(torch.from_numpy(scores[name])) for name in (ours, CUE))
        moved = with_sgfn - cue
        print(
            f"  SGFN moves log-odds by {moved.abs().max():.3f} at most, with a standard deviation of {moved.std():.4f}"
        )


def add_package_arguments(parser: ArgumentParser, several: bool = False) -> None:
    """A package, or several, and the photos to try it on."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="labelled photos: labels.csv, VOC's or COCO's layout"
    )
    shipped = Path("model/sgfn-nano-coco80")
    parser.add_argument(
        "--package",
        type=Path,
        nargs="+" if several else None,
        default=[shipped] if several else shipped,
        metavar="FOLDER",
        help=f"(default: {shipped})",
    )
    parser.add_argument("--split", choices=["test", "dev"], default="test", help="(default: %(default)s)")


def read_other(path: Path, labels: list[str]) -> Package:
    """A package to compare with: its folder, or a model file in it, which then takes the place of the fp32 one.

    Raises UserError when it is none, and when its labels are not `labels` in the same order.
    """
    package = read_package(path) if path.is_dir() else replace(read_package(path.parent), model=path)
    if list(map(as_coco, package.labels)) != list(map(as_coco, labels)):
        raise UserError(
            f"--other {str(path)!r} has other labels than --package, or in another order, so their scores cannot be "
            "compared: give a package of the same labels, or run the command once for each"
        )
    return package


def main() -> None:
    parser = command("evaluate", __doc__)
    add_package_arguments(parser)
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="the trunk's ONNX file, to compare with the detector as tagger"
    )
    parser.add_argument(
        "--trunk", choices=sorted(TRUNKS), default=DEFAULT_TRUNK, help="the detector that --weights holds"
    )
    add_without_argument(parser)
    parser.add_argument(
        "--other", type=Path, metavar="FOLDER|FILE", help="another package, or a model file in it, to compare with"
    )
    options = parser.parse_args()

    package = read_package(options.package)
    other = read_other(options.other, package.labels) if options.other else None
    thresholds = np.array(package.enter)
    torch.set_num_threads(1)
    if options.weights and (package.prelude or not has_cue(package.model)):
        raise UserError(
            f"{str(options.package)!r} has no detector as trunk that --weights could be compared with: leave it out, "
            "or give the model.onnx of another package with --other"
        )
    detector = DetectorTagger(options.trunk, options.weights, package.labels) if options.weights else None
    if detector and detector.trunk.resize != package.geometry.resize:
        raise UserError(
            f"{options.trunk} takes photos by {detector.trunk.resize}, and {options.package} by "
            f"{package.geometry.resize}: give --trunk and --weights of the package's own trunk"
        )
    data = chosen_data(options)
    for labelled in read_counted(data, options.split, package.labels):
        scores = score(package, labelled.photos, detector)
        if other:
            scores = {"other model": score_alone(other.tagger(), labelled.photos, other.geometry), **scores}
        report(labelled, options.split, scores, thresholds)
    tagger = package.tagger()
    batches = (1, 4)
    timings = (f"batch {n}: {milliseconds_a_frame(tagger, n, package.geometry.size):.1f} ms a frame" for n in batches)
    print(f"one thread: {', '.join(timings)}")


if __name__ == "__main__":
    run(main)
