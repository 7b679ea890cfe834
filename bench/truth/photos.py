"""The labelled photos that truth clips may show, as JSON: those of the training split that are dev by the rule of
sgfn.photos.split_dev, written again here for Python's own library alone (model/tests/test_photos.py compares the two), and
those of the test split.

    python3 bench/truth/photos.py DATA_FOLDER
"""

import csv
import json
import random
import sys
from pathlib import Path

VOC_SPELLINGS = {
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "diningtable": "dining table",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}
DEV_SEED = 0
DEV_PHOTOS = {"coco": 500, "voc": 600}
LABELS = Path(__file__).parents[2] / "model" / "sgfn" / "labels"


def names(cells: list[str]) -> list[str]:
    return [VOC_SPELLINGS.get(name, name) for name in cells if name]


def outside_voc() -> list[str]:
    """The labels that nobody looked for in the photos of VOC."""
    voc = names((LABELS / "voc20.txt").read_text().splitlines())
    return [name for name in (LABELS / "coco80.txt").read_text().splitlines() if name not in voc]


def read(data: Path) -> list[dict]:
    """The photos in the order of their names: {file, set, positives, unknown, wrong}; positives and unknown are label
    names, wrong are pictures that these do not describe."""
    wrong = set((LABELS / "wrong_pictures.txt").read_text().split())
    with (data / "labels.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    photos = []
    for source, count in DEV_PHOTOS.items():
        mine = [row for row in rows if row["set"].startswith("COCO") == (source == "coco")]
        pool = [row for row in mine if row["split"] == "train"]
        chosen = random.Random(DEV_SEED).sample(range(len(pool)), min(count, len(pool) // 2))
        parts = {"dev": [pool[n] for n in sorted(chosen)], "test": [row for row in mine if row["split"] == "test"]}
        unseen = outside_voc() if source == "voc" else []
        for split, part in parts.items():
            for row in part:
                positives, difficult = names(row["labels"].split(";")), names(row["difficult"].split(";"))
                photo = {"file": f"{source}/{row['file']}", "set": split, "positives": positives}
                doubtful = [name for name in difficult if name not in positives]
                photos.append({**photo, "unknown": [*unseen, *doubtful], "wrong": row["file"] in wrong})
    return photos


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]))))
