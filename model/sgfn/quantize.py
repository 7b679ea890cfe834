"""Command: model.onnx in int8 and fp16, how near they come to PyTorch and fp32, and whether int8 is worth shipping."""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from sgfn.commands import command
from sgfn.configuration import DEFAULT
from sgfn.errors import UserError, run
from sgfn.evaluate import TIMED_RUNS, Labelled, frames_of, read_counted
from sgfn.golden import read_golden
from sgfn.metrics import average_precisions
from sgfn.packages import read_package
from sgfn.photos import as_coco, label_names, split_dev
from sgfn.precision import write_fp16, write_int8
from sgfn.runtime import OnnxTagger, Scores
from sgfn.share import score as score_by_pytorch
from sgfn.taggers import add_without_argument, chosen_configuration, chosen_data, read_trained, untrained

CALIBRATION_PHOTOS = 128
BATCHES = (1, 4)
THROUGHPUT_BAR = 1.25
LOSS_BAR = 0.005


class Timed(NamedTuple):
    """Median ms a frame on one thread, by batch, of each model file; measured in turns, so that load falls on all."""

    milliseconds: dict[str, list[float]]

    def speed(self, name: str) -> list[float]:
        """Throughput as a multiple of fp32's, by batch."""
        return [fp32 / ms for fp32, ms in zip(self.milliseconds["fp32"], self.milliseconds[name], strict=True)]


def measure(taggers: dict[str, OnnxTagger], size: int, runs: int = TIMED_RUNS) -> Timed:
    milliseconds: dict[str, list[float]] = {name: [] for name in taggers}
    for batch in BATCHES:
        frames = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), dtype=np.uint8)
        seconds: dict[str, list[float]] = {name: [] for name in taggers}
        for _ in range(runs + 1):
            for name, tagger in taggers.items():
                started = time.perf_counter()
                tagger(frames)
                seconds[name].append(time.perf_counter() - started)
        for name, spent in seconds.items():
            milliseconds[name].append(1000 * float(np.median(spent[1:])) / batch)
    return Timed(milliseconds)


def mean_ap(scores: Scores, labelled: Labelled) -> float:
    return float(average_precisions(scores, labelled.positive, labelled.known).mean())


def parity(scores: dict[str, list[Scores]], sets: list[Labelled], timed: Timed, files: dict[str, Path]) -> str:
    """The table: mAP by set, difference of scores to fp32, size, and speed as a multiple of fp32's."""
    lines = [f"{'':8}" + "".join(f"{one.photos[0].source + ' mAP':>10}" for one in sets)]
    lines[0] += f"{'max diff':>10} {'mean diff':>10} {'MB':>6}" + "".join(
        f"{f'ms x{batch}':>8} {'':6}" for batch in BATCHES
    )
    for name, found in scores.items():
        line = f"{name:8}" + "".join(f"{mean_ap(part, one):10.4f}" for part, one in zip(found, sets, strict=True))
        differences = np.abs(np.concatenate(found) - np.concatenate(scores["fp32"]))
        line += f"{differences.max():10.1e} {differences.mean():10.1e}"
        if name in files:
            line += f" {files[name].stat().st_size / 1e6:6.2f}"
            for ms, speed in zip(timed.milliseconds[name], timed.speed(name), strict=True):
                line += f"{ms:8.1f} ({speed:.2f})"
        lines.append(line.rstrip())
    return "\n".join(lines)


def verdict(scores: dict[str, list[Scores]], sets: list[Labelled], timed: Timed) -> str:
    """Whether int8 reaches the bar: throughput at batch 1, and the larger loss of mAP."""
    losses = [
        mean_ap(fp32, one) - mean_ap(int8, one)
        for fp32, int8, one in zip(scores["fp32"], scores["int8"], sets, strict=True)
    ]
    speed = timed.speed("int8")[0]
    ships = speed >= THROUGHPUT_BAR and max(losses) <= LOSS_BAR
    return (
        f"int8 is {'to be shipped' if ships else 'not to be shipped'}: {speed:.2f} x fp32's throughput at batch 1 "
        f"(bar: {THROUGHPUT_BAR}),\nmAP lower by {100 * max(losses):.2f} points at most (bar: {100 * LOSS_BAR:.1f})"
    )


