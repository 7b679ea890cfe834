"""PASCAL VOC folders: Annotations/*.xml, ImageSets/Main/*.txt, JPEGImages/*.jpg, as of any year.

The parser is Python's own expat, which fetches nothing from outside and, from 2.4.1 on, stops entities that multiply.
"""

from pathlib import Path
from xml.etree import ElementTree

from sgfn.errors import UserError
from sgfn.photos import Photo, as_coco

SPLITS = ("train", "val", "trainval", "test")


def folders(data: Path) -> list[Path]:
    """`data` itself, or the years in it (VOC2007, VOC2012, also below VOCdevkit)."""
    candidates = [data, *sorted(data.glob("VOC20*")), *sorted(data.glob("VOCdevkit/VOC20*"))]
    return [
        folder for folder in candidates if all((folder / part).is_dir() for part in ("Annotations", "ImageSets/Main"))
    ]


def read_voc(data: Path) -> tuple[list[Photo], dict[str, list[str]]]:
    """(photos, labels by source), names spelt as COCO spells them. An object marked difficult, without another of its
    label that is not, leaves that label neither yes nor no.

    Split `test` is test.txt, or val.txt of a year without one (2012); all else that a list names is `train`. The labels
    are those with a list of their own (cat_train.txt), in that order; without such lists, all that objects are named.
    """
    photos = [photo for folder in folders(data) for photo in _photos(folder)]
    return photos, {"voc": _labels(data, photos)}


def _photos(folder: Path) -> list[Photo]:
    lists = {split: _list(folder / "ImageSets/Main" / f"{split}.txt") for split in SPLITS}
    test = lists["test"] or lists["val"]
    split_of = {name: "train" for split in SPLITS for name in lists[split]} | dict.fromkeys(test, "test")
    if not split_of:
        raise UserError(f"{str(folder / 'ImageSets/Main')!r} holds none of {', '.join(f'{s}.txt' for s in SPLITS)}")
    return [_photo(folder, name, split) for name, split in split_of.items()]


def _list(path: Path) -> list[str]:
    return [line.split()[0] for line in path.read_text().splitlines() if line.strip()] if path.is_file() else []


def _photo(folder: Path, name: str, split: str) -> Photo:
    file = folder / "Annotations" / f"{name}.xml"
    try:
        objects = ElementTree.parse(file).findall("object")
    except (OSError, ElementTree.ParseError) as error:
        raise UserError(f"annotation {str(file)!r} cannot be read: {error}") from error
    marked = [
        (as_coco(found.findtext("name", "").strip()), found.findtext("difficult", "0").strip()) for found in objects
    ]
    positives = frozenset(label for label, difficult in marked if difficult != "1")
    every = frozenset(label for label, _ in marked)
    return Photo(folder / "JPEGImages" / f"{name}.jpg", "voc", split, positives, every - positives)


def _labels(data: Path, photos: list[Photo]) -> list[str]:
    files = {file.stem for folder in folders(data) for file in (folder / "ImageSets/Main").glob("*_*.txt")}
    listed = sorted({stem.rpartition("_")[0] for stem in files if stem.rpartition("_")[2] in SPLITS})
    return [as_coco(name) for name in listed] or sorted({n for p in photos for n in p.positives | p.difficult})
