"""COCO folders: annotations/instances_<split><year>.json, the photos in <split><year>/ or images/<split><year>/."""

import json
from pathlib import Path
from typing import Any

from sgfn.errors import UserError
from sgfn.photos import Photo, as_coco


def tables(data: Path) -> list[Path]:
    """The annotation files of a folder."""
    return sorted(data.glob("annotations/instances_*.json"))


def read_coco(data: Path) -> tuple[list[Photo], dict[str, list[str]]]:
    """(photos, labels by source): a label is positive with one box or one crowd; every other of them is negative.

    instances_train* is split `train`, every other `test`. The labels are the categories in the order of their ids,
    spelt as COCO spells them: `sofa` is `couch`.
    Raises UserError when a table is broken or two have other categories.
    """
    photos: list[Photo] = []
    labels: list[str] = []
    for table in tables(data):
        found, names = _read_table(data, table)
        if labels and names != labels:
            raise UserError(
                f"{str(table)!r} has other categories than the tables beside it; keep those of one label set"
            )
        photos, labels = photos + found, names
    return photos, {"coco": labels}


def _read_table(data: Path, table: Path) -> tuple[list[Photo], list[str]]:
    part = table.stem.removeprefix("instances_")
    split = "train" if part.startswith("train") else "test"
    folder = next((f for f in (data / part, data / "images" / part) if f.is_dir()), data / "images")
    try:
        content: dict[str, Any] = json.loads(table.read_text())
        names = {
            category["id"]: as_coco(str(category["name"]).strip())
            for category in sorted(content["categories"], key=lambda c: c["id"])
        }
        positives: dict[int, set[str]] = {image["id"]: set() for image in content["images"]}
        for annotation in content["annotations"]:
            positives[annotation["image_id"]].add(names[annotation["category_id"]])
        photos = [
            Photo(folder / image["file_name"], "coco", split, frozenset(positives[image["id"]]), frozenset())
            for image in content["images"]
        ]
    except (OSError, ValueError) as error:
        raise UserError(f"annotations {str(table)!r} cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise UserError(f"annotations {str(table)!r} are not COCO's instances: {error} is missing") from error
    return photos, list(dict.fromkeys(names.values()))
