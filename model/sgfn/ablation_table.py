"""The ablation's finished runs as Markdown: mAP over seeds, and paired differences over the same photos."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgfn.ablation import SOURCES, LabelledCache, Row
from sgfn.metrics import average_precisions, paired_difference
from sgfn.runtime import Scores

NOTHING = "-"


class Finished(NamedTuple):
    """One run. scores: of the photos held out, [photos, n]."""

    row: Row
    seed: int
    parameters: int
    seconds: float
    scores: Scores


class Part(NamedTuple):
    """Photos held out of one source and split. rows: where their scores are; positive, known: [photos, n]."""

    source: str
    rows: list[int]
    positive: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]


def tables(finished: list[Finished], data: LabelledCache, split: str) -> str:
    """A table of `split`, `dev` or `test`: a line for each row, in the order of the runs."""
    runs: dict[Row, list[Finished]] = {}
    for made in finished:
        runs.setdefault(made.row, []).append(made)
    parts = [part_of(data, split, source) for source in SOURCES]
    sizes = ", ".join(f"{len(part.rows)} {part.source.upper()} photos" for part in parts)
    heads = [f"{part.source.upper()} mAP" for part in parts] + ["against"]
    heads += [f"{part.source.upper()}: difference [95 %]" for part in parts]
    lines = [cells(["row", "parameters", *heads, "s a run"]), cells(["---"] * (4 + 2 * len(parts)))]
    names = {row.name: row for row in runs}
    for row, seeds in runs.items():
        partner = runs[names[row.against]] if row.against in names else None
        reached = [mean_aps(seeds, part) for part in parts]
        lines.append(
            cells(
                [
                    row.name,
                    f"{seeds[0].parameters:,}",
                    *map(spread, reached),
                    row.against if partner else NOTHING,
                    *(difference(seeds, partner, part) if partner else NOTHING for part in parts),
                    f"{np.mean([one.seconds for one in seeds]):.0f}",
                ]
            )
        )
    count = len(next(iter(runs.values())))
    seeds_told = "1 seed" if count == 1 else f"{count} seeds, ± standard deviation over seeds"
    return f"{split}: {sizes}; {seeds_told}\n\n" + "\n".join(lines)


def spread(values: npt.NDArray[np.float64]) -> str:
    """Mean and, of several, the standard deviation of what they are a sample of."""
    mean = f"{values.mean():.4f}"
    return mean if len(values) == 1 else f"{mean} ± {values.std(ddof=1):.4f}"


def part_of(data: LabelledCache, split: str, source: str) -> Part:
    """dev photos are those held out of the training split."""
    wanted = "train" if split == "dev" else split
    rows = [
        row
        for row, number in enumerate(data.held_out)
        if data.photos[number].split == wanted and data.photos[number].source == source
    ]
    numbers = [data.held_out[row] for row in rows]
    return Part(source, rows, data.positive[numbers].numpy(), data.known[numbers].numpy())


def mean_aps(made: list[Finished], part: Part) -> npt.NDArray[np.float64]:
    """mAP by run."""
    return np.array([average_precisions(one.scores[part.rows], part.positive, part.known).mean() for one in made])


def difference(made: list[Finished], partner: list[Finished], part: Part) -> str:
    ours, theirs = (np.stack([one.scores[part.rows] for one in runs]) for runs in (made, partner))
    gain, low, high = paired_difference(ours, theirs, part.positive, part.known)
    return f"{gain:+.4f} [{low:+.4f}, {high:+.4f}]"


def cells(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
