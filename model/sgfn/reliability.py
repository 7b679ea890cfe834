"""How far scores can be taken as probabilities: of those between 0.6 and 0.7, two in three should be right."""

import math
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

BINS = 10
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#767676"  # told apart by everyone: jfly.uni-koeln.de/color


class Reliability(NamedTuple):
    """Of pairs of photo and label in bins of equal width of their score, lowest first, empty ones left out.

    edges: lower edge of each bin. pairs: how many. score: their mean. share: of them that are positive.
    """

    edges: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]

    def error(self, lowest: float = 0.0) -> float:
        """Expected calibration error (arXiv 1706.04599) over the bins from `lowest` on, mean |share - score|; nan
        without a pair."""
        chosen = self.edges >= lowest - 1e-9
        if not chosen.any():
            return math.nan
        return float(np.average(np.abs(self.share - self.score)[chosen], weights=self.pairs[chosen]))


def reliability(
    scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> Reliability:
    """Over all known pairs of [photos, n]."""
    told, true = scores[known].astype(np.float64), positive[known]
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    pairs = np.bincount(bins, minlength=BINS)
    seen = np.flatnonzero(pairs)
    mean = (np.bincount(bins, weights=values, minlength=BINS)[seen] / pairs[seen] for values in (told, true))
    return Reliability(seen / BINS, pairs[seen], *mean)


def draw(curves: dict[str, Reliability], path: Path) -> None:
    """The curves by name in one picture (.svg or .png), over a bar for the pairs of each bin."""
    matplotlib.rcParams |= {"svg.hashsalt": "sgfn", "svg.fonttype": "none", "font.size": 9}  # the same file each time
    figure = Figure(figsize=(5, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    above.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="as it should be")
    width = 0.8 / BINS / len(curves)
    for number, ((name, found), colour) in enumerate(zip(curves.items(), (BLUE, ORANGE), strict=False)):
        above.plot(found.score, found.share, "o-", color=colour, label=f"{name}, {found.pairs.sum():,} pairs")
        below.bar(found.edges + 0.1 / BINS + number * width, found.pairs, width, align="edge", color=colour)
    above.set(ylabel="share of pairs that are positive", ylim=(0, 1), xlim=(0, 1))
    above.legend(frameon=False, loc="upper left")
    below.set(xlabel="score", ylabel="pairs", yscale="log")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
