"""Data folders of each kind, made small."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from sgfn.data import Data, read_data, read_file_names, require_photos, require_positives
from sgfn.errors import UserError
from sgfn.photos import Photo, label_names

OBJECT = "<object><name>{}</name><difficult>{}</difficult></object>"


def make_voc(folder: Path, photos: dict[str, list[tuple[str, int]]], lists: dict[str, str]) -> None:
    for part in ("Annotations", "ImageSets/Main", "JPEGImages"):
        (folder / part).mkdir(parents=True)
    for name, objects in photos.items():
        text = "".join(OBJECT.format(*found) for found in objects)
        (folder / f"Annotations/{name}.xml").write_text(f"<annotation>{text}</annotation>")
    for name, text in lists.items():
        (folder / f"ImageSets/Main/{name}.txt").write_text(text)


def make_coco(folder: Path, split: str = "train2017", categories: tuple[str, ...] = ("person", "dog", "tv")) -> Path:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / split).mkdir()
    table = {
        "categories": [{"id": 10 * n, "name": name} for n, name in reversed(list(enumerate(categories)))],
        "images": [{"id": 7, "file_name": f"{split}-7.jpg"}, {"id": 8, "file_name": f"{split}-8.jpg"}],
        "annotations": [{"image_id": 8, "category_id": 20}, {"image_id": 8, "category_id": 0, "iscrowd": 1}],
    }
    path = folder / "annotations" / f"instances_{split}.json"
    path.write_text(json.dumps(table))
    return path


def test_voc_is_read_with_difficult_labels_as_unknown(tmp_path: Path) -> None:
    photos = {"a": [("tvmonitor", 1), ("cat", 0), ("cat", 1)], "b": [("dog", 0)], "c": []}
    lists = {"trainval": "a\nb\n", "test": "c\n", "dog_trainval": "a -1\nb 1\n", "cat_test": "c -1\n"}
    make_voc(tmp_path, photos, {**lists, "tvmonitor_val": "a 0\n"})
    data = read_data(tmp_path)
    assert data.annotated == {"voc": ["cat", "dog", "tv"]}
    assert [(p.path.name, p.source, p.split) for p in data.photos] == [
        ("a.jpg", "voc", "train"),
        ("b.jpg", "voc", "train"),
        ("c.jpg", "voc", "test"),
    ]
    assert data.photos[0].path == tmp_path / "JPEGImages/a.jpg"
    positive, known = data.targets(data.photos, ["cat", "dog", "tv"])
    assert positive.int().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert known.int().tolist() == [[1, 1, 0], [1, 1, 1], [1, 1, 1]]


def test_years_of_voc_are_read_together_and_one_without_a_test_list_is_tested_on_val(tmp_path: Path) -> None:
    make_voc(tmp_path / "VOCdevkit/VOC2007", {"a": [("cat", 0)]}, {"trainval": "a\n", "val": "a\n", "test": ""})
    make_voc(tmp_path / "VOCdevkit/VOC2012", {"b": [("dog", 0)], "c": []}, {"train": "b\n", "val": "c\n"})
    data = read_data(tmp_path)
    assert data.annotated == {"voc": ["cat", "dog"]}  # no lists of their own: what the objects are named
    assert [(p.path.stem, p.split) for p in data.photos] == [("a", "test"), ("b", "train"), ("c", "test")]


def test_coco_is_read_with_crowds_as_positive_and_labels_in_the_order_of_their_ids(tmp_path: Path) -> None:
    make_coco(tmp_path)
    make_coco(tmp_path, "val2017")
    data = read_data(tmp_path)
    assert data.annotated == {"coco": ["person", "dog", "tv"]}
    assert [(str(p.path.relative_to(tmp_path)), p.split) for p in data.photos] == [
        ("train2017/train2017-7.jpg", "train"),
        ("train2017/train2017-8.jpg", "train"),
        ("val2017/val2017-7.jpg", "test"),
        ("val2017/val2017-8.jpg", "test"),
    ]
    positive, known = data.targets(data.photos[:2], ["tv", "dog", "person"])
    assert positive.int().tolist() == [[0, 0, 0], [1, 0, 1]] and known.all()


def test_categories_of_coco_are_spelt_as_label_lists_are(tmp_path: Path) -> None:
    make_coco(tmp_path, categories=("sofa", " aeroplane", "couch"))
    data = read_data(tmp_path)
    assert data.annotated == {"coco": ["couch", "airplane"]}
    assert data.targets(data.photos, ["airplane", "couch"])[0].int().tolist() == [[0, 0], [0, 1]]


def broken_xml(folder: Path) -> None:
    make_voc(folder, {"a": []}, {"train": "a\n"})
    (folder / "Annotations/a.xml").write_text("<annotation>")


def multiplying_xml(folder: Path) -> None:
    make_voc(folder, {"a": []}, {"train": "a\n"})
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(9))
    (folder / "Annotations/a.xml").write_text(f"<!DOCTYPE a [{entities}]><a><object><name>&e8;</name></object></a>")


def no_lists(folder: Path) -> None:
    make_voc(folder, {"a": []}, {})


def broken_json(folder: Path) -> None:
    make_coco(folder).write_text("{")


def captions(folder: Path) -> None:
    make_coco(folder).write_text('{"images": []}')


def other_categories(folder: Path) -> None:
    make_coco(folder)
    make_coco(folder, "val2017", ("person", "cat", "tv"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "holds no labels.csv, no annotations/instances_*.json (COCO) and no Annotations/"),
        (broken_xml, "a.xml' cannot be read: no element found"),
        (multiplying_xml, "a.xml' cannot be read: limit on input amplification factor"),
        (no_lists, "holds none of train.txt, val.txt, trainval.txt, test.txt"),
        (broken_json, "instances_train2017.json' cannot be read: Expecting property name"),
        (captions, "are not COCO's instances: 'categories' is missing"),
        (other_categories, "instances_val2017.json' has other categories than the tables beside it"),
    ],
)
def test_a_broken_folder_is_named(make: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(UserError) as raised:
        read_data(tmp_path)
    assert message in str(raised.value)


def test_labels_that_nobody_annotated_are_refused_with_the_key_to_change() -> None:
    data = Data([Photo(Path("a.jpg"), "voc", "train", frozenset(), frozenset())], {"voc": label_names("voc20")})
    with pytest.raises(
        UserError, match=r"not annotated with 'truck', 'traffic light', 'fire hydrant' and 57 more: .*labels\.names"
    ):
        data.targets(data.photos, label_names("coco80"))


def test_the_label_graph_is_counted_where_every_label_is_known() -> None:
    photos = [Photo(Path("a.jpg"), source, "train", frozenset(), frozenset()) for source in ("coco", "voc")]
    data = Data(photos, {"coco": label_names("coco80"), "voc": label_names("voc20")})
    assert data.wholly_known(photos, label_names("coco80")) == photos[:1]
    assert data.wholly_known(photos, label_names("voc20")) == photos


def test_a_wrong_picture_that_the_data_lacks_is_named() -> None:
    photos = [Photo(Path("a.jpg"), "coco", "train", frozenset(), frozenset())]
    with pytest.raises(UserError, match=r"no photo to leave out is named 'b\.jpg': name photos of this data folder"):
        Data(photos, {"coco": []}).without(frozenset({"a.jpg", "b.jpg"}))


def test_a_list_of_wrong_pictures_is_a_text_file_with_a_name_a_line(tmp_path: Path) -> None:
    listed = tmp_path / "wrong.txt"
    listed.write_text("a.jpg\n\n  b.jpg\n")
    assert read_file_names(listed) == {"a.jpg", "b.jpg"}
    listed.write_bytes(b"\xff\xfe\xff")
    for path in (listed, tmp_path / "none.txt", tmp_path):
        with pytest.raises(UserError, match=r"cannot be read: .*; give a text file, a name a line"):
            read_file_names(path)


def test_a_label_without_a_positive_is_named_with_the_remedy() -> None:
    positive = torch.tensor([[True, False, True], [True, False, False]])
    known = torch.tensor([[True, True, False], [True, True, True]])
    with pytest.raises(
        UserError, match=r"none of the 2 photos to learn from holds 'dog', 'tv', .*: add photos, or leave"
    ):
        require_positives(positive, known, ["cat", "dog", "tv"])


def test_photos_that_are_not_there_are_counted(tmp_path: Path) -> None:
    photos = [Photo(tmp_path / name, "coco", "train", frozenset(), frozenset()) for name in ("a.jpg", "b.jpg")]
    photos[0].path.touch()
    with pytest.raises(UserError, match=r"1 of 2 photos are missing, the first is '.*b\.jpg'"):
        require_photos(photos)
    require_photos(photos[:1])