def golden_difference(package: Path, tagger: OnnxTagger, size: int) -> float:
    """The largest difference from PyTorch's stored scores of the golden frames."""
    frames, expected, _ = read_golden(package / "golden", size)
    return float(np.abs(tagger(frames) - expected).max())


def main() -> None:
    parser = command("quantize", __doc__ or "")
    parser.add_argument("--data", type=Path, required=True, help="labelled photos: labels.csv, VOC's or COCO's layout")
    add_without_argument(parser)
    parser.add_argument("--package", type=Path, default=Path("model/sgfn-nano-coco80"), help="(default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder for model.int8.onnx and model.fp16.onnx")
    parser.add_argument("--test", action="store_true", help="compare on the test photos too, once all is chosen")
    network = parser.add_argument_group("PyTorch's scores of the same photos, in the table too (all of these)")
    network.add_argument("--checkpoint", type=Path, nargs="+", help="those that the package was made of")
    network.add_argument("--weights", type=Path, help="the trunk's ONNX file, as published")
    network.add_argument("--vectors", type=Path, help="word vectors (.npy)")
    network.add_argument("--configuration", default=DEFAULT, help="(default: %(default)s)")
    network.add_argument("--trunk", help="in place of the configuration's")
    network.add_argument(
        "--share", type=float, metavar="X", help="of the fine-tuned trunk in the average (default: the configuration's)"
    )
    options = parser.parse_args()
    given = [options.checkpoint, options.weights, options.vectors]
    if any(given) and not all(given):
        parser.error("--checkpoint, --weights and --vectors go together")

    package = read_package(options.package)
    model, geometry = package.model, package.geometry
    configuration = chosen_configuration(options) if options.checkpoint else None
    if configuration and label_names(configuration.labels.names) != [as_coco(name) for name in package.labels]:
        raise UserError(
            f"package {str(options.package)!r} has other labels than configuration {configuration.name!r}: "
            "give --configuration the one that the package was made by"
        )
    torch.set_num_threads(1)
    data = chosen_data(options)
    splits = {
        split: read_counted(data, split, package.labels) for split in (("dev", "test") if options.test else ("dev",))
    }
    learn, _ = split_dev(data.photos)
    options.out.mkdir(parents=True, exist_ok=True)
    files = {"fp32": model, "int8": options.out / "model.int8.onnx", "fp16": options.out / "model.fp16.onnx"}
    shown = frames_of(learn[:: max(1, len(learn) // CALIBRATION_PHOTOS)], geometry)
    write_int8(model, files["int8"], shown, package.prelude)
    write_fp16(model, files["fp16"])

    taggers = {name: OnnxTagger(path, package.prelude) for name, path in files.items()}
    network_tagger = None
    if configuration:
        share = configuration.trunk.share if options.share is None else options.share
        network_tagger = read_trained(untrained(configuration, options)[1], options.checkpoint, share, configuration)
    timed = measure(taggers, geometry.size)
    for split, sets in splits.items():
        scores = {
            name: [np.concatenate([tagger(frames) for frames in frames_of(one.photos, geometry)]) for one in sets]
            for name, tagger in taggers.items()
        }
        if network_tagger:
            scores = {"PyTorch": [score_by_pytorch(network_tagger, one.photos, geometry) for one in sets], **scores}
        print(f"{split}: {', '.join(f'{len(one.photos)} {one.photos[0].source} photos' for one in sets)}")
        print(parity(scores, sets, timed, files))
        print(verdict(scores, sets, timed), flush=True)
    differences = ", ".join(
        f"{name} {golden_difference(options.package, one, geometry.size):.1e}" for name, one in taggers.items()
    )
    print(f"largest difference from PyTorch on the golden frames: {differences}")


if __name__ == "__main__":
    run(main)
