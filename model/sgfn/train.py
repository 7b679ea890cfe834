"""Command: trains the tagger of a configuration on the photos to learn from (never test); resumes its checkpoint.

After each epoch the checkpoint is replaced, and the curve (epoch, loss, rate, seconds, dev mAP) is written beside it as
.csv. Killed at any moment, the same command goes on from the last whole epoch, to the same curve.
"""

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from sgfn.batches import TrainingBatches
from sgfn.commands import command
from sgfn.configuration import Configuration, check, flat
from sgfn.data import listing, require_photos, require_positives
from sgfn.errors import UserError, run
from sgfn.evaluate import Labelled, read_counted
from sgfn.losses import LOSSES
from sgfn.metrics import average_precisions
from sgfn.network import Tagger
from sgfn.photos import Geometry, fingerprint, label_names, split_dev
from sgfn.share import score
from sgfn.taggers import add_tagger_arguments, chosen_configuration, geometry, untrained, without_cue
from sgfn.training import Measure, Trainer


def add_overrides(parser: argparse.ArgumentParser) -> None:
    """What of a configuration a flag may replace."""
    group = parser.add_argument_group("in place of the configuration's")
    group.add_argument("--epochs", type=int, metavar="N", help="recipe.epochs")
    group.add_argument("--loss", choices=sorted(LOSSES), help="recipe.loss: asymmetric, or binary cross-entropy")
    group.add_argument("--class-l2", type=float, metavar="X", help="recipe.class_l2: penalty on SGFN's class weights")
    group.add_argument("--bf16", action=argparse.BooleanOptionalAction, help="recipe.bf16: bfloat16 autocast")
    group.add_argument("--seed", type=int, metavar="N", help="recipe.seed")
    group.add_argument("--batch", type=int, metavar="N", help="batches.photos: in a batch")
    group.add_argument(
        "--voc-per-epoch", type=int, metavar="N", help="batches.voc_per_epoch: VOC photos beside all COCO photos"
    )
    group.add_argument("--crop", type=int, metavar="PX", help="augmentation.crop: side of a training frame")
    group.add_argument(
        "--parts", type=float, metavar="X", help="augmentation.parts: share of photos of which a small part is shown"
    )
    group.add_argument(
        "--empty", type=float, metavar="X", help="augmentation.empty: share of photos in whose place nothing is drawn"
    )


def overridden(configuration: Configuration, options: argparse.Namespace) -> Configuration:
    """The configuration with what the flags replace. Raises UserError for a value out of range."""

    def given(**values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value is not None}

    recipe = given(
        epochs=options.epochs, loss=options.loss, class_l2=options.class_l2, bf16=options.bf16, seed=options.seed
    )
    batches = given(photos=options.batch, voc_per_epoch=options.voc_per_epoch)
    configuration = replace(
        configuration,
        recipe=replace(configuration.recipe, **recipe),
        batches=replace(configuration.batches, **batches),
        augmentation=replace(
            configuration.augmentation, **given(crop=options.crop, parts=options.parts, empty=options.empty)
        ),
    )
    check(configuration)
    return configuration


def chosen_device(name: str) -> str:
    """cpu or cuda. Raises UserError when a GPU is asked for that torch cannot see."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("torch sees no CUDA device: use --device cpu, or a torch built for this machine's driver")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name


def dev_measure(dev: list[Labelled], sizes: Geometry) -> Measure:
    """mAP on the dev photos of each source."""

    def measure(tagger: Tagger) -> dict[str, float]:
        reached = ((part, average_precisions(score(tagger, part.photos, sizes), *part[1:])) for part in dev)
        return {f"{part.photos[0].source}_dev_map": round(float(found.mean()), 4) for part, found in reached}

    return measure


def main() -> None:
    parser = command("train", __doc__)
    add_tagger_arguments(parser)
    parser.add_argument(
        "--checkpoint", type=Path, required=True, metavar="FILE", help="to write after each epoch, and to go on from"
    )
    parser.add_argument("--with-dev", action="store_true", help="learn from the dev photos too, once all is chosen")
    parser.add_argument(
        "--dev-every", type=int, default=0, metavar="N", help="dev mAP after every N epochs and the last"
    )
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto: a GPU when there is one"
    )
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of torch on the CPU (default: 1)")
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N", help="processes that read photos (default: none)"
    )
    add_overrides(parser)
    options = parser.parse_args()
    if options.with_dev and options.dev_every:
        parser.error("with --with-dev no photos are left for --dev-every")

    torch.set_num_threads(options.threads)
    device = chosen_device(options.device)
    configuration = overridden(chosen_configuration(options), options)
    torch.manual_seed(configuration.recipe.seed)
    data, tagger = untrained(configuration, options)
    learn, dev = split_dev(data.photos)
    if options.with_dev:
        learn += dev
    names = label_names(configuration.labels.names)
    unknown = without_cue(tagger, names)
    if unknown:
        print(f"{configuration.trunk.name} does not know {listing(unknown)}: learnt without a cue", flush=True)
    require_photos([photo for photo in data.photos if photo.split == "train"])
    positive, known = data.targets(learn, names)
    require_positives(positive, known, names)
    batches = TrainingBatches(
        learn,
        positive,
        known,
        configuration.batches.photos,
        configuration.batches.voc_per_epoch,
        configuration.augmentation,
        tagger.backbone.interpolation,
        options.workers,
    )
    if not len(batches):
        raise UserError(f"{len(learn)} photos do not fill a batch of {batches.batch}: lower --batch")
    measure = None
    if options.dev_every:
        measure = dev_measure(read_counted(data, "dev", names), geometry(tagger, configuration))
    settings = {
        key: value
        for key, value in flat(configuration).items()
        if not key.startswith(("recipe.", "version", "licence"))
    }
    about = {
        "configuration": settings,
        "labels": names,
        "photos": fingerprint(learn),
        "vectors": hashlib.sha256(options.vectors.read_bytes()).hexdigest(),
    }
    trainer = Trainer(tagger, batches, configuration.recipe, device, about, measure, options.dev_every)
    trainer.run(options.checkpoint)


if __name__ == "__main__":
    run(main)
