from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from sgfn.reliability import draw, reliability


def test_bins_are_those_of_scikit_learn_over_known_pairs() -> None:
    generator = np.random.default_rng(0)
    scores = generator.random((200, 5)).astype(np.float32)
    positive, known = generator.random((200, 5)) < scores**2, generator.random((200, 5)) < 0.8
    found = reliability(scores, positive, known)
    share, score = calibration_curve(positive[known], scores[known], n_bins=10)
    assert found.share == pytest.approx(share) and found.score == pytest.approx(score, rel=1e-6)
    assert found.pairs.sum() == known.sum()


def test_the_error_is_the_mean_distance_weighted_by_pairs() -> None:
    scores = np.array([[0.05, 0.05, 0.95, 0.95, 1.0]])
    positive = np.array([[False, False, True, False, True]])
    found = reliability(scores, positive, np.ones_like(positive))
    assert found.edges == pytest.approx([0, 0.9]) and found.pairs.tolist() == [2, 3]
    assert found.error() == pytest.approx(0.4 * 0.05 + 0.6 * abs(2 / 3 - 2.9 / 3))
    assert found.error(0.1) == pytest.approx(abs(2 / 3 - 2.9 / 3))
    assert np.isnan(reliability(scores[:, :2], positive[:, :2], np.ones((1, 2), np.bool_)).error(0.1))


def test_the_same_figures_make_the_same_picture(tmp_path: Path) -> None:
    scores = np.linspace(0, 1, 50).reshape(10, 5)
    curve = reliability(scores, scores > 0.4, scores >= 0)
    for name in ("one.svg", "two.svg"):
        draw({"COCO": curve, "VOC": curve}, tmp_path / name)
    text = (tmp_path / "one.svg").read_text()
    assert text == (tmp_path / "two.svg").read_text()
    assert "COCO, 50 pairs" in text and "share of pairs that are positive" in text
