"""Multi-label metrics on scores, positives and known labels, each an array [photos, n]."""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
Flags = npt.NDArray[np.bool_]

MIN_POSITIVES = 3


def average_precision(scores: Scores, positive: Flags) -> float:
    """Non-interpolated AP of one label: the mean, over its positives, of the precision at that score; ties count as
    found together. Needs a positive."""
    every, hits = np.sort(scores), np.sort(scores[positive])
    found = len(every) - np.searchsorted(every, hits)
    right = len(hits) - np.searchsorted(hits, hits)
    return float((right / found).mean())


def counted_labels(positive: Flags, known: Flags) -> npt.NDArray[np.intp]:
    """Labels with at least three known positives: the ones a macro average counts."""
    return np.flatnonzero((positive & known).sum(0) >= MIN_POSITIVES)


def average_precisions(scores: Scores, positive: Flags, known: Flags) -> npt.NDArray[np.float64]:
    """AP of every counted label, over the photos on which it is known."""
    return np.array(
        [
            average_precision(scores[known[:, label], label], positive[known[:, label], label])
            for label in counted_labels(positive, known)
        ]
    )


def f1_scores(scores: Scores, positive: Flags, known: Flags, thresholds: float | Scores) -> tuple[float, float]:
    """(CF1, OF1): F1 of mean precision and recall over the counted labels, and F1 over all their decisions."""
    labels = counted_labels(positive, known)
    fired = (scores >= thresholds)[:, labels] & known[:, labels]
    true = positive[:, labels] & known[:, labels]
    hits, fires, trues = (flags.sum(0) for flags in (fired & true, fired, true))
    precision = hits / np.maximum(fires, 1)
    recall = hits / trues
    return _f1(precision.mean(), recall.mean()), _f1(hits.sum() / max(fires.sum(), 1), hits.sum() / trues.sum())


def _f1(precision: float, recall: float) -> float:
    return float(2 * precision * recall / max(precision + recall, 1e-12))


def paired_difference(
    scores: Scores, baseline: Scores, positive: Flags, known: Flags, draws: int = 500
) -> tuple[float, float, float]:
    """mAP(scores) - mAP(baseline) and its 95 % interval over photos drawn again (bootstrap, fixed seed)."""

    def difference(rows: npt.NDArray[np.intp]) -> float:
        ours = average_precisions(scores[rows], positive[rows], known[rows])
        theirs = average_precisions(baseline[rows], positive[rows], known[rows])
        return float(ours.mean() - theirs.mean())

    photos = len(scores)
    generator = np.random.default_rng(0)
    resampled = [difference(generator.integers(photos, size=photos)) for _ in range(draws)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return difference(np.arange(photos)), float(low), float(high)
