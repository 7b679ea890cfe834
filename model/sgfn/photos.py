"""Labelled photos: reading the data folder, the split, the targets, and a photo as the network's frame."""

import csv
import difflib
import hashlib
import random
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from sgfn.errors import UserError

VOC_SPELLINGS = {
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "diningtable": "dining table",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}
PAD = 114
LABEL_LISTS = resources.files("sgfn") / "labels"
COLUMNS = ("file", "set", "split", "labels", "difficult")
SPLITS = ("train", "test")
DEV_SEED = 0
DEV_PHOTOS = {"coco": 500, "voc": 600}


@dataclass(frozen=True)
class Photo:
    """One labelled photo. source: `coco` (all labels known) or `voc` (only VOC's 20). difficult: neither yes nor no.
    wrong: a picture that its labels do not describe, which is neither learnt from nor chosen by."""

    path: Path
    source: str
    split: str
    positives: frozenset[str]
    difficult: frozenset[str]
    wrong: bool = False


def read_names(path: Path | Traversable) -> list[str]:
    """Label names, one a line, spelt as COCO spells them. Raises UserError as `read_spellings` does."""
    return [as_coco(name) for name in read_spellings(path)]


def read_spellings(path: Path | Traversable) -> list[str]:
    """Label names, one a line, as the file spells them. Raises UserError without a file, for other text than UTF-8,
    and for a name twice in whatever spelling."""
    if not path.is_file():
        raise UserError(f"label names {str(path)!r} do not exist")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"label names {str(path)!r} are no text in UTF-8: save the file as UTF-8") from error
    spellings = [name.strip() for name in text.split("\n") if name.strip()]
    names = [as_coco(name) for name in spellings]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"label names {str(path)!r} list {name!r} twice; remove one")
    return spellings


def label_names(name: str) -> list[str]:
    """The list `coco80` or `voc20`, or that of a file, spelt as COCO spells them."""
    return [as_coco(spelling) for spelling in label_spellings(name)]


def label_spellings(name: str) -> list[str]:
    """As `label_names`, spelt as the list itself spells them."""
    return read_spellings(LABEL_LISTS / f"{name}.txt" if name in ("coco80", "voc20") else Path(name))


def as_coco(name: str) -> str:
    """A label of VOC as COCO spells it."""
    return VOC_SPELLINGS.get(name, name)


