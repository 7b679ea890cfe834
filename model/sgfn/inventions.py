"""Command: how often a model finds in small parts of photos what the whole photo does not hold.

A camera sees an empty scene for hours, a photo hardly ever: mAP over photos says nothing about that.
"""

import json
import random
from pathlib import Path

import numpy as np
from PIL import Image

from sgfn.commands import command
from sgfn.errors import UserError, run
from sgfn.evaluate import BATCH, add_package_arguments, geometry_of, read_labelled
from sgfn.parts import cut_part
from sgfn.photos import label_names, read_photo
from sgfn.runtime import OnnxTagger, Scores

PARTS_A_PHOTO = 2
SEED = 0
WORST = 8


def score_parts(package: Path, parts: list[Image.Image]) -> tuple[Scores, Scores]:
    """(Scores [parts, n], enter thresholds [n]) of a package."""
    described = package / "manifest.json"
    if not described.is_file():
        raise UserError(f"package {str(package)!r} holds no manifest.json")
    manifest = json.loads(described.read_text())
    tagger = OnnxTagger(package / manifest["files"]["fp32"]["path"])
    geometry = geometry_of(package / "model.onnx")
    batches = (parts[start : start + BATCH] for start in range(0, len(parts), BATCH))
    scores = np.concatenate([tagger(np.stack([geometry.frame(part) for part in batch])) for batch in batches])
    return scores, np.array([label["enter"] for label in manifest["labels"]], np.float32)


def main() -> None:
    parser = command("inventions", __doc__)
    add_package_arguments(parser, several=True)
    options = parser.parse_args()

    labelled = read_labelled(options.data, options.split, "coco")
    draw = random.Random(SEED)
    parts = [cut_part(read_photo(photo.path), draw) for photo in labelled.photos for _ in range(PARTS_A_PHOTO)]
    absent = (labelled.known & ~labelled.positive).repeat(PARTS_A_PHOTO, 0)
    names = label_names("coco80")
    print(f"coco {options.split}: labels found on 100 parts (15 to 40 % of the sides) of photos that do not hold them")
    for package in options.package:
        scores, enter = score_parts(package, parts)
        at_enter, at_half = (100 * ((scores >= cut) & absent).sum() / len(parts) for cut in (enter, np.float32(0.5)))
        counts = ((scores >= enter) & absent).sum(0)
        worst = ", ".join(f"{names[label]} {counts[label]}" for label in np.argsort(-counts)[:WORST])
        print(f"  {package}: {at_enter:.1f} at enter, {at_half:.1f} at 0.5; most of them {worst}", flush=True)


if __name__ == "__main__":
    run(main)
