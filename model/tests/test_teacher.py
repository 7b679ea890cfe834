from pathlib import Path

import numpy as np
import pytest
import torch

from sgfn.errors import UserError
from sgfn.photos import Photo
from sgfn.teacher import mean_of_log_odds, read_teacher, taught, write_teacher

LABELS = ["cat", "dog"]


def photo(name: str, source: str = "coco") -> Photo:
    return Photo(Path(source) / name, source, "train", frozenset(), frozenset())


def test_several_models_are_averaged_as_log_odds() -> None:
    scores = [np.array([[0.5, 0.9, 0.0]], np.float32), np.array([[0.5, 0.5, 1.0]], np.float32)]
    assert mean_of_log_odds(scores) == pytest.approx(np.array([[0.5, 0.75, 0.5]]))  # sqrt(9 x 1) = 3: 3 to 1


def test_what_is_known_is_mixed_with_the_teacher_and_what_is_not_is_the_teachers_alone() -> None:
    positive, known = torch.tensor([[True, False, False]]), torch.tensor([[True, True, False]])
    target, weight = taught(positive, known, torch.tensor([[0.8, 0.4, 0.3]]), 0.25)
    assert target.tolist() == [pytest.approx([0.95, 0.1, 0.3])]
    assert weight.tolist() == [[1, 1, 0.25]]


def test_scores_come_back_by_photo_whatever_their_order(tmp_path: Path) -> None:
    photos = [photo("1.jpg"), photo("1.jpg", "voc"), photo("2.jpg")]
    write_teacher(tmp_path / "t.npz", photos, LABELS, np.arange(6, dtype=np.float32).reshape(3, 2) / 10)
    found = read_teacher(tmp_path / "t.npz", photos[::-1][:2], LABELS)
    assert found.tolist() == [pytest.approx([0.4, 0.5]), pytest.approx([0.2, 0.3])]


def test_a_teacher_that_does_not_fit_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    with pytest.raises(UserError, match=r"t\.npz' does not exist: sgfn\.teach makes it"):
        read_teacher(path, [photo("1.jpg")], LABELS)
    write_teacher(path, [photo("1.jpg")], LABELS, np.zeros((1, 2), np.float32))
    with pytest.raises(UserError, match=r"lacks 1 of 2 photos, the first is 'voc/7\.jpg': make it anew"):
        read_teacher(path, [photo("1.jpg"), photo("7.jpg", "voc")], LABELS)
    with pytest.raises(UserError, match="scores another label list"):
        read_teacher(path, [photo("1.jpg")], LABELS[::-1])
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"no zip", b""):
        path.write_bytes(broken)
        with pytest.raises(UserError, match="no file of sgfn"):
            read_teacher(path, [photo("1.jpg")], LABELS)
