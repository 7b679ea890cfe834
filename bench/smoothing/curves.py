"""Draws the trials of `npm run bench smoothing -- --json trials.json`: model/.venv/bin/python bench/smoothing/curves.py
trials.json docs/images/smoothing-curves.svg. What F1@25 each way reaches on dev clips, by how late and how unsteady it may be."""

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

# Told apart by everyone (jfly.uni-koeln.de/color), and by their dashes.
LOOKS = [
    ("#767676", ":"), ("#e69f00", "-"), ("#009e73", "--"), ("#56b4e9", "-"),
    ("#cc79a7", "-."), ("#000000", "--"), ("#d55e00", "-"),
]  # fmt: skip


def front(points: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The best y with at most x, at every x at which it grows."""
    xs, ys = [], []
    for x, y in sorted(points):
        if not ys or y > ys[-1]:
            xs.append(x)
            ys.append(y)
    return xs, ys


def main() -> None:
    source, target = (Path(name) for name in sys.argv[1:])
    matplotlib.rcParams |= {"svg.hashsalt": "labelcast", "svg.fonttype": "none", "font.size": 9}
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for way, (colour, dashes) in zip(json.loads(source.read_text()), LOOKS, strict=True):
        look = {"color": colour, "linestyle": dashes, "linewidth": 2.4 if way["way"] == "labelcast" else 1.4}
        found = [trial["metrics"] for trial in way["trials"]]
        late = [(m["delay"]["medianMs"] / 1000, 100 * m["f1"]["at25"]) for m in found if m["delay"]["medianMs"] is not None]
        xs, ys = front(late)
        left.step([*xs, 2.5], [*ys, ys[-1]], where="post", label=way["way"], **look)
        xs, ys = front([(max(m["flicker"], 1e-3), 100 * m["f1"]["at25"]) for m in found])
        right.step([*xs, 1.0], [*ys, ys[-1]], where="post", **look)
    left.set(xlabel="at most this late, s (median, behind the raw scores)", ylabel="F1@25, %", xlim=(0, 2.5), ylim=(0, None))
    right.set(xlabel="at most this unsteady (surplus changes a label-minute)", xscale="log", xlim=(1e-2, 1))
    left.legend(frameon=False, loc="lower right")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
