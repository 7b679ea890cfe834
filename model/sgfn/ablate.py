"""Command: what each part of SGFN adds, on features of the frozen trunk that are stored once in --cache.

A run that was killed goes on: finished runs lie in the cache as JSON and are not made again, unless settings, word
vectors, label lists or the photos and their labels are others.
"""

import argparse
import hashlib
import json
import shlex
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sgfn.ablation import BATCH, RECIPE, ROWS, SOURCES, LabelledCache, Row, recipe_of, train
from sgfn.ablation_table import Finished, mean_aps, part_of, tables
from sgfn.commands import command
from sgfn.cue import classes_of
from sgfn.errors import UserError, run
from sgfn.features import FeatureCache, write_array, write_json
from sgfn.metrics import require_counted
from sgfn.photos import fingerprint, read_names, read_photos, read_vectors, split_dev, targets
from sgfn.taggers import DEFAULT_TRUNK, TRUNKS, load_trunk
from sgfn.training import Recipe

SIZE = 416


def read_cache(options: argparse.Namespace) -> LabelledCache:
    """The features of all photos of the data folder, made where they are missing."""
    names, voc_names = (read_names(options.data / f"{name}.txt") for name in ("coco80", "voc20"))
    photos = read_photos(options.data)
    positive, known = targets(photos, names, voc_names)
    vectors = read_vectors(options.vectors, names)
    trunk = load_trunk(options.trunk, options.weights)
    if classes_of(names, trunk.classes) is not None:
        raise UserError(
            f"{str(options.data / 'coco80.txt')!r} does not list the classes of {options.trunk} in their order, which "
            "the ablation is of: give COCO's 80 as published"
        )
    cache = FeatureCache(options.cache)
    cache.fill(trunk, options.weights, photos, SIZE)
    numbers = {photo: number for number, photo in enumerate(photos)}
    learn, dev = ([numbers[photo] for photo in part] for part in split_dev(photos))
    held_out = dev + [number for number, photo in enumerate(photos) if photo.split == "test"]
    origin = {
        "vectors": hashlib.sha256(options.vectors.read_bytes()).hexdigest(),
        "labels": hashlib.sha256("\n".join([*names, "", *voc_names]).encode()).hexdigest(),
        "photos": " ".join(fingerprint([photos[number] for number in part]) for part in (learn, held_out)),
    }
    return LabelledCache(cache, photos, positive, known, vectors, learn, held_out, origin)


def finish(row: Row, seed: int, data: LabelledCache, recipe: Recipe, batch: int, folder: Path) -> Finished:
    """The run of one row and seed, read back where it was made before by the same settings on the same data."""
    stem = f"{row.name.strip('+ ').replace(' ', '-').replace(',', '')}-{seed}"
    record, stored = folder / f"{stem}.json", folder / f"{stem}.npy"
    settings = json.loads(
        json.dumps({"row": asdict(row), "recipe": asdict(recipe_of(row, seed, recipe)), "batch": batch, **data.origin})
    )
    if record.is_file():
        found: dict[str, Any] = json.loads(record.read_text())
        if found["settings"] == settings:
            return Finished(row, seed, found["parameters"], found["seconds"], np.load(stored))
        other = [name for name, value in settings.items() if found["settings"].get(name) != value]
        print(f"  {record.name}: other or untold {', '.join(other)}; made anew", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:8]
    checkpoint = folder / f"{stem}-{digest}.pt"
    started = time.monotonic()
    made = train(row, data, seed, recipe, batch, checkpoint)
    seconds = round(time.monotonic() - started, 1)
    record.unlink(missing_ok=True)  # so that it never stands beside scores of another run
    write_array(stored, made.scores)
    write_json(record, {"settings": settings, "parameters": made.parameters, "seconds": seconds})
    checkpoint.unlink()
    return Finished(row, seed, made.parameters, seconds, made.scores)


def chosen_rows(names: list[str] | None) -> list[Row]:
    known = {row.name: row for row in ROWS}
    for name in names or []:
        if name not in known:
            raise UserError(f"there is no row {name!r}; there are: {'; '.join(known)}")
    return [known[name] for name in names] if names else ROWS


def main() -> None:
    parser = command("ablate", __doc__ or "")
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.csv, coco/ and voc/")
    parser.add_argument("--weights", type=Path, required=True, help="the trunk's ONNX file, as published")
    parser.add_argument(
        "--trunk", choices=sorted(TRUNKS), default=DEFAULT_TRUNK, help="the detector that --weights holds"
    )
    parser.add_argument("--vectors", type=Path, required=True, help="word vectors (.npy), rows alphabetical by label")
    parser.add_argument("--cache", type=Path, required=True, help="folder for features (up to 2 GB) and finished runs")
    parser.add_argument("--rows", nargs="+", metavar="ROW", help="only these, by their names in the table")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="a run each (default: 0 1 2)")
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs, help="of each run (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="photos in a step (default: %(default)s)")
    parser.add_argument("--test", action="store_true", help="print the test photos' tables too, once all is chosen")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default: %(default)s)")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    rows = chosen_rows(options.rows)
    data = read_cache(options)
    splits = ("dev", "test") if options.test else ("dev",)
    parts = {split: [part_of(data, split, source) for source in SOURCES] for split in splits}
    for split, sets in parts.items():
        for part in sets:
            require_counted(part.positive, part.known, f"{part.source} {split}")
    recipe = replace(RECIPE, epochs=options.epochs)
    finished: list[Finished] = []
    for row in rows:
        for seed in options.seeds:
            print(f"{row.name}, seed {seed}: run {len(finished) + 1} of {len(rows) * len(options.seeds)}", flush=True)
            finished.append(finish(row, seed, data, recipe, options.batch, options.cache / "runs"))
            reached = ", ".join(f"{part.source} {mean_aps(finished[-1:], part)[0]:.4f}" for part in parts["dev"])
            print(f"  dev mAP {reached}; {finished[-1].seconds:.0f} s", flush=True)
    for split in splits:
        print(f"\n{tables(finished, data, split)}")
    repeated = shlex.join(["python", "-m", "sgfn.ablate", *sys.argv[1:]])
    minutes = sum(made.seconds for made in finished) / 60
    print(f"\n{minutes:.0f} minutes of training, {options.threads} thread(s):\n{repeated}")


if __name__ == "__main__":
    run(main)
