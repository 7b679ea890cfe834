import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from sgfn.errors import UserError
from sgfn.metrics import (
    average_precision,
    average_precisions,
    counted_labels,
    f1_scores,
    mean_aps_of_draws,
    paired_difference,
    require_counted,
)
from sgfn.neighbours import agreement


def test_average_precision_of_a_hand_computed_case() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    positive = np.array([True, False, True, False, True])
    assert average_precision(scores, positive) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_agrees_with_scikit_learn_also_on_ties(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 20, 200) / 20
    positive = generator.random(200) < scores
    assert average_precision(scores, positive) == pytest.approx(average_precision_score(positive, scores))


def test_labels_with_fewer_than_three_known_positives_do_not_count() -> None:
    positive = np.array([[True, True]] * 3 + [[False, False]])
    known = np.array([[True, True]] * 2 + [[True, False]] + [[True, True]])
    assert counted_labels(positive, known).tolist() == [0]


def test_a_set_in_which_no_label_counts_is_named() -> None:
    positive = np.array([[True, True]] * 2 + [[True, False]])
    require_counted(positive, np.ones_like(positive), "voc test")
    with pytest.raises(UserError, match=r"^voc test: none of 2 labels has 3 positives on 3 photos, so they have"):
        require_counted(positive, positive & [False, True], "voc test")


@pytest.mark.parametrize("seed", range(3))
def test_map_of_draws_is_that_of_photos_drawn_again(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 8, (40, 6)) / 8  # with ties
    positive, known = generator.random((40, 6)) < [0.05, 0.1, 0.2, 0.3, 0.5, 0], generator.random((40, 6)) < 0.7
    drawn = generator.integers(40, size=(20, 40))
    counts = np.stack([np.bincount(photos, minlength=40) for photos in drawn])
    assert counts.max() > 3
    expected = [average_precisions(scores[photos], positive[photos], known[photos]).mean() for photos in drawn]
    assert len({len(counted_labels(positive[photos], known[photos])) for photos in drawn}) > 1
    np.testing.assert_allclose(mean_aps_of_draws(scores, positive, known, counts), expected, rtol=0, atol=1e-15)


def test_draws_in_which_no_label_counts_are_left_out_of_an_interval() -> None:
    positive = np.arange(20)[:, None] < 3
    scores = positive + np.random.default_rng(0).normal(0, 1, positive.shape)
    known = np.ones_like(positive)
    assert np.isnan(mean_aps_of_draws(scores, positive, known, np.arange(20)[None] % 2)).all()
    difference, low, high = paired_difference(1.0 * positive, scores, positive, known, 50)
    assert 0 <= low <= difference <= high <= 1


def test_a_difficult_photo_is_neither_right_nor_wrong() -> None:
    scores = np.array([[0.9], [0.95], [0.8], [0.7], [0.1]])
    positive = np.array([[True], [False], [True], [True], [False]])
    known = np.array([[True], [False], [True], [True], [True]])
    assert average_precisions(scores, positive, known).tolist() == [1.0]
    assert f1_scores(scores, positive, known, 0.5) == (1.0, 1.0)


def test_f1_scores_by_class_and_overall() -> None:
    positive = np.array([[1, 1], [1, 1], [1, 1], [0, 0]]) > 0
    scores = np.array([[1, 0], [1, 0], [1, 1], [1, 0]])
    cf1, of1 = f1_scores(scores, positive, np.ones_like(positive), 0.5)
    precision, recall = (3 / 4 + 1) / 2, (1 + 1 / 3) / 2
    assert cf1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert of1 == pytest.approx(2 * (4 / 5) * (4 / 6) / (4 / 5 + 4 / 6))


def test_paired_difference_has_zero_inside_for_equal_taggers_only() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random((200, 3)) < 0.3
    good = positive + generator.normal(0, 0.3, positive.shape)
    bad = positive + generator.normal(0, 2.0, positive.shape)
    known = np.ones_like(positive)
    assert paired_difference(good, good, positive, known, 20) == (0, 0, 0)
    difference, low, high = paired_difference(good, bad, positive, known, 50)
    assert 0 < low <= difference <= high


def test_agreement_is_the_share_of_neighbours_with_a_label_in_common() -> None:
    kind = np.repeat([0, 1], 11)
    positive = np.eye(2, dtype=bool)[kind]
    assert agreement(np.eye(2)[kind] + 0.01, positive) == 1
    mixed = positive.copy()
    mixed[0] = [False, True]
    assert agreement(np.eye(2)[kind] + 0.01, mixed) == pytest.approx((10 * 0.9 + 11) / 22)
