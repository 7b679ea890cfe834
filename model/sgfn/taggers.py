"""Building the tagger from the data, and reading a trained one back with its trunk averaged with the original."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from sgfn.errors import UserError
from sgfn.label_graph import label_graph
from sgfn.nanodet import NanodetPlus, load_nanodet
from sgfn.network import SgfnConfig, Tagger
from sgfn.photos import read_names, read_photos, read_vectors, split_dev, targets
from sgfn.yolox import YoloxNano, load_yolox

CONFIG = SgfnConfig(channels=128, groups=4)
TRUNKS: dict[str, Callable[[Path], YoloxNano | NanodetPlus]] = {
    "nanodet-plus-m": load_nanodet,
    "yolox-nano": load_yolox,
}
DEFAULT_TRUNK = "yolox-nano"


def build_tagger(data: Path, detector: str, weights: Path, vectors: Path) -> Tagger:
    """The untrained tagger: a detector with its own weights as trunk, stem and first stage frozen, SGFN at zero.

    The label graph comes from the COCO photos to learn from, on which all labels are known.
    """
    names = read_names(data / "coco80.txt")
    learn, _ = split_dev(read_photos(data))
    positive, _ = targets([photo for photo in learn if photo.source == "coco"], names, [])
    trunk = TRUNKS[detector](weights)
    for part in trunk.frozen():
        part.requires_grad_(False)
    return Tagger(trunk, read_vectors(vectors, names), label_graph(positive), CONFIG, cue=True)


def read_trained(tagger: Tagger, checkpoints: Sequence[Path], share: float) -> Tagger:
    """`tagger` with the mean of the checkpoints' averaged weights; its trunk keeps 1 - share of what it was.

    The mean of runs from the same start (arXiv 2203.05482) costs nothing at inference. share 1 is the fine-tuned trunk,
    0 the original one. Raises UserError when a checkpoint is missing.
    """
    averages = []
    for checkpoint in checkpoints:
        if not checkpoint.is_file():
            raise UserError(f"checkpoint {str(checkpoint)!r} does not exist")
        averages.append(torch.load(checkpoint, weights_only=True)["average"])
    state = tagger.state_dict()
    for name, original in state.items():
        if not original.is_floating_point():  # the label graph, which comes from the data
            continue
        trained = torch.stack([average[f"module.{name}"] for average in averages]).mean(0)
        state[name] = torch.lerp(original, trained, share) if name.startswith("backbone.") else trained
    tagger.load_state_dict(state)
    return tagger.eval()


def add_trunk_arguments(parser: ArgumentParser) -> None:
    """The paths from which a tagger is built or read back."""
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.csv, coco/ and voc/")
    parser.add_argument("--weights", type=Path, required=True, help="the trunk's ONNX file, as published")
    parser.add_argument(
        "--trunk", choices=sorted(TRUNKS), default=DEFAULT_TRUNK, help="the detector that --weights holds"
    )
    parser.add_argument("--vectors", type=Path, required=True, help="word vectors (.npy), rows alphabetical by label")
    parser.add_argument(
        "--checkpoint", type=Path, required=True, nargs="+", help="written by sgfn.train; of several the mean is taken"
    )
