import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sgfn.batches import TrainingBatches
from sgfn.errors import UserError
from sgfn.parts import cut_part
from sgfn.photos import Photo, letterbox, read_names, read_photos, read_vectors, split_dev, squash, targets

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


def test_batches_depend_on_the_seed_alone(data: Path) -> None:
    batches = TrainingBatches(read_photos(data)[:2], ["cat", "tv"], ["cat", "tv"], 2, 1, 32)

    def first(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return next(iter(batches.epoch(seed))).frames

    assert len(batches) == 1 and first(0).shape == (2, 3, 32, 32)
    assert torch.equal(first(0), first(0)) and not torch.equal(first(0), first(1))


def test_word_vectors_come_back_in_label_order(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.array([[1.0], [2.0], [3.0]]))
    assert read_vectors(tmp_path / "vectors.npy", ["dog", "cat", "bus"]).tolist() == [[3], [2], [1]]


def test_word_vectors_of_another_label_set_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros((20, 300)))
    with pytest.raises(UserError, match=r"vectors\.npy has 20 word vectors for 2 labels"):
        read_vectors(tmp_path / "vectors.npy", ["dog", "cat"])


def test_of_a_part_what_the_photo_holds_is_unknown_and_what_it_lacks_is_absent(data: Path) -> None:
    names = ["cat", "dog", "tv"]
    batches = TrainingBatches(read_photos(data)[:1], names, ["cat", "tv"], 1, 0, 32, parts=1)
    (batch,) = batches.epoch(0)
    assert batch.positive.tolist() == [[False, False, False]]
    assert batch.known.tolist() == [[False, True, False]]


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
