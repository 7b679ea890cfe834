"""Multi-label metrics on scores, positives and known labels, each an array [photos, n]."""

import numpy as np
import numpy.typing as npt

from sgfn.errors import UserError

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


def require_counted(positive: Flags, known: Flags, name: str) -> None:
    """Raises UserError when no label of the set `name` counts, so that nothing can be averaged over labels."""
    if not len(counted_labels(positive, known)):
        raise UserError(
            f"{name}: none of {positive.shape[1]} labels has {MIN_POSITIVES} positives on {len(positive)} photos, so "
            "they have no mAP: add photos, or take those of this set out of the data"
        )


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
    """mAP(scores) - mAP(baseline) and its 95 % interval over photos drawn again (bootstrap, fixed seed).

    Either may be several runs, [runs, photos, n], whose mAPs are averaged. A draw in which no label counts says nothing
    and is left out.
    """
    photos = len(positive)
    generator = np.random.default_rng(0)
    drawn = [np.bincount(generator.integers(photos, size=photos), minlength=photos) for _ in range(draws)]
    counts = np.stack([np.ones(photos, np.intp), *drawn])

    def mean_aps(runs: Scores) -> npt.NDArray[np.float64]:
        every = runs.reshape(-1, *positive.shape)
        return np.mean([mean_aps_of_draws(run, positive, known, counts) for run in every], 0)

    difference, *resampled = mean_aps(scores) - mean_aps(baseline)
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return float(difference), float(low), float(high)


def mean_aps_of_draws(
    scores: Scores, positive: Flags, known: Flags, counts: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """mAP [draws] when photo p is there counts[d, p] times in draw d; the labels that count are each draw's own. nan
    without any."""
    total, labels = np.zeros(len(counts)), np.zeros(len(counts))
    for label in np.flatnonzero((positive & known).any(0)):
        rows = np.flatnonzero(known[:, label])
        rows = rows[np.argsort(-scores[rows, label], kind="stable")]
        times = counts[:, rows]
        hits = times * positive[rows, label]
        descending = -scores[rows, label]
        last_of_tie = np.searchsorted(descending, descending, side="right") - 1
        found, right = (np.maximum(sums.cumsum(1)[:, last_of_tie], 1) for sums in (times, hits))
        counted = hits.sum(1) >= MIN_POSITIVES
        total += np.where(counted, (hits * right / found).sum(1) / np.maximum(hits.sum(1), 1), 0)
        labels += counted
    return np.divide(total, labels, out=np.full(len(counts), np.nan), where=labels > 0)
