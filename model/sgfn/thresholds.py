"""Thresholds per label, chosen on dev photos, for scores smoothed over time with hysteresis (enter > exit)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_curve

PRIOR_POSITIVES = 20  # a label with this many positives lies half-way between its own optimum and the global one
RAISE_LOGITS = 0.3  # from what is best for photos to enter, in log-odds: 0.5 becomes 0.57; docs/smoothing.md
EXIT_LOGITS = 1.8  # exit lies this far below enter: 0.57 becomes 0.18; docs/smoothing.md
ENTER_RANGE = (0.4, 0.9)  # before it is raised; lower cuts gain nothing on dev photos and would flicker in video
DECIMALS = 3


@dataclass(frozen=True)
class Thresholds:
    """Probabilities, three decimals; enter and exit in label order."""

    global_enter: float
    global_exit: float
    enter: list[float]
    exit: list[float]


def choose_thresholds(
    scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> Thresholds:
    """From scores, positives and known labels, each [photos, n].

    Global enter maximises F1 over all known pairs. A label's own F1 optimum is drawn towards it, in log-odds, with the
    weight of 20 positives, then kept within 0.4 to 0.9; a label without positives takes the global value. All lie 0.3
    higher then, in log-odds, and exit 1.8 lower: what clips ask for more than photos.
    """
    overall = best_f1(scores[known], positive[known])
    enter = []
    for label in range(scores.shape[1]):
        seen = known[:, label]
        count = int(positive[seen, label].sum())
        own = best_f1(scores[seen, label], positive[seen, label]) if count else overall
        drawn = (count * _logit(own) + PRIOR_POSITIVES * _logit(overall)) / (count + PRIOR_POSITIVES)
        enter.append(_enter(_sigmoid(drawn)))
    global_enter = _enter(overall)
    return Thresholds(global_enter, _exit(global_enter), enter, [_exit(value) for value in enter])


def best_f1(scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_]) -> float:
    """The threshold of the largest F1, half-way between the scores on its two sides; there must be a positive."""
    precision, recall, cuts = precision_recall_curve(positive, scores)
    best = int(np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
    return float((cuts[best] + cuts[max(best - 1, 0)]) / 2)


def _enter(value: float) -> float:
    return round(_sigmoid(_logit(float(np.clip(value, *ENTER_RANGE))) + RAISE_LOGITS), DECIMALS)


def _exit(enter: float) -> float:
    return round(_sigmoid(_logit(enter) - EXIT_LOGITS), DECIMALS)


def _logit(probability: float) -> float:
    clipped = float(np.clip(probability, 1e-6, 1 - 1e-6))
    return float(np.log(clipped / (1 - clipped)))


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))
