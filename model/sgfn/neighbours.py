"""Command: how well a model's embedding finds photos that hold the same things, beside its scores and chance."""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from sgfn.errors import UserError, run
from sgfn.evaluate import frames_of, read_labelled, resize_of
from sgfn.metrics import Flags
from sgfn.photos import read_names
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
    parser = argparse.ArgumentParser(prog="python -m sgfn.neighbours", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.csv, coco/ and voc/")
    parser.add_argument("--package", type=Path, default=Path("model/sgfn-nano-coco80"))
    parser.add_argument("--split", choices=["test", "dev"], default="test")
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
        for frames in frames_of(labelled.photos, resize_of(path))
    ]
    scores, embedding = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    positive = labelled.positive.copy()
    positive[:, read_names(options.data / "coco80.txt").index(EVERYWHERE)] = False
    holds = positive.any(1)
    chance = np.random.default_rng(0).normal(size=(int(holds.sum()), embedding.shape[1]))
    print(f"coco {options.split}: {holds.sum()} photos; of the {NEAREST} nearest, the share with a label in common")
    for name, vectors in (("embedding", embedding[holds]), ("scores", scores[holds]), ("chance", chance)):
        print(f"  {name:9} {vectors.shape[1]:4} numbers  {agreement(vectors, positive[holds]):.3f}")


if __name__ == "__main__":
    run(main)
