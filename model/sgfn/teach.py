"""Command: the scores that finished packages give the photos to learn from, as a teacher for `sgfn.train --teacher`.

The mean of their log-odds: two trunks err differently, and a network of one of them can learn from both.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from sgfn.commands import command
from sgfn.data import read_data
from sgfn.errors import UserError, run
from sgfn.packages import geometry_of
from sgfn.photos import Photo, label_names, read_photo
from sgfn.progress import progress
from sgfn.runtime import OnnxTagger
from sgfn.teacher import mean_of_log_odds, write_teacher

BATCH = 4


def score(packages: list[Path], photos: list[Photo]) -> npt.NDArray[np.float32]:
    """[photos, n], each photo read once."""
    taggers = [(OnnxTagger(package / "model.onnx"), geometry_of(package / "model.onnx")) for package in packages]
    rows = []
    starts = range(0, len(photos), BATCH)
    for start in progress(starts, len(starts), "photos scored"):
        read = [read_photo(photo.path) for photo in photos[start : start + BATCH]]
        scores = [tagger(np.stack([geometry.frame(photo) for photo in read])) for tagger, geometry in taggers]
        rows.append(mean_of_log_odds(scores))
    return np.concatenate(rows)


def main() -> None:
    parser = command("teach", __doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="labelled photos, as of sgfn.train")
    parser.add_argument("--package", type=Path, nargs="+", required=True, metavar="FOLDER", help="whose scores to take")
    parser.add_argument("--labels", default="coco80", metavar="NAME|FILE", help="their label list (default: coco80)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="to write (.npz)")
    options = parser.parse_args()

    photos = [photo for photo in read_data(options.data).photos if photo.split == "train"]
    labels = label_names(options.labels)
    scores = score(options.package, photos)
    if scores.shape[1] != len(labels):
        raise UserError(f"the packages score {scores.shape[1]} labels, and {options.labels} lists {len(labels)}")
    write_teacher(options.out, photos, labels, scores)


if __name__ == "__main__":
    run(main)
