"""Command: what a model card says of each label, and of scores as probabilities, as tables of Markdown.

AP is non-interpolated; a label with fewer than three positives has none.
"""

from pathlib import Path

import numpy as np

from sgfn.commands import command
from sgfn.data import read_data
from sgfn.errors import run
from sgfn.evaluate import Labelled, add_package_arguments, read_all_labelled, score_alone
from sgfn.metrics import average_precisions, counted_labels
from sgfn.packages import read_package
from sgfn.reliability import BINS, Reliability, draw, reliability
from sgfn.runtime import Scores

TOLD = 0.1  # scores below it are nearly all, and nearly all right


def of_each_label(names: list[str], enter: list[float], sets: list[tuple[Labelled, Scores]]) -> list[str]:
    """A row a label: its positives and AP in each set, and its threshold."""
    sources = [labelled.photos[0].source.upper() for labelled, _ in sets]
    heads = [f"{source} positives | {source} AP" for source in sources]
    columns = []
    for labelled, scores in sets:
        known = (labelled.positive, labelled.known)
        precisions = dict(zip(counted_labels(*known).tolist(), average_precisions(scores, *known), strict=True))
        counts = (labelled.positive & labelled.known).sum(0)
        columns.append([(str(count), _precision(precisions.get(label))) for label, count in enumerate(counts)])
    rows = [f"| label | {' | '.join(heads)} | `enter` |", "|---|" + "---|" * (2 * len(sets) + 1)]
    for label, name in enumerate(names):
        cells = [cell for column in columns for cell in column[label]]
        rows.append(f"| {name} | {' | '.join(cells)} | {enter[label]} |")
    return rows


def _precision(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def of_scores(curves: dict[str, Reliability]) -> list[str]:
    """A row a bin: pairs, their mean score and the share that is positive, of each set."""
    heads = [f"{name} pairs | mean score | positive" for name in curves]
    rows = [f"| score | {' | '.join(heads)} |", "|---|" + "---|" * (3 * len(curves))]
    for edge in np.arange(BINS) / BINS:
        cells = []
        for found in curves.values():
            at = np.flatnonzero(np.isclose(found.edges, edge))
            told = [f"{found.pairs[n]:,} | {found.score[n]:.3f} | {found.share[n]:.3f}" for n in at]
            cells += told or ["0 | - | -"]
        rows.append(f"| {edge:.1f} to {edge + 1 / BINS:.1f} | {' | '.join(cells)} |")
    return rows


def main() -> None:
    parser = command("card", __doc__)
    add_package_arguments(parser)
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw the scores as probabilities, too (.svg or .png)"
    )
    options = parser.parse_args()

    package = read_package(options.package)
    sets = [
        (labelled, score_alone(package.tagger(), labelled.photos, package.geometry))
        for labelled in read_all_labelled(read_data(options.data), options.split, package.labels)
    ]
    print("\n".join(of_each_label(package.labels, package.enter, sets)))
    curves = {
        labelled.photos[0].source.upper(): reliability(scores, labelled.positive, labelled.known)
        for labelled, scores in sets
    }
    print("", *of_scores(curves), "", sep="\n")
    for name, found in curves.items():
        print(f"{name}: expected calibration error {found.error():.4f}, from {TOLD} on {found.error(TOLD):.3f}")
    if options.plot:
        draw(curves, options.plot)


if __name__ == "__main__":
    run(main)
