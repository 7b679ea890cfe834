"""Building the tagger of a configuration, and reading a trained one back with its trunk averaged with the original."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from sgfn.backbones import Backbone, TimmBackbone
from sgfn.checkpoints import read_average
from sgfn.configuration import DEFAULT, Configuration, flat, read_configuration
from sgfn.cue import classes_of
from sgfn.data import Data, read_data, read_file_names
from sgfn.errors import UserError
from sgfn.label_graph import label_graph
from sgfn.nanodet import NanodetPlus, load_nanodet
from sgfn.network import Tagger
from sgfn.photos import Geometry, label_names, label_spellings, read_vectors, split_dev
from sgfn.runtime import read_model
from sgfn.yolox import YoloxNano, load_yolox

TRUNKS: dict[str, Callable[[Path], YoloxNano | NanodetPlus]] = {
    "nanodet-plus-m": load_nanodet,
    "yolox-nano": load_yolox,
}
UNTRAINED: dict[str, type[YoloxNano | NanodetPlus]] = {"nanodet-plus-m": NanodetPlus, "yolox-nano": YoloxNano}
DEFAULT_TRUNK = "nanodet-plus-m"
RANDOM = Path("random")
CONFIGURATION_HELP = f"one of sgfn/configurations, or a TOML file (default: {DEFAULT})"


def build_trunk(name: str, weights: Path | None) -> Backbone:
    """A detector with the weights of its ONNX file, or a network of timm with those of a file or of timm's download;
    with weights `random`, untrained. Raises UserError when they cannot be had."""
    if name not in TRUNKS:
        return TimmBackbone(name, pretrained=weights is None, file=None if weights == RANDOM else weights)
    if weights is None:
        raise UserError(f"trunk {name!r} needs --weights FILE.onnx, as its makers published it")
    return UNTRAINED[name]() if weights == RANDOM else load_trunk(name, weights)


def load_trunk(name: str, weights: Path) -> YoloxNano | NanodetPlus:
    """A detector with the weights of its ONNX file. Raises UserError when the file is missing or holds another network,
    naming the trunk that it holds."""
    read_model(weights)
    try:
        return TRUNKS[name](weights)
    except UserError as error:
        fitting = [f", or `--trunk {other}`" for other in TRUNKS if other != name and _fits(other, weights)]
        raise UserError(f"{str(weights)!r} is not {name} ({error}): give its file{''.join(fitting)}") from error


def _fits(name: str, weights: Path) -> bool:
    try:
        TRUNKS[name](weights)
    except UserError:
        return False
    return True


def build_tagger(configuration: Configuration, data: Data, weights: Path | None, vectors: Path) -> Tagger:
    """The untrained tagger. With a detector as trunk SGFN starts at zero, on a cue; what a trunk freezes stays.

    The label graph comes from the photos to learn from on which all labels are known.
    """
    spellings = label_spellings(configuration.labels.names)
    names = label_names(configuration.labels.names)
    learn, _ = split_dev(data.photos)
    positive, _ = data.targets(data.wholly_known(learn, names), names)
    rows = read_vectors(vectors, spellings, configuration.labels.vectors)
    return join(configuration, build_trunk(configuration.trunk.name, weights), rows, label_graph(positive))


def join(configuration: Configuration, trunk: Backbone, vectors: Tensor, graph: Tensor) -> Tagger:
    """The tagger on a trunk; a detector's classes become the cue of the labels of the same names.

    Raises UserError for a network of timm that does not take frames of the configuration's sizes, or gives no maps.
    """
    if isinstance(trunk, TimmBackbone):
        for size in sorted({configuration.frames.size, configuration.augmentation.crop}):
            trunk.require_taps(size)
    trunk.resize = configuration.frames.resize or trunk.resize
    for part in trunk.frozen():
        part.requires_grad_(False)
    classes = classes_of(label_names(configuration.labels.names), trunk.classes)
    return Tagger(trunk, vectors, graph, configuration.sgfn, trunk.levels > 0, classes)


def without_cue(tagger: Tagger, names: list[str]) -> list[str]:
    """The labels that the detector does not know, so that SGFN alone learns them; none where there is no detector."""
    columns = None if tagger.cue is None else tagger.cue.columns
    return [] if columns is None else [name for name, column in zip(names, columns, strict=True) if not column]


def read_trained(
    tagger: Tagger, checkpoints: Sequence[Path], share: float, configuration: Configuration | None = None
) -> Tagger:
    """`tagger` with the mean of the checkpoints' averaged weights; its trunk keeps 1 - share of what it was.

    The mean of runs from the same start (arXiv 2203.05482) costs nothing at inference. share 1 is the fine-tuned trunk,
    0 the original one. Raises UserError when a checkpoint is missing, or of another configuration or label list.
    """
    expected = flat(configuration) if configuration else {}
    names = label_names(configuration.labels.names) if configuration else None
    averages = [read_average(checkpoint, tagger, expected, names) for checkpoint in checkpoints]
    state = tagger.state_dict()
    for name, original in state.items():
        if not original.is_floating_point():  # the label graph and counters
            state[name] = averages[0][name]
            continue
        trained = torch.stack([average[name] for average in averages]).mean(0)
        state[name] = torch.lerp(original, trained, share) if name.startswith("backbone.") else trained
    tagger.load_state_dict(state)
    return tagger.eval()


def geometry(tagger: Tagger, configuration: Configuration) -> Geometry:
    """How photos become the frames that the tagger takes."""
    return Geometry(configuration.frames.size, tagger.backbone.resize, tagger.backbone.interpolation)


def add_without_argument(parser: ArgumentParser) -> None:
    """Photos of `--data` to leave out."""
    parser.add_argument(
        "--without",
        type=Path,
        metavar="FILE",
        help="file names of photos to neither learn from nor choose by, one a line: wrong pictures",
    )


def chosen_data(options: Namespace) -> Data:
    """The photos of `--data`, those of `--without` marked as wrong."""
    data = read_data(options.data)
    return data.without(read_file_names(options.without)) if options.without else data


def add_tagger_arguments(parser: ArgumentParser) -> None:
    """The configuration and the paths from which a tagger is built."""
    parser.add_argument("--configuration", default=DEFAULT, metavar="NAME|FILE", help=CONFIGURATION_HELP)
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="labels.csv with its photos, or VOC (Annotations/, ImageSets/) or COCO (annotations/instances_*.json)",
    )
    add_without_argument(parser)
    parser.add_argument(
        "--trunk",
        metavar="NAME",
        help=f"in place of the configuration's: {', '.join(TRUNKS)}, or a network of timm with its tag",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="the trunk's: a detector's ONNX file, as published, or .safetensors of a network of timm; "
        "left out, timm's own download; `random`: untrained",
    )
    parser.add_argument(
        "--vectors", type=Path, required=True, metavar="FILE", help="word vectors of the labels (.npy), a row each"
    )


def add_trunk_arguments(parser: ArgumentParser) -> None:
    """The paths from which a trained tagger is read back."""
    add_tagger_arguments(parser)
    parser.add_argument(
        "--checkpoint",
        type=Path,
        required=True,
        nargs="+",
        metavar="FILE",
        help="of sgfn.train or sgfn.publish; of several the mean is taken",
    )


def chosen_configuration(options: Namespace) -> Configuration:
    """The configuration that the arguments name, with another trunk where they name one."""
    configuration = read_configuration(options.configuration)
    if options.trunk and options.trunk != configuration.trunk.name:
        trunk = replace(configuration.trunk, name=options.trunk)
        return replace(configuration, trunk=trunk, frames=replace(configuration.frames, resize=None))
    return configuration


def untrained(configuration: Configuration, options: Namespace) -> tuple[Data, Tagger]:
    """The photos and the tagger that the arguments describe."""
    data = chosen_data(options)
    return data, build_tagger(configuration, data, options.weights, options.vectors)