def read_photos(data: Path) -> list[Photo]:
    """All photos of `labels.csv`, label names spelt as COCO spells them.

    Raises UserError when the table is missing or no text in UTF-8, lacks a column, or a row states a set, a split or
    a label that is none. Labels are those of `coco80.txt` and `voc20.txt` beside it, or where these are missing COCO's
    80 and VOC's 20.
    """
    table = data / "labels.csv"
    if not table.is_file():
        raise UserError(f"data folder {str(data)!r} holds no labels.csv")
    known = _known_labels(data)
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:  # a spreadsheet puts a byte order mark first
            rows = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or [])]
            if missing:
                raise UserError(
                    f"{str(table)!r} lacks the columns {', '.join(missing)}: its first line is to be "
                    + ",".join(COLUMNS)
                )
            return [_photo(data, row, known, f"{str(table)!r}, line {rows.line_num}") for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{str(table)!r} is no table in UTF-8: {error}; save it as CSV in UTF-8") from error


def _known_labels(data: Path) -> frozenset[str]:
    files = {name: data / f"{name}.txt" for name in ("coco80", "voc20")}
    lists = [read_names(file) if file.is_file() else label_names(name) for name, file in files.items()]
    return frozenset().union(*lists)


def _photo(data: Path, row: dict[str, str | None], known: frozenset[str], where: str) -> Photo:
    """Raises UserError, naming where, for a cell that is missing or says what cannot be."""
    file, stated, split, labels, difficult = (row[column] for column in COLUMNS)
    if file is None or stated is None or split is None or labels is None or difficult is None or None in row:
        raise UserError(f"{where}: the row has more or fewer cells than there are columns; part labels by ';'")
    source = next((source for source in DEV_PHOTOS if stated.startswith(source.upper())), None)
    if source is None:
        raise UserError(
            f"{where}: set {stated!r} begins with neither COCO nor VOC, which decides what labels are known"
        )
    if split not in SPLITS:
        raise UserError(f"{where}: split {split!r} is none; it is to be {' or '.join(SPLITS)}")
    positives, doubtful = _names(labels), _names(difficult)
    strange = sorted((positives | doubtful) - known)
    if strange:
        near = difflib.get_close_matches(strange[0], known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UserError(f"{where}: label {strange[0]!r} is in neither coco80.txt nor voc20.txt{hint or ': correct it'}")
    return Photo(data / source / file, source, split, positives, doubtful)


def _names(cell: str) -> frozenset[str]:
    return frozenset(as_coco(name) for name in cell.split(";") if name)


def split_dev(photos: list[Photo]) -> tuple[list[Photo], list[Photo]]:
    """The training split as (photos to learn from, dev photos to choose by): 500 COCO and 600 VOC with a fixed seed,
    each less what is wrong of it."""
    learn, dev = [], []
    for source, count in DEV_PHOTOS.items():
        pool = sorted((p for p in photos if p.split == "train" and p.source == source), key=lambda p: p.path.name)
        chosen = set(random.Random(DEV_SEED).sample(range(len(pool)), min(count, len(pool) // 2)))
        dev += [photo for index, photo in enumerate(pool) if index in chosen and not photo.wrong]
        learn += [photo for index, photo in enumerate(pool) if index not in chosen and not photo.wrong]
    return learn, dev


def fingerprint(photos: list[Photo]) -> str:
    """Of the photos' names and labels: the same photos, the same letters."""
    lines = sorted(f"{p.path.name} {sorted(p.positives)} {sorted(p.difficult)}" for p in photos)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def targets(photos: list[Photo], names: list[str], voc_names: list[str]) -> tuple[Tensor, Tensor]:
    """(positive, known), boolean [photos, n]. Not known: VOC photos outside VOC's names, and difficult labels."""
    return targets_of(photos, names, {"coco": names, "voc": voc_names})


def targets_of(photos: list[Photo], names: list[str], annotated: dict[str, list[str]]) -> tuple[Tensor, Tensor]:
    """(positive, known), boolean [photos, n]. Known: what the photo's source annotates and is not difficult."""
    positive = torch.tensor([[name in photo.positives for name in names] for photo in photos])
    sets = {source: frozenset(listed) for source, listed in annotated.items()}
    known = torch.tensor(
        [[name in sets[photo.source] and name not in photo.difficult for name in names] for photo in photos]
    )
    return positive, known


def read_photo(path: Path) -> Image.Image:
    """In RGB. Raises UserError for a photo that is missing, cut off or otherwise no whole picture."""
    try:
        return Image.open(path).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(
            f"photo {str(path)!r} cannot be read: {error}. Replace it by a whole copy and run the same command again; "
            "without one, take it out of the data and start over, since other photos are another training"
        ) from error


def letterbox(
    photo: Image.Image, size: int, interpolation: str = "bilinear", align: str = "top-left"
) -> npt.NDArray[np.uint8]:
    """The photo scaled to fit a square, at its top left or in its center, the rest grey 114: [size, size, 3]."""
    scale = min(size / photo.width, size / photo.height)
    width, height = (max(1, round(side * scale)) for side in photo.size)
    frame = np.full((size, size, 3), PAD, np.uint8)
    top, left = ((size - side) // 2 if align == "center" else 0 for side in (height, width))
    frame[top : top + height, left : left + width] = np.asarray(
        photo.resize((width, height), INTERPOLATIONS[interpolation])
    )
    return frame


def squash(
    photo: Image.Image, size: int, interpolation: str = "bilinear", align: str = "top-left"
) -> npt.NDArray[np.uint8]:
    """The photo scaled to a square, whatever its shape: [size, size, 3]. There is nothing to align."""
    return np.asarray(photo.resize((size, size), INTERPOLATIONS[interpolation]))


INTERPOLATIONS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
RESIZES = {"letterbox": letterbox, "squash": squash}
"""How a photo becomes a frame, by the words of the manifest."""


@dataclass(frozen=True)
class Geometry:
    """How photos become frames of size x size px, in the words of the manifest."""

    size: int = 416
    resize: str = "letterbox"
    interpolation: str = "bilinear"
    align: str = "top-left"

    def frame(self, photo: Image.Image) -> npt.NDArray[np.uint8]:
        """[size, size, 3]."""
        return RESIZES[self.resize](photo, self.size, self.interpolation, self.align)


def read_vectors(path: Path, names: list[str], order: str = "alphabetical") -> Tensor:
    """Word vectors [n, v] in the order of `names`, from an .npy file whose rows are alphabetical by name or `listed`.

    names: spelt as the list spells them, since `sofa` and `couch` have other places in the alphabet.

    Raises UserError when the file is missing or no table of numbers, or its rows are not as many as the names.
    """
    if not path.is_file():
        raise UserError(f"word vectors {str(path)!r} do not exist")
    try:
        rows = torch.from_numpy(np.load(path)).float()
    except (ValueError, TypeError, EOFError) as error:
        raise UserError(f"word vectors {str(path)!r} are no .npy file of numbers: {error}") from error
    if rows.ndim != 2 or len(rows) != len(names):
        raise UserError(
            f"{path.name} has {len(rows)} word vectors for {len(names)} labels: give the vectors of this label list, "
            "or the list of these vectors (labels.names in the configuration)"
        )
    if order == "listed":
        return rows
    alphabetical = sorted(names)
    return rows[[alphabetical.index(name) for name in names]]
