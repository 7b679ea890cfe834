"""Command: how well a model's embedding finds photos that hold the same things, beside its scores and chance."""

import numpy as np
import numpy.typing as npt
import torch

from sgfn.commands import command
from sgfn.errors import UserError, run
from sgfn.evaluate import add_package_arguments, frames_of, geometry_of, read_labelled
from sgfn.metrics import Flags
from sgfn.photos import label_names
from sgfn.runtime import open_session, read_model

NEAREST = 10
EVERYWHERE = "person"
"""On nearly every COCO photo here, so that sharing it says nothing."""


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

    path = options.package / "model.onnx"
    model = read_model(path)
    if all(value.name != "embedding" for value in model.graph.output):
        raise UserError(f"model {str(path)!r} has no output `embedding`; export it again with sgfn.package")
    session = open_session(model.SerializeToString())
    torch.set_num_threads(1)
    labelled = read_labelled(options.data, options.split, "coco")
    batches = [
        session.run(["scores", "embedding"], {"frames": frames})
        for frames in frames_of(labelled.photos, geometry_of(path))
    ]
    scores, embedding = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    positive = labelled.positive.copy()
    positive[:, label_names("coco80").index(EVERYWHERE)] = False
    holds = positive.any(1)
    chance = np.random.default_rng(0).normal(size=(int(holds.sum()), embedding.shape[1]))
    print(f"coco {options.split}: {holds.sum()} photos; of the {NEAREST} nearest, the share with a label in common")
    for name, vectors in (("embedding", embedding[holds]), ("scores", scores[holds]), ("chance", chance)):
        print(f"  {name:9} {vectors.shape[1]:4} numbers  {agreement(vectors, positive[holds]):.3f}")


if __name__ == "__main__":
    run(main)
