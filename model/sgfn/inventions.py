"""Command: how often a model finds labels where they are not: in small parts of photos, and where nothing is drawn.

A camera sees an empty scene for hours, a photo hardly ever: mAP over photos says nothing about that.
"""

import numpy as np

from sgfn.commands import command
from sgfn.data import read_data
from sgfn.errors import UserError, run
from sgfn.evaluate import BATCH, add_package_arguments, read_all_labelled
from sgfn.nothing import drawn_scenes, parts_of
from sgfn.packages import read_package

PARTS_A_PHOTO = 2
DRAWN = 500
SEEDS = {"test": "test", "dev": "not those of the thresholds"}
WORST = 8


def main() -> None:
    parser = command("inventions", __doc__)
    add_package_arguments(parser, several=True)
    options = parser.parse_args()

    packages = {folder: read_package(folder) for folder in options.package}
    names = packages[options.package[0]].labels
    for folder, package in packages.items():
        if package.labels != names:
            raise UserError(f"{folder} has other labels than {options.package[0]}: run the command once for each")
    data = read_data(options.data)
    kinds = {
        f"100 parts (15 to 40 % of the sides) of {part.photos[0].source} {options.split} photos": parts_of(
            part, PARTS_A_PHOTO
        )
        for part in read_all_labelled(data, options.split, names)
    }
    kinds["100 drawn frames of nothing"] = drawn_scenes(DRAWN, len(names), SEEDS[options.split])
    for kind, scenes in kinds.items():
        print(f"labels that are not there, found on {kind}")
        for folder, package in packages.items():
            scores = scenes.score(package.tagger(), package.geometry, BATCH)
            found = [(scores >= cut) & scenes.absent for cut in (np.array(package.enter, np.float32), np.float32(0.5))]
            at_enter, at_half = (100 * one.sum() / len(scores) for one in found)
            counts = found[0].sum(0)
            worst = ", ".join(f"{names[n]} {counts[n]}" for n in np.argsort(-counts)[:WORST] if counts[n])
            print(f"  {folder}: {at_enter:.1f} at enter, {at_half:.1f} at 0.5; {worst or 'none'}", flush=True)


if __name__ == "__main__":
    run(main)
