"""Labelled photos of any kind of data folder: the table labels.csv, PASCAL VOC, or COCO."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from sgfn.data.coco import read_coco
from sgfn.data.coco import tables as coco_tables
from sgfn.data.voc import folders as voc_folders
from sgfn.data.voc import read_voc
from sgfn.errors import UserError
from sgfn.photos import Photo, read_names, read_photos, targets_of


class Data(NamedTuple):
    """annotated: by source (`coco`, `voc`) the labels that someone looked for on each of its photos."""

    photos: list[Photo]
    annotated: dict[str, list[str]]

    def targets(self, photos: list[Photo], names: list[str]) -> tuple[Tensor, Tensor]:
        """(positive, known), boolean [photos, n]. Raises UserError for a label that nobody annotated."""
        unseen = [name for name in names if not any(name in listed for listed in self.annotated.values())]
        if unseen:
            raise UserError(
                f"the photos are not annotated with {listing(unseen)}: name a label list that matches the data "
                "(labels.names in the configuration: coco80, voc20 or a file)"
            )
        return targets_of(photos, names, self.annotated)

    def wholly_known(self, photos: list[Photo], names: list[str]) -> list[Photo]:
        """The photos of the sources that annotate all of `names`: what a label graph can be counted on."""
        whole = {source for source, listed in self.annotated.items() if set(names) <= set(listed)}
        found = [photo for photo in photos if photo.source in whole]
        if not found:
            raise UserError(
                f"no photos are annotated with all {len(names)} labels, which the label graph is counted on"
            )
        return found

    def without(self, names: frozenset[str]) -> "Data":
        """Those file names marked as wrong. Raises UserError for a name that no photo has."""
        unseen = names - {photo.path.name for photo in self.photos}
        if unseen:
            raise UserError(
                f"no photo to leave out is named {listing(sorted(unseen))}: name photos of this data folder"
            )
        return self._replace(
            photos=[replace(photo, wrong=True) if photo.path.name in names else photo for photo in self.photos]
        )


def read_file_names(path: Path) -> frozenset[str]:
    """Names, one a line. Raises UserError when the file cannot be read."""
    try:
        return frozenset(line for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()) if line)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"file names {str(path)!r} cannot be read: {error}; give a text file, a name a line") from error


def read_data(folder: Path) -> Data:
    """The photos of a folder, whose kind is told from what lies in it. Raises UserError when it is none of them."""
    kinds: list[tuple[bool, Callable[[Path], Data]]] = [
        ((folder / "labels.csv").is_file(), _read_table),
        (bool(coco_tables(folder)), lambda found: Data(*read_coco(found))),
        (bool(voc_folders(folder)), lambda found: Data(*read_voc(found))),
    ]
    for recognised, read in kinds:
        if recognised:
            return read(folder)
    raise UserError(
        f"data folder {str(folder)!r} holds no labels.csv, no annotations/instances_*.json (COCO) "
        "and no Annotations/ with ImageSets/Main/ (VOC)"
    )


def _read_table(folder: Path) -> Data:
    return Data(
        read_photos(folder), {"coco": read_names(folder / "coco80.txt"), "voc": read_names(folder / "voc20.txt")}
    )


def require_photos(photos: list[Photo]) -> None:
    """Raises UserError when a photo's file is not there."""
    missing = [photo.path for photo in photos if not photo.path.is_file()]
    if missing:
        raise UserError(
            f"{len(missing)} of {len(photos)} photos are missing, the first is {str(missing[0])!r}: "
            "fetch them, or take them out of the annotations"
        )


def require_positives(positive: Tensor, known: Tensor, names: list[str]) -> None:
    """Raises UserError when a label is on none of the photos [photos, n] to learn from."""
    counts = (positive & known).sum(0).tolist()
    unseen = [name for name, count in zip(names, counts, strict=True) if not count]
    if unseen:
        raise UserError(
            f"none of the {len(positive)} photos to learn from holds {listing(unseen)}, so it cannot be learnt: "
            "add photos, or leave it out of the label list (labels.names in the configuration)"
        )


def listing(names: list[str]) -> str:
    """At most three names: 'cat', 'dog', 'tv' and 4 more."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(repr, names[:3])) + more
