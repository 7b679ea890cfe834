import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sgfn.augmentation import Augmentation, augment
from sgfn.batches import Batch, TrainingBatches
from sgfn.data import Data
from sgfn.empty import draw_empty
from sgfn.errors import UserError
from sgfn.parts import cut_part
from sgfn.photos import (
    PAD,
    Photo,
    label_names,
    letterbox,
    read_names,
    read_photo,
    read_photos,
    read_vectors,
    split_dev,
    squash,
    targets,
)

TABLE = """file,set,split,labels,difficult
1.jpg,COCO-val2017,train,cat;tv,
2.jpg,VOC2007-trainval,train,tvmonitor,
3.jpg,VOC2007-test,test,cat,tvmonitor
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "labels.csv").write_text(TABLE)
    (tmp_path / "voc20.txt").write_text("cat\ntvmonitor\n")
    for source in ("coco", "voc"):
        (tmp_path / source).mkdir()
    for file in ("coco/1.jpg", "voc/2.jpg", "voc/3.jpg"):
        Image.new("RGB", (60, 30), (200, 10, 10)).save(tmp_path / file)
    return tmp_path


def test_voc_spellings_are_mapped_and_what_was_not_annotated_is_unknown(data: Path) -> None:
    positive, known = targets(read_photos(data), ["cat", "dog", "tv"], read_names(data / "voc20.txt"))
    assert positive.int().tolist() == [[1, 0, 1], [0, 0, 1], [1, 0, 0]]
    assert known.int().tolist() == [[1, 1, 1], [1, 0, 1], [1, 0, 0]]  # difficult: neither yes nor no


def test_a_table_may_begin_with_a_byte_order_mark(data: Path) -> None:
    expected = read_photos(data)
    (data / "labels.csv").write_text(TABLE, encoding="utf-8-sig")
    assert read_photos(data) == expected


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "file,set,split",
            "file;set;split",
            r"lacks the columns file, set, split: its first line is to be file,set,spl",
        ),
        (TABLE, "", r"labels\.csv' lacks the columns file, set, split, labels, difficult: "),
        (
            "cat;tv,",
            "catt;tv,",
            r"line 2: label 'catt' is in neither coco80\.txt nor voc20\.txt; did you mean 'cat'\?$",
        ),
        ("cat,tvmonitor", "cat,tvmonitr", r"line 4: label 'tvmonitr' is in neither "),
        (
            "trainval,train",
            "trainval,valid",
            r"labels\.csv', line 3: split 'valid' is none; it is to be train or test$",
        ),
        ("VOC2007-test", "ADE", r"line 4: set 'ADE' begins with neither COCO nor VOC, "),
        ("cat;tv,", "cat,tv,", r"line 2: the row has more or fewer cells than there are columns; part labels"),
        ("test,cat,tvmonitor", "test,cat", r"line 4: the row has more or fewer cells "),
        ("1.jpg", "caf\xe9.jpg", r"labels\.csv' is no table in UTF-8: .*; save it as CSV in UTF-8$"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_its_line(
    right: str, wrong: str, message: str, data: Path
) -> None:
    assert right in TABLE
    (data / "labels.csv").write_text(TABLE.replace(right, wrong), encoding="latin-1")
    with pytest.raises(UserError, match=message):
        read_photos(data)


def test_letterbox_is_top_left_on_grey_in_rgb() -> None:
    frame = letterbox(Image.new("RGB", (60, 30), (200, 10, 20)), 40)
    assert frame.shape == (40, 40, 3)
    assert (frame[:20] == (200, 10, 20)).all() and (frame[20:] == 114).all()


def test_a_squashed_photo_fills_the_frame() -> None:
    frame = squash(Image.new("RGB", (60, 30), (200, 10, 20)), 40)
    assert frame.shape == (40, 40, 3) and (frame == (200, 10, 20)).all()


def test_dev_photos_are_fixed_and_never_learnt_from() -> None:
    photos = [
        Photo(Path(f"{source}{i}.jpg"), source, split, frozenset(), frozenset())
        for source in ("coco", "voc")
        for split in ("train", "test")
        for i in range(2000)
    ]
    learn, dev = split_dev(photos)
    assert [sum(p.source == s for p in dev) for s in ("coco", "voc")] == [500, 600]
    assert {p.split for p in learn + dev} == {"train"}
    assert not set(learn) & set(dev) and len(learn) + len(dev) == 4000
    assert set(split_dev(photos[::-1])[1]) == set(dev)


def test_wrong_pictures_are_in_neither_part_and_move_no_other_photo() -> None:
    photos = [Photo(Path(f"{i}.jpg"), "voc", "train", frozenset(), frozenset()) for i in range(2000)]
    parts = split_dev(photos)
    wrong = {parts[0][3].path.name, parts[1][5].path.name}
    marked = Data(photos, {"voc": []}).without(frozenset(wrong)).photos
    for before, after in zip(parts, split_dev(marked), strict=True):
        assert after == [photo for photo in before if photo.path.name not in wrong]
        assert len(after) == len(before) - 1


def test_truth_clips_are_made_of_the_same_dev_photos(tmp_path: Path) -> None:
    sets = {"coco": "COCO-val2017", "voc": "VOC2007-trainval"}
    rows = [f"{n:04}.jpg,{sets[source]},train,tvmonitor," for source in sets for n in range(1500)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,set,split,labels,difficult", *rows]))
    script = Path(__file__).parents[2] / "bench" / "truth" / "photos.py"
    listed = json.loads(subprocess.check_output([sys.executable, script, tmp_path]))
    assert len(listed) == 1100 and all(photo["positives"] == ["tv"] for photo in listed)
    _, dev = split_dev(read_photos(tmp_path))
    assert {photo["file"] for photo in listed} == {f"{photo.source}/{photo.path.name}" for photo in dev}


def batches_of(data: Path, workers: int = 0, **augmentation: float) -> TrainingBatches:
    photos = read_photos(data)[:2]
    positive, known = targets(photos, ["cat", "tv"], ["cat", "tv"])
    return TrainingBatches(photos, positive, known, 2, None, Augmentation(crop=32, **augmentation), workers=workers)


def first(batches: TrainingBatches, seed: int) -> Batch:
    torch.manual_seed(seed)
    return next(iter(batches.epoch(seed)))


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_depend_on_the_seed_alone(workers: int, data: Path) -> None:
    batches = batches_of(data, workers)
    assert len(batches) == 1 and first(batches, 0).frames.shape == (2, 3, 32, 32)
    assert sorted(first(batches, 0).photos) == ["1.jpg", "2.jpg"]
    assert torch.equal(first(batches, 0).frames, first(batches, 0).frames)
    assert not torch.equal(first(batches, 0).frames, first(batches, 1).frames)


def test_the_whole_photo_is_squashed_and_a_square_of_it_erased(data: Path) -> None:
    photo = Image.new("RGB", (60, 30), (200, 10, 10))
    photo.putpixel((0, 0), (0, 0, 255))
    photo.save(data / "coco/1.jpg", quality=100, subsampling=0)
    sizes = {"least_area": 1, "flip": 0, "colour": 0}
    frame = augment(Augmentation(crop=32, **sizes), "bilinear")(read_photo(data / "coco/1.jpg"))
    assert frame.shape == (3, 32, 32) and frame[2, 0, 0] > frame[2, 0, 1]
    erased = augment(Augmentation(crop=32, cutout=0.5, **sizes), "bilinear")(read_photo(data / "coco/1.jpg"))
    assert (erased == PAD).all(0).sum() == 16 * 16
    changed = augment(Augmentation(crop=32, rand_augment=True), "bicubic")(read_photo(data / "coco/1.jpg"))
    assert changed.shape == (3, 32, 32) and changed.dtype == torch.uint8


@pytest.mark.parametrize("workers", [0, 1])
def test_a_photo_cut_off_ends_the_epoch_with_its_name_and_what_to_do(workers: int, data: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(data / "coco/1.jpg")
    whole = (data / "coco/1.jpg").read_bytes()
    (data / "coco/1.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"^photo '.*1\.jpg' cannot be read: image file is truncated .*Replace it by"):
        first(batches_of(data, workers), 0)


@pytest.mark.parametrize("content", [b"", b"not a photo", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x01IHDR"])
def test_what_is_no_photo_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(UserError, match=r"photo '.*a\.jpg' cannot be read"):
        read_photo(tmp_path / "a.jpg")


def test_word_vectors_come_back_in_label_order(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.array([[1.0], [2.0], [3.0]]))
    assert read_vectors(tmp_path / "vectors.npy", ["dog", "cat", "bus"]).tolist() == [[3], [2], [1]]


def test_word_vectors_of_another_label_set_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros((20, 300)))
    with pytest.raises(UserError, match=r"vectors\.npy has 20 word vectors for 2 labels: give .*labels\.names"):
        read_vectors(tmp_path / "vectors.npy", ["dog", "cat"])
    (tmp_path / "vectors.npy").write_text("1 2 3")
    with pytest.raises(UserError, match=r"vectors\.npy' are no \.npy file of numbers"):
        read_vectors(tmp_path / "vectors.npy", ["dog", "cat"])


def test_word_vectors_may_be_listed_as_the_labels_are(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.array([[1.0], [2.0]]))
    assert read_vectors(tmp_path / "vectors.npy", ["dog", "cat"], "listed").tolist() == [[1], [2]]


def test_label_lists_are_coco_and_voc_or_a_file_without_repeats(tmp_path: Path) -> None:
    assert len(label_names("coco80")) == 80 and set(label_names("voc20")) < set(label_names("coco80"))
    (tmp_path / "mine.txt").write_text("sofa\ncat\ncouch\n")
    with pytest.raises(UserError, match="list 'couch' twice"):
        label_names(str(tmp_path / "mine.txt"))
    (tmp_path / "mine.txt").write_bytes("café\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"mine\.txt' are no text in UTF-8: save the file as UTF-8$"):
        label_names(str(tmp_path / "mine.txt"))


def test_of_a_part_what_the_photo_holds_is_unknown_and_what_it_lacks_is_absent(data: Path) -> None:
    photos = read_photos(data)[:1]
    known = targets(photos, ["cat", "dog", "tv"], [])
    (batch,) = TrainingBatches(photos, *known, 1, 0, Augmentation(crop=32, parts=1)).epoch(0)
    assert batch.positive.tolist() == [[False, False, False]]
    assert batch.known.tolist() == [[False, True, False]]


def test_on_a_frame_of_nothing_all_is_absent(data: Path) -> None:
    photos = read_photos(data)[:1]
    known = targets(photos, ["cat", "dog", "tv"], [])
    batches = TrainingBatches(photos, *known, 1, 0, Augmentation(crop=32, empty=1))
    (batch,), (again,) = batches.epoch(0), batches.epoch(0)
    assert batch.positive.tolist() == [[False] * 3] and batch.known.tolist() == [[True] * 3]
    assert batch.photos == ("1.jpg",) and batch.frames.shape == (1, 3, 32, 32) and again.photos == batch.photos


def test_frames_of_nothing_are_drawn_by_their_seed_alone() -> None:
    one, again, other = (np.asarray(draw_empty(random.Random(seed))) for seed in (3, 3, 4))
    assert one.shape == (320, 320, 3) and np.array_equal(one, again) and not np.array_equal(one, other)


def test_the_same_parts_are_shown_with_and_without_workers(data: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(data / "coco/1.jpg")
    photos = read_photos(data)[:1] * 24
    known = targets(photos, ["cat", "dog", "tv"], [])
    plain = Augmentation(crop=32, least_area=1, flip=0, colour=0, parts=0.5, empty=0.25)
    alone, helped = (list(TrainingBatches(photos, *known, 4, 0, plain, workers=workers).epoch(0)) for workers in (0, 2))
    assert len({frame.numpy().tobytes() for batch in alone for frame in batch.frames}) > 6
    for one, other in zip(alone, helped, strict=True):
        assert torch.equal(one.frames, other.frames) and torch.equal(one.known, other.known)


def test_a_part_lies_inside_its_photo_and_is_small() -> None:
    photo = Image.fromarray(np.arange(60 * 90 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 90, 3))
    for seed in range(20):
        part = cut_part(photo, random.Random(seed))
        assert 0.14 * 90 < part.width <= 0.4 * 90 and 0.14 * 60 < part.height <= 0.4 * 60
        assert part.tobytes() in [
            photo.crop((x, y, x + part.width, y + part.height)).tobytes()
            for x in range(90 - part.width + 1)
            for y in range(60 - part.height + 1)
        ]
