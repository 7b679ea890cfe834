"""What a training says while it runs: a bar on a terminal, else a line a minute; and its curve as a table."""

import csv
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from sgfn.files import replacing

LINE_EVERY_S = 60
FIRST_COLUMNS = ("epoch", "loss", "rate", "seconds")

T = TypeVar("T")


def progress(steps: Iterable[T], total: int, name: str) -> Iterator[T]:
    """The steps as they come."""
    if sys.stderr.isatty():
        yield from tqdm(steps, name, total, leave=False, dynamic_ncols=True)
        return
    spoken = started = time.monotonic()
    for number, step in enumerate(steps):
        yield step
        if time.monotonic() - spoken >= LINE_EVERY_S:
            spoken = time.monotonic()
            print(f"{name} step {number + 1}/{total} {spoken - started:.0f} s", flush=True)


def write_curve(path: Path, rows: list[dict[str, float]]) -> None:
    """A row an epoch, in place of those of before in one step; a figure that an epoch lacks is left empty."""
    others = sorted({key for row in rows for key in row} - set(FIRST_COLUMNS))
    with replacing(path) as unfinished, unfinished.open("w", newline="") as file:
        table = csv.DictWriter(file, [*FIRST_COLUMNS, *others])
        table.writeheader()
        table.writerows(rows)
