import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sgfn import package
from sgfn.evaluate import Labelled
from sgfn.nothing import Scenes, drawn_scenes, parts_of
from sgfn.parts import cut_part
from sgfn.photos import Geometry, Photo


def test_parts_say_what_is_known_to_be_absent_from_their_photo(tmp_path: Path) -> None:
    photos = []
    for number in range(2):
        noise = np.random.default_rng(number).integers(0, 256, (60, 90, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{number}.png")
        photos.append(Photo(tmp_path / f"{number}.png", "coco", "train", frozenset(), frozenset()))
    positive = np.array([[True, False, False], [False, False, True]])
    known = np.array([[True, True, False], [True, True, True]])
    scenes = parts_of(Labelled(photos, positive, known), 2)
    assert scenes.absent.tolist() == [[False, True, False]] * 2 + [[True, True, False]] * 2
    draw = random.Random(0)
    expected = [cut_part(Image.open(photos[number].path), draw).tobytes() for number in (0, 0, 1, 1)]
    assert [picture.tobytes() for picture in scenes.pictures] == expected


def test_what_empty_scenes_reach_raises_the_threshold_of_a_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two labels with equal scores on photos, the one that drawn frames reach too enters higher."""
    generator = np.random.default_rng(0)
    positive = np.repeat(generator.random((200, 1)) < 0.5, 2, 1)
    scores = np.where(positive, 0.5 + generator.random((200, 1)) / 2, generator.random((200, 1)) / 2)
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    photos = [Photo(tmp_path / "a.png", "coco", "train", frozenset(), frozenset())] * 200

    def score_scenes(scenes: Scenes, *_: object) -> np.ndarray:
        return np.tile([0.1, 0.6], (len(scenes.pictures), 1))

    monkeypatch.setattr(package, "OnnxTagger", lambda _: None)
    monkeypatch.setattr(package, "score_alone", lambda *_: scores)
    monkeypatch.setattr(Scenes, "score", score_scenes)
    dev = [Labelled(photos, positive, np.ones_like(positive))]
    reached = package.dev_thresholds(dev, tmp_path / "model.onnx", Geometry(32))
    assert reached.enter[0] < 0.6 < reached.enter[1]


def test_drawn_scenes_are_the_same_for_the_same_seed_and_lack_everything() -> None:
    one, again, other = (drawn_scenes(3, 80, seed) for seed in ("dev", "dev", "test"))
    assert one.absent.shape == (3, 80) and one.absent.all()
    bytes_of = [[picture.tobytes() for picture in scenes.pictures] for scenes in (one, again, other)]
    assert bytes_of[0] == bytes_of[1] and not set(bytes_of[0]) & set(bytes_of[2])
