"""Command: dev mAP by the share of the fine-tuned trunk in the average with the original one."""

import argparse

import numpy as np
import torch

from sgfn.batches import to_input
from sgfn.errors import run
from sgfn.evaluate import SOURCES, frames_of, read_labelled
from sgfn.metrics import average_precisions
from sgfn.network import Tagger
from sgfn.photos import Photo
from sgfn.runtime import Scores
from sgfn.taggers import add_trunk_arguments, build_tagger, read_trained


def score(tagger: Tagger, photos: list[Photo]) -> Scores:
    """Scores [photos, n] by PyTorch."""
    with torch.no_grad():
        semantics = tagger.semantics()
        batches = (torch.from_numpy(frames).permute(0, 3, 1, 2) for frames in frames_of(photos, tagger.backbone.resize))
        return np.concatenate([tagger(to_input(frames), semantics).sigmoid().numpy() for frames in batches])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sgfn.share", description=__doc__)
    add_trunk_arguments(parser)
    parser.add_argument("--shares", type=float, nargs="+", default=[0, 0.25, 0.5, 0.75, 1])
    options = parser.parse_args()

    torch.set_num_threads(1)
    labelled = {source: read_labelled(options.data, "dev", source) for source in SOURCES}
    for share in options.shares:
        tagger = build_tagger(options.data, options.trunk, options.weights, options.vectors)
        tagger = read_trained(tagger, options.checkpoint, share)
        reached = {
            source: average_precisions(score(tagger, dev.photos), dev.positive, dev.known)
            for source, dev in labelled.items()
        }
        text = ", ".join(f"{source} {values.mean():.4f} ({len(values)} labels)" for source, values in reached.items())
        print(f"share {share:.2f}: dev mAP {text}", flush=True)


if __name__ == "__main__":
    run(main)
