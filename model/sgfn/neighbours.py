"""Command: how well a model's embedding finds photos that hold the same things, beside its scores and chance."""

import numpy as np
import numpy.typing as npt
import torch

from sgfn.commands import command
from sgfn.data import read_data
from sgfn.errors import UserError, run
from sgfn.evaluate import add_package_arguments, frames_of, read_all_labelled
from sgfn.metrics import Flags
from sgfn.packages import read_package
from sgfn.runtime import open_session, read_model

NEAREST = 10
EVERYWHERE = "person"
"""On nearly every COCO photo here, so that sharing it says nothing; left out where a package has it."""


def agreement(vectors: npt.NDArray[np.floating], positive: Flags) -> float:
    """Of each photo's ten nearest others by cosine, the share with a label in common; mean over photos [photos, C]."""
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearness = directions @ directions.T
    np.fill_diagonal(nearness, -np.inf)
    nearest = np.argsort(-nearness, 1)[:, :NEAREST]
    return float(np.mean([(positive[near] & own).any(1).mean() for near, own in zip(nearest, positive, strict=True)]))


def main() -> None:
    parser = command("neighbours", __doc__)
    add_package_arguments(parser)
    options = parser.parse_args()

    package = read_package(options.package)
    model = read_model(package.model)
    if all(value.name != "embedding" for value in model.graph.output):
        raise UserError(f"model {str(package.model)!r} has no output `embedding`; export it again with sgfn.package")
    session = open_session(model.SerializeToString())
    torch.set_num_threads(1)
    telling = np.array([label != EVERYWHERE for label in package.labels])
    for labelled in read_all_labelled(read_data(options.data), options.split, package.labels):
        positive = labelled.positive & telling
        holds = positive.any(1)
        where, count = f"{labelled.photos[0].source} {options.split}", int(holds.sum())
        if count <= NEAREST:
            raise UserError(
                f"{where}: {count} photos hold a label (other than {EVERYWHERE!r}), but each needs {NEAREST} others: "
                "add photos, or take the other --split"
            )
        photos = [photo for photo, held in zip(labelled.photos, holds, strict=True) if held]
        batches = [
            session.run(["scores", "embedding"], {"frames": frames}) for frames in frames_of(photos, package.geometry)
        ]
        scores, embedding = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        chance = np.random.default_rng(0).normal(size=embedding.shape)
        print(f"{where}: {count} photos; of the {NEAREST} nearest, the share with a label in common")
        for name, vectors in (("embedding", embedding), ("scores", scores), ("chance", chance)):
            print(f"  {name:9} {vectors.shape[1]:4} numbers  {agreement(vectors, positive[holds]):.3f}", flush=True)


if __name__ == "__main__":
    run(main)
