import numpy as np
import pytest

from sgfn.thresholds import best_f1, choose_thresholds


def test_best_f1_lies_between_the_scores_it_parts() -> None:
    assert best_f1(np.array([0.1, 0.4, 0.6, 0.9]), np.array([False, False, True, True])) == pytest.approx(0.5)


def test_thresholds_are_drawn_to_the_global_one_clamped_and_apart() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random((400, 4)) < [0.5, 0.1, 0.3, 0]
    scores = (0.35 * positive + 0.65 * generator.random((400, 4))) ** [1, 1, 5, 1]
    chosen = choose_thresholds(scores, positive, np.ones_like(positive))
    own, overall = (raised(best_f1(*of)) for of in ((scores[:, 1], positive[:, 1]), (scores.ravel(), positive.ravel())))
    assert chosen.global_enter == pytest.approx(overall, abs=6e-4)
    assert min(own, overall) <= chosen.enter[1] <= max(own, overall)
    assert chosen.enter[2] == pytest.approx(raised(0.4), abs=6e-4) or chosen.enter[2] < chosen.global_enter
    assert chosen.enter[3] == chosen.global_enter
    for enter, exit in zip(chosen.enter, chosen.exit, strict=True):
        assert raised(0.4) - 6e-4 <= enter <= raised(0.9) + 6e-4
        assert exit == pytest.approx(raised(enter, by=-1.8), abs=6e-4)
    assert all(value == round(value, 3) for value in chosen.enter + chosen.exit)


def raised(threshold: float, by: float = 0.3) -> float:
    """A probability, moved in log-odds."""
    odds = threshold / (1 - threshold) * np.exp(by)
    return float(odds / (1 + odds))
