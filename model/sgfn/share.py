"""Command: dev mAP by the share of the fine-tuned trunk in the average with the original one."""

from copy import deepcopy

import numpy as np
import torch

from sgfn.batches import to_input
from sgfn.commands import command
from sgfn.errors import run
from sgfn.evaluate import frames_of, read_counted
from sgfn.metrics import average_precisions
from sgfn.network import Tagger
from sgfn.photos import Geometry, Photo, label_names
from sgfn.runtime import Scores
from sgfn.taggers import add_trunk_arguments, chosen_configuration, geometry, read_trained, untrained


def score(tagger: Tagger, photos: list[Photo], geometry: Geometry) -> Scores:
    """Scores [photos, n] by PyTorch, on the device where the tagger is."""
    device = next(tagger.parameters()).device
    with torch.no_grad():
        semantics = tagger.semantics()
        batches = (torch.from_numpy(frames).permute(0, 3, 1, 2) for frames in frames_of(photos, geometry))
        logits = (tagger(to_input(frames).to(device), semantics) for frames in batches)
        return np.concatenate([found.sigmoid().cpu().numpy() for found in logits])


def main() -> None:
    parser = command("share", __doc__)
    add_trunk_arguments(parser)
    parser.add_argument(
        "--shares",
        type=float,
        nargs="+",
        default=[0, 0.25, 0.5, 0.75, 1],
        metavar="X",
        help="from 0 to 1 (default: %(default)s)",
    )
    options = parser.parse_args()

    torch.set_num_threads(1)
    configuration = chosen_configuration(options)
    data, original = untrained(configuration, options)
    dev = read_counted(data, "dev", label_names(configuration.labels.names))
    for share in options.shares:
        tagger = read_trained(deepcopy(original), options.checkpoint, share, configuration)
        texts = []
        for labelled in dev:
            scores = score(tagger, labelled.photos, geometry(tagger, configuration))
            reached = average_precisions(scores, labelled.positive, labelled.known)
            texts.append(f"{labelled.photos[0].source} {reached.mean():.4f} ({len(reached)} labels)")
        print(f"share {share:.2f}: dev mAP {', '.join(texts)}", flush=True)


if __name__ == "__main__":
    run(main)
